//! Rows to exchanges.

use arrow_array::Array as _;
use arrow_array::BooleanArray;
use arrow_array::Float64Array;

use super::columns::Count;
use super::columns::Finder;
use super::columns::Messages;
use super::columns::Names;
use super::columns::Text;
use super::columns::Time;
use crate::Client;
use crate::Exchange;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::native::lift_system;

/// The columns of a batch of exchanges.
pub(super) struct ExchangeColumns {
    id: Text,
    at: Time,
    account: Text,
    key: Text,
    channel: Text,
    conversation: Text,
    end_user: Text,
    client: ClientColumns,
    request: RequestColumns,
    params: ParamsColumns,
    response: ResponseColumns,
}

struct ClientColumns {
    ip: Text,
    asn: Count,
    country: Text,
    user_agent: Text,
    ja4: Text,
    headers: Text,
}

struct RequestColumns {
    model: Text,
    endpoint: Text,
    system: Text,
    text: Text,
    messages: Messages,
    tools: Names,
}

struct ParamsColumns {
    temperature: Option<Float64Array>,
    top_p: Option<Float64Array>,
    max_tokens: Count,
    n: Count,
    logprobs: Option<BooleanArray>,
    top_logprobs: Count,
    logit_bias: Count,
    stream: Option<BooleanArray>,
}

struct ResponseColumns {
    status: Count,
    stop_reason: Text,
    input_tokens: Count,
    output_tokens: Count,
    latency_ms: Option<Float64Array>,
    content: Text,
}

impl ExchangeColumns {
    /// Finds the columns; an error names the one that is missing or of a wrong type.
    pub(super) fn find(finder: &mut Finder<'_>) -> Result<Self, String> {
        Ok(Self {
            id: finder.needed_text("id")?,
            at: finder.needed_time("at")?,
            account: finder.needed_text("account")?,
            key: finder.text("key", &[])?,
            channel: finder.text("channel", &[])?,
            conversation: finder.text("conversation", &[])?,
            end_user: finder.text("end_user", &[])?,
            client: ClientColumns {
                ip: finder.text("ip", &["client"])?,
                asn: finder.count("asn", &["client"])?,
                country: finder.text("country", &["client"])?,
                user_agent: finder.text("user_agent", &["client"])?,
                ja4: finder.text("ja4", &["client"])?,
                headers: finder.text("headers", &["client"])?,
            },
            request: RequestColumns {
                model: finder.text("model", &["request"])?,
                endpoint: finder.text("endpoint", &["request"])?,
                system: finder.text("system", &["request"])?,
                text: finder.text("text", &[])?,
                messages: finder.messages("messages", &["request"])?,
                tools: finder.names("tools", &["request"])?,
            },
            params: ParamsColumns::find(finder)?,
            response: ResponseColumns {
                status: finder.count("status", &["response"])?,
                stop_reason: finder.text("stop_reason", &["response"])?,
                input_tokens: finder.count("input_tokens", &["response"])?,
                output_tokens: finder.count("output_tokens", &["response"])?,
                latency_ms: finder.number("latency_ms", &["response"])?,
                content: finder.text("content", &["response"])?,
            },
        })
    }

    /// The exchange of one row.
    pub(super) fn exchange(&self, row: usize) -> Result<Exchange<'_>, String> {
        let client = &self.client;
        let response = &self.response;
        Ok(Exchange {
            id: self.id.needed(row)?,
            at_us: self.at.needed(row)?,
            account: self.account.needed(row)?,
            key: self.key.ident(row)?,
            channel: self.channel.label(row),
            conversation: self.conversation.ident(row)?,
            end_user: self.end_user.ident(row)?,
            client: Client {
                ip: client.ip.ident(row)?,
                asn: client.asn.narrow(row)?,
                country: client.country.label(row),
                user_agent: client.user_agent.label(row),
                ja4: client.ja4.label(row),
                headers: client.headers.label(row),
            },
            request: self.request(row)?,
            response: Response {
                status: response.status.narrow(row)?,
                stop_reason: response.stop_reason.label(row),
                input_tokens: response.input_tokens.count(row)?,
                output_tokens: response.output_tokens.count(row)?,
                latency_ms: number(response.latency_ms.as_ref(), row).and_then(|ms| crate::json::whole(ms.round())),
                content: response.content.text(row),
                signature: None,
            },
        })
    }

    fn request(&self, row: usize) -> Result<Request<'_>, String> {
        let columns = &self.request;
        let mut messages = columns.messages.messages(row)?;
        if messages.is_empty() {
            let message = |text| Message { role: Role::User, text, ..Message::default() };
            messages.extend(columns.text.text(row).map(message));
        }
        let mut request = Request {
            model: columns.model.label(row),
            endpoint: columns.endpoint.label(row),
            system: columns.system.text(row),
            messages,
            tools: columns.tools.names(row)?,
            params: self.params.params(row)?,
        };
        lift_system(&mut request);
        Ok(request)
    }
}

impl ParamsColumns {
    fn find(finder: &mut Finder<'_>) -> Result<Self, String> {
        let path = ["request", "params"];
        Ok(Self {
            temperature: finder.number("temperature", &path)?,
            top_p: finder.number("top_p", &path)?,
            max_tokens: finder.count("max_tokens", &path)?,
            n: finder.count("n", &path)?,
            logprobs: finder.flag("logprobs", &path)?,
            top_logprobs: finder.count("top_logprobs", &path)?,
            logit_bias: finder.count("logit_bias", &path)?,
            stream: finder.flag("stream", &path)?,
        })
    }

    fn params(&self, row: usize) -> Result<Params, String> {
        Ok(Params {
            temperature: number(self.temperature.as_ref(), row),
            top_p: number(self.top_p.as_ref(), row),
            max_tokens: self.max_tokens.count(row)?,
            n: self.n.narrow(row)?,
            logprobs: flag(self.logprobs.as_ref(), row),
            top_logprobs: self.top_logprobs.narrow(row)?,
            logit_bias: self.logit_bias.narrow(row)?,
            stream: flag(self.stream.as_ref(), row),
        })
    }
}

/// A cell that is no number (`NaN`) is absent: tables write absent numbers so.
fn number(cells: Option<&Float64Array>, row: usize) -> Option<f64> {
    cells.filter(|cells| cells.is_valid(row)).map(|cells| cells.value(row)).filter(|number| number.is_finite())
}

fn flag(cells: Option<&BooleanArray>, row: usize) -> Option<bool> {
    cells.filter(|cells| cells.is_valid(row)).map(|cells| cells.value(row))
}
