//! Organisations that may be behind a campaign, and what is known of them from outside.
//!
//! There is no field for a country, a language or a nationality: these are no evidence, and what is not read cannot be used.

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::civil::Time;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::source::Source;
use crate::source::Standing;

/// An organisation.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its name.
    pub name: String,
    /// Its mail domains, and those of its subsidiaries.
    pub domains: Vec<Fact<String>>,
    /// Its networks, and those of its subsidiaries.
    pub networks: Vec<Fact<Network>>,
    /// Its parts.
    pub subsidiaries: Vec<Fact<Subsidiary>>,
    /// When it works.
    pub hours: Option<Fact<Hours>>,
    /// What it released.
    pub releases: Vec<Fact<Release>>,
    /// Words that only its people use.
    pub code_names: Vec<Fact<CodeName>>,
    /// Cards, devices, telephones and addresses that are known to be its own.
    pub instruments: Vec<Fact<Instrument>>,
    /// All sources of its file.
    pub sources: Vec<Source>,
}

/// Something that is known of an organisation, and what stands behind it.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// What is known.
    pub value: T,
    /// What it is called in messages.
    pub name: String,
    /// The sources.
    pub standing: Standing,
}

impl<T> Fact<T> {
    /// How many independent sources stand behind it; none where another contradicts it.
    #[must_use]
    pub const fn weight(&self) -> usize {
        if self.standing.contradicted_by > 0 { 0 } else { self.standing.independent }
    }
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its addresses.
    pub cidr: IpNet,
    /// Whether strangers can rent a machine in it.
    pub is_rented_out: bool,
}

/// A part of an organisation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subsidiary {
    /// Its name.
    pub name: String,
    /// The share that is owned, in percent.
    pub share: f64,
}

/// Above this share a subsidiary is its owner's.
pub const CONTROL_PERCENT: f64 = 50.0;

/// When an organisation works.
#[derive(Debug, Clone)]
pub struct Hours {
    /// Where its clocks are.
    pub time_zone: TimeZone,
    /// From.
    pub from: Time,
    /// To.
    pub to: Time,
    /// Its working days.
    pub days: Vec<Weekday>,
    /// Days on which it does not work.
    pub holidays: Vec<Date>,
}

/// Something that an organisation released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// When.
    pub at: Date,
    /// From when on the date was public.
    pub announced: Date,
}

/// A word that only an organisation's people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeName {
    /// The word, in small letters.
    pub word: String,
    /// Since when anybody can know it; `None` while it is not public.
    pub public_since: Option<Date>,
}

/// A value by which an organisation's own equipment is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// What it is.
    pub kind: InstrumentKind,
    /// The value, as account records or exchanges have it.
    pub value: String,
}

/// Kinds of [`Instrument`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// A payment instrument.
    Payment,
    /// A device.
    Device,
    /// A telephone number.
    Phone,
    /// An address of exchanges, known from an earlier case.
    Address,
}
