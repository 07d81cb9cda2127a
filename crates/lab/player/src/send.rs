//! Sending a world's exchanges through a gate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use record::clock::now_us;
use tokio::sync::Semaphore;

use crate::line::Line;
use crate::model::HEADER;
use crate::model::Model;
use crate::script::Cue;
use crate::script::Script;
use crate::tally::Tally;

/// Requests that are under way at a time.
const AT_A_TIME: usize = 64;

/// Where a world is played to.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The gate.
    pub gate: SocketAddr,
    /// How many times as fast as it is time runs: that of [`record::clock::play`].
    pub speed: u32,
}

/// Sends everything in order of time, each exchange when its time has come, and counts what becomes of it. Ends early when
/// `stop` is set.
pub async fn play(script: Arc<Script>, model: Model, settings: Settings, tally: Arc<Tally>, stop: Arc<AtomicBool>) {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let client: Sender = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    for (number, cue) in (0_u64..).zip(script.cues().iter().copied()) {
        wait_for(cue.at_us, settings.speed, &stop).await;
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let one = One {
            script: Arc::clone(&script),
            model: model.clone(),
            client: client.clone(),
            tally: Arc::clone(&tally),
            gate: settings.gate,
        };
        tokio::spawn(async move {
            one.send(number, cue).await;
            drop(place);
        });
    }
    // All of them are done when every place is free again.
    let _ = places.acquire_many(u32::try_from(AT_A_TIME).unwrap_or(u32::MAX)).await;
}

/// Waits until it is a moment's time.
async fn wait_for(at_us: i64, speed: u32, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let ahead_us = u64::try_from(at_us.saturating_sub(now_us())).unwrap_or(0) / u64::from(speed.max(1));
        if ahead_us == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_micros(ahead_us.min(100_000))).await;
    }
}

type Sender = Client<HttpConnector, Full<Bytes>>;

/// What one exchange needs to be sent.
struct One {
    script: Arc<Script>,
    model: Model,
    client: Sender,
    tally: Arc<Tally>,
    gate: SocketAddr,
}

impl One {
    async fn send(self, number: u64, cue: Cue) {
        let Some(line) = self.script.line(cue) else {
            self.tally.failed();
            return;
        };
        let (status, body) = line.response.answer();
        self.model.expect(number, status, body);
        let campaign = self.script.campaign_of(&line.account);
        let at_us = now_us();
        let Ok(request) = request(&line, self.gate, number) else {
            self.tally.failed();
            return;
        };
        match self.client.request(request).await {
            Ok(response) => {
                let reason = response.headers().get("x-stillwatch-reason");
                let reason = reason.and_then(|reason| Some(reason.to_str().ok()?.to_owned()));
                let _ = response.into_body().collect().await;
                self.tally.count(campaign, &line.account, at_us, reason);
            }
            Err(_) => self.tally.failed(),
        }
        // What was refused was never asked for.
        let _ = self.model.take(number);
    }
}

fn request(line: &Line, gate: SocketAddr, number: u64) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::post(format!("http://{gate}/v1/chat/completions"))
        .header("content-type", "application/json")
        .header(HEADER, number)
        .body(Full::new(line.body().into()))?;
    let headers = [
        ("x-account", Some(&line.account)),
        ("x-forwarded-for", line.client.ip.as_ref()),
        ("user-agent", line.client.user_agent.as_ref()),
        ("x-ja4", line.client.ja4.as_ref()),
        ("x-country", line.client.country.as_ref()),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Ok(request)
}
