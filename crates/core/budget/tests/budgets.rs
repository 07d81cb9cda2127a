//! Budgets in memory beside a slow model, one after the other and from several threads at once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use budget::Amounts;
use budget::Bounds;
use budget::Budgets;
use budget::Draw;
use budget::ErrorKind;
use budget::Key;
use budget::Limit;
use budget::MAX_AMOUNT;
use budget::Receipt;
use budget::Scope;
use budget::Standing;
use proptest::prelude::*;

const PERIOD_US: u64 = 100;
const LIFE_US: u64 = 60;

fn bounds() -> Bounds {
    Bounds { budgets: 10_000, receipts: 100_000, receipt_life_us: LIFE_US }
}

fn draw(number: usize, most: u64) -> Draw {
    let key = Key::new(Scope::ALL[number % 4], "daily", &format!("actor-{number}"));
    Draw { key, limit: Limit { most: Amounts::of_each(most), period_us: PERIOD_US } }
}

/// The limits of four actors.
const MOST: [u64; 4] = [10, 25, 40, 1000];

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    /// Reserves on some actors.
    Reserve(Vec<usize>, u64),
    /// Settles the receipt of an earlier reservation, with the id of its request or another's.
    Settle(usize, u64, bool),
    /// Time passes, or a clock steps back.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let actors = prop::sample::subsequence(vec![0, 1, 2, 3], 1..4);
    prop_oneof![
        4 => (actors, 0_u64..8).prop_map(|(actors, estimate)| Step::Reserve(actors, estimate)),
        3 => (0_usize..40, 0_u64..12, prop::bool::weighted(0.9)).prop_map(|(at, actual, own)| Step::Settle(at, actual, own)),
        2 => (-5_i64..50).prop_map(Step::Wait),
    ]
}

/// The slow model: every entry of every window is kept, and sums are made anew at each question.
#[derive(Default)]
struct Model {
    /// Signed changes by actor and window.
    entries: Vec<(usize, u64, i128)>,
    /// By number of reservation: actors, window, end of life, estimate.
    open: BTreeMap<usize, (Vec<usize>, u64, u64, u64)>,
    /// Actor, window and amount of each settlement above its estimate.
    beyond: Vec<(usize, u64, u64)>,
    /// Actor and window of each refusal.
    refused: Vec<(usize, u64)>,
    /// The latest moment that was told.
    latest_us: u64,
}

impl Model {
    fn reserved(&self, actor: usize, window: u64) -> u64 {
        let holds = |open: &&(Vec<usize>, u64, u64, u64)| open.0.contains(&actor) && open.1 == window;
        self.open.values().filter(holds).map(|open| open.3).sum()
    }

    fn refusals(&self, actor: usize, window: u64) -> u64 {
        self.refused.iter().filter(|refused| **refused == (actor, window)).count() as u64
    }

    /// The last window before in which something was used or refused.
    fn before(&self, actor: usize, window: u64) -> Option<u64> {
        let told = |window: &u64| self.used(actor, *window) > 0 || self.refusals(actor, *window) > 0;
        (0..window).rev().find(told)
    }

    /// Actors whose budget is in use, the most used first.
    fn in_use(&self, window: u64) -> Vec<usize> {
        let mut actors: Vec<usize> = (0..MOST.len())
            .filter(|actor| self.used(*actor, window) > 0 || self.refusals(*actor, window) > 0)
            .collect();
        let ppm = |actor: &usize| self.used(*actor, window) * 1_000_000 / i128::from(MOST[*actor]);
        actors.sort_by_key(|actor| (-ppm(actor), Scope::ALL[*actor]));
        actors
    }

    fn used(&self, actor: usize, window: u64) -> i128 {
        self.entries.iter().filter(|entry| (entry.0, entry.1) == (actor, window)).map(|entry| entry.2).sum()
    }

    /// What settlements in a window went beyond their estimates.
    fn overrun(&self, actor: usize, window: u64) -> u64 {
        self.beyond.iter().filter(|one| (one.0, one.1) == (actor, window)).map(|one| one.2).sum()
    }

    fn tell(&mut self, now_us: u64) -> u64 {
        self.latest_us = self.latest_us.max(now_us);
        self.open.retain(|_, open| open.2 > self.latest_us);
        self.latest_us
    }

