//! An exchange with what it lacks and another record of it says.

use record::Client;
use record::Exchange;
use record::Params;
use record::Request;
use record::Response;

/// Gives an exchange what it lacks and `other` says: everything but its id, time, account and channel.
pub(crate) fn fill<'a>(exchange: &mut Exchange<'a>, other: Exchange<'a>) {
    let is_without_text = has_no_text(exchange);
    let Exchange { key, conversation, end_user, client, request, response, .. } = exchange;
    or(key, other.key);
    or(conversation, other.conversation);
    or(end_user, other.end_user);
    let Client { ip, asn, country, user_agent, ja4, headers } = client;
    or(ip, other.client.ip);
    or(asn, other.client.asn);
    or(country, other.client.country);
    or(user_agent, other.client.user_agent);
    or(ja4, other.client.ja4);
    or(headers, other.client.headers);
    let Request { model, endpoint, system, messages, tools, params } = request;
    or(model, other.request.model);
    or(endpoint, other.request.endpoint);
    or(system, other.request.system);
    if is_without_text && !other.request.messages.is_empty() {
        *messages = other.request.messages;
    }
    if tools.is_empty() {
        *tools = other.request.tools;
    }
    fill_params(params, &other.request.params);
    let Response { status, stop_reason, input_tokens, output_tokens, latency_ms, content, signature } = response;
    or(status, other.response.status);
    or(stop_reason, other.response.stop_reason);
    or(input_tokens, other.response.input_tokens);
    or(output_tokens, other.response.output_tokens);
    or(latency_ms, other.response.latency_ms);
    or(content, other.response.content);
    or(signature, other.response.signature);
}

fn fill_params(params: &mut Params, other: &Params) {
    let Params { temperature, top_p, max_tokens, n, logprobs, top_logprobs, logit_bias, stream } = params;
    or(temperature, other.temperature);
    or(top_p, other.top_p);
    or(max_tokens, other.max_tokens);
    or(n, other.n);
    or(logprobs, other.logprobs);
    or(top_logprobs, other.top_logprobs);
    or(logit_bias, other.logit_bias);
    or(stream, other.stream);
}

fn or<T>(own: &mut Option<T>, other: Option<T>) {
    if own.is_none() {
        *own = other;
    }
}

/// Whether an exchange has no text of the caller.
pub(crate) fn has_no_text(exchange: &Exchange<'_>) -> bool {
    exchange.request.messages.iter().all(|message| message.text.is_empty())
}

#[cfg(test)]
mod tests {
    use record::native;

    use super::*;

    /// Every field that can be lacking, in a value that tells whose it is.
    fn full(name: &str, number: u32) -> String {
        format!(
            r#"{{"id":"{name}","at":"2026-04-22T00:00:00Z","account":"{name}","key":"{name}","channel":"{name}","conversation":"{name}","end_user":"{name}","client":{{"ip":"203.0.113.{number}","asn":{number},"country":"{name}","user_agent":"{name}","ja4":"{name}","headers":"{name}"}},"request":{{"model":"{name}","endpoint":"{name}","system":"{name}","messages":[{{"role":"user","content":"{name}"}}],"tools":["{name}"],"params":{{"temperature":{number},"top_p":{number},"max_tokens":{number},"n":{number},"logprobs":true,"top_logprobs":{number},"logit_bias":{number},"stream":true}}}},"response":{{"status":20{number},"stop_reason":"{name}","input_tokens":{number},"output_tokens":{number},"latency_ms":{number},"content":"{name}"}}}}"#
        )
    }

    fn filled(own: &str, other: &str) -> String {
        let mut exchange = native::read_exchange(own).unwrap();
        fill(&mut exchange, native::read_exchange(other).unwrap());
        let mut line = Vec::new();
        native::write_exchange(&exchange, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn what_is_there_stays_and_what_lacks_is_taken() {
        let (own, other) = (full("own", 1), full("other", 2));
        assert_eq!(filled(&own, &other), filled(&own, &own));
        let bare = r#"{"id":"own","at":"2026-04-22T00:00:00Z","account":"own","channel":"own"}"#;
        let taken = filled(bare, &other);
        let expected = filled(&other, &other).replacen(r#""id":"other""#, r#""id":"own""#, 1);
        let expected = expected.replacen(r#""account":"other""#, r#""account":"own""#, 1);
        assert_eq!(taken, expected.replacen(r#""channel":"other""#, r#""channel":"own""#, 1));
    }
}
