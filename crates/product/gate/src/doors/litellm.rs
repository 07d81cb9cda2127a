//! LiteLLM's generic guardrail (`POST /beta/litellm_basic_guardrail_api`), as version 1.106.0 sends it: before a call, and
//! after it or while its answer streams.
//!
//! The account is the one that LiteLLM's own log of the call will name, so that verdicts on that log hold here.

use std::net::IpAddr;
use std::sync::Arc;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::question::body;
use super::question::fault;
use super::question::told;
use super::webhook;
use crate::answer::Answer;
use crate::caller::Caller;
use crate::dialect::Dialect;
use crate::door::Door;
use crate::shared::Shared;

/// A question. What else there is, the texts once more as messages among it, is read past.
#[derive(Debug, Deserialize)]
struct Question<'q> {
    input_type: InputType,
    #[serde(default, borrow)]
    texts: Option<Vec<&'q RawValue>>,
    #[serde(default, borrow)]
    tools: Option<Vec<&'q RawValue>>,
    #[serde(default)]
    request_data: Option<Value>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InputType {
    Request,
    Response,
}

impl Question<'_> {
    /// Bytes of the texts that it shows.
    fn text_bytes(&self) -> usize {
        self.texts.iter().flatten().map(|text| text.get().len()).sum()
    }
}

/// Bytes of the texts that a question shows; `None` for what is none.
pub(super) fn text_bytes(bytes: &[u8]) -> Option<usize> {
    serde_json::from_slice::<Question<'_>>(bytes).ok().map(|question| question.text_bytes())
}

pub(super) async fn answer(shared: &Arc<Shared>, peer: IpAddr, request: Request<Incoming>) -> Response<Answer> {
    let (whole, _room) = match body(shared, request.into_body()).await {
        Ok(whole) => whole,
        Err(refusal) => return fault(refusal.status, &refusal.text),
    };
    let question: Question<'_> = match serde_json::from_slice(&whole) {
        Ok(question) => question,
        Err(error) => {
            shared.metrics.asked(Door::LiteLlm, "not_understood");
            return fault(400, &format!("this is no question of LiteLLM's generic guardrail: {error}"));
        }
    };
    let account = question.request_data.as_ref().and_then(record::litellm_account);
    let caller = Caller::named(account, peer);
    let Some(head) = webhook::head(shared, Door::LiteLlm, caller, Dialect::OpenAi) else {
        return fault(404, "there are no doors");
    };
    let refusal = match question.input_type {
        InputType::Response => webhook::answer(shared, &head),
        InputType::Request => {
            let bytes = question.text_bytes();
            let has_tools = question.tools.is_some_and(|tools| !tools.is_empty());
            webhook::prompt(shared, &head, &webhook::asked(shared, &head, bytes, has_tools), None).await
        }
    };
    match refusal {
        Some(refusal) => told(200, &json!({ "action": "BLOCKED", "blocked_reason": refusal.message() })),
        None => told(200, &json!({ "action": "NONE" })),
    }
}
