//! A world as its TOML file tells it.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};

use crate::benign;
use crate::error::Error;
use crate::rng::Rng;
use crate::text::Language;
use crate::time::{self, DAY, Window};

/// Worlds that come with the program: name and text.
const BUILTIN: [(&str, &str); 7] = [
    ("demo", include_str!("../../../worlds/demo.toml")),
    ("standard", include_str!("../../../worlds/standard.toml")),
    ("t1", include_str!("../../../worlds/t1.toml")),
    ("t2", include_str!("../../../worlds/t2.toml")),
    ("benign", include_str!("../../../worlds/benign.toml")),
    ("hard-negatives", include_str!("../../../worlds/hard-negatives.toml")),
    ("ten-million", include_str!("../../../worlds/ten-million.toml")),
];

/// Names and one line about each world that comes with the program.
const CATALOGUE: [(&str, &str); 7] = [
    ("demo", "a quick look: about 1,200 customers, one own pool and one proxy pool"),
    ("standard", "every hard negative and seven campaigns: what a release is judged on"),
    ("t1", "own pools: one template, shared cards, little care"),
    ("t2", "proxy pools at four shares of cover traffic"),
    ("benign", "every hard negative and no campaign: whatever is found here is false"),
    ("hard-negatives", "a small one of each hard negative, for a quick check"),
    ("ten-million", "200,000 accounts and ten million exchanges: speed and memory"),
];

/// How skilled an adversary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Level {
    /// One account, one script.
    T0,
    /// An own pool: a template or a few, shared cards, little care.
    T1,
    /// A proxy pool: mixed traffic, rotation, sticky sessions, failover.
    T2,
}

impl Level {
    /// The level's name in the truth file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::T0 => "T0",
            Level::T1 => "T1",
            Level::T2 => "T2",
        }
    }
}

/// What a campaign collects; the names are those of the hunt's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Capability {
    SoftwareEngineering,
    Agentic,
    Reasoning,
    DataAnalysis,
    Grading,
    Vision,
    Safety,
    General,
}

impl Capability {
    /// The capability's name, which is also its list of work items.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Capability::SoftwareEngineering => "software_engineering",
            Capability::Agentic => "agentic",
            Capability::Reasoning => "reasoning",
            Capability::DataAnalysis => "data_analysis",
            Capability::Grading => "grading",
            Capability::Vision => "vision",
            Capability::Safety => "safety",
            Capability::General => "general",
        }
    }
}

/// How many exchanges an account makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Volume {
    /// Any number from the first to the second, both included.
    Range(u32, u32),
    /// Log-normal, cut at `max`.
    Tail { median: f64, sigma: f64, max: u32 },
}

impl Volume {
    /// Draws a volume, at least 1.
    pub(crate) fn draw(self, rng: &mut Rng) -> u32 {
        match self {
            Volume::Range(low, high) => rng.between(u64::from(low), u64::from(high)) as u32,
            Volume::Tail { median, sigma, max } => {
                rng.log_normal(median, sigma).round().clamp(1.0, f64::from(max)) as u32
            }
        }
    }

    fn check(self) -> Result<(), String> {
        match self {
            Volume::Range(low, high) if low == 0 || low > high => {
                Err(format!("exchanges = [{low}, {high}] is no range (write [low, high] with 1 <= low <= high)"))
            }
            Volume::Tail { median, sigma, max } if !(median >= 1.0 && (0.0..=4.0).contains(&sigma) && max >= 1) => {
                Err("exchanges = { median, sigma, max } needs median >= 1, sigma from 0 to 4 and max >= 1".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VolumeVisitor)
    }
}

struct VolumeVisitor;

impl<'de> Visitor<'de> for VolumeVisitor {
    type Value = Volume;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a range [low, high] or { median, sigma, max }")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Volume, A::Error> {
        let short = || de::Error::custom("a range needs two numbers: [low, high]");
        let low = seq.next_element()?.ok_or_else(short)?;
        let high = seq.next_element()?.ok_or_else(short)?;
        match seq.next_element::<u32>()? {
            None => Ok(Volume::Range(low, high)),
            Some(_) => Err(short()),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Volume, A::Error> {
        let (mut median, mut sigma, mut max) = (None, 1.0, 2_000);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "median" => median = Some(map.next_value()?),
                "sigma" => sigma = map.next_value()?,
                "max" => max = map.next_value()?,
                other => return Err(de::Error::unknown_field(other, &["median", "sigma", "max"])),
            }
        }
        let median = median.ok_or_else(|| de::Error::missing_field("median"))?;
        Ok(Volume::Tail { median, sigma, max })
    }
}

/// A kind of honest customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    /// One of the kinds in [`benign::KINDS`].
    pub(crate) kind: String,
    /// Number of accounts before scaling.
    pub(crate) accounts: u32,
    /// Exchanges an account; the kind's own law by default.
    pub(crate) exchanges: Option<Volume>,
    /// Accounts that belong together: a class, a firm, an agency; the kind's own size by default.
    pub(crate) size: Option<u32>,
    /// Share of the traffic that is what the kind is known for; the kind's own by default.
    pub(crate) share: Option<f64>,
    /// Share of accounts that register inside the window.
    #[serde(default = "default_new")]
    pub(crate) new: f64,
    /// The language people write.
    #[serde(default)]
    pub(crate) language: Language,
}

