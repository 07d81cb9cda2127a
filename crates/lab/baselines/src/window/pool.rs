//! Texts from files that the user gives.

use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::error::Error;
use crate::rng::Rng;
use crate::text::words;

/// Fields that are tried in turn where none is named.
const FIELDS: [&str; 9] =
    ["prompt", "question", "turns", "messages", "conversations", "messages_display", "text", "input", "examples"];
/// Shorter texts say nothing of their source.
const MIN_WORDS: usize = 3;

/// Texts of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// What it is called in tables.
    pub name: String,
    /// The texts, each once.
    pub texts: Vec<String>,
}

impl Pool {
    /// A pool of these texts, without repeats and without those of fewer than three words.
    #[must_use]
    pub fn new(name: &str, mut texts: Vec<String>) -> Self {
        texts.retain(|text| words(text).len() >= MIN_WORDS);
        let mut seen = std::collections::HashSet::new();
        texts.retain(|text| seen.insert(crate::text::hash(text.as_bytes())));
        Self { name: name.to_owned(), texts }
    }

    /// Reads pools from `NAME=FILE` or `NAME=FILE:FIELD`. Several of one name are one pool. A file is a JSON array or
    /// object, JSON lines or CSV, also with `.gz`; a folder stands for the `.json` and `.jsonl` files in it.
    ///
    /// # Errors
    /// If a file cannot be read, or has no text.
    pub fn read_all(specs: &[&str]) -> Result<Vec<Self>, Error> {
        let mut pools: Vec<(String, Vec<String>)> = Vec::new();
        for spec in specs {
            let (name, place) = spec
                .split_once('=')
                .ok_or_else(|| Error::Usage(format!("{spec:?} is no pool (write NAME=FILE or NAME=FILE:FIELD)")))?;
            let (path, field) = match place.rsplit_once(':') {
                Some((path, field)) if !Path::new(place).exists() => (path, Some(field)),
                _ => (place, None),
            };
            let texts = read(Path::new(path), field)?;
            if texts.is_empty() {
                let reason = "no text found in it (name the field: NAME=FILE:FIELD)";
                return Err(Error::content(Path::new(path), reason));
            }
            match pools.iter_mut().find(|(known, _)| known == name) {
                Some((_, all)) => all.extend(texts),
                None => pools.push((name.to_owned(), texts)),
            }
        }
        Ok(pools.into_iter().map(|(name, texts)| Self::new(&name, texts)).collect())
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// At most so many of the texts, drawn by a fixed seed.
    pub(super) fn capped(&self, most: usize) -> Self {
        let places = Rng::new(0xCA9).distinct(most, self.len());
        let texts = places.into_iter().filter_map(|place| self.texts.get(place).cloned()).collect();
        Self { name: self.name.clone(), texts }
    }
}

fn read(path: &Path, field: Option<&str>) -> Result<Vec<String>, Error> {
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(Error::read(path))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json" || ending == "jsonl"));
        files.sort();
        let texts: Result<Vec<Vec<String>>, Error> = files.iter().map(|file| read(file, field)).collect();
        return Ok(texts?.concat());
    }
    let file = File::open(path).map_err(Error::read(path))?;
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).map_err(Error::read(path))?;
    } else {
        (&file).read_to_end(&mut bytes).map_err(Error::read(path))?;
    }
    let text = String::from_utf8_lossy(&bytes);
    let name = path.to_string_lossy();
    if name.trim_end_matches(".gz").ends_with(".csv") {
        return Ok(column(&text, field));
    }
    let mut texts = Vec::new();
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(rows)) => rows.iter().for_each(|row| of_row(row, field, &mut texts)),
        Ok(Value::Object(map)) if is_texts(&map, field) => {
            map.values().for_each(|row| of_row(row, field, &mut texts));
        }
        Ok(row) => of_row(&row, field, &mut texts),
        Err(_) => {
            let rows = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            rows.for_each(|row| of_row(&row, field, &mut texts));
        }
    }
    Ok(texts)
}

/// Whether an object is texts by id, and not one row of JSON lines.
fn is_texts(map: &serde_json::Map<String, Value>, field: Option<&str>) -> bool {
    let is_row = |key: &String| FIELDS.contains(&key.as_str()) || key == "instruction" || field == Some(key);
    map.values().all(Value::is_string) && !map.keys().any(is_row)
}