    fn reserve(&mut self, number: usize, actors: &[usize], estimate: u64, now_us: u64) -> bool {
        let now_us = self.tell(now_us);
        let window = now_us / PERIOD_US;
        let is_spent = |actor: &&usize| self.used(**actor, window) + i128::from(estimate) > i128::from(MOST[**actor]);
        if let Some(spent) = actors.iter().find(is_spent) {
            self.refused.push((*spent, window));
            return false;
        }
        self.entries.extend(actors.iter().map(|actor| (*actor, window, i128::from(estimate))));
        self.open.insert(number, (actors.to_vec(), window, now_us + LIFE_US, estimate));
        true
    }

    fn settle(&mut self, number: usize, is_own: bool, actual: u64, now_us: u64) -> bool {
        let now = self.tell(now_us) / PERIOD_US;
        if !is_own || !self.open.contains_key(&number) {
            return false;
        }
        let (actors, window, _, estimate) = self.open.remove(&number).unwrap();
        let change = i128::from(actual) - i128::from(estimate);
        for actor in actors {
            if change > 0 {
                self.beyond.push((actor, now, change as u64));
            }
            // What was used beyond the estimate counts now; what was saved is given back where it was taken.
            self.entries.push((actor, if change > 0 { now } else { window }, change));
        }
        true
    }
}

proptest! {
    #[test]
    fn one_after_the_other_they_are_the_model(steps in prop::collection::vec(step(), 1..120)) {
        let budgets = Budgets::new(bounds());
        let mut model = Model::default();
        let mut receipts: Vec<Option<Receipt>> = Vec::new();
        let mut now_us = 1_000_u64;
        for step in steps {
            match step {
                Step::Wait(us) => now_us = now_us.saturating_add_signed(us),
                Step::Reserve(actors, estimate) => {
                    let number = receipts.len();
                    let draws = actors.iter().map(|actor| draw(*actor, MOST[*actor])).collect();
                    let got = budgets.reserve(&format!("r{number}"), draws, Amounts::of_each(estimate), now_us);
                    prop_assert_eq!(got.is_ok(), model.reserve(number, &actors, estimate, now_us), "{:?}", got);
                    receipts.push(got.ok());
                }
                Step::Settle(at, actual, is_own) => {
                    let Some(Some(receipt)) = receipts.get(at) else { continue };
                    let request = if is_own { format!("r{at}") } else { "another".to_owned() };
                    let got = budgets.settle(*receipt, &request, Amounts::of_each(actual), now_us);
                    prop_assert_eq!(got.is_ok(), model.settle(at, is_own, actual, now_us), "{:?}", got);
                }
            }
            for (actor, most) in MOST.into_iter().enumerate() {
                let expected = model.used(actor, now_us.max(model.latest_us) / PERIOD_US);
                let used = budgets.used(&draw(actor, most), now_us);
                prop_assert_eq!(i128::from(used.tokens), expected, "actor {}", actor);
                prop_assert_eq!((used.tokens, used.tokens), (used.requests, used.privacy));
            }
            let listed = budgets.most_used(None, None, 10, now_us);
            let window = model.tell(now_us) / PERIOD_US;
            let names = |listed: &[Standing]| listed.iter().map(|one| one.key.actor.to_string()).collect::<Vec<_>>();
            let expected: Vec<String> = model.in_use(window).iter().map(|actor| format!("actor-{actor}")).collect();
            prop_assert_eq!(names(&listed), expected);
            for (actor, most) in MOST.into_iter().enumerate() {
                let all = budgets.of_actor(Scope::ALL[actor], &format!("actor-{actor}"), now_us);
                let Some(one) = all.first() else { continue };
                prop_assert_eq!(i128::from(one.used.tokens), model.used(actor, window));
                prop_assert_eq!(one.reserved.tokens, model.reserved(actor, window));
                prop_assert_eq!(one.refusals, model.refusals(actor, window));
                prop_assert!(one.reserved.tokens <= one.used.tokens, "{:?}", one);
                prop_assert!(one.used.tokens <= most + model.overrun(actor, window), "{:?}", one);
                prop_assert_eq!(one.window_end_us, (window + 1) * PERIOD_US);
                // Later settlements take nothing off a window that is over: it is told at least as used as it was.
                let before = one.before.map(|past| past.window_start_us / PERIOD_US);
                prop_assert!(before >= model.before(actor, window) && before < Some(window), "{:?}", one);
                if let (Some(past), Some(before)) = (one.before, before) {
                    prop_assert!(i128::from(past.used.tokens) >= model.used(actor, before), "{:?}", one);
                    prop_assert_eq!(past.refusals, model.refusals(actor, before));
                }
            }
        }
    }
}

