//! What the keys of a record's top level say, as bits.

pub(super) const EXPORT: u32 = 1;
pub(super) const SPAN: u32 = 1 << 1;
pub(super) const CONTEXT: u32 = 1 << 2;
pub(super) const ATTRIBUTES: u32 = 1 << 3;
pub(super) const SCHEMA: u32 = 1 << 4;
pub(super) const MODEL_ID: u32 = 1 << 5;
pub(super) const BODY: u32 = 1 << 6;
pub(super) const INVOCATION: u32 = 1 << 7;
pub(super) const CALL_ID: u32 = 1 << 8;
/// One bit for each of the fields by which LiteLLM's payloads are told.
pub(super) const LITELLM: u32 = 0b11_1111 << 8;
pub(super) const GUARDRAIL: u32 = 1 << 14;
pub(super) const NEEDED: u32 = 0b111 << 15;
pub(super) const REQUEST: u32 = 1 << 18;
pub(super) const RESPONSE: u32 = 1 << 19;
pub(super) const CLIENT: u32 = 1 << 20;
pub(super) const GATEWAY: u32 = 1 << 21;
pub(super) const CUSTOM_ID: u32 = 1 << 22;
/// Both fields of a trace as a trace store writes it.
pub(super) const TRACE: u32 = 0b11 << 23;

pub(super) fn of(key: &str) -> u32 {
    match key {
        "resourceSpans" | "resourceLogs" | "resource_spans" | "resource_logs" | "scopeSpans" | "scopeLogs"
        | "scope_spans" | "scope_logs" | "resourceMetrics" => EXPORT,
        "spanId" | "span_id" => SPAN,
        "context" => CONTEXT,
        "attributes" => ATTRIBUTES,
        "schemaType" => SCHEMA,
        "modelId" => MODEL_ID,
        "input" | "output" => BODY,
        "identity" | "operation" => INVOCATION,
        "litellm_call_id" => CALL_ID,
        "call_type" => 1 << 9,
        "startTime" => 1 << 10,
        "custom_llm_provider" => 1 << 11,
        "model_parameters" => 1 << 12,
        "model_group" => 1 << 13,
        "input_type" => GUARDRAIL,
        "id" => 1 << 15,
        "at" => 1 << 16,
        "account" => 1 << 17,
        "request" => REQUEST,
        "response" => RESPONSE,
        "client" => CLIENT,
        "headers" | "response_headers" | "client_ip" | "remote_addr" | "startedDateTime" | "status_code"
        | "logged_at" => GATEWAY,
        "custom_id" => CUSTOM_ID,
        "info" => 1 << 23,
        "data" => 1 << 24,
        _ => 0,
    }
}
