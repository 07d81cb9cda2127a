//! What changed between one set of verdicts and the next, for those who enforce elsewhere.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::sync::Arc;

use policy::Policy;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use verdict::VerdictSnapshot;

use crate::decided::verdict;

/// The most changes that are remembered. Who is further behind begins anew.
const MAX_CHANGES: usize = 500_000;

/// From where on, and how long to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Where the answer before ended: its `next`; `now` for what is yet to come. Without, from the beginning, where everything is
    /// allowed.
    pub since: Option<String>,
    /// Seconds to wait for a change, 25 at most; 0 by default.
    pub wait: Option<u64>,
}

/// A decision that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// The account.
    pub account: String,
    /// What is done now: `allow`, `observe`, `cap`, `limit`, `verify` or `deny`.
    pub decision: &'static str,
    /// What was done before.
    pub before: &'static str,
    /// What a program is told.
    pub reason_code: String,
    /// The rule that says so; null where nothing is held back any more.
    pub rule: Option<String>,
    /// Its campaigns, the likeliest first.
    pub campaigns: Vec<String>,
    /// The snapshot in which it changed.
    pub snapshot: String,
}

/// The changes that are remembered, each with a number. What was before the first is that everything is allowed.
#[derive(Debug)]
pub struct Changes {
    /// Told apart from what another run of the program remembers.
    run: String,
    /// The number of the first that is remembered.
    first: u64,
    all: VecDeque<Change>,
    /// What is done with each account that is not allowed for want of any rule, and by which.
    held: BTreeMap<String, (&'static str, Option<String>)>,
    /// Of what it was computed.
    of: Option<(String, String, i64)>,
}

/// The place behind a change.
pub type Place = u64;

impl Changes {
    /// None yet.
    pub fn new(run: String) -> Self {
        Self { run, first: 0, all: VecDeque::new(), held: BTreeMap::new(), of: None }
    }

    /// Adds what changed since the last call. Rules expire by the day, so that a new day is looked at too.
    pub fn follow(&mut self, snapshot: &Arc<VerdictSnapshot>, policy: &Policy, now_us: i64) {
        let of = (snapshot.id().to_owned(), policy.hash().to_owned(), now_us.div_euclid(86_400_000_000));
        if self.of.as_ref() == Some(&of) {
            return;
        }
        let before = std::mem::take(&mut self.held);
        let names: BTreeSet<&str> =
            snapshot.accounts().map(|view| view.name()).chain(before.keys().map(String::as_str)).collect();
        for name in names {
            let now = verdict(name, snapshot, policy, now_us);
            let (was, was_by) = before.get(name).map_or(("allow", None), |(was, by)| (*was, by.clone()));
            if (now.decision, &now.rule) != (was, &was_by) {
                self.all.push_back(Change {
                    account: name.to_owned(),
                    decision: now.decision,
                    before: was,
                    reason_code: now.reason_code,
                    rule: now.rule.clone(),
                    campaigns: now.campaigns,
                    snapshot: now.snapshot,
                });
            }
            // A rule that allows is told once, as one that holds back is.
            if (now.decision, &now.rule) != ("allow", &None) {
                self.held.insert(name.to_owned(), (now.decision, now.rule));
            }
        }
        let over = self.all.len().saturating_sub(MAX_CHANGES);
        self.all.drain(..over);
        self.first += over as u64;
        self.of = Some(of);
    }

    /// The token of a place.
    pub fn token(&self, place: Place) -> String {
        format!("{}.{place}", self.run)
    }

    /// The place that is asked for: of a token, of the beginning without one, or behind the last change where it is `now`. `None`
    /// where what follows it is not remembered.
    pub fn place_of(&self, token: Option<&str>) -> Option<Place> {
        match token {
            None => self.start(),
            Some("now") => Some(self.end()),
            Some(token) => self.place(token),
        }
    }

    /// The place of a token; `None` where what follows it is not remembered.
    fn place(&self, token: &str) -> Option<Place> {
        let place: Place = token.strip_prefix(&self.run)?.strip_prefix('.')?.parse().ok()?;
        (self.first..=self.first + self.all.len() as u64).contains(&place).then_some(place)
    }

    /// The place behind everything.
    fn end(&self) -> Place {
        self.first + self.all.len() as u64
    }

    /// The place before everything; `None` where the first changes are not remembered any more.
    fn start(&self) -> Option<Place> {
        (self.first == 0).then_some(0)
    }

    /// At most `limit` changes behind a place, and the place behind these.
    pub fn after(&self, place: Place, limit: usize) -> (Vec<Change>, Place) {
        let skipped = usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let changes: Vec<Change> = self.all.iter().skip(skipped).take(limit).cloned().collect();
        let place = place + changes.len() as u64;
        (changes, place)
    }
}
