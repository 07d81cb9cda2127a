//! An answer that came as server-sent events, put together again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api;
use super::placeholder::answered;
use super::value::at;
use super::value::count;
use super::value::first_text;
use super::value::text;
use crate::Response;

/// An answer as its events tell it.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Texts by choice or output item, and by block inside it.
    texts: BTreeMap<(u64, u64), String>,
    /// The provider's id of the answer.
    pub(super) id: Option<String>,
    /// The model that answered.
    pub(super) model: Option<String>,
    stop_reason: Option<String>,
    status: Option<u16>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    signature: Option<String>,
    /// Whether the model or a filter declined, in words of its own.
    is_refusal: bool,
    events: u64,
}

/// What an answer says of itself.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The provider's id of it.
    pub(super) id: Option<String>,
    /// The model that answered.
    pub(super) model: Option<String>,
}

impl Names {
    fn of(body: &Value) -> Self {
        let owned = |keys: &[&str]| first_text(body, keys).map(str::to_owned);
        Self { id: owned(&["id", "responseId"]), model: owned(&["model", "modelVersion"]) }
    }
}

/// An answer's body as it was logged: whole, as an event stream, as a list of events, as lines of JSON, or as text; and
/// its names.
pub(super) fn response(body: &Value) -> (Response<'_>, Names) {
    let streamed = match body {
        Value::Array(events) => Some(Answer::of_list(events)),
        Value::String(text) => Answer::of_text(text),
        _ => None,
    };
    if let Some(mut answer) = streamed {
        let names = Names { id: answer.id.take(), model: answer.model.take() };
        return (answer.into_response(), names);
    }
    match body {
        Value::String(text) => (Response { content: answered(text), ..Response::default() }, Names::default()),
        body => (api::response(body), Names::of(body)),
    }
}

impl Answer {
    /// Reads a stream's text; `None` if it is no event stream.
    pub(super) fn of_text(stream: &str) -> Option<Self> {
        let mut answer = Self::default();
        if stream.trim_start().starts_with('{') {
            // Lines of JSON.
            stream.lines().filter(|line| !line.trim().is_empty()).for_each(|line| answer.feed_data(line));
            // What a model wrote may be lines of JSON too.
            if answer.texts.is_empty() && answer.output_tokens.is_none() {
                return None;
            }
        } else {
            answer.feed_text(stream);
        }
        (answer.events > 0).then_some(answer)
    }

    /// Reads a list of events, each as text or as an object.
    pub(super) fn of_list(list: &[Value]) -> Self {
        let mut answer = Self::default();
        for event in list {
            match event {
                Value::String(event) if event.trim_start().starts_with('{') => answer.feed_data(event),
                Value::String(event) => answer.feed_text(event),
                // A collector may keep the event's name and data apart.
                event => match event.get("data") {
                    Some(Value::String(data)) => answer.feed_data(data),
                    Some(data) => answer.feed(data),
                    None => answer.feed(event),
                },
            }
        }
        answer
    }

