//! Names of attributes, the most telling first.

/// The account, in the conventions. What maps name comes before (a user's) or after (those that are shipped).
pub(super) const ACCOUNT: [&str; 14] = [
    "enduser.id",
    "user.account_uuid",
    "user.id",
    "account.id",
    "tenant.id",
    "organization.id",
    "user.account_id",
    "langfuse.user.id",
    "mlflow.trace.user",
    "customer.id",
    "user_id",
    "account_id",
    "customer_id",
    "user.email",
];
pub(super) const KEY: [&str; 2] = ["api_key.id", "agw.api_key.name"];
pub(super) const CONVERSATION: [&str; 6] = [
    "gen_ai.conversation.id",
    "session.id",
    "langfuse.session.id",
    "thread.id",
    "mlflow.trace.session",
    "conversation.id",
];
pub(super) const END_USER: [&str; 3] = ["enduser.pseudo.id", "gen_ai.request.user", "llm.user"];
pub(super) const IP: [&str; 4] = ["client.address", "http.client_ip", "client.ip", "net.peer.ip"];
pub(super) const COUNTRY: [&str; 2] = ["client.geo.country_iso_code", "geo.country.iso_code"];
pub(super) const USER_AGENT: [&str; 2] = ["user_agent.original", "http.user_agent"];
pub(super) const JA4: [&str; 2] = ["tls.client.ja4", "client.ja4"];
pub(super) const MODEL: [&str; 7] = [
    "gen_ai.request.model",
    "llm.model_name",
    "llm.request.model",
    "ai.model.id",
    "embedding.model_name",
    "mlflow.llm.model",
    "gen_ai.response.model",
];
pub(super) const OPERATION: [&str; 3] = ["gen_ai.operation.name", "llm.request.type", "ai.operationId"];
/// What instrumentations say of the kind of a span beside its operation.
pub(super) const KIND: [&str; 5] = [
    "openinference.span.kind",
    "traceloop.span.kind",
    "langsmith.span.kind",
    "langfuse.observation.type",
    "mlflow.spanType",
];
pub(super) const INPUT_TOKENS: [&str; 8] = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.promptTokens",
    "ai.usage.inputTokens",
    "ai.usage.tokens",
    "input_tokens",
];
pub(super) const OUTPUT_TOKENS: [&str; 7] = [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.completionTokens",
    "ai.usage.outputTokens",
    "output_tokens",
];
pub(super) const FINISH: [&str; 6] = [
    "gen_ai.response.finish_reasons",
    "gen_ai.response.finish_reason",
    "llm.response.finish_reason",
    "llm.finish_reason",
    "ai.response.finishReason",
    "gen_ai.completion.0.finish_reason",
];
/// Tokens as one object.
pub(super) const USAGE: [&str; 3] = ["mlflow.chat.tokenUsage", "gen_ai.usage", "llm.usage"];
pub(super) const RESPONSE_ID: [&str; 3] = ["gen_ai.response.id", "ai.response.id", "llm.response.id"];
