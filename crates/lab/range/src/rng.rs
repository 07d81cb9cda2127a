//! Random streams named by their place.
//!
//! Every draw comes from a stream keyed by what it is for (world seed, group, account, conversation), never by
//! when it happens: the same world gives the same bytes whatever the number of threads. The generator is written
//! out here because those bytes must not change when a dependency improves its own.

/// Mixes two words into one: the finaliser of SplitMix64 over their sum.
pub(crate) const fn mix(a: u64, b: u64) -> u64 {
    let mut z =
        a.rotate_left(23).wrapping_add(b.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x632B_E59B_D9B4_E019);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The word that stands for a name.
pub(crate) const fn label(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut rest: &[u8] = bytes;
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    while let Some((first, tail)) = rest.split_first() {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01B3);
        rest = tail;
    }
    hash
}

/// The seed of something named inside something else.
pub(crate) const fn sub(seed: u64, name: &str) -> u64 {
    mix(seed, label(name))
}

/// One random stream: xoshiro256++.
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    a: u64,
    b: u64,
    c: u64,
    d: u64,
}

impl Rng {
    /// The stream of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        let a = mix(seed, 1);
        let b = mix(a, 2);
        let c = mix(b, 3);
        Rng { a, b, c, d: mix(c, 4) }
    }

    /// The stream of something named inside a seed.
    pub(crate) const fn of(seed: u64, name: &str) -> Self {
        Rng::new(sub(seed, name))
    }

    /// The next 64 bits.
    pub(crate) const fn word(&mut self) -> u64 {
        let result = self.a.wrapping_add(self.d).rotate_left(23).wrapping_add(self.a);
        let t = self.b << 17;
        self.c ^= self.a;
        self.d ^= self.b;
        self.b ^= self.c;
        self.a ^= self.d;
        self.c ^= t;
        self.d = self.d.rotate_left(45);
        result
    }

    /// A number below `bound`; 0 where `bound` is 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        ((self.word() as u128 * bound as u128) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// A number from 0 to 1, 1 excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A standard normal number.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A log-normal number by its median.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// An exponential number by its mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A rank below `n` by a law close to Zipf's: small ranks often, large ones seldom.
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        let rank = ((n as f64 + 1.0).powf(self.unit()) - 1.0) as usize;
        rank.min(n.saturating_sub(1))
    }

    /// One of `items`.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u64) as usize)
    }

    /// One of `words`; the empty word where there is none.
    pub(crate) fn word_of(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or("")
    }

    /// Puts `items` in random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// Sixteen hexadecimal digits that stand for a word.
pub(crate) fn hex(word: u64) -> String {
    format!("{word:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_name_and_repeat() {
        let first = |seed, name| Rng::of(seed, name).word();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(2, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
    }

    #[test]
    fn the_laws_have_their_shape() {
        let mut rng = Rng::new(7);
        let mut draws: Vec<f64> = (0..20_001).map(|_| rng.log_normal(17.0, 1.228)).collect();
        draws.sort_by(f64::total_cmp);
        assert!((draws[10_000] / 17.0 - 1.0).abs() < 0.06, "median {}", draws[10_000]);
        assert!((draws[18_000] / 82.0 - 1.0).abs() < 0.12, "p90 {}", draws[18_000]);
        let ranks: Vec<usize> = (0..10_000).map(|_| rng.zipf(100)).collect();
        assert!(ranks.iter().filter(|&&rank| rank == 0).count() > 1_000);
        assert!(ranks.iter().all(|&rank| rank < 100));
        assert_eq!(rng.below(0), 0);
    }
}
