//! Match weights in bits (Fellegi and Sunter, JASA 1969).

/// Weight of a shared value: `log2(population / holders)`, the bits by which sharing it raises the odds that two
/// accounts are one actor, when one actor always shares it with itself (`m = 1`) and a stranger holds it with the
/// frequency seen. This is the term-frequency adjustment: a value held by many says little, one held by all says
/// nothing. Zero for a value with no or all holders.
#[must_use]
pub fn frequency_bits(holders: u64, population: u64) -> f64 {
    if holders == 0 || holders >= population { 0.0 } else { (population as f64 / holders as f64).log2() }
}