/// A collection campaign.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignSpec {
    /// Name in the truth file.
    pub(crate) name: String,
    /// How skilled it is.
    pub(crate) level: Level,
    /// The invented organisation behind it.
    pub(crate) entity: String,
    /// Number of accounts before scaling.
    pub(crate) accounts: u32,
    /// Exchanges an account.
    #[serde(default = "default_campaign_volume")]
    pub(crate) exchanges: Volume,
    /// Share of the traffic that is other people's ordinary use.
    #[serde(default)]
    pub(crate) cover: f64,
    /// What it collects.
    pub(crate) capability: Capability,
    /// Day of the window on which it begins, counted from 0.
    #[serde(default)]
    pub(crate) start_day: u32,
    /// How many days it lasts; to the end of the window by default.
    pub(crate) days: Option<u32>,
    /// Whether each account gets an honest twin.
    #[serde(default = "yes")]
    pub(crate) twins: bool,
    /// Number of templates; drawn by default.
    pub(crate) templates: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldFile {
    name: String,
    about: String,
    start: toml::Value,
    days: u32,
    #[serde(default = "yes")]
    answers: bool,
    #[serde(default)]
    population: Vec<Population>,
    #[serde(default)]
    campaign: Vec<CampaignSpec>,
}

const fn yes() -> bool {
    true
}

const fn default_new() -> f64 {
    0.12
}

const fn default_campaign_volume() -> Volume {
    Volume::Range(20, 60)
}

/// A world: its window, its populations and its campaigns.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) window: Window,
    pub(crate) answers: bool,
    pub(crate) populations: Vec<Population>,
    pub(crate) campaigns: Vec<CampaignSpec>,
}

impl World {
    /// Loads a world that comes with the program by its name, or any world by the path of its TOML file.
    pub fn load(name_or_path: &str) -> Result<World, Error> {
        if let Some((name, text)) = BUILTIN.iter().find(|(name, _)| *name == name_or_path) {
            return World::parse(text, &format!("world {name}"));
        }
        let path = Path::new(name_or_path);
        if path.is_file() {
            let text = std::fs::read_to_string(path).map_err(Error::read(path))?;
            return World::parse(&text, name_or_path);
        }
        let known = BUILTIN.map(|(name, _)| name).join(", ");
        Err(Error::UnknownWorld { name: name_or_path.to_owned(), known })
    }

    /// Reads a world from the text of its TOML file; `origin` says in errors where the text came from.
    pub fn parse(toml: &str, origin: &str) -> Result<World, Error> {
        let error = |reason: String| Error::World { origin: origin.to_owned(), reason };
        let file: WorldFile = toml::from_str(toml).map_err(|fault| error(fault.to_string().trim().to_owned()))?;
        let start = match &file.start {
            toml::Value::String(text) => time::parse_date(text),
            toml::Value::Datetime(date) => time::parse_date(&date.to_string()),
            _ => None,
        };
        let start = start.ok_or_else(|| error("start is no date (write start = \"2026-04-22\")".to_owned()))?;
        check(&file).map_err(error)?;
        let end = start + i64::from(file.days) * DAY;
        Ok(World {
            name: file.name,
            about: file.about,
            window: Window { start, end },
            answers: file.answers,
            populations: file.population,
            campaigns: file.campaign,
        })
    }

    /// Name and one line about each world that comes with the program.
    pub fn builtin() -> &'static [(&'static str, &'static str)] {
        &CATALOGUE
    }

    /// The world's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the world is for.
    pub fn about(&self) -> &str {
        &self.about
    }
}

