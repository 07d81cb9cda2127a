//! Budgets that several nodes share, with a server that fails, forgets and comes back, and nodes that are killed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use budget::Amounts;
use budget::Bounds;
use budget::Draw;
use budget::ErrorKind;
use budget::Key;
use budget::LeaseError;
use budget::LeaseRequest;
use budget::LeaseServer;
use budget::Limit;
use budget::Nodes;
use budget::Refill;
use budget::Scope;
use budget::SharedBudgets;
use budget::Unit;
use proptest::prelude::*;

const PERIOD_US: u64 = 1_000;

/// The server of the model: a map, written as plainly as can be.
#[derive(Debug, Default)]
struct Memory {
    leased: HashMap<(Key, u64), Amounts>,
    since_us: Option<u64>,
    is_down: bool,
    now_us: u64,
}

#[derive(Debug, Clone, Default)]
struct Model(Arc<Mutex<Memory>>);

impl LeaseServer for Model {
    fn lease(&mut self, request: &LeaseRequest) -> Result<Amounts, LeaseError> {
        let mut memory = self.0.lock().unwrap();
        if memory.is_down {
            return Err(LeaseError("down".to_owned()));
        }
        let now_us = memory.now_us;
        if request.window_start_us <= *memory.since_us.get_or_insert(now_us) {
            return Ok(Amounts::default());
        }
        let leased = memory.leased.entry((request.key.clone(), request.window_start_us)).or_default();
        let grant = request.amounts.zip(request.pool.minus(*leased), u64::min);
        *leased = leased.plus(grant);
        Ok(grant)
    }

    fn give_back(&mut self, request: &LeaseRequest) -> Result<(), LeaseError> {
        let mut memory = self.0.lock().unwrap();
        if memory.is_down {
            return Err(LeaseError("down".to_owned()));
        }
        if let Some(leased) = memory.leased.get_mut(&(request.key.clone(), request.window_start_us)) {
            *leased = leased.minus(request.amounts);
        }
        Ok(())
    }

    fn since_us(&mut self) -> Result<Option<u64>, LeaseError> {
        let memory = self.0.lock().unwrap();
        if memory.is_down { Err(LeaseError("down".to_owned())) } else { Ok(memory.since_us) }
    }

    fn set_up(&mut self) -> Result<(), LeaseError> {
        self.0.lock().unwrap().since_us.get_or_insert(0);
        Ok(())
    }
}

fn draw(most: u64) -> Draw {
    let most = Amounts { requests: most, tokens: 7 * most, privacy: u64::MAX };
    Draw { key: Key::new(Scope::Campaign, "daily", "C-1"), limit: Limit { most, period_us: PERIOD_US } }
}

fn node(server: &Model, count: u32, started_us: u64) -> SharedBudgets<Model> {
    SharedBudgets::new(Bounds::default(), Nodes { count, started_us }, server.clone())
}

