//! Who may be told what.
//!
//! A group is told nothing before a person confirmed the first share with it by name, and nothing ever that is marked more
//! narrowly than it was confirmed for. What is marked red does not leave at all: it is for the people in the room.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::tlp::Tlp;

/// The file in a data directory.
const FILE: &str = "shares.json";
/// The longest name of a group.
const MAX_NAME: usize = 100;

/// Groups that something was shared with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    groups: BTreeMap<String, Group>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// When the first share was confirmed.
    pub confirmed_at: String,
    /// Who confirmed it.
    pub confirmed_by: String,
    /// The narrowest marking that it may see.
    pub up_to: Tlp,
    /// What was shared, the oldest first.
    pub shared: Vec<Shared>,
}

/// One share.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// When.
    pub at: String,
    /// Who shared it.
    pub by: String,
    /// The campaign; none where values of all discovered ones were compared in private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Its marking.
    pub tlp: Tlp,
    /// The form.
    pub format: String,
    /// Values in it.
    pub indicators: usize,
}

/// What somebody asks to share.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// With whom.
    pub with: &'a str,
    /// Who asks.
    pub by: &'a str,
    /// The name that was confirmed for a first share.
    pub confirmed: Option<&'a str>,
    /// Its marking.
    pub tlp: Tlp,
    /// The campaign; none where values of all discovered ones are compared in private.
    pub campaign: Option<&'a str>,
    /// The form.
    pub format: &'a str,
    /// Values in it.
    pub indicators: usize,
    /// When.
    pub at: &'a str,
}

/// Decides whether something may leave.
#[derive(Debug)]
pub struct Guard {
    path: PathBuf,
    shares: Shares,
}

impl Guard {
    /// Reads what was shared so far.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the file cannot be read or is damaged: nothing leaves then.
    pub fn open(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join(FILE);
        let shares = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Error::new(ErrorKind::Io, format!("{} is damaged: {error} (bring a copy back)", path.display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Shares::default(),
            Err(error) => return Err(Error::io(&path)(error)),
        };
        Ok(Self { path, shares })
    }

    /// Lets something leave, and writes down that it did, before it does.
    ///
    /// # Errors
    /// [`ErrorKind::Guarded`] where it may not; [`ErrorKind::Io`] where that cannot be written down.
    pub fn pass(&mut self, ask: &Ask<'_>) -> Result<(), Error> {
        let no = |text: String| Err(Error::new(ErrorKind::Guarded, text));
        let with = name(ask.with)?;
        if ask.tlp == Tlp::Red {
            return no("TLP:RED is for the people who were told, and leaves in no file".to_owned());
        }
        match self.shares.groups.get(&with) {
            None if ask.confirmed != Some(ask.with) => {
                let what = ask
                    .campaign
                    .map_or_else(|| "compared in private".to_owned(), |campaign| format!("of campaign {campaign}"));
                return no(format!(
                    "nothing was ever shared with {with:?}. This would be {} indicators {what} at TLP:{}, and later \
                     shares up to that marking would need no further question. If that is meant, say \
                     --confirm-first-share {with:?}",
                    ask.indicators,
                    ask.tlp.as_str().to_uppercase()
                ));
            }
            Some(group) if ask.tlp > group.up_to => {
                return no(format!(
                    "{with:?} was confirmed up to TLP:{}, and this is marked TLP:{} (mark it more widely only if its owner \
                     agrees, or share it with a group that may see it)",
                    group.up_to.as_str().to_uppercase(),
                    ask.tlp.as_str().to_uppercase()
                ));
            }
            _ => {}
        }
        let group = self.shares.groups.entry(with).or_insert_with(|| Group {
            confirmed_at: ask.at.to_owned(),
            confirmed_by: ask.by.to_owned(),
            up_to: ask.tlp,
            shared: Vec::new(),
        });
        group.shared.push(Shared {
            at: ask.at.to_owned(),
            by: ask.by.to_owned(),
            campaign: ask.campaign.map(str::to_owned),
            tlp: ask.tlp,
            format: ask.format.to_owned(),
            indicators: ask.indicators,
        });
        let bytes = serde_json::to_vec_pretty(&self.shares).map_err(Error::bug)?;
        columns::durable::replace(&self.path, &bytes).map_err(Error::io(&self.path))
    }

    /// The groups that something was shared with.
    #[must_use]
    pub const fn groups(&self) -> &BTreeMap<String, Group> {
        &self.shares.groups
    }
}

/// The name of a group, without what would make two look like one.
pub(crate) fn name(text: &str) -> Result<String, Error> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@');
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_NAME || !text.chars().all(is_plain) {
        let told = format!("the name of a group is 1 to {MAX_NAME} letters, digits, spaces and . - _ @");
        return Err(Error::new(ErrorKind::Usage, told));
    }
    Ok(text.to_owned())
}