/// Pages of any length, one after the other, are the list.
#[test]
fn pages_of_a_list_leave_nothing_out_and_repeat_nothing() {
    let budgets = Budgets::new(bounds());
    for number in 0..200 {
        let _ = budgets.reserve("r", vec![draw(number, 50)], Amounts::request(number as u64 % 7), 10);
        // One that is refused at once, of which nothing is used.
        let _ = budgets.reserve("r", vec![draw(1_000 + number, 1)], Amounts::request(2), 10);
    }
    let whole = budgets.most_used(None, None, 1_000, 20);
    assert_eq!(whole.len(), 400);
    assert!(whole.windows(2).all(|two| two[0].place() < two[1].place()));
    assert_eq!(whole.iter().filter(|one| one.used == Amounts::default() && one.refusals == 1).count(), 200);
    for length in [1, 7, 399, 400] {
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = budgets.most_used(None, after.as_ref(), length, 20);
            let Some(last) = page.last() else { break };
            after = Some(last.place());
            paged.extend(page);
        }
        assert_eq!(paged, whole, "pages of {length}");
    }
    let campaigns = budgets.most_used(Some(Scope::Campaign), None, 1_000, 20);
    assert!(campaigns.len() == 100 && campaigns.iter().all(|one| one.key.scope == Scope::Campaign));
    assert!(budgets.most_used(None, None, 1_000, 100).is_empty(), "the window is over");
    let remembered = budgets.of_actor(Scope::Campaign, "actor-3", 100);
    assert_eq!(remembered[0].used, Amounts::default());
    assert_eq!(remembered[0].before.map(|past| (past.used, past.window_end_us)), Some((Amounts::request(3), 100)));
}

#[test]
fn a_new_period_reserves_nothing_that_cannot_be_given_back() {
    let budgets = Budgets::new(bounds());
    let daily = draw(0, 50);
    let hourly = Draw { limit: Limit { period_us: 20, ..daily.limit }, ..daily.clone() };
    let standing = |at| budgets.of_actor(Scope::Account, "actor-0", at).remove(0);
    let first = budgets.reserve("a", vec![daily.clone()], Amounts::request(10), 30).unwrap();
    assert_eq!(standing(30).reserved, Amounts::request(10));
    let second = budgets.reserve("b", vec![hourly], Amounts::request(5), 31).unwrap();
    assert_eq!((standing(31).reserved, standing(31).used.tokens), (Amounts::request(5), 15));
    budgets.settle(first, "a", Amounts::request(1), 32).unwrap();
    // The settlement of a request that was admitted under the old period changes neither the period nor the other's reservation.
    assert_eq!((standing(32).reserved, standing(32).window_end_us), (Amounts::request(5), 40));
    budgets.settle(second, "b", Amounts::request(2), 33).unwrap();
    assert_eq!((standing(33).reserved, standing(33).used.tokens), (Amounts::default(), 12));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each thread is many accounts of one campaign. Whatever the order, the campaign gets what its budget has and no more,
    /// and after settling the budget holds exactly what was used.
    #[test]
    fn from_many_threads_they_admit_the_limit_and_no_more(
        most in 50_u64..400,
        estimate in 1_u64..7,
        attempts in 40_usize..160,
        saving in 0_u64..7,
    ) {
        let budgets = Budgets::new(bounds());
        let campaign = draw(3, most);
        let start = Barrier::new(4);
        let actual = estimate.saturating_sub(saving);
        let admitted: Vec<Vec<(String, Receipt)>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|thread| {
                let (budgets, campaign, start) = (&budgets, &campaign, &start);
                scope.spawn(move || {
                    start.wait();
                    let one = |attempt: usize| {
                        let request = format!("{thread}-{attempt}");
                        let own = draw(4 + 4 * (thread * attempts + attempt), estimate);
                        let draws = vec![own, campaign.clone()];
                        budgets.reserve(&request, draws, Amounts::of_each(estimate), 1_000).ok().map(|got| (request, got))
                    };
                    (0..attempts).filter_map(one).collect()
                })
            }).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count: usize = admitted.iter().map(Vec::len).sum();
        prop_assert_eq!(count as u64, (most / estimate).min(4 * attempts as u64));
        prop_assert_eq!(budgets.open_receipts(), count);
        // Every receipt is settled by two threads at once: one of them succeeds.
        let settled: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| {
                let (budgets, admitted) = (&budgets, &admitted);
                scope.spawn(move || {
                    let settle = |(request, receipt): &&(String, Receipt)| {
                        budgets.settle(*receipt, request, Amounts::of_each(actual), 1_001).is_ok()
                    };
                    admitted.iter().flatten().filter(settle).count()
                })
            }).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        prop_assert_eq!(settled, count);
        prop_assert_eq!(budgets.used(&campaign, 1_001).tokens, count as u64 * actual);
        prop_assert_eq!(budgets.open_receipts(), 0);
    }
}

