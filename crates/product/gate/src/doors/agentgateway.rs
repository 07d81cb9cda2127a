//! agentgateway's guardrail webhook: `POST /request` with the messages of a prompt, `POST /response` with those of an answer.
//!
//! Who asks is told by the headers that agentgateway was told to forward.

use std::net::IpAddr;
use std::sync::Arc;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::question::body;
use super::question::fault;
use super::question::told;
use super::webhook;
use crate::answer::Answer;
use crate::caller::Caller;
use crate::dialect::Endpoint;
use crate::door::Door;
use crate::shared::Shared;

/// A question: messages on the way in, choices on the way back.
#[derive(Debug, Deserialize)]
struct Question<'q> {
    #[serde(borrow)]
    body: Texts<'q>,
}

#[derive(Debug, Deserialize)]
struct Texts<'q> {
    #[serde(default, borrow)]
    messages: Option<Vec<&'q RawValue>>,
    #[serde(default, borrow)]
    choices: Option<Vec<&'q RawValue>>,
}

/// The messages of a prompt, or the choices of an answer; `None` for what is no question about it.
fn texts(bytes: &[u8], is_answer: bool) -> Option<Vec<&RawValue>> {
    let question: Question<'_> = serde_json::from_slice(bytes).ok()?;
    if is_answer { question.body.choices } else { question.body.messages }
}

/// Bytes of the texts that a question shows; `None` for what is none.
pub(super) fn text_bytes(bytes: &[u8]) -> Option<usize> {
    let list = texts(bytes, false).or_else(|| texts(bytes, true))?;
    Some(list.iter().map(|text| text.get().len()).sum())
}

pub(super) async fn answer(
    shared: &Arc<Shared>,
    peer: IpAddr,
    request: Request<Incoming>,
    is_answer: bool,
) -> Response<Answer> {
    let (parts, sent) = request.into_parts();
    let (whole, _room) = match body(shared, sent).await {
        Ok(whole) => whole,
        Err(refusal) => return fault(refusal.status, &refusal.text),
    };
    let Some(list) = texts(&whole, is_answer) else {
        shared.metrics.asked(Door::AgentGateway, "not_understood");
        let wanted = if is_answer { "choices" } else { "messages" };
        return fault(400, &format!("this is no question of a guardrail webhook: there is no body.{wanted}"));
    };
    let dialect = Endpoint::Other.dialect(&parts.headers);
    let keys = shared.live.keys();
    let (caller, unknown) = Caller::of(&shared.config, &shared.hashes, &keys, peer, &parts.headers);
    let Some(head) = webhook::head(shared, Door::AgentGateway, caller, dialect) else {
        return fault(404, "there are no doors");
    };
    let refusal = if is_answer {
        webhook::answer(shared, &head)
    } else {
        let bytes = list.iter().map(|message| message.get().len()).sum();
        webhook::prompt(shared, &head, &webhook::asked(shared, &head, bytes, false), unknown).await
    };
    match refusal {
        Some(refusal) => {
            let text = String::from_utf8_lossy(&dialect.body(&refusal, &head.id)).into_owned();
            let action = json!({ "body": text, "status_code": refusal.status, "reason": refusal.reason });
            told(200, &json!({ "action": action }))
        }
        None => told(200, &json!({ "action": { "reason": "served" } })),
    }
}
