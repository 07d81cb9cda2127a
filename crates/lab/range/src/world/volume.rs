//! How many exchanges an account makes, as a world may say it.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};

use crate::rng::Rng;

/// How many exchanges an account makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Volume {
    /// Any number from the first to the second, both included.
    Range(u32, u32),
    /// Log-normal, cut at `max`.
    Tail { median: f64, sigma: f64, max: u32 },
}

impl Volume {
    /// A log-normal one.
    pub(crate) const fn tail(median: f64, sigma: f64, max: u32) -> Volume {
        Volume::Tail { median, sigma, max }
    }

    /// Draws a volume, at least 1.
    pub(crate) fn draw(self, rng: &mut Rng) -> u32 {
        match self {
            Volume::Range(low, high) => rng.between(u64::from(low), u64::from(high)) as u32,
            Volume::Tail { median, sigma, max } => {
                rng.log_normal(median, sigma).round().clamp(1.0, f64::from(max)) as u32
            }
        }
    }

    pub(super) fn check(self) -> Result<(), String> {
        match self {
            Volume::Range(low, high) if low == 0 || low > high => {
                Err(format!("exchanges = [{low}, {high}] is no range (write [low, high] with 1 <= low <= high)"))
            }
            Volume::Tail { median, sigma, max } if !(median >= 1.0 && (0.0..=4.0).contains(&sigma) && max >= 1) => {
                Err("exchanges = { median, sigma, max } needs median >= 1, sigma from 0 to 4 and max >= 1".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VolumeVisitor)
    }
}

struct VolumeVisitor;

impl<'de> Visitor<'de> for VolumeVisitor {
    type Value = Volume;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a range [low, high] or { median, sigma, max }")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Volume, E> {
        let number = u32::try_from(number).map_err(|_| de::Error::custom("exchanges must be at least 1"))?;
        Ok(Volume::Range(number, number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Volume, A::Error> {
        let short = || de::Error::custom("a range needs two numbers: [low, high]");
        let low = seq.next_element()?.ok_or_else(short)?;
        let high = seq.next_element()?.ok_or_else(short)?;
        match seq.next_element::<u32>()? {
            None => Ok(Volume::Range(low, high)),
            Some(_) => Err(short()),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Volume, A::Error> {
        let (mut median, mut sigma, mut max) = (None, 1.0, 2_000);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "median" => median = Some(map.next_value()?),
                "sigma" => sigma = map.next_value()?,
                "max" => max = map.next_value()?,
                other => return Err(de::Error::unknown_field(other, &["median", "sigma", "max"])),
            }
        }
        let median = median.ok_or_else(|| de::Error::missing_field("median"))?;
        Ok(Volume::Tail { median, sigma, max })
    }
}
