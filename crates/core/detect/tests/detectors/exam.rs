//! One detector on one group.

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
    test_group(&context, detector, &town.group, &units, &[])
}

/// What the detector makes of a group of forty among six hundred; `None` where it says nothing.
pub fn e_value(name: &str, change: impl Fn(u64, &mut Life)) -> Option<f64> {
    finding(&town(600, 40, 1, change), name).map(|finding| finding.e_value)
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
    finding(&town, name).map(|finding| finding.e_value)
}

pub fn sees_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let e_value = among(name, base, change);
    assert!(e_value.is_some_and(|e_value| e_value >= 100.0), "{name} misses it: {e_value:?}");
}

pub fn passes_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let e_value = among(name, base, change);
    assert!(e_value.is_some(), "{name} says nothing of the twin, so that the test shows nothing");
    assert!(e_value.is_some_and(|e_value| e_value < 20.0), "{name} accuses the twin: {e_value:?}");
}

pub fn sees(name: &str, change: impl Fn(u64, &mut Life)) {
    let e_value = e_value(name, change);
    assert!(e_value.is_some_and(|e_value| e_value >= 100.0), "{name} misses it: {e_value:?}");
}

pub fn passes(name: &str, change: impl Fn(u64, &mut Life)) {
    let e_value = e_value(name, change);
    assert!(e_value.is_some(), "{name} says nothing of the twin, so that the test shows nothing");
    assert!(e_value.is_some_and(|e_value| e_value < 20.0), "{name} accuses the twin: {e_value:?}");
}

/// The detector says nothing on purpose: what it compares with is missing, or what is shared is ignored as common.
pub fn is_silent(name: &str, change: impl Fn(u64, &mut Life)) {
    let e_value = e_value(name, change);
    assert!(e_value.is_none(), "{name} has something to say: {e_value:?}");
}

/// The same among people who live in some way.
pub fn is_silent_among(name: &str, base: fn(&mut Life), change: fn(&mut Life)) {
    let e_value = among(name, base, change);
    assert!(e_value.is_none(), "{name} has something to say: {e_value:?}");
}