#[derive(Debug, Clone)]
enum Event {
    /// A node asks so often, with or without waiting for the server.
    Ask {
        node: usize,
        times: usize,
        waits: bool,
    },
    Refill(usize),
    /// A node is killed, and another begins in its place.
    Kill(usize),
    /// A node ends in good order, and another begins in its place.
    End(usize),
    ServerDown,
    ServerUp,
    ServerForgets,
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let node = 0_usize..2;
    prop_oneof![
        8 => (node.clone(), 1_usize..60, any::<bool>()).prop_map(|(node, times, waits)| Event::Ask { node, times, waits }),
        4 => node.clone().prop_map(Event::Refill),
        1 => node.clone().prop_map(Event::Kill),
        1 => node.prop_map(Event::End),
        1 => Just(Event::ServerDown),
        2 => Just(Event::ServerUp),
        1 => Just(Event::ServerForgets),
        3 => (1_u64..700).prop_map(Event::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens, two nodes together admit at most the limit in each window: not 1.05 times, but once.
    #[test]
    fn together_they_admit_the_limit_and_no_more(most in 1_u64..200, events in prop::collection::vec(event(), 1..80)) {
        let server = Model::default();
        let mut now_us = 10 * PERIOD_US;
        let mut nodes = [node(&server, 2, now_us), node(&server, 2, now_us)];
        let mut admitted: HashMap<u64, Amounts> = HashMap::new();
        for event in events {
            match event {
                Event::Ask { node, times, waits } => for _ in 0..times {
                    let estimate = Amounts { requests: 1, tokens: 5, privacy: 9 };
                    let draws = [draw(most)];
                    let got = if waits {
                        nodes[node].reserve_or_lease("r", &draws, estimate, now_us)
                    } else {
                        nodes[node].reserve("r", draws.to_vec(), estimate, now_us)
                    };
                    if got.is_ok() {
                        let window = admitted.entry(now_us / PERIOD_US).or_default();
                        *window = window.plus(estimate);
                    }
                },
                Event::Refill(node) => drop(nodes[node].refill(now_us)),
                Event::Kill(at) => nodes[at] = node(&server, 2, now_us),
                Event::End(at) => {
                    let _ = nodes[at].give_back(now_us);
                    nodes[at] = node(&server, 2, now_us);
                }
                Event::ServerDown => server.0.lock().unwrap().is_down = true,
                Event::ServerUp => server.0.lock().unwrap().is_down = false,
                Event::ServerForgets => *server.0.lock().unwrap() = Memory { now_us, ..Memory::default() },
                Event::Wait(us) => {
                    now_us += us;
                    server.0.lock().unwrap().now_us = now_us;
                }
            }
            for (window, all) in &admitted {
                let limit = draw(most).limit.most;
                prop_assert_eq!(all.beyond(limit), None, "window {}: {:?} of {:?}", window, all, limit);
            }
        }
    }
}

/// How many of `times` requests a node admits.
fn admitted(node: &SharedBudgets<Model>, most: u64, times: usize, now_us: u64) -> usize {
    let ask = |_: &usize| node.reserve_or_lease("r", &[draw(most)], Amounts::request(1), now_us).is_ok();
    (0..times).filter(ask).count()
}

/// Inside the second window.
const NOW_US: u64 = PERIOD_US + 5;

#[test]
fn one_busy_node_gets_all_but_the_shares_of_the_others() {
    let server = Model::default();
    server.0.lock().unwrap().since_us = Some(0);
    let (busy, idle) = (node(&server, 2, 0), node(&server, 2, 0));
    assert_eq!(admitted(&busy, 100, 500, NOW_US), 75, "its own quarter, and the half that is the pool");
    assert_eq!(admitted(&idle, 100, 500, NOW_US), 25, "its own quarter");
}

#[test]
fn without_a_server_each_node_has_its_share() {
    let server = Model::default();
    server.0.lock().unwrap().is_down = true;
    let nodes = [node(&server, 2, 0), node(&server, 2, 0)];
    for node in &nodes {
        assert_eq!(admitted(node, 100, 500, NOW_US), 25);
        assert!(node.reserve("r", vec![draw(100)], Amounts::request(1), NOW_US).is_err());
        assert!(node.refill(NOW_US).failed.is_some() && node.fault().is_some());
    }
    // One that began inside the window may replace one that spent the share.
    assert_eq!(admitted(&node(&server, 2, NOW_US - 1), 100, 500, NOW_US), 0);
    assert_eq!(admitted(&node(&server, 2, NOW_US - 1), 100, 500, NOW_US + PERIOD_US), 25);
}

#[test]
fn what_is_given_back_is_for_the_others() {
    let server = Model::default();
    server.0.lock().unwrap().since_us = Some(0);
    let (first, second) = (node(&server, 2, 0), node(&server, 2, 0));
    assert_eq!(admitted(&first, 100, 30, NOW_US), 30);
    first.give_back(NOW_US).unwrap();
    assert_eq!(admitted(&second, 100, 500, NOW_US), 70, "its quarter, and what is left of the pool");
    let sum = server.0.lock().unwrap().leased.values().fold(0, |sum, one| sum + one.get(Unit::Requests));
    assert_eq!(sum, 50);
}

#[test]
fn who_may_wait_for_a_lease_is_not_counted_as_refused() {
    let server = Model::default();
    server.0.lock().unwrap().since_us = Some(0);
    // It began in this window, so that it has no share of its own.
    let node = node(&server, 2, NOW_US);
    let ask = || node.reserve_unless_due("r", vec![draw(100)], Amounts::request(1), NOW_US);
    assert_eq!(ask(), Ok(None), "a lease is due");
    assert_eq!(node.refill(NOW_US), Refill { given: 1, empty: 0, failed: None });
    assert!(matches!(ask(), Ok(Some(_))));
    let standing = |at_us| node.of_actor(Scope::Campaign, "C-1", at_us).remove(0);
    let found = standing(NOW_US);
    assert_eq!((found.refusals, found.limit.most.requests, found.used.requests), (0, 100, 1));
    let part = found.part.unwrap();
    assert_eq!(part.own, Amounts::default());
    // One for the request, and a sixteenth of the pool of fifty for each of two nodes.
    assert_eq!(part.leased.requests, 1 + 2);
    // The pool is spent by somebody else: the next refusal counts, and the server is left alone for a while.
    server.0.lock().unwrap().leased.values_mut().for_each(|leased| *leased = Amounts::of_each(1_000));
    while matches!(ask(), Ok(Some(_))) {}
    assert_eq!(node.refill(NOW_US), Refill { given: 0, empty: 1, failed: None });
    assert!(matches!(ask().unwrap_err().kind(), ErrorKind::Spent { .. }));
    assert_eq!((standing(NOW_US).refusals, node.refill(NOW_US)), (1, Refill::default()));
    // In the next window it has its share, which nobody is asked for.
    assert!(node.reserve("r", vec![draw(100)], Amounts::request(1), NOW_US + PERIOD_US).is_ok());
    assert_eq!(standing(NOW_US + PERIOD_US).part.unwrap().own.requests, 25);
}

#[test]
fn a_server_that_fails_is_told_and_asked_again() {
    let server = Model::default();
    *server.0.lock().unwrap() = Memory { since_us: Some(0), is_down: true, ..Memory::default() };
    let node = node(&server, 2, NOW_US);
    let ask = || node.reserve_unless_due("r", vec![draw(100)], Amounts::request(1), NOW_US);
    assert_eq!((ask(), node.fault()), (Ok(None), None));
    assert!(node.refill(NOW_US).failed.is_some() && node.fault().is_some());
    server.0.lock().unwrap().is_down = false;
    assert_eq!((ask(), node.look(), node.fault()), (Ok(None), Ok(()), None), "what failed is due again");
    assert_eq!(node.refill(NOW_US).given, 1);
    assert!(matches!(ask(), Ok(Some(_))));
}
