//! Texts from files, to replace generated ones: `benign` for what people ask, `work` for what campaigns collect.
//!
//! Published prompt sets name their fields in many ways; the common ones are tried in turn.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::rng::mix;

/// Longest text that is taken from a pool, in bytes; the rest is cut.
const LONGEST: usize = 8_000;
/// Largest pool file, unpacked.
const LARGEST: u64 = 1 << 30;

/// One item of a pool: the turns of a conversation, at least one.
pub(crate) type Item = Vec<String>;

/// The texts that replace generated ones.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// What people ask.
    pub(crate) benign: Vec<Item>,
    /// What campaigns collect.
    pub(crate) work: Vec<Item>,
    /// How the benign texts are dealt out.
    deal: Deal,
}

/// A shuffle of the world's conversations: conversation `p` has the place `(p * step + first) mod of`.
#[derive(Debug, Default, Clone, Copy)]
struct Deal {
    of: u64,
    step: u64,
    first: u64,
}

impl Pools {
    /// Loads the files, each for the pool that is named with it.
    pub(crate) fn load(files: &[(String, PathBuf)]) -> Result<Pools, Error> {
        let mut pools = Pools::default();
        for (name, path) in files {
            let pool = match name.as_str() {
                "benign" => &mut pools.benign,
                "work" => &mut pools.work,
                other => {
                    return Err(Error::Usage(format!("no pool is named {other:?} (write benign=FILE or work=FILE)")));
                }
            };
            let items = items(path, &read_text(path)?);
            if items.is_empty() {
                return Err(Error::content(
                    path,
                    "no prompt found in it (looked for the fields prompt, instruction, question, turns, messages, \
                     conversations, text and input in .jsonl, .json or .csv, or for paragraphs in .txt)",
                ));
            }
            pool.extend(items);
        }
        Ok(pools)
    }

    /// Says how many conversations of people there are, so that each benign text is dealt to one at most.
    ///
    /// Strangers who say the same would be a structure that only the dealing has made; where there are more
    /// conversations than texts, the others keep their generated words.
    pub(crate) fn deal_over(&mut self, conversations: u64, seed: u64) {
        let of = conversations.max(self.benign.len() as u64).max(1);
        let mut step = (mix(seed, 0xDEA1) % of) | 1;
        while gcd(step, of) != 1 {
            step += 2;
        }
        self.deal = Deal { of, step, first: mix(seed, 0xF125) % of };
    }

    /// The text that is dealt to the conversation of that number, if one is.
    pub(crate) fn benign_item(&self, conversation: u64) -> Option<&Item> {
        let Deal { of, step, first } = self.deal;
        let place = (u128::from(conversation) * u128::from(step) + u128::from(first)).checked_rem(u128::from(of))?;
        self.benign.get(usize::try_from(place).ok()?)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Reads a text file, unpacked if its name ends in `.gz` or `.zst`.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let file = File::open(path).map_err(Error::read(path))?;
    let reader: Box<dyn Read> = match path.extension().and_then(|name| name.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::Decoder::new(file).map_err(Error::read(path))?),
        _ => Box::new(file),
    };
    let mut bytes = Vec::new();
    reader.take(LARGEST).read_to_end(&mut bytes).map_err(Error::read(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn items(path: &Path, text: &str) -> Vec<Item> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    if name.ends_with(".csv") {
        return from_csv(text);
    }
    if name.ends_with(".txt") {
        return text.split("\n\n").filter_map(|part| item(vec![part.to_owned()])).collect();
    }
    // `.json` files are an array, an object, or in fact JSON lines.
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(rows)) => rows.iter().filter_map(from_json).collect(),
        Ok(Value::Object(fields)) if fields.values().any(Value::is_array) => {
            fields.values().filter_map(Value::as_array).flatten().filter_map(from_json).collect()
        }
        Ok(Value::Object(fields)) => fields.values().filter_map(from_json).collect(),
        _ => text.lines().filter_map(|line| from_json(&serde_json::from_str(line).ok()?)).collect(),
    }
}

/// Turns of one row: empty ones dropped, long ones cut.
fn item(turns: Vec<String>) -> Option<Item> {
    let turns: Item = turns
        .into_iter()
        .map(|turn| {
            let mut end = turn.len().min(LONGEST);
            while !turn.is_char_boundary(end) {
                end -= 1;
            }
            turn.get(..end).unwrap_or_default().trim().to_owned()
        })
        .filter(|turn| !turn.is_empty())
        .collect();
    (!turns.is_empty()).then_some(turns)
}

/// The prompt or prompts of one JSON row.
fn from_json(row: &Value) -> Option<Item> {
    let fields = match row {
        Value::String(text) => return item(vec![text.clone()]),
        Value::Object(fields) => fields,
        _ => return None,
    };
    if let Some(text) = fields.get("instruction").and_then(Value::as_str) {
        let input = fields.get("input").and_then(Value::as_str).unwrap_or_default();
        return item(vec![format!("{text}\n{input}")]);
    }
    for key in ["prompt", "question", "turns", "messages", "conversations", "messages_display", "text", "input"] {
        if let Some(item) = fields.get(key).and_then(|value| item(turns(value))) {
            return Some(item);
        }
    }
    None
}

