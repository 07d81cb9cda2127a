//! Files of templates, one a language, and notices made from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::error::ErrorKind;

/// The English templates that come with the program.
const ENGLISH: &str = include_str!("../templates/en.toml");
/// The longest file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;
/// The longest value that is put into a template, in characters.
const MAX_VALUE: usize = 200;
/// What a template may name in braces.
const NAMES: [&str; 5] = ["account", "service", "reference", "due", "contact"];

/// A file of templates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Who reviewed it; empty while nobody did.
    reviewed_by: String,
    /// When, as a date; empty while nobody did.
    reviewed_on: String,
    /// Words that no template may hold, in small letters.
    forbidden: Vec<String>,
    /// The first line of every notice.
    greeting: String,
    /// How to appeal.
    appeal: String,
    /// The last lines.
    closing: String,
    /// By reason.
    notice: BTreeMap<String, Template>,
}

/// A template.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    /// The subject of a message.
    subject: String,
    /// What class of use was seen.
    seen: String,
    /// What it means for the account.
    means: String,
    /// What its holder can do.
    you_can: String,
    /// Whether the notice says how to appeal.
    #[serde(default)]
    appeal: bool,
}

/// What is put into a template.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// The account, as its holder knows it.
    pub account: &'a str,
    /// The name of the service.
    pub service: &'a str,
    /// By what the holder refers to it when they write.
    pub reference: &'a str,
    /// Until when something is to be decided.
    pub due: &'a str,
    /// Where to write.
    pub contact: &'a str,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The language.
    pub language: String,
    /// The subject of a message.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Who reviewed the template, and when; `None` while nobody did.
    pub reviewed: Option<String>,
}

/// Templates by language.
#[derive(Debug, Clone)]
pub struct Templates(BTreeMap<String, File>);

impl Templates {
    /// Those that come with the program: English.
    ///
    /// # Errors
    /// [`ErrorKind::Unfit`], which is a bug.
    pub fn shipped() -> Result<Self, Error> {
        Ok(Self(BTreeMap::from([("en".to_owned(), parse("en.toml", ENGLISH)?)])))
    }

    /// Those that come with the program, and in place of them those of a folder: `en.toml`, `de.toml` and so on.
    ///
    /// # Errors
    /// [`ErrorKind::Unfit`] that names the file and what is wrong with it.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let mut all = Self::shipped()?;
        let unfit = |path: &Path, text: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Unfit, format!("{}: {text}", path.display()))
        };
        let entries = fs::read_dir(folder).map_err(|error| unfit(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unfit(folder, &error))?.path();
            if path.extension().and_then(|end| end.to_str()) != Some("toml") {
                continue;
            }
            let language = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if language.is_empty() || !language.chars().all(is_tag) {
                return Err(unfit(&path, &"the name of the file is the tag of a language, such as de.toml"));
            }
            if fs::metadata(&path).map_err(|error| unfit(&path, &error))?.len() > MAX_BYTES {
                return Err(unfit(&path, &format!("longer than {MAX_BYTES} bytes")));
            }
            let text = fs::read_to_string(&path).map_err(|error| unfit(&path, &error))?;
            all.0.insert(language, parse(&path.display().to_string(), &text)?);
        }
        Ok(all)
    }

    /// The reasons for which a language has a template.
    pub fn reasons(&self, language: &str) -> impl Iterator<Item = &str> {
        self.0.get(language).into_iter().flat_map(|file| file.notice.keys().map(String::as_str))
    }

    /// A notice. Where the language has no template for the reason, it is the English one.
    ///
    /// # Errors
    /// [`ErrorKind::Unknown`]
    pub fn notice(&self, language: &str, reason: &str, facts: &Facts<'_>) -> Result<Notice, Error> {
        let found = [language, "en"].into_iter().find_map(|language| {
            let file = self.0.get(language)?;
            Some((language, file, file.notice.get(reason)?))
        });
        let Some((language, file, template)) = found else {
            let known: Vec<&str> = self.reasons("en").collect();
            let text =
                format!("there is no template for the reason {reason:?} (there is one for {})", known.join(", "));
            return Err(Error::new(ErrorKind::Unknown, text));
        };
        let mut parts = vec![&file.greeting, &template.seen, &template.means, &template.you_can];
        parts.extend(template.appeal.then_some(&file.appeal));
        parts.push(&file.closing);
        let text: Vec<String> = parts.into_iter().map(|part| filled(part.trim(), facts)).collect();
        let is_reviewed = !file.reviewed_by.is_empty() && !file.reviewed_on.is_empty();
        Ok(Notice {
            language: language.to_owned(),
            subject: filled(&template.subject, facts),
            text: text.join("\n\n") + "\n",
            reviewed: is_reviewed.then(|| format!("{}, {}", file.reviewed_by, file.reviewed_on)),
        })
    }
}

/// Reads a file of templates, and refuses one that would teach.
fn parse(name: &str, text: &str) -> Result<File, Error> {
    let unfit = |text: String| Error::new(ErrorKind::Unfit, format!("{name}: {text}"));
    let file: File = toml::from_str(text).map_err(|error| unfit(error.to_string()))?;
    let common = [("greeting", &file.greeting), ("appeal", &file.appeal), ("closing", &file.closing)];
    let own = file.notice.iter().flat_map(|(reason, template)| {
        let Template { subject, seen, means, you_can, .. } = template;
        [subject, seen, means, you_can].into_iter().map(move |part| (reason.as_str(), part))
    });
    for (place, part) in common.into_iter().chain(own) {
        if part.trim().is_empty() {
            return Err(unfit(format!("{place} has an empty part")));
        }
        if part.chars().any(|c| c.is_numeric()) {
            return Err(unfit(format!(
                "{place} holds a number: numbers tell where a limit is (say it in words, or leave it out)"
            )));
        }
        let small = part.to_lowercase();
        if let Some(word) = file.forbidden.iter().find(|word| small.contains(word.as_str())) {
            return Err(unfit(format!(
                "{place} says {word:?}, which tells how it was seen (say the class of use only)"
            )));
        }
        if let Some(unknown) = named(part).find(|one| !NAMES.contains(one)) {
            return Err(unfit(format!("{place} names {{{unknown}}} (known: {})", NAMES.join(", "))));
        }
    }
    Ok(file)
}

/// What a template names in braces.
fn named(part: &str) -> impl Iterator<Item = &str> {
    part.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default())
}

/// A template with its values. A value is one line, and short: it may come from whoever opened the account.
fn filled(part: &str, facts: &Facts<'_>) -> String {
    let values = [facts.account, facts.service, facts.reference, facts.due, facts.contact];
    let mut filled = String::new();
    for (at, piece) in part.split('{').enumerate() {
        let known = (at > 0).then(|| piece.split_once('}')).flatten();
        let Some((name, rest)) = known else {
            filled.push_str(piece);
            continue;
        };
        let value = NAMES.iter().zip(values).find(|(known, _)| **known == name).map_or("", |(_, value)| value);
        filled.extend(value.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(MAX_VALUE));
        filled.push_str(rest);
    }
    filled
}

/// Characters that change how the text around them is shown.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
