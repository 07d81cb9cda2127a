//! What is no call of a model though it is a call of a model's API.

/// Why a request is no call of a model, by its path and method.
pub(super) fn no_call(path: Option<&str>, method: Option<&str>) -> Option<&'static str> {
    let path = path?.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let is_get =
        method.is_some_and(|method| method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("DELETE"));
    let counts = ["/count_tokens", ":countTokens", "/tokenize", "/token_count", "/input_tokens", ":computeTokens"];
    if counts.iter().any(|end| path.ends_with(end)) {
        return Some("a count of tokens");
    }
    if path.contains("/batches") || path.contains("/batch_jobs") {
        return Some("the making or fetching of a batch");
    }
    if is_get && (path.contains("/responses") || path.contains("/chat/completions")) {
        return Some("the fetching of a stored answer");
    }
    if is_get || ["/models", "/files", "/health", "/key/info", "/user/info"].iter().any(|end| path.ends_with(end)) {
        return Some("an API call that asks no model");
    }
    None
}

/// Why an operation, by the name that a gateway or an instrumentation gives it, is no call of a model.
pub(super) fn no_operation(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let plain = lower.trim_start_matches("litellm.");
    let plain = plain.strip_prefix("_a").or_else(|| plain.strip_prefix('_')).unwrap_or(plain);
    let is = |names: &[&str]| names.contains(&plain);
    if is(&[
        "aget_responses",
        "get_responses",
        "adelete_responses",
        "delete_responses",
        "alist_input_items",
        "list_input_items",
        "acancel_responses",
        "cancel_responses",
        "get_response",
        "fetch_response",
        "retrieve_response",
    ]) {
        return Some("the fetching of a stored answer");
    }
    if is(&[
        "count_tokens",
        "acount_tokens",
        "token_counter",
        "atoken_counter",
        "anthropic_count_tokens",
        "compute_tokens",
    ]) {
        return Some("a count of tokens");
    }
    if plain.contains("mcp") {
        return Some("a tool's call");
    }
    if plain.contains("batch") && !plain.contains("completion") {
        return Some("the making or fetching of a batch");
    }
    let others = [
        "file",
        "vector_store",
        "fine_tuning",
        "assistants",
        "thread",
        "list_models",
        "health",
        "moderation",
        "rerank",
        "ocr",
        "search",
    ];
    if others.iter().any(|other| plain.trim_start_matches('a').starts_with(other) || plain.ends_with(other)) {
        return Some("an API call that asks no model");
    }
    None
}

/// Why a span, by the name of its operation, is no call of a model though it may carry a model's name.
pub(super) fn no_span(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let agents = ["invoke_agent", "create_agent", "invoke_workflow", "agent", "workflow", "chain", "plan", "handoff"];
    if agents.contains(&lower.as_str()) {
        return Some("an agent's span");
    }
    let tools = ["execute_tool", "tool", "tools", "mcp", "tool_call", "tools/call"];
    if tools.contains(&lower.as_str()) {
        return Some("a tool's span");
    }
    let others = ["retriever", "retrieval", "reranker", "guardrail", "evaluator", "task", "execute_task", "memory"];
    if others.contains(&lower.as_str()) {
        return Some("a span of another kind");
    }
    no_operation(name)
}

#[cfg(test)]
mod tests {
    use super::no_call;
    use super::no_operation;
    use super::no_span;

    #[test]
    fn what_asks_no_model_is_told_by_its_path() {
        for path in ["/v1/messages/count_tokens", "/v1/messages/count_tokens?beta=true", "/v1/models", "/v1/batches"] {
            assert!(no_call(Some(path), Some("POST")).is_some(), "{path}");
        }
        assert!(no_call(Some("/v1/responses/resp_1"), Some("GET")).is_some());
        for path in ["/v1/messages?beta=true", "/v1/chat/completions", "/v1/responses", "/model/m/converse"] {
            assert_eq!(no_call(Some(path), Some("POST")), None, "{path}");
        }
    }

    #[test]
    fn an_operation_of_an_unknown_name_is_a_call() {
        for name in [
            "chat",
            "acompletion",
            "anthropic_messages",
            "aresponses",
            "responses",
            "messages",
            "invoke_model",
            "chat.completions",
            "text_completion",
            "generate_content",
            "what_comes_next",
            "allm_passthrough_route",
        ] {
            assert_eq!(no_span(name), None, "{name}");
        }
        for name in ["aget_responses", "acount_tokens", "aretrieve_batch", "acreate_file", "call_mcp_tool"] {
            assert!(no_operation(name).is_some(), "{name}");
        }
        for name in ["invoke_agent", "execute_tool", "TOOL", "CHAIN", "RETRIEVER"] {
            assert!(no_span(name).is_some(), "{name}");
        }
    }
}