/// The texts of a row: of the field that is named, or of the first usual one.
fn of_row(row: &Value, field: Option<&str>, texts: &mut Vec<String>) {
    let map = match row {
        Value::String(text) => return texts.push(text.clone()),
        Value::Object(map) => map,
        _ => return,
    };
    if let Some(field) = field {
        return map.get(field).into_iter().for_each(|value| said(value, texts));
    }
    if let Some(instruction) = map.get("instruction").and_then(Value::as_str) {
        let input = map.get("input").and_then(Value::as_str).unwrap_or_default();
        return texts.push(format!("{instruction}\n{input}").trim().to_owned());
    }
    if let Some(value) = FIELDS.iter().find_map(|field| map.get(*field)) {
        said(value, texts);
    }
}

/// What users say in a value: a string, turns, or messages with a speaker. A list in a list is one turn.
fn said(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("user: ") => {
            texts.extend(text.lines().filter_map(|line| line.strip_prefix("user: ")).map(str::to_owned));
        }
        Value::String(text) => texts.push(text.clone()),
        Value::Array(parts) => {
            for part in parts {
                if let Value::Array(_) = part {
                    let mut turn = Vec::new();
                    said(part, &mut turn);
                    texts.push(turn.join(" "));
                } else {
                    said(part, texts);
                }
            }
        }
        Value::Object(map) => {
            let speaker = ["role", "from"].iter().find_map(|key| map.get(*key)?.as_str());
            if speaker.is_none_or(|speaker| matches!(speaker, "user" | "human")) {
                let value = ["content", "value", "text", "input"].iter().find_map(|key| map.get(*key));
                value.into_iter().for_each(|value| said(value, texts));
            }
        }
        _ => {}
    }
}

/// A column of a CSV text whose first row has the names; by default `prompt`, `text` or the last.
fn column(text: &str, field: Option<&str>) -> Vec<String> {
    let mut rows = rows(text).into_iter();
    let Some(head) = rows.next() else { return Vec::new() };
    let named = |name: &str| head.iter().position(|cell| cell == name);
    let place = match field {
        Some(field) => named(field),
        None => named("prompt").or_else(|| named("text")).or(head.len().checked_sub(1)),
    };
    let Some(place) = place else { return Vec::new() };
    rows.filter_map(|row| row.into_iter().nth(place)).filter(|cell| !cell.is_empty()).collect()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = text.chars().filter(|letter| *letter != '\r').peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.next_if_eq(&'"').is_some() => cell.push('"'),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(letter),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, text: &str, field: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let spec =
            if field.is_empty() { format!("p={}", path.display()) } else { format!("p={}:{field}", path.display()) };
        Pool::read_all(&[&spec]).unwrap().remove(0).texts
    }

    #[test]
    fn many_shapes() {
        assert_eq!(read_as("a.json", r#"[{"instruction":"do it now","input":"this"}]"#, ""), ["do it now\nthis"]);
        assert_eq!(read_as("a.json", r#"{"k/1":"write a function","k/2":"fix the code"}"#, "").len(), 2);
        assert_eq!(read_as("a.json", r#"{"examples":[{"input":"is it true?","target":"no"}]}"#, ""), ["is it true?"]);
        assert_eq!(
            read_as("a.jsonl", "{\"q\":\"one two three\",\"prompt\":\"not that one\"}\n", "q"),
            ["one two three"]
        );
        assert_eq!(read_as("a.csv", "act,prompt\nx,\"say \"\"hi\"\", then\ngo\"\n", ""), ["say \"hi\", then\ngo"]);
        let turns = r#"{"messages":[[{"text":"hello there","sender":"a"},{"text":"you","sender":"a"}],[{"text":"who are you","sender":"b"}]]}"#;
        assert_eq!(read_as("a.jsonl", turns, ""), ["hello there you", "who are you"]);
        let roles = r#"{"messages":[{"role":"system","content":"not this one"},{"role":"user","content":[{"type":"text","value":"but this one"}]}]}"#;
        assert_eq!(read_as("a.jsonl", roles, ""), ["but this one"]);
        let display = r#"{"messages_display":"user: my order please\nassistant: which one is it\nuser: the last one"}"#;
        assert_eq!(read_as("a.jsonl", display, ""), ["my order please", "the last one"]);
    }

    #[test]
    fn short_and_repeated_texts_go_and_empty_files_are_errors() {
        assert_eq!(read_as("a.json", r#"["hi","one two three","one two three"]"#, "").len(), 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "[]").unwrap();
        assert!(Pool::read_all(&[&format!("p={}", path.display())]).is_err());
        assert!(Pool::read_all(&["no-name"]).is_err());
    }
}
