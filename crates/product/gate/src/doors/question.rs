//! A question as it comes, and its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::StatusCode;
use hyper::body::Incoming;
use record::clock::now_us;
use serde_json::Value;
use serde_json::json;

use crate::answer::Answer;
use crate::answer::put;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::sent::Sent;
use crate::shared::Shared;

/// The body of a question, whole.
pub(super) async fn body(shared: &Arc<Shared>, body: Incoming) -> Result<(Bytes, Room), Refusal> {
    let limits = &shared.config.limits;
    let mut room = Room::new(&shared.memory);
    let sent = Sent::read(body, limits.inspect_bytes, limits.body_timeout, Some(&mut room)).await?;
    let too_large = || Refusal::new(413, "large_question", "The question is larger than limits.inspect_bytes.");
    let whole = sent.whole().filter(|whole| whole.len() <= limits.inspect_bytes).cloned().ok_or_else(too_large)?;
    Ok((whole, room))
}

/// The answer to a question that cannot be answered. It is for the gateway and its operator, not for its caller.
pub(super) fn fault(status: u16, text: &str) -> Response<Answer> {
    told(status, &json!({ "error": text }))
}

/// An answer in JSON.
pub(super) fn told(status: u16, value: &Value) -> Response<Answer> {
    let mut response = Response::new(Answer::Own(Some(Bytes::from(value.to_string()))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(response.headers_mut(), "content-type", "application/json");
    response
}

/// The id and the moment of a question.
pub(super) fn arrival(shared: &Shared) -> (String, i64) {
    (shared.new_id(), now_us())
}
