//! The body of an answer.

use serde::Deserialize as _;
use serde_json::Value;

use crate::Response;
use crate::content::Content;
use crate::formats::value::at;
use crate::formats::value::count;
use crate::formats::value::first_count;
use crate::formats::value::first_text;
use crate::formats::value::label;
use crate::formats::value::status;
use crate::formats::value::text;

/// Reads an answer's body.
pub(crate) fn response(body: &Value) -> Response<'_> {
    let (whole, body) = (body, inner(body));
    let mut answer = answer(body);
    let stop_reason = stop_reason(body).or_else(|| stop_reason(whole));
    let declined = answer.is_refusal || declined_by(body);
    let stop_reason = if declined && !stop_reason.is_some_and(is_declined) { Some("refusal") } else { stop_reason };
    let mut response = Response {
        status: error_name(body).and_then(status_of_error).or_else(|| status(at(body, &["error", "status"])?)),
        stop_reason: label(stop_reason),
        signature: answer.signature.take(),
        content: answer.into_text(),
        latency_ms: at(body, &["metrics", "latencyMs"]).and_then(count),
        ..Response::default()
    };
    (response.input_tokens, response.output_tokens) = usage(whole);
    response
}

/// The part of an answer that holds it: some services put it below `output`, or into a list of one.
fn inner(body: &Value) -> &Value {
    let listed = || at(body, &["predictions"])?.get(0);
    let below = at(body, &["output"]).filter(|output| output.get("message").is_none());
    below.or_else(listed).filter(|inner| inner.is_object()).unwrap_or(body)
}

/// Whether a body is an answer, though it may hold no text: embeddings, pictures, counts of tokens.
pub(crate) fn is_answer(body: &Value) -> bool {
    let marks = ["usage", "data", "results", "embeddings", "embedding", "images", "predictions", "output", "done"];
    at(body, &["error"]).is_none() && marks.iter().any(|mark| at(body, &[mark]).is_some())
}

/// Whether a reason to stop says that the provider, or a filter of its, declined.
pub(crate) fn is_declined(reason: &str) -> bool {
    let declined = [
        "refusal",
        "content_filter",
        "content-filter",
        "content_filtered",
        "guardrail_intervened",
        "safety",
        "prohibited_content",
        "blocklist",
        "spii",
        "recitation",
        "error_toxic",
        "image_safety",
    ];
    declined.iter().any(|declined| reason.eq_ignore_ascii_case(declined))
}

/// A refusal beside the reason to stop.
fn declined_by(body: &Value) -> bool {
    let refused = |choice: &Value| text(choice, &["message", "refusal"]).is_some();
    body.get("choices").and_then(Value::as_array).is_some_and(|choices| choices.iter().any(refused))
        || text(body, &["amazon-bedrock-guardrailAction"]) == Some("INTERVENED")
        || at(body, &["promptFeedback", "blockReason"])
            .or_else(|| at(body, &["prompt_feedback", "block_reason"]))
            .is_some()
}

/// Tokens read and written. What Anthropic reads from its cache was read too, and is counted apart there; what Google's
/// models think was written, and is counted apart there.
pub(crate) fn usage(body: &Value) -> (Option<u64>, Option<u64>) {
    let usages: [&[&str]; 10] = [
        &["usage", "billed_units"],
        &["usage"],
        &["usageMetadata"],
        &["usage_metadata"],
        &["token_usage"],
        &["meta", "billed_units"],
        &["metadata", "usage"],
        &["meta_info"],
        &["details"],
        &["metrics"],
    ];
    let mut counted = usages.iter().filter_map(|path| at(body, path)).map(usage_of);
    let told = counted.find(|(read, written)| read.is_some() || written.is_some());
    told.unwrap_or_else(|| usage_of(body))
}

/// The tokens that an object of counts tells.
fn usage_of(usage: &Value) -> (Option<u64>, Option<u64>) {
    let read = [
        "input_tokens",
        "prompt_tokens",
        "inputTokens",
        "prompt_token_count",
        "promptTokenCount",
        "inputTextTokenCount",
        "inputTokenCount",
        "input_token_count",
        "prompt_eval_count",
        "tokens_evaluated",
    ];
    let written = [
        "output_tokens",
        "completion_tokens",
        "outputTokens",
        "generation_token_count",
        "candidatesTokenCount",
        "candidates_token_count",
        "outputTokenCount",
        "output_token_count",
        "eval_count",
        "tokens_predicted",
        "generated_tokens",
    ];
    let sum = |keys: &[&str]| keys.iter().filter_map(|key| count(usage.get(*key)?)).fold(0, u64::saturating_add);
    let cached = sum(&[
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
    ]);
    let thought = sum(&["thoughtsTokenCount", "thoughts_token_count"]);
    let titan = || usage.get("results")?.as_array()?.iter().map(|result| count(result.get("tokenCount")?)).sum();
    let written = first_count(usage, &written).map(|written| written.saturating_add(thought)).or_else(titan);
    (first_count(usage, &read).map(|read| read.saturating_add(cached)), written)
}

