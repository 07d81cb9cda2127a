//! The doors: other gateways describe a request, and are told what is decided about it. The judge is the one of the proxy.
//!
//! Whoever reaches the listener may ask about anybody. It is therefore on this machine alone, or each question shows a secret
//! word.

mod agentgateway;
mod described;
#[cfg(feature = "envoy")]
mod envoy;
mod litellm;
mod question;
mod webhook;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::Request;
use http::Response;
use hyper::body::Incoming;
use sketch::HashKey;

use self::question::fault;
use crate::answer::Answer;
use crate::config::Config;
use crate::door::Door;
use crate::error::Error;
use crate::keys::KeyHash;
use crate::shared::Shared;

/// The header in which a gateway shows the word.
const TOKEN: &str = "x-stillwatch-token";
/// Shortest word.
const MIN_TOKEN_BYTES: usize = 16;
/// Largest file of a word, in bytes.
const MAX_TOKEN_BYTES: u64 = 4096;

/// Answers one question.
pub(crate) async fn serve(shared: Arc<Shared>, peer: IpAddr, request: Request<Incoming>) -> Response<Answer> {
    let Some((door, kind)) = door_of(request.uri().path()).filter(|(door, _)| is_open(&shared, *door)) else {
        return fault(404, "there is no door at this path, or doors.open does not name it");
    };
    if !shows_token(&shared, door, request.headers()) {
        shared.metrics.asked(door, "no_token");
        // Not 401 or 403, which a gateway would take for a decision and pass on to its caller.
        return fault(500, "the question does not show the word of doors.token (in the header x-stillwatch-token)");
    }
    match kind {
        Kind::Described(prefix) => described::answer(&shared, door, prefix, peer, request).await,
        #[cfg(feature = "envoy")]
        Kind::Grpc => envoy::answer(&shared, door, peer, request).await,
        Kind::LiteLlm => litellm::answer(&shared, peer, request).await,
        Kind::Prompt => agentgateway::answer(&shared, peer, request, false).await,
        Kind::Answer => agentgateway::answer(&shared, peer, request, true).await,
    }
}

/// Bytes of the texts that a question of a webhook shows, of LiteLLM's or agentgateway's; `None` for what is none.
#[must_use]
pub fn question_text_bytes(bytes: &[u8]) -> Option<usize> {
    litellm::text_bytes(bytes).or_else(|| agentgateway::text_bytes(bytes))
}

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The request itself is described; its path stands behind this prefix, or in a header.
    Described(&'static str),
    /// By Envoy's messages over gRPC.
    #[cfg(feature = "envoy")]
    Grpc,
    /// By LiteLLM's message.
    LiteLlm,
    /// By agentgateway's message on a prompt.
    Prompt,
    /// By agentgateway's message on an answer.
    Answer,
}

fn door_of(path: &str) -> Option<(Door, Kind)> {
    Some(match path {
        "/forward-auth" => (Door::ForwardAuth, Kind::Described("")),
        "/auth-request" => (Door::AuthRequest, Kind::Described("")),
        "/beta/litellm_basic_guardrail_api" => (Door::LiteLlm, Kind::LiteLlm),
        "/request" => (Door::AgentGateway, Kind::Prompt),
        "/response" => (Door::AgentGateway, Kind::Answer),
        #[cfg(feature = "envoy")]
        envoy::CHECK => (Door::ExtAuthz, Kind::Grpc),
        #[cfg(feature = "envoy")]
        envoy::PROCESS => (Door::ExtProc, Kind::Grpc),
        _ if path.starts_with("/ext-authz/") => (Door::ExtAuthz, Kind::Described("/ext-authz")),
        _ => return None,
    })
}

fn is_open(shared: &Shared, door: Door) -> bool {
    shared.config.doors.as_ref().is_some_and(|doors| doors.open.contains(&door))
}

/// Whether a question shows the word, where one is asked for.
fn shows_token(shared: &Shared, door: Door, headers: &HeaderMap) -> bool {
    let Some(token) = shared.door_token else { return true };
    // LiteLLM can be given a key for its guardrail, and sends it by this name.
    let own = headers.get_all("x-api-key").iter().filter(|_| door == Door::LiteLlm);
    // A caller's own header of the name may stand beside the gateway's.
    let mut shown = headers.get_all(TOKEN).iter().chain(own).filter_map(|value| value.to_str().ok());
    // Keyed hashes are compared, so that the time of it tells nothing about the word.
    shown.any(|shown| KeyHash::of(&shared.hashes, shown.trim()) == token)
}

/// Reads the word that questions must show.
pub(crate) fn token(config: &Config, hashes: &HashKey) -> Result<Option<KeyHash>, Error> {
    let Some(path) = config.doors.as_ref().and_then(|doors| doors.token.as_ref()) else { return Ok(None) };
    let told = |error: String| Error::config(vec![format!("doors.token: {}: {error}", path.display())]);
    let text = record::read_text_file(path, MAX_TOKEN_BYTES).map_err(|error| told(error.to_string()))?;
    let word = text.trim();
    if word.len() < MIN_TOKEN_BYTES || !word.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(told(format!("it holds no word of {MIN_TOKEN_BYTES} or more visible ASCII characters")));
    }
    Ok(Some(KeyHash::of(hashes, word)))
}

/// What a person should know of the doors before they are opened.
pub(crate) fn notes(config: &Config) -> Vec<String> {
    let Some(doors) = &config.doors else { return Vec::new() };
    let mut notes = Vec::new();
    for door in &doors.open {
        notes.push(format!("the door {} {}", door.as_str(), door.sight()));
    }
    if doors.open.iter().any(|door| !door.may_see_bodies()) {
        notes.push(if doors.unseen_is_everything {
            "doors.unseen is everything: where a rule limits answers, requests whose body is not shown are refused"
                .into()
        } else {
            "doors.unseen is nothing: rules on what a request asks for do not hold where its body is not shown".into()
        });
    }
    if config.hops.trusted.is_empty() {
        notes.push("hops.trusted is empty: a caller's address at a door is that of the gateway that asks".to_owned());
    }
    if !doors.listen.ip().is_loopback() && !doors.tls {
        notes.push(
            "doors.listen is reached from other machines without TLS: keys cross the network in the clear".into(),
        );
    }
    notes
}
