//! What only a person can say: blocks of text in a TOML file, made once and never written over.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::error::Error;
use crate::error::ErrorKind;

/// The longest file, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The blocks of one paper: name, what belongs there, and what stands there until somebody writes it.
pub type Known = &'static [(&'static str, &'static str, &'static str)];

/// Texts by the names of their blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    known: Known,
    texts: BTreeMap<String, String>,
}

impl Blocks {
    /// The blocks of a paper before anybody wrote them.
    #[must_use]
    pub const fn new(known: Known) -> Self {
        Self { known, texts: BTreeMap::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Blocks`] that names the file and the block.
    pub fn parse(known: Known, name: &str, text: &str) -> Result<Self, Error> {
        let unfit = |text: String| Error::new(ErrorKind::Blocks, format!("{name}: {text}"));
        if text.len() > MAX_BYTES {
            return Err(unfit(format!("longer than {MAX_BYTES} bytes")));
        }
        let texts: BTreeMap<String, String> = toml::from_str(text).map_err(|error| unfit(error.to_string()))?;
        if let Some(stranger) = texts.keys().find(|key| !known.iter().any(|(name, ..)| name == key)) {
            let all: Vec<&str> = known.iter().map(|(name, ..)| *name).collect();
            return Err(unfit(format!("there is no block {stranger:?} (known: {})", all.join(", "))));
        }
        Ok(Self { known, texts })
    }

    /// The file in which a person writes them.
    #[must_use]
    pub fn template(known: Known) -> String {
        let mut out = "# Write here. This file is made once and never written over; the paper beside it is made anew each time.\n\
                       # An empty line begins a new paragraph. A block that is taken out has its first text again.\n"
            .to_owned();
        for (name, about, text) in known {
            let _ = write!(out, "\n# {about}\n{name} = \"\"\"\n{text}\"\"\"\n");
        }
        out
    }

    /// The paragraphs of a block.
    pub(crate) fn paragraphs(&self, name: &str) -> impl Iterator<Item = &str> {
        let first = self.known.iter().find(|(known, ..)| *known == name).map_or("", |(.., text)| *text);
        let text = self.texts.get(name).map_or(first, String::as_str);
        text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
    }
}
