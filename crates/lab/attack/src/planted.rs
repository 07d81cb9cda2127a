//! Secrets planted in every field of a record, and the search for them in what the program says.
//!
//! What people say to a model, and who they are, must come back in no reject, no summary and nothing on a terminal, whatever is
//! wrong with the field that it stands in.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What is planted. All of it is invented.
pub const SECRETS: [&str; 5] = [
    "the violet harbour opens at dusk for Marlow",
    "sk-live-Zq8vT2xW7LpN4rYb",
    "4929174839201746",
    "+4915550123457",
    "otto.zwilling@planted.example",
];

/// What shows that a secret came out: a part of each that nothing else says.
const TRACES: [&str; 5] = ["violet harbour", "Zq8vT2xW7L", "4929174839", "4915550123", "zwilling"];

/// Records like a given one, each with a secret in one field: as text, as a number, in a list, in an object, as a name, and
/// as text with an end that is no JSON.
#[must_use]
pub fn planted(record: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    find_fields(record, &mut Vec::new(), &mut paths);
    let mut made = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        let secret = SECRETS.get(number % SECRETS.len()).copied().unwrap_or_default();
        let values = [
            json!(secret),
            json!(4_929_174_839_201_746_u64),
            json!([secret, { secret: secret }]),
            json!({ secret: secret, "type": secret, "text": secret }),
        ];
        for value in values {
            let mut changed = record.clone();
            if let Some(place) = at(&mut changed, path) {
                *place = value;
                made.push(changed.to_string());
            }
        }
        let mut renamed = record.clone();
        if rename(&mut renamed, path, secret) {
            made.push(renamed.to_string());
        }
    }
    // Broken behind a secret, so that a parser's message might quote what is there.
    let text = made.first().cloned().unwrap_or_default();
    made.extend(SECRETS.iter().flat_map(|secret| {
        [(*secret).to_owned(), format!("{{\"{secret}\"}}"), text.replacen('}', &format!(",{secret}"), 1)]
    }));
    made
}

/// The step from a value to one inside it.
#[derive(Debug, Clone)]
enum Step {
    Member(String),
    Element(usize),
}

fn find_fields(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    if !path.is_empty() {
        found.push(path.clone());
    }
    let mut into = |step: Step, inner: &Value| {
        path.push(step);
        find_fields(inner, path, found);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| into(Step::Member(name.clone()), inner)),
        Value::Array(elements) => elements.iter().enumerate().for_each(|(at, inner)| into(Step::Element(at), inner)),
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Element(place) => value.get_mut(place),
    })
}

/// Gives a member another name; `false` where it is none.
fn rename(value: &mut Value, path: &[Step], name: &str) -> bool {
    let Some((Step::Member(old), folder)) = path.split_last() else { return false };
    let Some(Value::Object(members)) = at(value, folder) else { return false };
    let renamed = |(key, inner): (String, Value)| if key == *old { (name.to_owned(), inner) } else { (key, inner) };
    *members = std::mem::take(members).into_iter().map(renamed).collect::<Map<_, _>>();
    true
}

/// The secrets that a text shows.
#[must_use]
pub fn traces_in(text: &str) -> Vec<&'static str> {
    TRACES.into_iter().filter(|trace| text.contains(trace)).collect()
}

/// The values of a text of JSON: lines, or one document.
#[must_use]
pub fn records_of(text: &str) -> Vec<Value> {
    if let Ok(whole) = serde_json::from_str(text) {
        return vec![whole];
    }
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_depth_holds_a_secret_once_as_each_type() {
        let record = json!({"id": "r1", "request": {"messages": [{"content": "x"}]}});
        let made = planted(&record);
        let whole: Vec<&String> = made.iter().filter(|text| serde_json::from_str::<Value>(text).is_ok()).collect();
        for start in ["{\"id\":\"the violet", "{\"id\":49", "{\"id\":[", "{\"id\":{", "{\"the violet"] {
            assert!(whole.iter().any(|text| text.starts_with(start)), "{start}");
        }
        // Of five places: four values each, and a new name for the four that are members.
        assert!(whole.len() >= 5 * 4 + 4 && made.iter().all(|text| !traces_in(text).is_empty()), "{made:#?}");
    }

    #[test]
    fn traces_are_parts_of_the_secrets() {
        assert!(SECRETS.iter().zip(TRACES).all(|(secret, trace)| traces_in(secret) == [trace]));
        assert!(traces_in("line 3: `at` is a number and not a time").is_empty());
    }
}
