//! What is counted, for Prometheus. No account is in a label.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// What became of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub outcome: &'static str,
}

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub records: Family<Outcome, Counter>,
    pub requests: Family<Outcome, Counter>,
    pub sweeps: Family<Outcome, Counter>,
    pub flushes: Family<Outcome, Counter>,
    pub duplicates: Counter,
    pub follow_rounds: Counter,
    pub flush_seconds: Histogram,
    pub sweep_seconds: Histogram,
    pub acknowledge_seconds: Histogram,
    pub tick_seconds: Histogram,
    pub log_bytes: Gauge<i64, AtomicI64>,
    pub follow_lag_bytes: Gauge<i64, AtomicI64>,
    pub newest_exchange: Gauge<f64, AtomicU64>,
    pub last_sweep: Gauge<f64, AtomicU64>,
    pub matched_accounts: Gauge<i64, AtomicI64>,
}

/// Seconds, from a tenth of a millisecond to a quarter of an hour.
fn seconds() -> Histogram {
    Histogram::new([0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0, 900.0])
}

impl Metrics {
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("stillwatch_watch"),
            records: Family::default(),
            requests: Family::default(),
            sweeps: Family::default(),
            flushes: Family::default(),
            duplicates: Counter::default(),
            follow_rounds: Counter::default(),
            flush_seconds: seconds(),
            sweep_seconds: seconds(),
            acknowledge_seconds: seconds(),
            tick_seconds: seconds(),
            log_bytes: Gauge::default(),
            follow_lag_bytes: Gauge::default(),
            newest_exchange: Gauge::default(),
            last_sweep: Gauge::default(),
            matched_accounts: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("records", "Records by what became of them", metrics.records.clone());
        registry.register("requests", "Requests by their answer", metrics.requests.clone());
        registry.register("sweeps", "Sweeps by their end", metrics.sweeps.clone());
        registry.register("flushes", "Files of the log brought to the table", metrics.flushes.clone());
        registry.register("duplicates", "Exchanges that were in the table already", metrics.duplicates.clone());
        registry.register(
            "follow_rounds",
            "Rounds in which all followed files were looked at",
            metrics.follow_rounds.clone(),
        );
        registry.register("flush_seconds", "Time to bring files to the table", metrics.flush_seconds.clone());
        registry.register("sweep_seconds", "Time of a sweep", metrics.sweep_seconds.clone());
        registry.register(
            "acknowledge_seconds",
            "Time from the end of a body to its acknowledgement",
            metrics.acknowledge_seconds.clone(),
        );
        registry.register("tick_seconds", "Time of a tick", metrics.tick_seconds.clone());
        registry.register("log_bytes", "Bytes of the write-ahead log", metrics.log_bytes.clone());
        registry.register("follow_lag_bytes", "Bytes of followed files not yet read", metrics.follow_lag_bytes.clone());
        registry.register(
            "newest_exchange_timestamp_seconds",
            "Time of the newest exchange",
            metrics.newest_exchange.clone(),
        );
        registry.register(
            "last_sweep_timestamp_seconds",
            "When the last sweep was published",
            metrics.last_sweep.clone(),
        );
        registry.register(
            "matched_accounts",
            "Accounts that match a campaign and were in no sweep yet",
            metrics.matched_accounts.clone(),
        );
        // What never happened is told as zero, so that its first time can be seen.
        for outcome in ["published", "failed"] {
            Self::count(&metrics.sweeps, outcome, 0);
        }
        for outcome in ["done", "failed"] {
            Self::count(&metrics.flushes, outcome, 0);
        }
        for outcome in ["accepted", "refused", "passed_over", "unreadable"] {
            Self::count(&metrics.records, outcome, 0);
        }
        metrics
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    pub fn count(family: &Family<Outcome, Counter>, outcome: &'static str, by: u64) {
        family.get_or_create(&Outcome { outcome }).inc_by(by);
    }
}
