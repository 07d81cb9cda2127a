//! What Prometheus is told. No label holds what a caller chose.

use std::sync::atomic::AtomicI64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A route as it is written in the program, and the status of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    /// The route, with its parameters' names.
    pub route: String,
    /// The HTTP status.
    pub status: u32,
}

/// What became of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignIn {
    /// `accepted`, `refused` or `throttled`.
    outcome: &'static str,
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Answers.
    pub requests: Family<Answered, Counter>,
    /// Seconds until an answer began.
    pub seconds: Histogram,
    /// Attempts to sign in.
    sign_ins: Family<SignIn, Counter>,
    /// Open connections.
    pub connections: Gauge<i64, AtomicI64>,
    /// Campaigns in the results.
    pub campaigns: Gauge<i64, AtomicI64>,
    /// When the results were written.
    pub written: Gauge<i64, AtomicI64>,
}

/// Edges between which answers' times are counted, in seconds.
const EDGES: [f64; 8] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("stillwatch_api");
        let (requests, seconds) = (Family::default(), Histogram::new(EDGES));
        let sign_ins = Family::default();
        registry.register("sign_ins", "Attempts to sign in by what became of them", sign_ins.clone());
        let (connections, campaigns, written) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("requests", "Answers by route and status", requests.clone());
        registry.register("seconds", "Seconds until an answer began", seconds.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register("campaigns", "Campaigns in the results that are served", campaigns.clone());
        registry.register("results_written_seconds", "When these results were written, since 1970", written.clone());
        Self { registry, requests, seconds, sign_ins, connections, campaigns, written }
    }
}

impl Metrics {
    /// Counts an attempt to sign in.
    pub fn signed(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&SignIn { outcome }).inc();
    }

    /// In the text form of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
