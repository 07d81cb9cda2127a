//! A world as its TOML file tells it.

mod catalogue;
mod check;
pub(crate) mod kind;
mod level;
mod spec;
#[cfg(test)]
mod tests;
mod volume;

pub(crate) use level::Capability;
pub(crate) use level::Level;
pub(crate) use spec::CampaignSpec;
pub(crate) use spec::FramingSpec;
pub(crate) use spec::Population;
pub use spec::TextVoice;
pub(crate) use volume::Volume;

use std::path::Path;

use crate::error::Error;
use crate::time::{self, DAY, Window};
use spec::{BanSpec, ReleaseSpec, WorldFile};

/// A world: its window, its populations and its campaigns.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) window: Window,
    pub(crate) answers: bool,
    pub(crate) voice: TextVoice,
    pub(crate) populations: Vec<Population>,
    pub(crate) campaigns: Vec<CampaignSpec>,
    pub(crate) framings: Vec<FramingSpec>,
    pub(crate) releases: Vec<ReleaseSpec>,
    pub(crate) bans: Vec<BanSpec>,
}

impl World {
    /// Loads a world that comes with the program by its name, or any world by the path of its TOML file.
    pub fn load(name_or_path: &str) -> Result<World, Error> {
        World::load_with(name_or_path, &[])
    }

    /// The same with keys of every campaign set to other values, each value written as in the file.
    pub fn load_with(name_or_path: &str, settings: &[(String, String)]) -> Result<World, Error> {
        if let Some(entry) = catalogue::ENTRIES.iter().find(|entry| entry.name == name_or_path) {
            return World::parse_with(entry.toml, &format!("world {}", entry.name), settings);
        }
        let path = Path::new(name_or_path);
        if path.is_file() {
            let text = std::fs::read_to_string(path).map_err(Error::read(path))?;
            return World::parse_with(&text, name_or_path, settings);
        }
        let known: Vec<&str> = catalogue::ENTRIES.iter().map(|entry| entry.name).collect();
        Err(Error::UnknownWorld { name: name_or_path.to_owned(), known: known.join(", ") })
    }

    /// Reads a world from the text of its TOML file; `origin` says in errors where the text came from.
    pub fn parse(toml: &str, origin: &str) -> Result<World, Error> {
        World::parse_with(toml, origin, &[])
    }

    /// The same with keys of every campaign set to other values.
    pub fn parse_with(toml: &str, origin: &str, settings: &[(String, String)]) -> Result<World, Error> {
        let error = |reason: String| Error::World { origin: origin.to_owned(), reason };
        let file: WorldFile = if settings.is_empty() {
            toml::from_str(toml).map_err(|fault| error(fault.to_string().trim().to_owned()))?
        } else {
            let table = set(toml, settings).map_err(error)?;
            table.try_into().map_err(|fault: toml::de::Error| error(format!("with --set: {}", fault.message())))?
        };
        let start = match &file.start {
            toml::Value::String(text) => time::parse_date(text),
            toml::Value::Datetime(date) => time::parse_date(&date.to_string()),
            _ => None,
        };
        let start = start.ok_or_else(|| error("start is no date (write start = \"2026-04-22\")".to_owned()))?;
        check::check(&file).map_err(error)?;
        let end = start + i64::from(file.days) * DAY;
        Ok(World {
            name: file.name,
            about: file.about,
            window: Window { start, end },
            answers: file.answers,
            voice: file.voice,
            populations: file.population,
            campaigns: file.campaign,
            framings: file.framing,
            releases: file.release,
            bans: file.ban,
        })
    }

    /// Name and one line about each world that comes with the program.
    pub fn builtin() -> &'static [(&'static str, &'static str)] {
        catalogue::ABOUT
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

/// Sets keys of every campaign in a world's text.
fn set(toml: &str, settings: &[(String, String)]) -> Result<toml::Table, String> {
    let mut table: toml::Table = toml::from_str(toml).map_err(|fault| fault.to_string().trim().to_owned())?;
    let campaigns = table.get_mut("campaign").and_then(toml::Value::as_array_mut);
    let campaigns = campaigns.ok_or("it has no campaign whose keys could be set (drop --set)")?;
    for (key, word) in settings {
        // What is no value of TOML is a word.
        let parsed = toml::from_str::<toml::Table>(&format!("value = {word}"));
        let value = parsed.ok().and_then(|mut table| table.remove("value"));
        let value = value.unwrap_or_else(|| toml::Value::String(word.clone()));
        for campaign in campaigns.iter_mut().filter_map(toml::Value::as_table_mut) {
            campaign.insert(key.clone(), value.clone());
        }
    }
    Ok(table)
}