    /// The answer in our form.
    pub(super) fn into_response(self) -> Response<'static> {
        let content = self.texts.into_values().reduce(|mut whole, text| {
            whole.push('\n');
            whole.push_str(&text);
            whole
        });
        let declined = self.is_refusal && !self.stop_reason.as_deref().is_some_and(api::is_declined);
        Response {
            // Events came, and none of them was an error.
            status: self.status.or((self.events > 0).then_some(200)),
            stop_reason: if declined { Some("refusal".into()) } else { self.stop_reason.map(Into::into) },
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            latency_ms: None,
            content: content.map(Into::into),
            signature: self.signature.map(Into::into),
        }
    }

    fn feed_text(&mut self, stream: &str) {
        let mut data = String::new();
        for line in stream.lines().chain([""]) {
            if let Some(piece) = line.strip_prefix("data:") {
                if !data.is_empty() {
                    data.push('\n');
                }
                data.push_str(piece.strip_prefix(' ').unwrap_or(piece));
            } else if line.is_empty() && !data.is_empty() {
                self.feed_data(&data);
                data.clear();
            }
        }
    }

    fn feed_data(&mut self, data: &str) {
        // A last event may be cut, and `[DONE]` is no JSON; what came before it counts.
        match serde_json::from_str::<Value>(data) {
            Ok(event) => self.feed(&event),
            Err(_) => self.events += u64::from(data.trim() == "[DONE]"),
        }
    }

    fn feed(&mut self, event: &Value) {
        self.events += 1;
        match text(event, &["type"]) {
            Some("message_start") => {
                let message = at(event, &["message"]).unwrap_or(event);
                // Another message in the same stream takes the place of the one before.
                if self.id.is_some() && text(message, &["id"]) != self.id.as_deref() {
                    *self = Self { events: self.events, ..Self::default() };
                }
                self.begin(message);
            }
            Some("content_block_start") => self.push(event, "index", None, at(event, &["content_block", "text"])),
            Some("content_block_delta") if text(event, &["delta", "type"]) == Some("signature_delta") => {
                self.signature = text(event, &["delta", "signature"]).map(str::to_owned);
            }
            Some("content_block_delta") => self.push(event, "index", None, at(event, &["delta", "text"])),
            Some("message_delta") => {
                self.stop(text(event, &["delta", "stop_reason"]));
                self.count(event);
            }
            Some("response.output_text.delta" | "response.refusal.delta") => {
                self.is_refusal |= text(event, &["type"]) == Some("response.refusal.delta");
                self.push(event, "output_index", Some("content_index"), at(event, &["delta"]));
            }
            Some("response.created") => self.begin(at(event, &["response"]).unwrap_or(event)),
            Some("response.completed" | "response.incomplete" | "response.failed") => {
                self.end(at(event, &["response"]).unwrap_or(event));
            }
            Some("error") => self.fail(event),
            Some(_) => {}
            None => self.chunk(event),
        }
    }

    /// A chunk of OpenAI's chat or text completions, of Google's, or of whatever else has its text in a usual place.
    fn chunk(&mut self, chunk: &Value) {
        if at(chunk, &["error"]).is_some() {
            return self.fail(chunk);
        }
        self.begin(chunk);
        for choice in chunk.get("choices").and_then(Value::as_array).into_iter().flatten() {
            let refusal = at(choice, &["delta", "refusal"]);
            self.is_refusal |= refusal.is_some();
            let piece = at(choice, &["delta", "content"]).or(refusal).or_else(|| at(choice, &["text"]));
            self.push(choice, "index", None, piece);
            self.stop(text(choice, &["finish_reason"]));
        }
        for candidate in chunk.get("candidates").and_then(Value::as_array).into_iter().flatten() {
            for part in at(candidate, &["content", "parts"]).and_then(Value::as_array).into_iter().flatten() {
                let is_thought = at(part, &["thought"]) == Some(&Value::Bool(true));
                self.push(candidate, "index", None, at(part, &["text"]).filter(|_| !is_thought));
            }
            self.stop(text(candidate, &["finishReason"]).or_else(|| text(candidate, &["finish_reason"])));
        }
        if chunk.get("choices").is_none() && chunk.get("candidates").is_none() {
            self.piece(chunk);
        }
    }

    /// A chunk that holds a piece of the one text.
    fn piece(&mut self, chunk: &Value) {
        let texts: [&[&str]; 9] = [
            &["contentBlockDelta", "delta", "text"],
            &["delta", "text"],
            &["token", "text"],
            &["generation"],
            &["outputText"],
            &["message", "content"],
            &["generated_text"],
            &["response"],
            &["content"],
        ];
        let piece = texts.iter().find_map(|path| at(chunk, path).filter(|piece| piece.is_string()));
        let is_extra =
            text(chunk, &["token", "text"]).is_some() && at(chunk, &["token", "special"]) == Some(&true.into());
        self.push(chunk, "contentBlockIndex", None, piece.filter(|_| !is_extra));
        let reasons: [&[&str]; 7] = [
            &["messageStop", "stopReason"],
            &["stop_reason"],
            &["completionReason"],
            &["done_reason"],
            &["stop_type"],
            &["details", "finish_reason"],
            &["finish_reason"],
        ];
        self.stop(reasons.iter().find_map(|path| text(chunk, path)));
    }

    fn begin(&mut self, message: &Value) {
        let Names { id, model } = Names::of(message);
        self.id = self.id.take().or(id);
        self.model = self.model.take().or(model);
        self.count(message);
    }

    /// The whole answer, which ends a Responses stream.
    fn end(&mut self, whole: &Value) {
        self.begin(whole);
        let response = api::response(whole);
        self.is_refusal |= response.stop_reason.as_deref().is_some_and(api::is_declined);
        self.stop(response.stop_reason.as_deref());
        self.status = response.status.or(self.status);
        self.signature = response.signature.map(Into::into).or(self.signature.take());
        if let Some(content) = response.content.filter(|_| self.texts.is_empty()) {
            self.texts.insert((0, 0), content.into_owned());
        }
    }

    fn fail(&mut self, event: &Value) {
        let name = api::error_name(event).or_else(|| text(event, &["code"])).unwrap_or("error");
        self.status = api::status_of_error(name).or(self.status);
        self.stop(Some(name));
    }

    fn stop(&mut self, reason: Option<&str>) {
        if let Some(reason) = reason {
            self.stop_reason = Some(reason.to_owned());
        }
    }

    /// Usage comes in parts, each the whole so far.
    fn count(&mut self, message: &Value) {
        let names = [
            "usage",
            "usageMetadata",
            "usage_metadata",
            "metadata",
            "details",
            "prompt_eval_count",
            "prompt_token_count",
            "generation_token_count",
            "tokens_predicted",
            "inputTextTokenCount",
        ];
        if names.iter().all(|name| at(message, &[name]).is_none()) {
            return;
        }
        let (read, written) = api::usage(message);
        self.input_tokens = read.or(self.input_tokens);
        self.output_tokens = written.or(self.output_tokens);
    }

    fn push(&mut self, event: &Value, outer: &str, inner: Option<&str>, piece: Option<&Value>) {
        let Some(piece) = piece.and_then(Value::as_str) else { return };
        let number = |key: &str| event.get(key).and_then(count).unwrap_or(0);
        let place = (number(outer), inner.map_or(0, number));
        self.texts.entry(place).or_default().push_str(piece);
    }
}

#[cfg(test)]
mod tests;
