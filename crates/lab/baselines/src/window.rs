//! The window protocol of arXiv 2606.05725: is a window of texts benign, or is part of it an attacker's?
//!
//! A benign pool of texts is split 80/20 by seed. Windows of W texts are drawn from the held-out fifth, without
//! replacement; in a mixed window a share of the texts comes from the attacker's pool, drawn with replacement where
//! the pool is smaller than what is asked of it (as the paper does). A size is left out where the held-out texts are
//! fewer than W, because benign windows would repeat texts, which is a structure that only the drawing has made.
//!
//! Beyond the paper: each statistic gets thresholds at two false-positive rates. The 80 % are split again, 25 times,
//! three quarters reference and one quarter calibration; windows of the calibration part are scored against the
//! reference part by the same steps as a test window is against a reference of that size. So methods are compared at
//! equal rates. Pools of *strangers*, benign sources that the
//! reference does not hold, are mixed in the same way: what is flagged there is a false alarm.

mod features;
mod mmd;
mod ours;
mod pool;
mod text;

use serde::Serialize;

use crate::embed::Embedder;
use crate::embed::Vectors;
use crate::error::Error;
use crate::rng::Rng;
use crate::rng::mix;
use crate::stat::quantile;

use features::Features;
use mmd::Distances;
use ours::Structure;
use text::Text;

pub use pool::Pool;

/// False-positive rates at which methods are compared.
pub const RATES: [f64; 2] = [0.05, 0.003];

/// The numbers of the protocol.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// Sizes of windows, in texts.
    pub sizes: Vec<usize>,
    /// Shares of attackers' texts, from 0 to 1.
    pub shares: Vec<f64>,
    /// Windows of each condition; benign windows are four times as many.
    pub windows: usize,
    /// Seeds of the splits and draws.
    pub seeds: Vec<u64>,
    /// Most texts that are taken of the benign pool.
    pub cap_benign: usize,
    /// Most texts that are taken of each other pool.
    pub cap_other: usize,
    /// Draws for each threshold.
    pub draws: usize,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            sizes: vec![100, 200, 500, 1000, 1500],
            shares: vec![0.05, 0.10, 0.25, 0.50, 1.0],
            windows: 50,
            seeds: vec![1, 20, 42],
            cap_benign: 8_000,
            cap_other: 1_500,
            draws: 1_000,
        }
    }
}

/// What one method said of the windows of one condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The benign pool.
    pub benign: String,
    /// The pool that was mixed in; empty for benign windows.
    pub other: String,
    /// Whether the other pool is benign too, and what is flagged a false alarm.
    pub stranger: bool,
    /// The method and its threshold.
    pub method: String,
    /// Texts a window.
    pub size: usize,
    /// Share of the other pool's texts; 0 for benign windows.
    pub share: f64,
    /// The seed.
    pub seed: u64,
    /// Windows.
    pub windows: usize,
    /// How many were flagged.
    pub flagged: usize,
}

/// Splits of benign history into reference and calibration, over which thresholds are taken.
const SPLITS: usize = 25;

/// How one seed splits the benign pool.
struct Split {
    /// Four fifths.
    history: Vec<usize>,
    /// Three quarters of the history: what a test window is scored against by the calibrated rules.
    reference: Vec<usize>,
    /// The fifth that test windows are drawn from.
    held_out: Vec<usize>,
}

impl Split {
    fn of(texts: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut history = rng.distinct(texts, texts);
        let held_out = history.split_off(texts - texts / 5);
        let (reference, _) = parts(&history, &mut rng);
        Self { history, reference, held_out }
    }
}

/// Three quarters and the rest, which is as large as what is held out.
fn parts(history: &[usize], rng: &mut Rng) -> (Vec<usize>, Vec<usize>) {
    let order = rng.distinct(history.len(), history.len());
    let mut all: Vec<usize> = order.into_iter().filter_map(|place| history.get(place).copied()).collect();
    let rest = all.split_off(history.len() - history.len() / 4);
    (all, rest)
}

/// Draws windows.
struct Drawer(Rng);

impl Drawer {
    fn benign(&mut self, from: &[usize], size: usize) -> Vec<Text> {
        let places = self.0.distinct(size, from.len());
        places.into_iter().filter_map(|place| from.get(place).copied().map(Text::Benign)).collect()
    }

    /// `others` is the first text of the pool that is mixed in and how many it has.
    fn mixed(&mut self, from: &[usize], size: usize, share: f64, (first, others): (usize, usize)) -> Vec<Text> {
        let foreign = ((size as f64 * share).round() as usize).min(size);
        let mut window = self.benign(from, size - foreign);
        if foreign <= others {
            window.extend(self.0.distinct(foreign, others).into_iter().map(|place| Text::Other(first + place)));
        } else {
            window.extend((0..foreign).map(|_| Text::Other(first + self.0.below(others))));
        }
        window
    }
}