fn stop_reason(body: &Value) -> Option<&str> {
    let first = |list: &str| body.get(list)?.get(0);
    let choice = || first_text(first("choices")?, &["finish_reason", "finishReason", "stop_reason"]);
    let candidate = || first_text(first("candidates")?, &["finishReason", "finish_reason"]);
    let result = || text(first("results")?, &["completionReason"]);
    let generation = || text(first("generations")?, &["finish_reason"]);
    let output = || text(first("outputs")?, &["stop_reason"]);
    let completion = || text(first("completions")?, &["finishReason", "reason"]);
    let told = || {
        let paths: [&[&str]; 2] = [&["details", "finish_reason"], &["meta_info", "finish_reason", "type"]];
        paths.iter().find_map(|path| text(body, path))
    };
    first_text(body, &["stop_reason", "stopReason", "done_reason"])
        .or_else(choice)
        .or_else(candidate)
        .or_else(result)
        .or_else(generation)
        .or_else(output)
        .or_else(completion)
        .or_else(told)
        .or_else(|| text(body, &["incomplete_details", "reason"]))
        .or_else(|| error_name(body))
        .or_else(|| first_text(body, &["finish_reason", "stop_type", "status"]))
}

/// The text of an answer; the answers to one request with `n` above 1 are joined by a line feed.
fn answer(body: &Value) -> Content<'_> {
    if let Some(choices) = body.get("choices").and_then(Value::as_array) {
        let text = |choice| ["content", "refusal"].iter().find_map(|key| filled(at(choice, &["message", key])?));
        return joined(choices, |choice| text(choice).or_else(|| at(choice, &["text"])));
    }
    let lists: [(&str, &[&str]); 5] = [
        ("candidates", &["content", "parts"]),
        ("results", &["outputText"]),
        ("generations", &["text"]),
        ("outputs", &["text"]),
        ("completions", &["data", "text"]),
    ];
    if let Some((list, path)) = lists.iter().find_map(|(key, path)| Some((body.get(*key)?.as_array()?, *path))) {
        return joined(list, |item| at(item, path));
    }
    let converse = at(body, &["output", "message", "content"]);
    let texts = ["content", "generation", "completion", "generated_text", "response"];
    let plain = || texts.iter().find_map(|key| at(body, &[key]));
    if let Some(value) = converse.or_else(plain) {
        return content(parts(value));
    }
    if let Some(output) = body.get("output").and_then(Value::as_array) {
        let mut whole = Content::default();
        for item in output {
            match text(item, &["type"]) {
                Some("message") => whole.add(at(item, &["content"]).map(content).unwrap_or_default()),
                Some("reasoning") => whole.add(content(item)),
                _ => {}
            }
        }
        // Pieces of one text.
        if let Some(text) = output.iter().map(Value::as_str).collect::<Option<String>>() {
            whole.add(Content::of_owned(text));
        }
        return whole;
    }
    // Cohere's chat.
    let text = at(body, &["text"]).or_else(|| at(body, &["message", "content"])).or_else(|| at(body, &["output"]));
    text.map(content).unwrap_or_default()
}

/// Google's contents hold their blocks one level down.
fn parts(value: &Value) -> &Value {
    at(value, &["parts"]).unwrap_or(value)
}

/// A content that is not the empty text.
fn filled(value: &Value) -> Option<&Value> {
    (value.as_str() != Some("")).then_some(value)
}

fn joined<'v>(items: &'v [Value], text: impl Fn(&'v Value) -> Option<&'v Value>) -> Content<'v> {
    let mut whole = Content::default();
    for item in items {
        whole.add(text(item).map(content).unwrap_or_default());
    }
    whole
}

fn content(value: &Value) -> Content<'_> {
    Content::deserialize(value).unwrap_or_default()
}

/// The provider's name for an error.
pub(crate) fn error_name(body: &Value) -> Option<&str> {
    let error = at(body, &["error"])?;
    text(error, &["code"]).or_else(|| text(error, &["type"])).or_else(|| text(error, &["status"]))
}

/// The HTTP status that goes with a provider's error.
pub(crate) fn status_of_error(name: &str) -> Option<u16> {
    // Libraries that name errors by class, with the library's own name before it or not.
    let name = name.rsplit('.').next().unwrap_or(name);
    Some(match name {
        "invalid_request_error"
        | "ValidationException"
        | "content_filter"
        | "organization_on_hold"
        | "BadRequestError"
        | "ContextWindowExceededError"
        | "ContentPolicyViolationError"
        | "UnprocessableEntityError"
        | "InvalidRequestError"
        | "UnsupportedParamsError"
        | "RejectedRequestError"
        | "GuardrailRaisedException"
        | "BlockedPiiEntityError"
        | "INVALID_ARGUMENT"
        | "content_policy_violation"
        | "ResponsibleAIPolicyViolation" => 400,
        "authentication_error"
        | "invalid_api_key"
        | "UnrecognizedClientException"
        | "AuthenticationError"
        | "UNAUTHENTICATED" => 401,
        "billing_error" | "BudgetExceededError" => 402,
        "permission_error"
        | "access_restricted"
        | "AccessDeniedException"
        | "PermissionDeniedError"
        | "PERMISSION_DENIED" => 403,
        "not_found_error" | "model_not_found" | "ResourceNotFoundException" | "NotFoundError" | "NOT_FOUND" => 404,
        "Timeout" | "APITimeoutError" => 408,
        "request_too_large" => 413,
        "ModelErrorException" => 424,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "insufficient_quota"
        | "ThrottlingException"
        | "ModelNotReadyException"
        | "ServiceQuotaExceededException"
        | "RateLimitError"
        | "RESOURCE_EXHAUSTED" => 429,
        "api_error"
        | "server_error"
        | "InternalServerException"
        | "InternalServerError"
        | "APIConnectionError"
        | "APIError"
        | "INTERNAL" => 500,
        "BadGatewayError" => 502,
        "ServiceUnavailableException" | "ServiceUnavailableError" | "UNAVAILABLE" => 503,
        "timeout_error" | "ModelTimeoutException" | "DEADLINE_EXCEEDED" => 504,
        "overloaded_error" => 529,
        _ => return None,
    })
}
