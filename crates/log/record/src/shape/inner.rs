//! What the keys of a request or a response say, as bits.

/// Of a native response.
pub(super) const NATIVE: u32 = 1;
/// Of a provider's own answer, or of a message that holds one.
pub(super) const ANSWER: u32 = 1 << 1;
/// Of a message that holds a body.
pub(super) const MESSAGE: u32 = 1 << 2;
pub(super) const LINE: u32 = 1 << 3;
/// Of a native request; a caller may write these too.
pub(super) const PARAMS: u32 = 1 << 4;
/// Of a provider's own request.
pub(super) const BODY: u32 = 1 << 5;
pub(super) const MESSAGES: u32 = 1 << 6;

pub(super) fn of(key: &str) -> u32 {
    match key {
        "input_tokens" | "output_tokens" | "latency_ms" => NATIVE,
        "choices" | "usage" | "output" | "type" | "object" | "body_raw" | "candidates" | "error" | "status_code"
        | "statusCode" | "content_type" => ANSWER,
        "headers" | "method" => ANSWER | MESSAGE | LINE,
        "body" => ANSWER | MESSAGE,
        "postData" => MESSAGE,
        "url" | "uri" => LINE,
        "params" | "endpoint" => PARAMS,
        "max_tokens" | "stream" | "input" | "max_completion_tokens" => BODY | MESSAGES,
        "messages" | "prompt" | "temperature" => MESSAGES,
        _ => 0,
    }
}
