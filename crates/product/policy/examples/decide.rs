//! Measures decisions: `cargo run --release -p policy --example decide [ACCOUNTS] [CAMPAIGNS] [DECISIONS]`.
//!
//! A snapshot with so many accounts in so many campaigns, all shipped rules live, and threads that ask for accounts at random.
//! Prints one JSON object; `cargo xtask bench decide` shows it as a table.

use std::error::Error;
use std::io::Write;
use std::thread;
use std::time::Instant;

use policy::AccountState;
use policy::Ask;
use policy::Capability;
use policy::Measure;
use policy::Policy;
use policy::Source;
use policy::Verification;
use policy::decide;
use verdict::Family;
use verdict::SnapshotAccount;
use verdict::SnapshotBuilder;
use verdict::SnapshotCampaign;
use verdict::SnapshotWindow;
use verdict::Standing;
use verdict::Tier;
use verdict::VerdictSnapshot;

/// 1 December 2026, when the shipped rules count.
const NOW_US: i64 = 1_796_083_200_000_000;
/// Threads that decide at the same time.
const THREADS: [usize; 2] = [1, 2];

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let number = |at: usize, usual: usize| numbers.get(at).copied().unwrap_or(usual);
    let (accounts, campaigns, decisions) = (number(0, 1_000_000), number(1, 10_000), number(2, 2_000_000));
    let started = Instant::now();
    let made = snapshot(accounts, campaigns)?;
    let built = started.elapsed().as_secs_f64();
    let bytes = made.to_bytes();
    let id = made.id().to_owned();
    drop(made);
    let started = Instant::now();
    let snapshot = VerdictSnapshot::from_bytes(&bytes)?;
    let loaded = started.elapsed().as_secs_f64();
    assert_eq!(id, snapshot.id(), "what was written is what was read");
    let policy = Policy::load(Source::shipped().all_live())?;
    let states = states(accounts);
    let mut rows = vec![cold(&policy, &states, &snapshot, decisions.min(20_000))];
    for threads in THREADS {
        rows.push(warm(&policy, &states, &snapshot, decisions, threads));
    }
    let result = serde_json::json!({
        "accounts": accounts, "campaigns": campaigns, "rules": policy.rules().len(), "snapshot_bytes": bytes.len(),
        "seconds_to_build": built, "seconds_to_load": loaded, "rows": rows,
    });
    writeln!(std::io::stdout(), "{result}")?;
    Ok(())
}

/// Accounts spread evenly over campaigns: a third of these discovered on three families, a third on two, a third suspected.
fn snapshot(accounts: usize, campaigns: usize) -> Result<VerdictSnapshot, verdict::Error> {
    let mut builder = SnapshotBuilder::new(NOW_US, SnapshotWindow { start_us: 0, end_us: NOW_US });
    let held = |campaign: usize| match campaign % 3 {
        0 => (Tier::Discovered, 3, Standing::Implicated),
        1 => (Tier::Discovered, 2, Standing::Implicated),
        _ => (Tier::Suspected, 1, Standing::Watch),
    };
    for number in 0..campaigns {
        let (tier, corroboration, _) = held(number);
        let id = format!("C-{number:06}");
        builder.campaign(SnapshotCampaign {
            budget_key: id.clone(),
            id,
            tier,
            corroboration,
            families: [Family::Content, Family::Identity].into_iter().collect(),
            confidence: 90,
        });
    }
    for number in 0..accounts {
        let campaign = number % campaigns.max(1);
        let (tier, corroboration, standing) = held(campaign);
        builder.account(SnapshotAccount {
            account: name(number),
            standing: Some(standing),
            tier,
            corroboration,
            families: [Family::Content].into_iter().collect(),
            confidence: 90,
            campaigns: vec![format!("C-{campaign:06}")],
        });
    }
    builder.build()
}

fn name(number: usize) -> String {
    format!("acct_{number:012x}")
}

/// As many accounts of which nothing is held as there are held ones, in a mixture of states.
fn states(accounts: usize) -> Vec<AccountState> {
    let state = |number: usize| AccountState {
        verification: Verification::ALL.get(number % 6).copied().unwrap_or(Verification::Nothing),
        is_first_day: number.is_multiple_of(7),
        exchanges_a_day: (number % 5_000) as u64,
        ..AccountState::unknown(&name(number))
    };
    (0..2 * accounts).map(state).collect()
}

/// What is asked for, in turn.
fn ask(number: usize) -> Ask {
    let capabilities = match number % 4 {
        0 => vec![],
        1 => vec![Capability::Agent],
        2 => vec![Capability::Reasoning, Capability::Agent],
        _ => vec![Capability::Logprobs],
    };
    Ask { capabilities: capabilities.into_iter().collect(), country: Some(*b"SG"), ..Ask::default() }
}

/// Decisions whose outcome is not remembered: Cedar is asked for each.
fn cold(policy: &Policy, states: &[AccountState], snapshot: &VerdictSnapshot, decisions: usize) -> serde_json::Value {
    let mut random = Random(1);
    let mut nanoseconds = Vec::with_capacity(decisions);
    let started = Instant::now();
    for number in 0..decisions {
        let Some(state) = states.get(random.below(states.len())) else { continue };
        let begun = Instant::now();
        let view = snapshot.account(&state.account);
        let outcome = policy.evaluate(&policy::situation(&ask(number), state, view, policy.settings()));
        std::hint::black_box(outcome);
        nanoseconds.push(begun.elapsed().as_nanos() as u64);
    }
    row("evaluated anew", 1, nanoseconds, started.elapsed().as_secs_f64(), 0)
}

/// Decisions as a gate asks for them.
fn warm(
    policy: &Policy,
    states: &[AccountState],
    snapshot: &VerdictSnapshot,
    decisions: usize,
    threads: usize,
) -> serde_json::Value {
    let work = |thread: usize| {
        let mut random = Random(1 + thread as u64);
        let mut nanoseconds = Vec::with_capacity(decisions);
        let mut held_back = 0_u64;
        for number in 0..decisions {
            let Some(state) = states.get(random.below(states.len())) else { continue };
            let ask = ask(number);
            let begun = Instant::now();
            let decision = decide(&ask, state, snapshot, policy, NOW_US);
            let measure = std::hint::black_box(decision).measure();
            nanoseconds.push(begun.elapsed().as_nanos() as u64);
            held_back += u64::from(measure > Measure::Observe);
        }
        (nanoseconds, held_back)
    };
    let started = Instant::now();
    let done: Vec<(Vec<u64>, u64)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    let held_back = done.iter().map(|(_, held_back)| held_back).sum();
    row("remembered", threads, done.into_iter().flat_map(|(nanoseconds, _)| nanoseconds).collect(), seconds, held_back)
}

fn row(what: &str, threads: usize, mut nanoseconds: Vec<u64>, seconds: f64, held_back: u64) -> serde_json::Value {
    nanoseconds.sort_unstable();
    let at = |share: f64| {
        let place = ((nanoseconds.len() as f64 * share) as usize).min(nanoseconds.len().saturating_sub(1));
        nanoseconds.get(place).map_or(0.0, |nanoseconds| *nanoseconds as f64 / 1000.0)
    };
    serde_json::json!({
        "what": what, "threads": threads, "decisions": nanoseconds.len(), "held_back": held_back,
        "p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999), "largest_us": at(1.0),
        "decisions_per_s": nanoseconds.len() as f64 / seconds,
    })
}

/// Marsaglia's xorshift with 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}