fn check(file: &WorldFile) -> Result<(), String> {
    if !(1..=366).contains(&file.days) {
        return Err(format!("days = {} (write a number from 1 to 366)", file.days));
    }
    if file.population.is_empty() && file.campaign.is_empty() {
        return Err("there is nobody in it (add a [[population]] or a [[campaign]])".to_owned());
    }
    for population in &file.population {
        check_population(population).map_err(|reason| format!("population {:?}: {reason}", population.kind))?;
    }
    for campaign in &file.campaign {
        check_campaign(campaign, file.days).map_err(|reason| format!("campaign {:?}: {reason}", campaign.name))?;
        if file.campaign.iter().filter(|other| other.name == campaign.name).count() > 1 {
            return Err(format!("two campaigns are named {:?} (give each its own name)", campaign.name));
        }
    }
    Ok(())
}

fn check_population(population: &Population) -> Result<(), String> {
    if benign::kind_named(&population.kind).is_none() {
        let known: Vec<&str> = benign::KINDS.iter().map(|kind| kind.name).collect();
        return Err(format!("no such kind (known kinds: {})", known.join(", ")));
    }
    if population.accounts == 0 || population.size == Some(0) {
        return Err("accounts and size must be at least 1".to_owned());
    }
    for (name, share) in [("share", population.share.unwrap_or(0.0)), ("new", population.new)] {
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("{name} = {share} is no share (write a number from 0 to 1)"));
        }
    }
    population.exchanges.map_or(Ok(()), Volume::check)
}

fn check_campaign(campaign: &CampaignSpec, days: u32) -> Result<(), String> {
    if campaign.accounts == 0 || campaign.templates == Some(0) {
        return Err("accounts and templates must be at least 1".to_owned());
    }
    if !(0.0..=0.99).contains(&campaign.cover) {
        return Err(format!("cover = {} is no share (write a number from 0 to 0.99)", campaign.cover));
    }
    if campaign.cover > 0.0 && campaign.level != Level::T2 {
        return Err("only a T2 campaign has cover traffic (drop cover or write level = \"T2\")".to_owned());
    }
    if campaign.start_day >= days || campaign.days == Some(0) {
        return Err(format!("it must begin before day {days} and last at least a day (see start_day and days)"));
    }
    campaign.exchanges.check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_world_that_comes_along_is_read() {
        for ((name, _), (listed, about)) in BUILTIN.iter().zip(World::builtin()) {
            assert_eq!(name, listed);
            assert!(!about.is_empty());
            let world = World::load(name).unwrap();
            assert_eq!(world.name(), *name);
        }
    }

    #[test]
    fn faults_are_named_with_what_is_known() {
        let head = "name = 'x'\nabout = 'x'\nstart = '2026-01-01'\ndays = 3\n";
        let population = "[[population]]\nkind = 'individual'\naccounts = 3\n";
        for (text, parts) in [
            (format!("{head}colour = 1\n"), vec!["colour", "population", "campaign"]),
            (format!("{head}{population}colour = 1\n"), vec!["colour", "accounts", "exchanges"]),
            (format!("{head}{population}exchanges = {{ mean = 3 }}\n"), vec!["mean", "median", "sigma"]),
            (format!("{head}{population}exchanges = [5, 2]\n"), vec!["[5, 2]"]),
            (format!("{head}{population}share = 2.0\n"), vec!["share"]),
            (format!("{head}[[population]]\nkind = 'alien'\naccounts = 3\n"), vec!["alien", "individual", "viral"]),
            (head.to_owned(), vec!["nobody"]),
            (population.to_owned(), vec!["name"]),
            (head.replace("2026-01-01", "soon") + population, vec!["start"]),
            (head.replace("days = 3", "days = 0") + population, vec!["days"]),
        ] {
            let error = World::parse(&text, "here").unwrap_err().to_string();
            assert!(error.starts_with("here is no world"), "{error}");
            assert!(parts.iter().all(|part| error.contains(part)), "{error} lacks one of {parts:?}");
        }
        let error = World::load("nowhere").unwrap_err().to_string();
        assert!(error.contains("nowhere") && error.contains("standard"), "{error}");
    }

    #[test]
    fn campaigns_are_checked() {
        let campaign = |more: &str| {
            let text = format!(
                "name = 'x'\nabout = 'x'\nstart = 2026-01-01\ndays = 3\n[[campaign]]\nname = 'c'\nlevel = 'T1'\n\
                 entity = 'e'\naccounts = 2\ncapability = 'reasoning'\n{more}"
            );
            World::parse(&text, "here").map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(campaign(""), Ok(()));
        assert!(campaign("cover = 0.5").unwrap_err().contains("T2"));
        assert!(campaign("start_day = 3").unwrap_err().contains("start_day"));
        assert!(campaign("twin = true").unwrap_err().contains("twins"));
    }
}