#[test]
fn a_refusal_names_the_budget_and_when_it_is_full_again() {
    let budgets = Budgets::new(bounds());
    let (account, campaign) = (draw(0, 5), draw(3, 2));
    let both = || vec![account.clone(), campaign.clone()];
    budgets.reserve("a", both(), Amounts::request(2), 120).unwrap();
    let error = budgets.reserve("b", both(), Amounts::request(1), 130).unwrap_err();
    let ErrorKind::Spent { key, unit, resets_at_us } = error.kind() else { panic!("{error}") };
    assert_eq!((key, unit.as_str(), *resets_at_us), (&campaign.key, "tokens", 200));
    assert_eq!(budgets.used(&account, 130).requests, 1, "what was taken of the account was given back");
    assert!(budgets.reserve("c", both(), Amounts::request(2), 200).is_ok(), "the next window");
}

#[test]
fn a_receipt_is_its_requests_and_settles_once() {
    let budgets = Budgets::new(bounds());
    let one = draw(0, 50);
    let receipt = budgets.reserve("a", vec![one.clone()], Amounts::request(10), 0).unwrap();
    let settle =
        |request: &str, at| budgets.settle(receipt, request, Amounts::request(4), at).map_err(|e| e.kind().clone());
    assert_eq!(settle("b", 1), Err(ErrorKind::OtherRequest));
    assert_eq!(settle("a", 1), Ok(()));
    assert_eq!(settle("a", 2), Err(ErrorKind::NotOpen));
    assert_eq!(budgets.used(&one, 2), Amounts::request(4));
    let late = budgets.reserve("c", vec![one.clone()], Amounts::request(10), 2).unwrap();
    let error = budgets.settle(late, "c", Amounts::default(), 2 + LIFE_US).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotOpen);
    assert_eq!(budgets.used(&one, 2 + LIFE_US).tokens, 14, "an expired receipt is spent at its estimate");
    assert_eq!(budgets.open_receipts(), 0);
}

#[test]
fn a_new_period_and_huge_amounts_open_no_spent_budget() {
    let budgets = Budgets::new(bounds());
    let daily = draw(0, 5);
    budgets.reserve("a", vec![daily.clone()], Amounts::request(5), 10).unwrap();
    let hourly = Draw { limit: Limit { period_us: 20, ..daily.limit }, ..daily.clone() };
    assert!(budgets.reserve("b", vec![hourly], Amounts::request(1), 11).is_err());
    let error = budgets.reserve("c", vec![daily.clone()], Amounts::request(MAX_AMOUNT + 1), 11).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge(_)));
    let endless = Draw { limit: Limit { most: Amounts::of_each(u64::MAX), ..daily.limit }, key: draw(1, 0).key };
    for number in 0..5 {
        let receipt = budgets.reserve("d", vec![endless.clone()], Amounts::of_each(MAX_AMOUNT), 12).unwrap();
        budgets.settle(receipt, "d", Amounts::of_each(MAX_AMOUNT), 12).unwrap();
        assert_eq!(budgets.used(&endless, 12).tokens, (number + 1) * MAX_AMOUNT);
    }
}

#[test]
fn there_is_room_for_so_many_and_no_more() {
    let budgets = Budgets::new(Bounds { budgets: 640, receipts: 640, receipt_life_us: LIFE_US });
    let reserve = |number: usize, at| budgets.reserve("r", vec![draw(number, 9)], Amounts::request(1), at);
    let refused = (0..2_000).filter(|number| reserve(*number, 0).is_err()).count();
    assert!(refused >= 2_000 - 704, "{refused}");
    assert!(budgets.open_receipts() <= 704);
    assert!(matches!(reserve(5_000, 1).map_err(|error| error.kind().clone()), Err(ErrorKind::Full) | Ok(_)));
    // What is over makes room.
    assert!((0..100).all(|number| reserve(10_000 + number, PERIOD_US).is_ok()));
}
