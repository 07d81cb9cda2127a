//! The calls of a recorded client, as its file holds them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use record::Role;
use serde_json::Value;

use crate::error::Error;
use crate::text::hash;
use crate::text::words;

/// Answers of fewer words come back by chance: a grade, a refusal.
const MIN_WORDS: usize = 4;

/// One request and its answer, as recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Call {
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// Fingerprint of the names of the headers in their order.
    pub headers: String,
    /// The system prompt.
    pub system: Option<String>,
    /// The messages without the system prompt.
    pub messages: Vec<(Role, String)>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Bound on the answer in tokens.
    pub max_tokens: Option<u64>,
    /// Text of the answer.
    pub answer: String,
}

/// A recorded client's calls in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// The calls.
    pub calls: Vec<Call>,
}

impl Call {
    /// All that is sent, joined by line feeds.
    fn sent(&self) -> String {
        let messages = self.messages.iter().map(|(_, text)| text.as_str());
        self.system.as_deref().into_iter().chain(messages).collect::<Vec<&str>>().join("\n")
    }
}

impl Recording {
    /// Reads JSON lines of `{t, headers, request, response}`: headers as pairs or as an object, the request as the
    /// provider's own body, the answer as text.
    ///
    /// # Errors
    /// If the file cannot be read or a line is no such call.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::read(path))?;
        let mut calls: Vec<(f64, Call)> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let call = serde_json::from_str(line).ok().as_ref().and_then(call).ok_or_else(|| {
                let wrong = format!("line {} is no {{t, headers, request, response}} with messages", number + 1);
                Error::content(path, wrong + " (give a recording of a chat client, one call a line)")
            })?;
            calls.push(call);
        }
        if calls.is_empty() {
            return Err(Error::content(path, "there is no call in it (give a recording, one call a line)"));
        }
        calls.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self { calls: calls.into_iter().map(|(_, call)| call).collect() })
    }

    /// How many calls hold an earlier answer word for word, without the tag around it and of four words or more.
    #[must_use]
    pub fn returns(&self) -> usize {
        let mut given: BTreeSet<&str> = BTreeSet::new();
        let mut count = 0;
        for call in &self.calls {
            let sent = call.sent();
            count += usize::from(given.iter().any(|answer| sent.contains(answer)));
            let answer = bare(&call.answer);
            if words(answer).len() >= MIN_WORDS {
                given.insert(answer);
            }
        }
        count
    }
}

/// An answer without the one tag that it is wrapped in.
fn bare(answer: &str) -> &str {
    let inner = || {
        let (tag, rest) = answer.trim().strip_prefix('<')?.split_once('>')?;
        rest.strip_suffix(&format!("</{tag}>"))
    };
    inner().unwrap_or(answer).trim()
}

fn call(line: &Value) -> Option<(f64, Call)> {
    let (request, mut call) = (line.get("request")?, Call::default());
    let mut names = Vec::new();
    for (name, value) in headers(line.get("headers").unwrap_or(&Value::Null)) {
        if name == "user-agent" {
            call.user_agent = Some(value.to_owned());
        }
        names.push(name);
    }
    call.headers = format!("{:08x}", hash(names.join("\n").as_bytes()) >> 32);
    for message in request.get("messages")?.as_array()? {
        let text = message.get("content")?.as_str()?.to_owned();
        match message.get("role")?.as_str()? {
            "system" if call.system.is_none() => call.system = Some(text),
            "assistant" => call.messages.push((Role::Assistant, text)),
            "tool" => call.messages.push((Role::Tool, text)),
            _ => call.messages.push((Role::User, text)),
        }
    }
    call.temperature = request.get("temperature").and_then(Value::as_f64);
    call.max_tokens = request.get("max_tokens").and_then(Value::as_u64);
    line.get("response")?.as_str()?.clone_into(&mut call.answer);
    Some((line.get("t")?.as_f64()?, call))
}

/// Names in lower case, with values, in the order of the request.
fn headers(value: &Value) -> Vec<(String, &str)> {
    match value {
        Value::Array(pairs) => {
            pairs.iter().filter_map(|one| Some((one.get(0)?.as_str()?.to_lowercase(), one.get(1)?.as_str()?))).collect()
        }
        Value::Object(map) => map.iter().filter_map(|(name, one)| Some((name.to_lowercase(), one.as_str()?))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"t":2.5,"headers":[["Host","x"],["User-Agent","Tool/1"]],"request":{"model":"m","messages":[{"role":"system","content":"be good"},{"role":"user","content":"grade: one two three four"}],"temperature":0.0,"max_tokens":9},"response":"<score>5</score>"}"#;

    #[test]
    fn recordings_are_read_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let early = LINE.replace("2.5", "1.5").replace("<score>5</score>", "<a>one two three four</a>");
        fs::write(&path, format!("{LINE}\n\n{early}\n")).unwrap();
        let read = Recording::read(&path).unwrap();
        assert_eq!((read.calls.len(), read.returns()), (2, 1));
        let last = &read.calls[1];
        assert_eq!((last.user_agent.as_deref(), last.system.as_deref()), (Some("Tool/1"), Some("be good")));
        assert_eq!((last.temperature, last.max_tokens), (Some(0.0), Some(9)));
        assert_eq!(bare("<a>x</b>"), "<a>x</b>");
        fs::write(&path, "{}\n").unwrap();
        assert!(Recording::read(&path).unwrap_err().to_string().contains("line 1"));
        fs::write(&path, "").unwrap();
        assert!(Recording::read(&path).is_err());
    }
}
