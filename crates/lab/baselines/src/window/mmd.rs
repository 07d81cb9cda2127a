//! The distance of a window from benign history, as arXiv 2606.05725 takes it.
//!
//! Kernel: mean of four radial kernels with bandwidths 0.5, 1, 2 and 4 times the median distance of benign texts (of
//! 1,000 of them here). The score is the mean distance to 20 draws of W benign texts; the threshold is the 95th
//! percentile of 1,000 distances between two such draws. The kernel is computed once for all pairs of texts; the 20
//! draws of a window come from a bank of 40, so that their sums are made once too.

use crate::embed::Vectors;
use crate::embed::dot;
use crate::kernel::Kernel;
use crate::kernel::distance;
use crate::rng::Rng;
use crate::stat::quantile;
use crate::window::text::Text;

const REFERENCES: usize = 20;
const BANK: usize = 40;
const FOR_MEDIAN: usize = 1_000;

/// Rows of a matrix, one after the other.
#[derive(Debug, Default)]
struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    fn of(rows: &Vectors, columns: &Vectors, kernel: Kernel) -> Self {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in 0..rows.len() {
            let own = rows.row(row);
            values.extend((0..columns.len()).map(|column| kernel.of_cosine(dot(own, columns.row(column)))));
        }
        Self { columns: columns.len(), values }
    }

    fn row(&self, row: usize) -> &[f32] {
        let start = row * self.columns;
        self.values.get(start..start + self.columns).unwrap_or_default()
    }
}

/// The kernel inside the benign pool.
#[derive(Debug)]
pub(crate) struct Inside {
    vectors: Vectors,
    kernel: Kernel,
    matrix: Matrix,
}

impl Inside {
    pub(crate) fn of(vectors: Vectors) -> Self {
        let some = vectors.len().min(FOR_MEDIAN);
        let far = |a: usize, b: usize| f64::from((2.0 - 2.0 * vectors.cosine(a, b)).max(0.0)).sqrt();
        let apart: Vec<f64> = (0..some).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| far(a, b)).collect();
        let kernel = Kernel::of_median(quantile(&apart, 0.5));
        let matrix = Matrix::of(&vectors, &vectors, kernel);
        Self { vectors, kernel, matrix }
    }
}

/// The kernel inside a pool that is mixed in, and between it and the benign pool.
#[derive(Debug)]
pub(crate) struct Distances<'a> {
    inside: &'a Inside,
    across: Matrix,
    other: Matrix,
    /// Number of the pool's first text.
    first: usize,
}

/// Draws of benign history, with the kernel summed over each.
#[derive(Debug)]
pub(crate) struct Bank(Vec<Draw>);

#[derive(Debug)]
struct Draw {
    texts: Vec<usize>,
    /// Sum of the kernel inside, without the diagonal.
    inside: f64,
    /// For each benign text, the sum of the kernel with the draw.
    benign: Vec<f32>,
}

/// For each text that is mixed in, the sum of the kernel with each draw of a bank.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    first: usize,
    draws: Vec<Vec<f32>>,
}

/// Sum of some of a row.
fn some(row: &[f32], of: &[usize]) -> f64 {
    f64::from(of.iter().filter_map(|index| row.get(*index)).sum::<f32>())
}

fn benign_of(window: &[Text]) -> Vec<usize> {
    let index = |text: &Text| if let Text::Benign(index) = text { Some(*index) } else { None };
    let mut benign: Vec<usize> = window.iter().filter_map(index).collect();
    benign.sort_unstable();
    benign
}

impl Inside {
    /// Sum of the kernel inside some benign texts, without the diagonal.
    fn among(&self, texts: &[usize]) -> f64 {
        let before = |number| texts.get(..number).unwrap_or_default();
        texts.iter().enumerate().map(|(number, text)| 2.0 * some(self.matrix.row(*text), before(number))).sum()
    }

    /// Sum of the kernel inside a window of benign texts, without the diagonal.
    pub(crate) fn within(&self, window: &[Text]) -> f64 {
        self.among(&benign_of(window))
    }

    /// Draws of `size` texts of benign history.
    pub(crate) fn bank(&self, from: &[usize], size: usize, rng: &mut Rng) -> Bank {
        let draw = |_| {
            let places = rng.distinct(size, from.len());
            let texts: Vec<usize> = places.into_iter().filter_map(|place| from.get(place).copied()).collect();
            let mut benign = vec![0.0_f32; self.matrix.columns];
            for text in &texts {
                benign.iter_mut().zip(self.matrix.row(*text)).for_each(|(sum, value)| *sum += value);
            }
            Draw { inside: self.among(&texts), texts, benign }
        };
        Bank((0..BANK).map(draw).collect())
    }

