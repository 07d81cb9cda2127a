//! A call that is logged in parts, since its texts are long.

use std::borrow::Cow;

use serde_json::Value;

use super::api;
use super::sse;
use crate::Exchange;
use crate::Message;

/// A text that is shorter, and whole, has no other part: Azure cuts at 32 KiB.
const MIN_CUT_BYTES: usize = 32_000;

/// Whether a first part says all: both of its texts are there, whole, and too short to be cut.
pub(super) fn says_all(asked: Option<&str>, answered: Option<&str>) -> bool {
    let is_whole = |text: Option<&str>| {
        text.is_some_and(|text| text.len() < MIN_CUT_BYTES && serde_json::from_str::<Value>(text).is_ok())
    };
    is_whole(asked) && is_whole(answered)
}

/// An exchange with the texts as they were logged.
pub(super) fn with_texts(exchange: &mut Exchange<'_>, asked: Option<Cow<'_, str>>, answered: Option<Cow<'_, str>>) {
    let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    let message = |asked| Message { text: text(asked), ..Message::default() };
    exchange.request.messages = asked.map(message).into_iter().collect();
    exchange.response.content = answered.map(text);
}

/// The first of a call's parts, in order, with the texts of all of them.
#[must_use]
pub fn join_parts<'a>(parts: &[Exchange<'a>]) -> Option<Exchange<'a>> {
    let asked: Vec<&str> = parts.iter().flat_map(|part| &part.request.messages).map(|message| &*message.text).collect();
    let answered: Vec<&str> = parts.iter().filter_map(|part| part.response.content.as_deref()).collect();
    let mut whole = parts.first()?.clone();
    whole.request.messages = messages(&asked);
    crate::native::lift_system(&mut whole.request);
    whole.response.content = content(&answered).map(Cow::Owned);
    whole.response.status = whole.response.status.or(whole.response.content.is_some().then_some(200));
    Some(whole)
}

/// The messages of pieces that are one text, or that are lists of messages each.
fn messages(pieces: &[&str]) -> Vec<Message<'static>> {
    values(pieces).iter().flat_map(api::owned_messages).collect()
}

fn content(pieces: &[&str]) -> Option<String> {
    let text = |value: &Value| match value {
        // A provider's own answer, or its stream.
        Value::Object(_) => sse::response(value).0.content.map(Cow::into_owned),
        value => {
            let texts = api::owned_messages(value).into_iter().map(|message| message.text.into_owned());
            texts.reduce(|whole, text| format!("{whole}\n{text}"))
        }
    };
    values(pieces).iter().filter_map(text).reduce(|whole, text| whole + &text)
}

/// What pieces hold as one text, or each for itself; nothing where neither is JSON.
fn values(pieces: &[&str]) -> Vec<Value> {
    let read = |text: &str| crate::json::tree(text).ok();
    match read(&pieces.concat()) {
        Some(whole) => vec![whole],
        None => pieces.iter().map(|piece| read(piece)).collect::<Option<_>>().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(asked: &str, answered: &str) -> Exchange<'static> {
        let mut exchange = Exchange { id: "r".into(), ..Exchange::default() };
        let text = |text: &str| (!text.is_empty()).then(|| Cow::Owned(text.to_owned()));
        with_texts(&mut exchange, text(asked), text(answered));
        exchange
    }

    fn joined(parts: &[Exchange<'static>]) -> (Vec<String>, Option<String>) {
        let whole = join_parts(parts).unwrap();
        let asked = whole.request.messages.iter().map(|message| message.text.to_string());
        (asked.collect(), whole.response.content.map(Cow::into_owned))
    }

    #[test]
    fn a_text_that_was_cut_anywhere_is_put_together() {
        let parts = [
            part(r#"[{"role":"user","content":"Name a ri"#, r#"[{"role":"assistant","content":"The long one"}]"#),
            part(r#"ver"}]"#, ""),
        ];
        assert_eq!(joined(&parts), (vec!["Name a river".to_owned()], Some("The long one".to_owned())));
        assert_eq!(joined(&parts[..1]).0, Vec::<String>::new(), "a text that stays cut is none");
    }

    #[test]
    fn parts_that_are_lists_each_follow_one_another() {
        let list = |role: &str, text: &str| format!(r#"[{{"role":"{role}","content":"{text}"}}]"#);
        let parts = [part(&list("user", "one"), ""), part(&list("user", "two"), &list("assistant", "three"))];
        assert_eq!(joined(&parts), (vec!["one".to_owned(), "two".to_owned()], Some("three".to_owned())));
    }

    #[test]
    fn a_first_part_says_all_where_both_texts_are_whole_and_short() {
        let long = format!("[\"{}\"]", "x".repeat(MIN_CUT_BYTES));
        assert!(says_all(Some("[]"), Some("[]")));
        for (asked, answered) in [(Some("[{"), Some("[]")), (Some("[]"), None), (Some(long.as_str()), Some("[]"))] {
            assert!(!says_all(asked, answered), "{asked:?}, {answered:?}");
        }
    }
}
