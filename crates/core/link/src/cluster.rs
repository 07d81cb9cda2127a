//! Parting a block whose values run together.
//!
//! Faint values, such as pairs of words, are held by everybody who asks for the same kind of thing, so a block of them
//! may hold several bodies of work. What tells these apart is not which values each holds but how often: the accounts of
//! one lie nearer to each other than to the others'. A block is cut in two along its main direction of variation and the
//! halves are settled by 2-means on the sphere (Dhillon and Modha 2001); the cut stands only if it is clean, and each
//! side is tried again. Everything is a function of the ties' content: no seed, no order.

use sketch::hash::mix;

use crate::bond::Values;
use crate::bond::at;
use crate::bond::set;
use crate::part::Part;

/// Rounds of power iteration, and of 2-means.
const TURNS: usize = 12;
/// How often a block is cut at most, one cut inside another.
const MAX_CUTS: usize = 6;
/// A clean cut: accounts are so many times nearer to their own side than to the other, on average ...
const NEARER: f64 = 1.4;
/// ... and nine in ten of them are nearer to it at all.
const CLEAN_TENTHS: usize = 9;

/// A sparse unit vector: place of the value, weight.
type Vector = Vec<(usize, f64)>;

/// An account with what it holds.
#[derive(Clone, Copy)]
struct Speaker<'a> {
    account: u32,
    seed: u64,
    vector: &'a Vector,
}

/// Parts accounts by the values they hold: sets of accounts, each of at least `least`, together all of `core` that hold
/// any. Accounts are places in the connected part; `inside` are the block's edges, `core` its accounts, ascending.
pub fn clusters(part: &Part, inside: &[(u32, u32)], core: &[u32], values: &Values, least: usize) -> Vec<Vec<u32>> {
    let mut places: Vec<u32> = vec![u32::MAX; part.values.len()];
    let mut count = 0;
    // Account, where it begins, what it holds.
    let mut all: Vec<(u32, u64, Vector)> = Vec::new();
    let own: Vec<(u32, u32)> =
        inside.iter().filter(|(account, _)| core.binary_search(account).is_ok()).copied().collect();
    for run in own.chunk_by(|a, b| a.0 == b.0) {
        let (mut seed, mut vector) = (0, Vector::new());
        for (_, value) in run {
            let number = at(&part.values, *value);
            // Where an account begins is told by what it holds, not by its place among others.
            seed ^= values.value(number).map_or(0, |value| mix(value.hash));
            if at(&places, *value) == u32::MAX {
                set(&mut places, *value, count);
                count += 1;
            }
            vector.push((at(&places, *value) as usize, values.bits(number)));
        }
        let norm = vector.iter().map(|(_, x)| x * x).sum::<f64>().sqrt().max(1e-12);
        vector.iter_mut().for_each(|(_, x)| *x /= norm);
        all.extend(run.first().map(|(account, _)| (*account, seed, vector)));
    }
    let speakers = all.iter().map(|(account, seed, vector)| Speaker { account: *account, seed: *seed, vector });
    let mut parts = Vec::new();
    divide(speakers.collect(), count as usize, least, MAX_CUTS, &mut parts);
    parts
}

fn divide(accounts: Vec<Speaker<'_>>, values: usize, least: usize, cuts: usize, parts: &mut Vec<Vec<u32>>) {
    if cuts > 0
        && accounts.len() >= 2 * least
        && let Some(sides) = cut(&accounts, values)
    {
        let (one, other): (Vec<_>, Vec<_>) = accounts.iter().zip(&sides).partition(|(_, side)| **side);
        if one.len() >= least && other.len() >= least {
            for side in [one, other] {
                divide(side.into_iter().map(|(speaker, _)| *speaker).collect(), values, least, cuts - 1, parts);
            }
            return;
        }
    }
    parts.push(accounts.into_iter().map(|speaker| speaker.account).collect());
}

/// The side of each account in a clean cut; `None` where there is none.
fn cut(accounts: &[Speaker<'_>], values: usize) -> Option<Vec<bool>> {
    let mut sides = main_direction(accounts, values);
    let mut sums = sums_of(accounts, &sides, values);
    for _ in 0..TURNS {
        let norms = sums.each_ref().map(|sum| norm(sum));
        let nearer: Vec<bool> = accounts
            .iter()
            .map(|Speaker { vector, .. }| {
                let [no, yes] =
                    [0, 1].map(|side| dot(vector, side_of::<Vec<f64>>(&sums, side)) / side_of(&norms, side).max(1e-12));
                yes > no
            })
            .collect();
        if nearer == sides {
            break;
        }
        sides = nearer;
        sums = sums_of(accounts, &sides, values);
    }
    let norms = sums.each_ref().map(|sum| norm(sum));
    let (mut own_sum, mut other_sum, mut clean) = (0.0, 0.0, 0);
    for (Speaker { vector, .. }, side) in accounts.iter().zip(&sides) {
        let (own, other) = (usize::from(*side), usize::from(!*side));
        // An account's own share is taken off its side, or every cut would look clean.
        let near = (dot(vector, side_of::<Vec<f64>>(&sums, own)) - 1.0).max(0.0) / side_of(&norms, own).max(1e-12);
        let far = dot(vector, side_of::<Vec<f64>>(&sums, other)) / side_of(&norms, other).max(1e-12);
        own_sum += near;
        other_sum += far;
        clean += usize::from(near > far);
    }
    (own_sum >= NEARER * other_sum && clean * 10 >= accounts.len() * CLEAN_TENTHS).then_some(sides)
}

/// The sign of each account along the main direction of variation about the mean.
fn main_direction(accounts: &[Speaker<'_>], values: usize) -> Vec<bool> {
    let mut along: Vec<f64> = accounts.iter().map(|speaker| if speaker.seed & 1 == 1 { 1.0 } else { -1.0 }).collect();
    for _ in 0..TURNS {
        let mean = along.iter().sum::<f64>() / along.len() as f64;
        let mut direction = vec![0.0; values];
        for (Speaker { vector, .. }, weight) in accounts.iter().zip(&along) {
            for (place, x) in vector.iter() {
                if let Some(sum) = direction.get_mut(*place) {
                    *sum += x * (weight - mean);
                }
            }
        }
        let scale = norm(&direction).max(1e-12);
        along = accounts.iter().map(|speaker| dot(speaker.vector, &direction) / scale).collect();
    }
    let mean = along.iter().sum::<f64>() / along.len() as f64;
    along.into_iter().map(|x| x > mean).collect()
}

fn sums_of(accounts: &[Speaker<'_>], sides: &[bool], values: usize) -> [Vec<f64>; 2] {
    let mut sums = [vec![0.0; values], vec![0.0; values]];
    for (Speaker { vector, .. }, side) in accounts.iter().zip(sides) {
        let [no, yes] = &mut sums;
        let sum = if *side { yes } else { no };
        for (place, x) in vector.iter() {
            if let Some(slot) = sum.get_mut(*place) {
                *slot += x;
            }
        }
    }
    sums
}

fn side_of<T>(pair: &[T; 2], side: usize) -> &T {
    let [no, yes] = pair;
    if side == 1 { yes } else { no }
}

fn dot(vector: &[(usize, f64)], dense: &[f64]) -> f64 {
    vector.iter().map(|(place, x)| x * dense.get(*place).copied().unwrap_or(0.0)).sum()
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}
