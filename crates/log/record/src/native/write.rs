//! Writing the native form.

use crate::Account;
use crate::Client;
use crate::Exchange;
use crate::Message;
use crate::Params;
use crate::Request;
use crate::Response;
use crate::Role;
use crate::time::write_time;

/// Appends one exchange as a JSON line, its line feed included. Absent fields are not written.
pub fn write_exchange(exchange: &Exchange<'_>, out: &mut Vec<u8>) {
    let Exchange { id, at_us, account, key, channel, conversation, end_user, client, request, response } = exchange;
    object(out, |o| {
        o.text("id", id);
        o.time("at", *at_us);
        o.text("account", account);
        o.optional("key", key.as_deref());
        o.optional("channel", channel.as_deref());
        o.optional("conversation", conversation.as_deref());
        o.optional("end_user", end_user.as_deref());
        o.object("client", |o| write_client(client, o));
        o.object("request", |o| write_request(request, o));
        o.object("response", |o| write_response(response, o));
    });
    out.push(b'\n');
}

/// Appends one account as a JSON line, its line feed included. Absent fields are not written.
pub fn write_account(account: &Account, out: &mut Vec<u8>) {
    let Account {
        account: name,
        created_at_us,
        organization,
        email,
        phone,
        payment,
        device,
        signup_ip,
        country,
        verified,
        plan,
        kind,
        referrer,
    } = account;
    object(out, |o| {
        o.text("account", name);
        if let Some(us) = created_at_us {
            o.time("created_at", *us);
        }
        o.optional("organization", organization.as_deref());
        o.optional("email", email.as_deref());
        o.optional("phone", phone.as_deref());
        o.optional("payment", payment.as_deref());
        o.optional("device", device.as_deref());
        o.optional("signup_ip", signup_ip.as_deref());
        o.optional("country", country.as_deref());
        if !verified.is_empty() {
            o.list("verified", verified, |name, out| write_text(name, out));
        }
        o.optional("plan", plan.as_deref());
        o.optional("kind", kind.as_deref());
        o.optional("referrer", referrer.as_deref());
    });
    out.push(b'\n');
}

/// Appends the list of messages as JSON.
#[cfg(feature = "parquet")]
pub(crate) fn write_messages(messages: &[Message<'_>], out: &mut Vec<u8>) {
    write_list(messages, write_message, out);
}

fn write_client(client: &Client<'_>, o: &mut Object<'_>) {
    let Client { ip, asn, country, user_agent, ja4, headers } = client;
    o.optional("ip", ip.as_deref());
    o.number("asn", *asn);
    o.optional("country", country.as_deref());
    o.optional("user_agent", user_agent.as_deref());
    o.optional("ja4", ja4.as_deref());
    o.optional("headers", headers.as_deref());
}

fn write_request(request: &Request<'_>, o: &mut Object<'_>) {
    let Request { model, endpoint, system, messages, tools, params } = request;
    o.optional("model", model.as_deref());
    o.optional("endpoint", endpoint.as_deref());
    o.optional("system", system.as_deref());
    if !messages.is_empty() {
        o.list("messages", messages, write_message);
    }
    if !tools.is_empty() {
        o.list("tools", tools, |name, out| write_text(name, out));
    }
    let Params { temperature, top_p, max_tokens, n, logprobs, top_logprobs, logit_bias, stream } = *params;
    o.object("params", |o| {
        o.number("temperature", temperature.filter(|number| number.is_finite()));
        o.number("top_p", top_p.filter(|number| number.is_finite()));
        o.number("max_tokens", max_tokens);
        o.number("n", n);
        o.number("logprobs", logprobs);
        o.number("top_logprobs", top_logprobs);
        o.number("logit_bias", logit_bias);
        o.number("stream", stream);
    });
}

fn write_response(response: &Response<'_>, o: &mut Object<'_>) {
    let Response { status, stop_reason, input_tokens, output_tokens, latency_ms, content, signature } = response;
    o.number("status", *status);
    o.optional("stop_reason", stop_reason.as_deref());
    o.number("input_tokens", *input_tokens);
    o.number("output_tokens", *output_tokens);
    o.number("latency_ms", *latency_ms);
    match (content, signature) {
        (content, Some(signature)) => {
            o.key("content");
            write_blocks(content.as_deref().unwrap_or_default(), 0, Some(signature), o.out);
        }
        (content, None) => o.optional("content", content.as_deref()),
    }
}

fn write_message(message: &Message<'_>, out: &mut Vec<u8>) {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
        Role::System => "system",
    };
    object(out, |o| {
        o.text("role", role);
        if message.media == 0 && message.signature.is_none() {
            o.text("content", &message.text);
            return;
        }
        o.key("content");
        write_blocks(&message.text, message.media, message.signature.as_deref(), o.out);
    });
}

/// Writes content as a list of blocks: a signed block of reasoning, the text, and media.
fn write_blocks(text: &str, media: u32, signature: Option<&str>, out: &mut Vec<u8>) {
    out.push(b'[');
    if let Some(signature) = signature {
        out.extend_from_slice(br#"{"type":"thinking","signature":"#);
        write_text(signature, out);
        out.extend_from_slice(b"},");
    }
    out.extend_from_slice(br#"{"type":"text","text":"#);
    write_text(text, out);
    out.push(b'}');
    for _ in 0..media {
        out.extend_from_slice(br#",{"type":"image"}"#);
    }
    out.push(b']');
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn write_list<T>(items: &[T], write: impl Fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, begun: false });
    out.push(b'}');
}

/// A JSON object in the making.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    begun: bool,
}

impl Object<'_> {
    /// Names are our own and hold nothing to escape.
    fn key(&mut self, name: &str) {
        if self.begun {
            self.out.push(b',');
        }
        self.begun = true;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        write_text(value, self.out);
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn number(&mut self, name: &str, value: Option<impl serde::Serialize>) {
        if let Some(value) = value {
            self.key(name);
            let _ = serde_json::to_writer(&mut *self.out, &value);
        }
    }

    fn time(&mut self, name: &str, at_us: i64) {
        self.key(name);
        self.out.push(b'"');
        write_time(at_us, self.out);
        self.out.push(b'"');
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
        self.key(name);
        write_list(items, write, self.out);
    }

    /// Writes a field that is an object, or nothing if it would be empty.
    fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        let (length, begun) = (self.out.len(), self.begun);
        self.key(name);
        self.out.push(b'{');
        let mut inner = Object { out: &mut *self.out, begun: false };
        write(&mut inner);
        if inner.begun {
            self.out.push(b'}');
        } else {
            self.out.truncate(length);
            self.begun = begun;
        }
    }
}
