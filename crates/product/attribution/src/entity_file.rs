//! Reads the files of organisations: TOML, one organisation a file.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::civil::Time;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use toml::Spanned;

use crate::entity::CONTROL_PERCENT;
use crate::entity::CodeName;
use crate::entity::Entity;
use crate::entity::Fact;
use crate::entity::Hours;
use crate::entity::Instrument;
use crate::entity::Network;
use crate::entity::Release;
use crate::entity::Subsidiary;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::raw::Raw;
use crate::raw::RawHours;
use crate::raw::RawRelease;
use crate::source::Source;
use crate::source::standing;

/// The longest file of an organisation, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// The most organisations that are compared.
pub const MAX_ENTITIES: usize = 200;
/// Field names that would be evidence of where somebody comes from.
const ORIGINS: [&str; 6] = ["country", "countries", "nationality", "language", "languages", "ethnicity"];
/// Days of the week, as files name them.
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Reads one file, or every `.toml` file of a folder in the order of their names.
///
/// # Errors
/// [`ErrorKind::Entity`] with every fault, its file, line and fix.
pub fn read_entities(path: &Path) -> Result<Vec<Entity>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::Entity, format!("{}: {error} (give --entities a folder or a TOML file)", path.display()))
    };
    let mut files: Vec<PathBuf> = if path.is_dir() {
        let entries = fs::read_dir(path).map_err(unreadable)?;
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
    } else {
        vec![path.to_owned()]
    };
    files.sort();
    if files.is_empty() || files.len() > MAX_ENTITIES {
        let text = format!(
            "{} holds {} files of organisations (1 to {MAX_ENTITIES} files NAME.toml; docs/attribution.md has an example)",
            path.display(),
            files.len()
        );
        return Err(Error::new(ErrorKind::Entity, text));
    }
    let (mut entities, mut faults): (Vec<Entity>, Vec<String>) = (Vec::new(), Vec::new());
    for file in &files {
        let text = match record::read_text_file(file, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                faults.push(format!("{}: the file is longer than {MAX_BYTES} bytes", file.display()));
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        };
        match parse_entity(&file.display().to_string(), &text) {
            Ok(entity) if entities.iter().any(|known| known.name == entity.name) => {
                faults.push(format!("{}: line 1: another file has the name {:?} too", file.display(), entity.name));
            }
            Ok(entity) => entities.push(entity),
            Err(error) => faults.extend(error.faults().iter().cloned()),
        }
    }
    if faults.is_empty() { Ok(entities) } else { Err(Error::of(ErrorKind::Entity, faults)) }
}

/// Reads the text of one file.
///
/// # Errors
/// [`ErrorKind::Entity`] with every fault, its file, line and fix.
pub fn parse_entity(file: &str, text: &str) -> Result<Entity, Error> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let line = line_of(text, error.span().unwrap_or(0..0).start);
        let message = error.message();
        let is_origin = ORIGINS.iter().any(|name| message.contains(&format!("`{name}`")));
        let fix = if is_origin {
            " (where somebody comes from is no evidence, and is not read: leave it out)"
        } else {
            " (docs/attribution.md lists the fields)"
        };
        Error::new(ErrorKind::Entity, format!("{file}: line {line}: {message}{fix}"))
    })?;
    let mut reader = Reader { file, text, sources: Vec::new(), faults: Vec::new() };
    let entity = reader.entity(raw);
    if reader.faults.is_empty() { Ok(entity) } else { Err(Error::of(ErrorKind::Entity, reader.faults)) }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Turns a file into an organisation, and notes what is not fit.
struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    sources: Vec<Source>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn fault(&mut self, span: Range<usize>, what: &str) {
        let line = line_of(self.text, span.start);
        self.faults.push(format!("{}: line {line}: {what}", self.file));
    }

    fn entity(&mut self, raw: Raw) -> Entity {
        if raw.name.get_ref().trim().is_empty() || raw.name.get_ref().len() > 200 {
            self.fault(raw.name.span(), "the name is 1 to 200 bytes");
        }
        for source in raw.source {
            let span = source.span();
            let source = source.into_inner();
            if let Err(error) = source.check() {
                self.fault(span, &error.to_string());
            } else if self.sources.iter().any(|known| known.id == source.id) {
                self.fault(span, &format!("the source {:?} is there twice (give each its own id)", source.id));
            } else {
                self.sources.push(source);
            }
        }
        let mut domains = Vec::new();
        for one in raw.domain {
            domains.extend(self.domain(&one.name, &one.sources, &one.contested_by));
        }
        let mut networks = Vec::new();
        for one in raw.network {
            let is_rented_out = one.rented_out;
            networks.extend(self.network(&one.cidr, is_rented_out, &one.sources, &one.contested_by));
        }
        let mut subsidiaries = Vec::new();
        for one in raw.subsidiary {
            let share = *one.share.get_ref();
            if !(0.0..=100.0).contains(&share) {
                self.fault(one.share.span(), "share is the owned part in percent, 0 to 100");
            }
            let is_controlled = share > CONTROL_PERCENT;
            let name = one.name.get_ref().clone();
            let label = format!("subsidiary {name} ({share} %)");
            let value = Subsidiary { name, share };
            subsidiaries.extend(self.fact(&one.name, label, value, &one.sources, &one.contested_by));
            // What is not controlled is told, and counts for nothing.
            if is_controlled {
                for domain in &one.domains {
                    domains.extend(self.domain(domain, &one.sources, &one.contested_by));
                }
                for cidr in &one.networks {
                    networks.extend(self.network(cidr, false, &one.sources, &one.contested_by));
                }
            }
        }
        let hours = raw.hours.and_then(|hours| self.hours(hours));
        let mut releases = Vec::new();
        for one in raw.release {
            releases.extend(self.release(one));
        }
        let mut code_names = Vec::new();
        for one in raw.code_name {
            let public_since = one.public_since.as_ref().and_then(|text| self.date(text));
            let word = one.word.get_ref().to_lowercase();
            if word.len() < 4 || word.split_whitespace().count() > 4 {
                self.fault(one.word.span(), "a code name is one to four words and four letters or more");
            }
            let value = CodeName { word: word.clone(), public_since };
            code_names.extend(self.fact(
                &one.word,
                format!("code name {word}"),
                value,
                &one.sources,
                &one.contested_by,
            ));
        }
        let mut instruments = Vec::new();
        for one in raw.infrastructure {
            let value = Instrument { kind: one.kind, value: one.value.get_ref().clone() };
            let label = format!("known {:?}", one.kind).to_lowercase();
            instruments.extend(self.fact(&one.value, label, value, &one.sources, &one.contested_by));
        }
        let name = raw.name.into_inner();
        let sources = std::mem::take(&mut self.sources);
        Entity { name, domains, networks, subsidiaries, hours, releases, code_names, instruments, sources }
    }

    /// A fact with its standing; `None` where its sources are not fit.
    fn fact<T, P>(
        &mut self,
        place: &Spanned<P>,
        name: String,
        value: T,
        sources: &[String],
        contested_by: &[String],
    ) -> Option<Fact<T>> {
        if sources.is_empty() {
            self.fault(place.span(), &format!("{name} has no source (name one of [[source]] in sources)"));
            return None;
        }
        let unknown = sources.iter().chain(contested_by).find(|id| self.sources.iter().all(|known| known.id != **id));
        if let Some(unknown) = unknown {
            self.fault(place.span(), &format!("there is no source {unknown:?} (add it as a [[source]] with this id)"));
            return None;
        }
        let all: Vec<&Source> = self.sources.iter().collect();
        let named = |ids: &[String]| -> Vec<&Source> {
            all.iter().copied().filter(|source| ids.contains(&source.id)).collect()
        };
        let standing = standing(&named(sources), &named(contested_by), &all);
        Some(Fact { value, name, standing })
    }

    fn domain(&mut self, name: &Spanned<String>, sources: &[String], against: &[String]) -> Option<Fact<String>> {
        let domain = name.get_ref().trim().trim_end_matches('.').to_lowercase();
        let is_fit = domain.contains('.')
            && domain.len() <= 253
            && domain.split('.').all(|label| !label.is_empty() && label.len() <= 63)
            && !domain.contains(['@', '/', ' ', ':', '*']);
        if !is_fit {
            self.fault(name.span(), &format!("{domain:?} is no domain (write the part after the @: works.example)"));
            return None;
        }
        self.fact(name, format!("domain {domain}"), domain, sources, against)
    }

    fn network(
        &mut self,
        cidr: &Spanned<String>,
        is_rented_out: bool,
        sources: &[String],
        against: &[String],
    ) -> Option<Fact<Network>> {
        let Ok(net) = cidr.get_ref().parse::<IpNet>() else {
            self.fault(cidr.span(), &format!("{:?} is no network (write 198.51.100.0/24)", cidr.get_ref()));
            return None;
        };
        let least = if net.addr().is_ipv4() { 8 } else { 16 };
        if net.prefix_len() < least {
            self.fault(cidr.span(), &format!("{net} is larger than any one organisation's network (write its parts)"));
            return None;
        }
        let name = if is_rented_out { format!("network {net} (rented out)") } else { format!("network {net}") };
        self.fact(cidr, name, Network { cidr: net.trunc(), is_rented_out }, sources, against)
    }

    fn date(&mut self, text: &Spanned<String>) -> Option<Date> {
        let date = text.get_ref().parse::<Date>().ok();
        if date.is_none() {
            self.fault(text.span(), &format!("{:?} is no date (write 2026-05-01)", text.get_ref()));
        }
        date
    }

    fn time(&mut self, text: &Spanned<String>) -> Option<Time> {
        let time = text.get_ref().parse::<Time>().ok();
        if time.is_none() {
            self.fault(text.span(), &format!("{:?} is no time of day (write 09:00)", text.get_ref()));
        }
        time
    }

    fn release(&mut self, raw: RawRelease) -> Option<Fact<Release>> {
        let at = self.date(&raw.at)?;
        let announced = match &raw.announced {
            Some(text) => self.date(text)?,
            None => at,
        };
        if announced > at {
            self.fault(raw.at.span(), "a release is announced at the latest when it is out (mend announced)");
            return None;
        }
        let name = raw.name.get_ref().clone();
        let value = Release { name: name.clone(), at, announced };
        self.fact(&raw.name, format!("release {name} on {at}"), value, &raw.sources, &raw.contested_by)
    }

    fn hours(&mut self, raw: RawHours) -> Option<Fact<Hours>> {
        let time_zone = time_zone(raw.time_zone.get_ref());
        if time_zone.is_none() {
            let text = "the time zone is an offset (+08:00) or a POSIX rule (CET-1CEST,M3.5.0,M10.5.0/3)";
            self.fault(raw.time_zone.span(), text);
        }
        let (from, to) = (self.time(&raw.from)?, self.time(&raw.to)?);
        if from >= to {
            self.fault(raw.from.span(), "from is before to, on one day");
            return None;
        }
        let mut days = Vec::new();
        for day in raw.days.get_ref() {
            match DAYS.iter().find(|(name, _)| name == day) {
                Some((_, weekday)) => days.push(*weekday),
                None => self.fault(raw.days.span(), &format!("{day:?} is no day (mon, tue, wed, thu, fri, sat, sun)")),
            }
        }
        let holidays = raw.holidays.iter().filter_map(|text| self.date(text)).collect();
        let value = Hours { time_zone: time_zone?, from, to, days, holidays };
        self.fact(&raw.from, "working hours".to_owned(), value, &raw.sources, &raw.contested_by)
    }
}

/// An offset such as `+08:00`, or a POSIX rule with its changes of the clock. Names of places are not taken: what they mean
/// changes with a table that is not in this program.
fn time_zone(text: &str) -> Option<TimeZone> {
    let offset = || {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let seconds = 3_600 * hours.parse::<i32>().ok()? + 60 * minutes.parse::<i32>().ok()?;
        jiff::tz::Offset::from_seconds(sign * seconds).ok().map(TimeZone::fixed)
    };
    if text == "UTC" { Some(TimeZone::UTC) } else { offset().or_else(|| TimeZone::posix(text).ok()) }
}