/// One way to tell, with its thresholds: a score above the threshold is an alarm.
struct Rule {
    method: String,
    statistic: usize,
    threshold: f64,
}

/// Runs the protocol with one benign pool against several others; `true` beside those that are benign too.
///
/// # Errors
/// If a text cannot be embedded.
pub fn run(
    benign: &Pool,
    others: &[(Pool, bool)],
    protocol: &Protocol,
    embedder: &dyn Embedder,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Cell>, Error> {
    let benign = benign.capped(protocol.cap_benign);
    let others: Vec<(Pool, bool)> =
        others.iter().map(|(pool, stranger)| (pool.capped(protocol.cap_other), *stranger)).collect();
    progress(&format!("{}: {} texts, the kernel between all of them", benign.name, benign.len()));
    let inside = mmd::Inside::of(Vectors::of(embedder, benign.texts.iter().map(String::as_str))?);
    let mut pools = Vec::new();
    let mut first = 0;
    for (pool, stranger) in &others {
        let vectors = Vectors::of(embedder, pool.texts.iter().map(String::as_str))?;
        pools.push(Other { pool, stranger: *stranger, first, distances: Distances::of(&inside, vectors, first) });
        first += pool.len();
    }
    let texts: Vec<&str> = others.iter().flat_map(|(pool, _)| &pool.texts).map(String::as_str).collect();
    let features = Features::of(&benign.texts, &texts);
    let mut cells = Vec::new();
    for seed in &protocol.seeds {
        let split = Split::of(benign.len(), *seed);
        let structure = Structure::of(&features, &split.reference);
        for size in protocol.sizes.iter().filter(|size| **size <= split.held_out.len()) {
            progress(&format!("{}: seed {seed}, windows of {size}", benign.name));
            let mut rng = Rng::new(mix(*seed) ^ *size as u64);
            let judge = Judge::of(protocol, &split, &inside, &structure, *size, &mut rng);
            cells.extend(judge.test(&benign, None, protocol, &split, *seed, &mut rng));
            for other in &pools {
                cells.extend(judge.test(&benign, Some(other), protocol, &split, *seed, &mut rng));
            }
        }
    }
    Ok(cells)
}

/// A pool that is mixed in.
struct Other<'a> {
    pool: &'a Pool,
    stranger: bool,
    /// Number of its first text among the texts of all such pools.
    first: usize,
    distances: Distances<'a>,
}

/// Everything that scores windows of one size under one seed, with its thresholds.
struct Judge<'a> {
    size: usize,
    inside: &'a mmd::Inside,
    structure: &'a Structure<'a>,
    /// Draws of all benign history, as the paper's test compares with.
    history: mmd::Bank,
    /// Draws of the reference.
    bank: mmd::Bank,
    scale: ours::Scale,
    /// The published threshold.
    published: f64,
    rules: Vec<Rule>,
}

impl<'a> Judge<'a> {
    fn of(
        protocol: &Protocol,
        split: &Split,
        inside: &'a mmd::Inside,
        structure: &'a Structure<'a>,
        size: usize,
        rng: &mut Rng,
    ) -> Self {
        let whole = &split.history;
        let published = inside.own_threshold(whole, size, protocol.draws, rng);
        let history = inside.bank(whole, size, rng);
        let bank = inside.bank(&split.reference, size, rng);
        // Many splits, because a part of the benign texts differs from the rest in a way that all its windows share:
        // the windows of one split alone would not show how large that is for the next part.
        let mut drawer = Drawer(Rng::new(rng.next()));
        let mut scored: Vec<(f64, Vec<f64>)> = Vec::new();
        for _ in 0..SPLITS {
            let (reference, calibration) = parts(whole, rng);
            let structure = Structure::of(structure.features(), &reference);
            let bank = inside.bank(&reference, size, rng);
            for _ in 0..protocol.draws.div_ceil(SPLITS) {
                let window = drawer.benign(&calibration, size);
                let within = inside.within(&window);
                let distance = inside.score(&window, within, &bank, &mmd::Sums::default(), rng);
                scored.push((distance, structure.parts(&window)));
            }
        }
        let of_scale: Vec<Vec<f64>> = scored.iter().map(|(_, parts)| parts.clone()).collect();
        let scale = ours::Scale::of(&of_scale);
        let mut judge = Self { size, inside, structure, history, bank, scale, published, rules: Vec::new() };
        let nulls: Vec<Vec<f64>> = scored.into_iter().map(|(distance, parts)| judge.scores(parts, distance)).collect();
        judge.rules = rules(&nulls);
        judge
    }

    /// The distance, ours, and the parts of ours.
    fn scores(&self, parts: Vec<f64>, distance: f64) -> Vec<f64> {
        let mut scores = vec![distance, self.scale.combined(&parts)];
        scores.extend(parts);
        scores
    }

