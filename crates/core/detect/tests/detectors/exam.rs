//! One detector on one group.

use cohort::Items;
use detect::ALL;
use detect::Context;
use detect::Finding;
use detect::test_group;

use crate::town::Life;
use crate::town::Town;
use crate::town::town;

pub fn finding(town: &Town, name: &str) -> Option<Finding> {
    let context = Context::for_all(&town.population);
    let detector = ALL.iter().find(|detector| detector.name == name).unwrap();
    let units: Vec<u32> = town.group.iter().map(|at| town.population.customer(*at)).collect();
    test_group(&context, detector, &town.group, &units, Items::All)
}

/// What the detector makes of a group of forty among six hundred; `None` where it says nothing.
pub fn score(name: &str, change: impl Fn(u64, &mut Life)) -> Option<f64> {
    finding(&town(600, 40, 1, change), name).map(|finding| finding.score)
}

/// The same where everybody lives in some way: `base` for all, and `change` for the group on top of it.
pub fn among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) -> Option<f64> {
    let mut town = town(0, 640, 1, |number, life| {
        base(life);
        if number < 40 {
            change(life);
        }
    });
    town.group.truncate(40);
    finding(&town, name).map(|finding| finding.score)
}

pub fn sees_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let score = among(name, base, change);
    assert!(score.is_some_and(|score| score >= 100.0), "{name} misses it: {score:?}");
}

pub fn passes_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let score = among(name, base, change);
    assert!(score.is_some(), "{name} says nothing of the twin, so that the test shows nothing");
    assert!(score.is_some_and(|score| score < 20.0), "{name} accuses the twin: {score:?}");
}

pub fn sees(name: &str, change: impl Fn(u64, &mut Life)) {
    let score = score(name, change);
    assert!(score.is_some_and(|score| score >= 100.0), "{name} misses it: {score:?}");
}

pub fn passes(name: &str, change: impl Fn(u64, &mut Life)) {
    let score = score(name, change);
    assert!(score.is_some(), "{name} says nothing of the twin, so that the test shows nothing");
    assert!(score.is_some_and(|score| score < 20.0), "{name} accuses the twin: {score:?}");
}

/// The detector says nothing on purpose: what it compares with is missing, or what is shared is ignored as common.
pub fn is_silent(name: &str, change: impl Fn(u64, &mut Life)) {
    let score = score(name, change);
    assert!(score.is_none(), "{name} has something to say: {score:?}");
}

/// The same among people who live in some way.
pub fn is_silent_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let score = among(name, base, change);
    assert!(score.is_none(), "{name} has something to say: {score:?}");
}
