//! A value of a record by the name that a map gives.

use serde_json::Value;

/// Dots of a name that are looked at.
const MAX_DOTS: usize = 8;
/// Members that `*` stands for at most.
const MAX_MEMBERS: usize = 32;

/// The value under a name. A dot is a part of a key, as in `gen_ai.request.model`, or leads into an object or a list: the
/// longest key that is there counts. `*` is the first member in which the rest is found. `null` and the empty text are
/// absent.
pub(crate) fn get<'v>(record: &'v Value, name: &str) -> Option<&'v Value> {
    find(record, name, MAX_DOTS).filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// Whether a record has a column of that name, even an empty one.
pub(crate) fn has(record: &Value, name: &str) -> bool {
    find(record, name, MAX_DOTS).is_some_and(|value| !value.is_null())
}

fn find<'v>(value: &'v Value, name: &str, dots: usize) -> Option<&'v Value> {
    if let Some(found) = step(value, name) {
        return Some(found);
    }
    let mut end = name.len();
    for _ in 0..dots {
        let (key, _) = name.get(..end)?.rsplit_once('.')?;
        let rest = name.get(key.len() + 1..)?;
        let found = match (key, value) {
            ("*", Value::Object(members)) => {
                members.values().take(MAX_MEMBERS).find_map(|inner| find(inner, rest, dots.checked_sub(1)?))
            }
            ("*", Value::Array(members)) => {
                members.iter().take(MAX_MEMBERS).find_map(|inner| find(inner, rest, dots.checked_sub(1)?))
            }
            _ => step(value, key).and_then(|inner| find(inner, rest, dots.checked_sub(1)?)),
        };
        if found.is_some() {
            return found;
        }
        end = key.len();
    }
    None
}

fn step<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::get;
    use super::has;

    #[test]
    fn a_dot_is_part_of_a_key_or_leads_into_an_object() {
        let record = json!({"a.b": {"c": 1}, "a": {"b": {"d": 2}}, "list": [{"x": 3}], "empty": ""});
        assert_eq!(get(&record, "a.b.c"), Some(&json!(1)));
        assert_eq!(get(&record, "a.b.d"), Some(&json!(2)));
        assert_eq!(get(&record, "list.0.x"), Some(&json!(3)));
        assert_eq!(get(&record, "a.*.d"), Some(&json!(2)));
        assert_eq!(get(&record, "list.*.x"), Some(&json!(3)));
        assert_eq!(get(&record, "a.x"), None);
        assert_eq!(get(&record, "empty"), None);
        assert!(has(&record, "empty") && !has(&record, "a.x"));
    }
}