    /// Windows of one pool at each share; of benign texts alone where there is no pool.
    fn test(
        &self,
        benign: &Pool,
        other: Option<&Other<'_>>,
        protocol: &Protocol,
        split: &Split,
        seed: u64,
        rng: &mut Rng,
    ) -> Vec<Cell> {
        let mut drawer = Drawer(Rng::new(rng.next()));
        let sums = |bank| other.map(|other| other.distances.sums(bank)).unwrap_or_default();
        let (with_history, with_bank) = (sums(&self.history), sums(&self.bank));
        let conditions = match other {
            None => vec![(0.0, protocol.windows * 4)],
            Some(_) => protocol.shares.iter().map(|share| (*share, protocol.windows)).collect(),
        };
        let mut cells = Vec::new();
        for (share, windows) in conditions {
            let mut flags = vec![0; self.rules.len() + 1];
            for _ in 0..windows {
                let range = other.map_or((0, 0), |other| (other.first, other.pool.len()));
                let window = drawer.mixed(&split.held_out, self.size, share, range);
                let within = other.map_or_else(|| self.inside.within(&window), |other| other.distances.within(&window));
                let published = self.inside.score(&window, within, &self.history, &with_history, rng) > self.published;
                let distance = self.inside.score(&window, within, &self.bank, &with_bank, rng);
                let scores = self.scores(self.structure.parts(&window), distance);
                let over = |rule: &Rule| scores.get(rule.statistic).is_some_and(|score| *score > rule.threshold);
                let said = std::iter::once(published).chain(self.rules.iter().map(over));
                flags.iter_mut().zip(said).for_each(|(flag, over)| *flag += usize::from(over));
            }
            let methods = std::iter::once("mmd as published").chain(self.rules.iter().map(|rule| rule.method.as_str()));
            cells.extend(methods.zip(flags).map(|(method, flagged)| Cell {
                benign: benign.name.clone(),
                other: other.map(|other| other.pool.name.clone()).unwrap_or_default(),
                stranger: other.is_some_and(|other| other.stranger),
                method: method.to_owned(),
                size: self.size,
                share,
                seed,
                windows,
                flagged,
            }));
        }
        cells
    }
}

/// Thresholds of each statistic at each rate, from benign scores.
fn rules(nulls: &[Vec<f64>]) -> Vec<Rule> {
    let names = ["mmd", "ours"].into_iter().map(str::to_owned);
    let parts = ours::PARTS.iter().map(|part| format!("ours, {part} alone"));
    let mut rules = Vec::new();
    for (statistic, name) in names.chain(parts).enumerate() {
        let scores: Vec<f64> = nulls.iter().filter_map(|row| row.get(statistic).copied()).collect();
        for rate in RATES {
            let method = format!("{name} at {} %", rate * 100.0);
            rules.push(Rule { method, statistic, threshold: quantile(&scores, 1.0 - rate) });
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::Hashed;
    use crate::testing::chatter;
    use crate::testing::filled;

    fn flagged(cells: &[Cell], method: &str, share: f64) -> f64 {
        let own = cells.iter().filter(|cell| cell.method == method && cell.share == share);
        let (windows, flagged) = own.fold((0, 0), |sum, cell| (sum.0 + cell.windows, sum.1 + cell.flagged));
        flagged as f64 / f64::from(windows.max(1) as u32)
    }

    #[test]
    fn a_template_is_told_from_chatter_and_chatter_is_not() {
        let mut rng = Rng::new(3);
        let benign = Pool::new("chatter", (0..1200).map(|_| chatter(&mut rng, 10)).collect());
        let attack = Pool::new("template", (0..200).map(|_| filled(&mut rng)).collect());
        let more = Pool::new("more chatter", (0..200).map(|_| chatter(&mut rng, 10)).collect());
        let protocol = Protocol {
            sizes: vec![100, 500],
            shares: vec![0.1, 1.0],
            windows: 15,
            seeds: vec![1],
            draws: 120,
            ..Protocol::default()
        };
        let cells = run(&benign, &[(attack, false), (more, true)], &protocol, &Hashed::new(64), &mut |_| ()).unwrap();
        // 240 texts are held out, so that windows of 500 are left out.
        assert!(cells.iter().all(|cell| cell.size == 100));
        let (strangers, hostile): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(|cell| cell.stranger);
        for method in ["mmd at 5 %", "ours at 5 %", "mmd as published"] {
            assert_eq!(flagged(&hostile, method, 1.0), 1.0, "{method}");
            assert!(flagged(&hostile, method, 0.0) <= 0.25, "{method}");
            assert!(flagged(&strangers, method, 1.0) <= 0.35, "{method}");
        }
        assert!(flagged(&hostile, "ours at 5 %", 0.1) > 0.9);
    }
}