    /// Mean distance to 20 draws of the bank of a window whose kernel inside has this sum. `sums` belong to the same
    /// bank, and are needed where the window is mixed.
    pub(crate) fn score(&self, window: &[Text], within: f64, bank: &Bank, sums: &Sums, rng: &mut Rng) -> f64 {
        let chosen = rng.distinct(REFERENCES, bank.0.len());
        let apart = chosen.iter().filter_map(|place| {
            let draw = bank.0.get(*place)?;
            let other = sums.draws.get(*place).map(Vec::as_slice).unwrap_or_default();
            let with = |text: &Text| match text {
                Text::Benign(index) => draw.benign.get(*index),
                Text::Other(index) => other.get(index.checked_sub(sums.first)?),
            };
            let across: f64 = window.iter().filter_map(with).map(|sum| f64::from(*sum)).sum();
            Some(distance(within, window.len(), draw.inside, draw.texts.len(), across))
        });
        apart.sum::<f64>() / chosen.len().max(1) as f64
    }

    /// The published threshold: the 95th percentile of distances between two draws of benign history, which have no
    /// text in common where there are enough.
    pub(crate) fn own_threshold(&self, from: &[usize], size: usize, draws: usize, rng: &mut Rng) -> f64 {
        let apart = |_| {
            let mut places = rng.distinct(2 * size, from.len());
            let second = if places.len() == 2 * size { places.split_off(size) } else { rng.distinct(size, from.len()) };
            places.truncate(size);
            let texts = |places: Vec<usize>| -> Vec<usize> {
                let mut texts: Vec<usize> = places.into_iter().filter_map(|place| from.get(place).copied()).collect();
                texts.sort_unstable();
                texts
            };
            let (one, other) = (texts(places), texts(second));
            let across = one.iter().map(|text| some(self.matrix.row(*text), &other)).sum();
            distance(self.among(&one), one.len(), self.among(&other), other.len(), across)
        };
        quantile(&(0..draws).map(apart).collect::<Vec<f64>>(), 0.95)
    }
}

impl<'a> Distances<'a> {
    pub(crate) fn of(inside: &'a Inside, other: Vectors, first: usize) -> Self {
        let across = Matrix::of(&other, &inside.vectors, inside.kernel);
        let other = Matrix::of(&other, &other, inside.kernel);
        Self { inside, across, other, first }
    }

    /// Sums of the kernel with each draw of a bank.
    pub(crate) fn sums(&self, bank: &Bank) -> Sums {
        let rows = 0..self.other.columns;
        let of = |draw: &Draw| -> Vec<f32> {
            rows.clone().map(|row| some(self.across.row(row), &draw.texts) as f32).collect()
        };
        Sums { first: self.first, draws: bank.0.iter().map(of).collect() }
    }

    /// Sum of the kernel inside a mixed window, without the diagonal.
    pub(crate) fn within(&self, window: &[Text]) -> f64 {
        let benign = benign_of(window);
        let index = |text: &Text| if let Text::Other(index) = text { index.checked_sub(self.first) } else { None };
        let others: Vec<usize> = window.iter().filter_map(index).collect();
        let mut total = self.inside.among(&benign);
        for (number, index) in others.iter().enumerate() {
            let before = others.get(..number).unwrap_or_default();
            total += 2.0 * (some(self.other.row(*index), before) + some(self.across.row(*index), &benign));
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::Hashed;

    #[test]
    fn sums_agree_with_the_definition() {
        let texts = ["one two three", "two three four", "red green blue", "a walk by the sea"];
        let others = ["one two four", "write code now"];
        let of = |texts: &[&str]| Vectors::of(&Hashed::new(64), texts.iter().copied()).unwrap();
        let inside = Inside::of(of(&texts));
        let distances = Distances::of(&inside, of(&others), 10);
        let all = of(&[&texts[..], &others[..]].concat());
        let kernel = |a: usize, b: usize| f64::from(inside.kernel.of_cosine(all.cosine(a, b)));
        let (window, places) = ([Text::Benign(2), Text::Other(11), Text::Benign(0), Text::Other(10)], [2, 5, 0, 4]);
        let sum = |left: &[usize], right: &[usize]| -> f64 {
            left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))).map(|(a, b)| kernel(a, b)).sum()
        };
        let (within, reference) = (sum(&places, &places) - 4.0, sum(&[0, 1, 2, 3], &[0, 1, 2, 3]) - 4.0);
        assert!((distances.within(&window) - within).abs() < 1e-4);
        let bank = inside.bank(&[0, 1, 2, 3], 4, &mut Rng::new(1));
        assert!((bank.0[0].inside - reference).abs() < 1e-4);
        let expected = distance(within, 4, reference, 4, sum(&places, &[0, 1, 2, 3]));
        let sums = distances.sums(&bank);
        let score = inside.score(&window, distances.within(&window), &bank, &sums, &mut Rng::new(2));
        assert!((score - expected).abs() < 1e-4);
    }
}
