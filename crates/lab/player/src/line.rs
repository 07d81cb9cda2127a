//! One exchange of a world, and the request that it is sent as.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

/// What is read of an exchange to know when it is its turn.
#[derive(Debug, Deserialize)]
pub(crate) struct Turn {
    pub at: String,
    #[serde(default)]
    response: Status,
}

#[derive(Debug, Default, Deserialize)]
struct Status {
    status: Option<u16>,
}

impl Turn {
    /// Whether the world itself has the account shut out: then the gate is not asked.
    pub(crate) fn is_shut_out(&self) -> bool {
        matches!(self.response.status, Some(401 | 403))
    }
}

/// An exchange as it is played.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub account: String,
    #[serde(default)]
    pub end_user: Option<String>,
    #[serde(default)]
    pub client: Client,
    #[serde(default)]
    request: Request,
    #[serde(default)]
    pub response: Response,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Client {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub ja4: Option<String>,
    pub country: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Request {
    model: Option<String>,
    system: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    params: Params,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: String,
}

#[derive(Debug, Default, Deserialize)]
struct Params {
    temperature: Option<f64>,
    max_tokens: Option<u64>,
}

/// What the model answers.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Response {
    pub status: Option<u16>,
    pub content: Option<String>,
    pub input_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
}

impl Line {
    /// The body of a request for a chat completion.
    pub(crate) fn body(&self) -> Vec<u8> {
        let Request { model, system, messages, tools, params } = &self.request;
        let system = system.iter().map(|text| json!({ "role": "system", "content": text }));
        let message = |(at, message): (usize, &Message)| match message.role.as_str() {
            "tool" => json!({ "role": "tool", "tool_call_id": format!("call_{at}"), "content": message.content }),
            role => json!({ "role": role, "content": message.content }),
        };
        let all: Vec<Value> = system.chain(messages.iter().enumerate().map(message)).collect();
        let mut body = json!({ "model": model.as_deref().unwrap_or("m"), "messages": all });
        let mut set = |name: &str, value: Option<Value>| {
            if let (Some(body), Some(value)) = (body.as_object_mut(), value) {
                body.insert(name.to_owned(), value);
            }
        };
        let tool = |name: &String| json!({ "type": "function", "function": { "name": name } });
        set("tools", (!tools.is_empty()).then(|| tools.iter().map(tool).collect()));
        set("temperature", params.temperature.map(Value::from));
        set("max_tokens", params.max_tokens.map(Value::from));
        set("user", self.end_user.clone().map(Value::from));
        body.to_string().into_bytes()
    }
}

impl Response {
    /// The status of the answer, and its body.
    pub(crate) fn answer(&self) -> (u16, Vec<u8>) {
        let status = self.status.unwrap_or(200);
        if status >= 400 {
            return (
                status,
                json!({ "error": { "message": "not now", "type": "api_error" } }).to_string().into_bytes(),
            );
        }
        let (asked, said) = (self.input_tokens.unwrap_or(0), self.output_tokens.unwrap_or(0));
        let message = json!({ "role": "assistant", "content": self.content.as_deref().unwrap_or("") });
        let body = json!({
            "id": "played", "object": "chat.completion", "created": 0, "model": "m",
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said },
        });
        (status, body.to_string().into_bytes())
    }
}
