//! The files of an audit: JSON lines.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::error::ErrorKind;

/// The most lines of a file.
const MAX_LINES: usize = 200_000;
/// The longest line, in bytes.
const MAX_LINE: usize = 4 * 1024 * 1024;
/// The most decoys.
const MAX_DECOYS: usize = 10_000;
/// The shortest decoy, in bytes: shorter ones occur by chance.
const MIN_DECOY: usize = 8;

/// A prompt and an answer of ours to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ours {
    /// Its name; none twice.
    pub id: String,
    /// The prompt.
    pub prompt: String,
    /// Our answer.
    pub answer: String,
    /// Whether the campaign was served this answer; else it was held back, or served to others only.
    pub served: bool,
    /// Labels are only exchanged inside a stratum: a month, a topic. One stratum where it is not said.
    #[serde(default)]
    pub stratum: Option<String>,
    /// Lines of one unit were served or held back together, by one draw. Each line is its own where it is not said.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A model's answer to a prompt of ours.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Answer {
    /// Of which of our answers it is told; needed for log-likelihoods where a prompt has several answers of ours.
    #[serde(default)]
    pub id: Option<String>,
    /// The prompt, where no id is given.
    #[serde(default)]
    pub prompt: Option<String>,
    /// What the model answered.
    #[serde(default)]
    pub answer: Option<String>,
    /// The mean log-likelihood of a token of *our* answer under the model.
    #[serde(default)]
    pub log_likelihood: Option<f64>,
}

/// A string that was put into answers to the campaign, and nowhere else.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Decoy {
    /// The string.
    pub text: String,
    /// It was drawn uniformly from two to the power of this many strings.
    pub bits: f64,
}

/// Reads our prompts and answers.
///
/// # Errors
/// [`ErrorKind::Malformed`] with the file and the line.
pub fn read_case(name: &str, bytes: &[u8]) -> Result<Vec<Ours>, Error> {
    if bytes.starts_with(b"PK\x03\x04") {
        let text = format!(
            "{name} is a case archive, which holds texts of the callers and none of our answers (give JSON lines with id, prompt, \
             answer and served: docs/audit.md)"
        );
        return Err(Error::new(ErrorKind::Malformed, text));
    }
    let rows: Vec<Ours> = lines(name, bytes, MAX_LINES)?;
    let mut known = BTreeSet::new();
    for (line, row) in rows.iter().enumerate() {
        if row.id.is_empty() || row.prompt.trim().is_empty() {
            return Err(at(name, line, "the id or the prompt is empty"));
        }
        if !known.insert(row.id.as_str()) {
            return Err(at(name, line, &format!("the id {:?} is there twice (give each answer its own)", row.id)));
        }
    }
    Ok(rows)
}

/// Reads a model's answers.
///
/// # Errors
/// [`ErrorKind::Malformed`] with the file and the line.
pub fn read_answers(name: &str, bytes: &[u8]) -> Result<Vec<Answer>, Error> {
    let rows: Vec<Answer> = lines(name, bytes, MAX_LINES)?;
    for (line, row) in rows.iter().enumerate() {
        if row.id.is_none() && row.prompt.is_none() {
            return Err(at(name, line, "neither id nor prompt says which of our prompts it answers"));
        }
        if row.answer.is_none() && row.log_likelihood.is_none() {
            return Err(at(name, line, "there is neither an answer nor a log_likelihood"));
        }
        if row.log_likelihood.is_some_and(|value| !value.is_finite() || value > 0.0) {
            return Err(at(name, line, "log_likelihood is the mean logarithm of a probability, and never above zero"));
        }
    }
    Ok(rows)
}

/// Reads decoys.
///
/// # Errors
/// [`ErrorKind::Malformed`] with the file and the line.
pub fn read_decoys(name: &str, bytes: &[u8]) -> Result<Vec<Decoy>, Error> {
    let rows: Vec<Decoy> = lines(name, bytes, MAX_DECOYS)?;
    let mut known = BTreeSet::new();
    for (line, row) in rows.iter().enumerate() {
        if row.text.len() < MIN_DECOY {
            return Err(at(name, line, &format!("a decoy has {MIN_DECOY} bytes or more")));
        }
        if !row.bits.is_finite() || row.bits <= 0.0 || row.bits > 8.0 * row.text.len() as f64 {
            return Err(at(name, line, "bits is above zero, and no more than eight for each byte of the text"));
        }
        if !known.insert(row.text.as_str()) {
            return Err(at(name, line, "the decoy is there twice"));
        }
    }
    Ok(rows)
}

fn at(name: &str, line: usize, text: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("{name} line {}: {text}", line + 1))
}

fn lines<T: DeserializeOwned>(name: &str, bytes: &[u8], most: usize) -> Result<Vec<T>, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::Malformed, format!("{name} is no text in UTF-8")))?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if line.len() > MAX_LINE {
            return Err(at(name, number, &format!("the line is longer than {MAX_LINE} bytes")));
        }
        if rows.len() == most {
            return Err(at(
                name,
                number,
                &format!("the file has more than {most} lines (draw a part of them at random)"),
            ));
        }
        rows.push(serde_json::from_str(line).map_err(|error| at(name, number, &error.to_string()))?);
    }
    if rows.is_empty() {
        return Err(Error::new(ErrorKind::Malformed, format!("{name} is empty (give JSON lines: docs/audit.md)")));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_line() {
        let twice = b"{\"id\":\"a\",\"prompt\":\"p\",\"answer\":\"x\",\"served\":true}\n{\"id\":\"a\",\"prompt\":\"q\",\"answer\":\"x\",\"served\":false}";
        let error = read_case("ours.jsonl", twice).unwrap_err();
        assert!(error.to_string().starts_with("ours.jsonl line 2: the id \"a\" is there twice"), "{error}");
        assert!(read_case("case.zip", b"PK\x03\x04rest").unwrap_err().to_string().contains("none of our answers"));
        for bad in ["{\"answer\":\"x\"}", "{\"id\":\"a\"}", "{\"id\":\"a\",\"log_likelihood\":0.5}", "[]", "\u{fffd}"] {
            assert_eq!(read_answers("s", bad.as_bytes()).unwrap_err().kind(), ErrorKind::Malformed, "{bad}");
        }
        assert!(read_answers("s", b"\xff\xfe").is_err() && read_answers("s", b"\n").is_err());
        for bad in ["{\"text\":\"short\",\"bits\":8}", "{\"text\":\"long enough\",\"bits\":900}"] {
            assert!(read_decoys("d", bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