/// What the user says in a value of whatever nesting.
fn turns(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.starts_with("user: ") => from_display(text),
        Value::String(text) => vec![text.clone()],
        Value::Array(parts) => parts.iter().flat_map(turns).collect(),
        Value::Object(fields) => {
            let role = ["role", "from", "sender"].iter().find_map(|key| fields.get(*key)?.as_str());
            if matches!(role, Some("system" | "assistant" | "gpt" | "tool" | "function_call" | "observation")) {
                return Vec::new();
            }
            let content = ["content", "value", "text"].iter().find_map(|key| fields.get(*key));
            content.map(turns).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The user's lines of a dialogue that is written out as one text.
fn from_display(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix("user: ")).map(str::to_owned).collect()
}

fn from_csv(text: &str) -> Vec<Item> {
    let rows = csv_rows(text);
    let Some(head) = rows.first() else { return Vec::new() };
    let column = ["prompt", "instruction", "question", "text", "input"]
        .iter()
        .find_map(|name| head.iter().position(|field| field.trim().eq_ignore_ascii_case(name)));
    let Some(column) = column else { return Vec::new() };
    rows.iter().skip(1).filter_map(|row| item(vec![row.get(column)?.clone()])).collect()
}

/// Rows of a CSV text; quoted fields may hold commas, quotes (doubled) and line ends.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(row) = rows.last_mut() else { break };
        let Some(field) = row.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            '\r' if !quoted => {}
            _ => field.push(letter),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Vec<Item> {
        items(Path::new(name), text)
    }

    #[test]
    fn json_lines_of_many_shapes() {
        let text = concat!(
            "{\"question\": \"how many ducks?\", \"answer\": \"18\"}\n",
            "{\"id\": 1, \"question\": [[{\"role\": \"user\", \"content\": \"first\"}], [{\"role\": \"user\", \"content\": \"second\"}]]}\n",
            "{\"turns\": [\"one\", \"two\"]}\n",
            "{\"messages\": [{\"role\": \"system\", \"content\": \"no\"}, {\"role\": \"user\", \"content\": [{\"type\": \"text\", \"value\": \"yes\"}]}]}\n",
            "{\"messages\": [[{\"text\": \"hello?\", \"sender\": \"a\"}], [{\"text\": \"hey\", \"sender\": \"b\"}]]}\n",
            "{\"messages_display\": \"user: hi there\\nassistant: none\\nuser: bye\"}\n",
            "not json\n{\"other\": 1}\n{\"prompt\": \"  \"}\n",
        );
        assert_eq!(
            read("x.jsonl", text),
            [
                vec!["how many ducks?"],
                vec!["first", "second"],
                vec!["one", "two"],
                vec!["yes"],
                vec!["hello?", "hey"],
                vec!["hi there", "bye"],
            ]
        );
    }

    #[test]
    fn json_arrays_objects_csv_and_text() {
        let array = r#"[{"instruction": "do", "input": "this", "output": "x"}, {"conversations": [{"from": "human", "value": "ask"}, {"from": "gpt", "value": "no"}]}]"#;
        assert_eq!(read("x.json", array), [["do\nthis"], ["ask"]]);
        assert_eq!(read("x.json", r#"{"a/1": "write it", "a/2": "fix it"}"#), [["write it"], ["fix it"]]);
        assert_eq!(read("x.json", r#"{"examples": [{"input": "sort", "target": "t"}]}"#), [["sort"]]);
        assert_eq!(
            read("x.csv", "act,prompt\nA,\"say \"\"hi\"\",\nthen go\"\nB,plain\n"),
            [["say \"hi\",\nthen go"], ["plain"]]
        );
        assert_eq!(read("x.txt", "one\ntwo\n\nthree\n"), [["one\ntwo"], ["three"]]);
        assert!(read("x.csv", "a,b\n1,2\n").is_empty());
    }

    #[test]
    fn each_text_is_dealt_once() {
        for (texts, conversations) in [(7, 100), (100, 7), (10, 10), (1, 1), (0, 5), (12, 36)] {
            let benign: Vec<Item> = (0..texts).map(|text: u64| vec![text.to_string()]).collect();
            let mut pools = Pools { benign, ..Pools::default() };
            pools.deal_over(conversations, texts + 3);
            let mut dealt: Vec<&Item> = (0..conversations).filter_map(|number| pools.benign_item(number)).collect();
            assert_eq!(dealt.len() as u64, texts.min(conversations));
            dealt.sort();
            dealt.dedup();
            assert_eq!(dealt.len() as u64, texts.min(conversations));
        }
    }

    #[test]
    fn packed_files_and_wrong_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.jsonl.gz");
        let mut packer = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, b"{\"prompt\": \"packed\"}\n").unwrap();
        packer.finish().unwrap();
        assert_eq!(Pools::load(&[("work".to_owned(), path.clone())]).unwrap().work, [["packed"]]);
        let error = Pools::load(&[("other".to_owned(), path)]).unwrap_err().to_string();
        assert!(error.contains("benign=FILE"), "{error}");
        let empty = folder.path().join("e.txt");
        std::fs::write(&empty, "\n\n").unwrap();
        assert!(Pools::load(&[("work".to_owned(), empty)]).unwrap_err().to_string().contains("no prompt"));
        assert!(Pools::load(&[("work".to_owned(), folder.path().join("none.txt"))]).is_err());
    }
}
