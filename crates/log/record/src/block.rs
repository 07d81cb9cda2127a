//! From a stream of bytes to blocks of whole records, and from a block to exchanges.
//!
//! Cutting is cheap and done by one thread; reading is dear and done by many, each on blocks of its own. What is read
//! does not depend on where the cuts fall.

use crate::Account;
use crate::Action;
use crate::Addition;
use crate::Error;
use crate::Exchange;
use crate::Format;
use crate::Input;
use crate::Maps;
use crate::Record;
use crate::Reject;
use crate::format::Records;
use crate::formats;
use crate::formats::Reading;
use crate::input::Opened;
use crate::limits::Limits;
use crate::messages::Framing;
use crate::native;
use crate::rows::Header;
use crate::sniff;
use crate::source::Meter;
use crate::source::Source;

mod cut;
mod text;

use cut::Cutter;
use text::Text;

/// The blocks of one input, in order.
pub struct Blocks {
    format: Option<Format>,
    meter: Meter,
    kind: Kind,
}

enum Kind {
    Text(Box<Cutter>),
    #[cfg(feature = "parquet")]
    Table(Box<crate::table::TableBlocks>),
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Input {
    /// Opens the input. `None` finds the format from the content.
    ///
    /// # Errors
    /// If it cannot be read, or is no log in any known format.
    pub fn open(&self, format: Option<Format>) -> Result<Blocks, Error> {
        self.open_mapped(format, &Maps::default())
    }

    /// Opens the input, to be read with these maps.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn open_mapped(&self, format: Option<Format>, maps: &Maps) -> Result<Blocks, Error> {
        Blocks::open_mapped(self, Records::Exchanges(format), Limits::default(), maps)
    }
}

impl Blocks {
    pub(crate) fn open_with(input: &Input, records: Records, limits: Limits) -> Result<Self, Error> {
        Self::open_mapped(input, records, limits, &Maps::default())
    }

    pub(crate) fn open_mapped(input: &Input, records: Records, limits: Limits, maps: &Maps) -> Result<Self, Error> {
        let meter = Meter::default();
        match input.open_raw(&meter)? {
            Opened::Text(source) => {
                let forced = if let Records::Exchanges(format) = records { format } else { None };
                let adds = records == Records::Additions;
                let reading = Reading { forced, usual: None, maps: maps.clone(), bodies: input.bodies(), adds };
                Self::open_text(input, source, meter, records, limits, reading)
            }
            #[cfg(feature = "parquet")]
            Opened::Table(place, file) => {
                let table = crate::table::TableBlocks::open(input, (&place, file), records, maps, meter.clone())?;
                Ok(Self { format: None, meter, kind: Kind::Table(Box::new(table)) })
            }
        }
    }

    fn open_text(
        input: &Input,
        source: Source,
        meter: Meter,
        records: Records,
        limits: Limits,
        mut reading: Reading,
    ) -> Result<Self, Error> {
        let mut cutter = Cutter::new(input, source, limits);
        if let (Records::Exchanges(None | Some(Format::Otel)), Some(framing)) = (records, Framing::of(cutter.head()?.0))
        {
            cutter.begin_messages(framing, reading);
            return Ok(Self { format: Some(Format::Otel), meter, kind: Kind::Text(Box::new(cutter)) });
        }
        let header = Header::of(cutter.head()?.0);
        if let Some(header) = &header {
            cutter.begin_rows(header);
        }
        let (head, ended) = cutter.head()?;
        let not_a_log = |found| Error::NotALog {
            file: input.name().to_owned(),
            expected: sniff::expected(records),
            found: header.as_ref().map_or(found, sniff::foreign::table),
        };
        let format_of = |record: &serde_json::Value| formats::format_of(&reading.maps, record);
        let (layout, format) = sniff::find(head, ended, records, &format_of).map_err(not_a_log)?;
        reading.usual = format;
        cutter.begin(layout, reading);
        Ok(Self { format, meter, kind: Kind::Text(Box::new(cutter)) })
    }

    /// The format that was asked for or found; `None` for Parquet and for a file without records.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Bytes of the source read so far, compressed as they are: against [`Input::size_bytes`] it is the progress.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.meter.bytes()
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.kind {
            Kind::Text(cutter) => Some(cutter.next().transpose()?.map(|text| Block(Body::Text(text)))),
            #[cfg(feature = "parquet")]
            Kind::Table(table) => Some(table.next()?.map(|table| Block(Body::Table(table)))),
        }
    }
}

/// Whole records of one input.
#[derive(Debug)]
pub struct Block(Body);

#[derive(Debug)]
enum Body {
    Text(Text),
    #[cfg(feature = "parquet")]
    Table(crate::table::TableBlock),
}

impl Block {
    /// Size in memory, decompressed.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Body::Text(text) => text.bytes.len(),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.bytes(),
        }
    }

    /// Reads the block's records in order. Each comes to `sink` as an exchange or as a reject; one whose account only
    /// another record could name is a reject, and what tells of no exchange is left out.
    pub fn read(&self, sink: &mut dyn FnMut(Result<Exchange<'_>, Reject>)) {
        self.read_records(&mut |record| match record {
            Record::Exchange(exchange, origin) => sink(origin.orphan.map_or(Ok(exchange), Err)),
            Record::Refused(reject) => sink(Err(reject)),
            Record::PassedOver(_) | Record::Owner { .. } => {}
        });
    }

    /// Reads the block's records in order, with what the log says of each beside the exchange, and with what is passed
    /// over.
    pub fn read_records(&self, sink: &mut dyn FnMut(Record<'_>)) {
        match &self.0 {
            Body::Text(text) => text.read_exchanges(sink),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.read_exchanges(sink),
        }
    }

    /// Reads the block's records as accounts.
    pub(crate) fn read_accounts(&self, sink: &mut dyn FnMut(Result<Account, Reject>)) {
        match &self.0 {
            Body::Text(text) => text.read_each(native::parse_account, sink),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.read_accounts(sink),
        }
    }

    /// Reads the block's records as what a second log says of exchanges.
    pub(crate) fn read_additions(&self, sink: &mut dyn FnMut(Result<Addition<'_>, Reject>)) {
        match &self.0 {
            Body::Text(text) => text.read_exchanges(&mut |record| match record {
                Record::Exchange(exchange, origin) => sink(Ok(Addition { exchange, trace: origin.trace })),
                Record::Refused(reject) => sink(Err(reject)),
                Record::PassedOver(_) | Record::Owner { .. } => {}
            }),
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.read_additions(sink),
        }
    }

    /// Reads the block's records as enforcement acts; a table holds none.
    pub(crate) fn read_actions(&self, sink: &mut dyn FnMut(Result<Action, Reject>)) {
        match &self.0 {
            Body::Text(text) => text.read_each(native::parse_action, sink),
            #[cfg(feature = "parquet")]
            Body::Table(table) => sink(Err(table.refused("enforcement acts are JSON lines, not Parquet"))),
        }
    }
}

#[cfg(test)]
mod tests;
