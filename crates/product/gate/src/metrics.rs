//! Counts of what the gate did, for Prometheus. No label holds an account.

use std::fmt;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::AtomicU64;

use budget::Refill;
use budget::Scope;
use budget::Unit;
use policy::Measure;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::door::Door;

/// Requests by what was asked and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) endpoint: &'static str,
    pub(crate) class: &'static str,
}

/// Requests by what the policy said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Said {
    pub(crate) decision: &'static str,
}

/// Questions at doors by what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    door: &'static str,
    decision: &'static str,
}

/// Reservations whose answer was not shown, by the class of its status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Unseen {
    door: &'static str,
    class: &'static str,
}

/// Events by their kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
}

/// Refusals of a spent budget. Its name is one of the policy's; whose it is, is no label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfBudget {
    scope: &'static str,
    budget: String,
    unit: &'static str,
}

/// What may be lost before it is written.
const LOSSES: [&str; 7] =
    ["exchange", "decision", "settlement", "exchange_file", "decision_file", "middle_of_answer", "unreadable_answer"];

/// Why no decision can be made.
const FAILURES: [&str; 4] = ["no_verdicts", "stale_verdicts", "no_room_for_budgets", "fault"];

/// What comes of asking for a part of a shared budget.
const LEASES: [&str; 3] = ["given", "empty", "failed"];

/// What the gate counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    /// Answers, those of refusals included.
    pub(crate) answered: Family<Answered, Counter<u64, AtomicU64>>,
    /// Decisions.
    decided: Family<Said, Counter<u64, AtomicU64>>,
    /// Questions of other gateways.
    asked: Family<Asked, Counter<u64, AtomicU64>>,
    /// Refusals by the gate; in shadow, those that would have been.
    pub(crate) refused: Family<Kind, Counter<u64, AtomicU64>>,
    /// Refusals because a budget was spent; in shadow, those that would have been.
    spent: Family<OfBudget, Counter<u64, AtomicU64>>,
    /// Requests for which no decision could be made, by why.
    pub(crate) failed: Family<Kind, Counter<u64, AtomicU64>>,
    /// What was lost before it was written, by what it was.
    pub(crate) lost: Family<Kind, Counter<u64, AtomicU64>>,
    /// Answers that the gate ended, by why.
    pub(crate) cut: Family<Kind, Counter<u64, AtomicU64>>,
    /// Bodies that were rewritten.
    pub(crate) rewritten: Counter<u64, AtomicU64>,
    /// Exchanges that were written.
    pub(crate) written: Counter<u64, AtomicU64>,
    /// Requests being served.
    pub(crate) in_flight: Gauge<i64, AtomicI64>,
    /// Reservations that stayed spent at their estimate.
    estimated: Family<Unseen, Counter<u64, AtomicU64>>,
    /// Leases of parts of shared budgets, by what came of them.
    leases: Family<Kind, Counter<u64, AtomicU64>>,
    /// Seconds without the server of shared budgets.
    pub(crate) degraded: Counter<f64, AtomicU64>,
    /// Files that could not be read when they were last tried.
    pub(crate) faults: Gauge<i64, AtomicI64>,
}

impl Metrics {
    /// Counts a decision.
    pub(crate) fn decided(&self, measure: Measure) {
        self.decided.get_or_create(&Said { decision: measure.as_str() }).inc();
    }

    /// Counts a question of another gateway.
    pub(crate) fn asked(&self, door: Door, decision: &'static str) {
        self.asked.get_or_create(&Asked { door: door.as_str(), decision }).inc();
    }

    /// Counts a refusal because a budget was spent.
    pub(crate) fn spent(&self, scope: Scope, budget: &str, unit: Unit) {
        let labels = OfBudget { scope: scope.as_str(), budget: budget.to_owned(), unit: unit.as_str() };
        self.spent.get_or_create(&labels).inc();
    }

    /// Counts a reservation that stays spent at its estimate, since the answer is not shown.
    pub(crate) fn estimated(&self, door: Door, class: &'static str) {
        self.estimated.get_or_create(&Unseen { door: door.as_str(), class }).inc();
    }

    /// Counts what came of asking for parts of budgets.
    pub(crate) fn leased(&self, refill: &Refill) {
        let failed = u64::from(refill.failed.is_some());
        for (kind, count) in LEASES.into_iter().zip([refill.given as u64, refill.empty as u64, failed]) {
            self.leases.get_or_create(&Kind { kind }).inc_by(count);
        }
    }

    /// Counts an event of a kind.
    pub(crate) fn count(family: &Family<Kind, Counter<u64, AtomicU64>>, kind: &'static str) {
        family.get_or_create(&Kind { kind }).inc();
    }

    /// All counts in the text form of Prometheus.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("stillwatch_gate");
        // What never happened is told as zero, so that its first time can be seen.
        for kind in LOSSES {
            let _ = self.lost.get_or_create(&Kind { kind });
        }
        for kind in FAILURES {
            let _ = self.failed.get_or_create(&Kind { kind });
        }
        for kind in LEASES {
            let _ = self.leases.get_or_create(&Kind { kind });
        }
        registry.register("requests", "Requests that were answered", self.answered.clone());
        registry.register("decisions", "Decisions by what they say", self.decided.clone());
        registry.register("door_requests", "Questions of other gateways", self.asked.clone());
        registry.register("refusals", "Requests refused, or that would be in shadow", self.refused.clone());
        registry.register(
            "budget_refusals",
            "Refusals because a budget was spent, or that would be",
            self.spent.clone(),
        );
        registry.register(
            "budget_estimates",
            "Reservations that stay spent at their estimate, since the answer is not shown",
            self.estimated.clone(),
        );
        registry.register("budget_leases", "Leases of parts of shared budgets", self.leases.clone());
        registry.register(
            "budget_degraded_seconds",
            "Seconds without the server of shared budgets",
            self.degraded.clone(),
        );
        registry.register("undecided", "Requests for which no decision could be made", self.failed.clone());
        registry.register("lost", "What was lost before it was written", self.lost.clone());
        registry.register("cut", "Answers that the gate ended", self.cut.clone());
        registry.register("rewritten", "Bodies of requests that were rewritten", self.rewritten.clone());
        registry.register("exchanges_written", "Exchanges that were written", self.written.clone());
        registry.register("in_flight", "Requests that are being served", self.in_flight.clone());
        registry.register("files_unread", "Files that could not be read again", self.faults.clone());
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

/// The class of a status, as a label.
pub(crate) const fn class(status: u16) -> &'static str {
    match status {
        0..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
