//! `cargo xtask bench scale`: what an amount of traffic needs, by a small simulation of the pipeline.
//!
//! A sample of accounts lives through 45 days, hour by hour: volumes are log-normal, work comes in sessions. What the
//! pipeline would write for them is counted and scaled up. The sizes and speeds at the top are measured, each on the world
//! `record`; `docs/scale.md` says how, and shows computed rows beside measured ones.

use clap::Args;

use crate::run::say;

/// Bytes of an exchange in the columnar form.
const ROW_BYTES: f64 = 232.0;
/// Bytes of a profile: so many of none, so many more an exchange, and no more than that.
const PROFILE_BYTES: (f64, f64, f64) = (400.0, 85.0, 5_000.0);
/// Bytes of an id in an increment.
const ID_BYTES: f64 = 8.0;
/// Core-seconds to fold a million exchanges in a hunt.
const FOLD_SECONDS: f64 = 2.0;
/// Core-seconds to merge a million profiles of increments, and to read a gigabyte of them.
const MERGE_SECONDS: (f64, f64) = (8.0, 2.0);
/// Core-seconds for everything after the fold, for a million accounts.
const ACCOUNT_SECONDS: f64 = 320.0;
/// Bytes of memory for an account, beside its profile.
const ACCOUNT_BYTES: f64 = 4_400.0;

/// Days of a window, of which the newest is folded by the hour.
const DAYS: usize = 45;
const BLOCK_DAYS: usize = 8;
/// Accounts that are simulated.
const SAMPLE: usize = 20_000;
/// Spread of volumes, the chance that an account is active on a day, and exchanges of a session.
const SIGMA: f64 = 1.2;
const ACTIVE: f64 = 0.4;
const SESSION: f64 = 5.0;

/// Traffic of which the table speaks: exchanges a day, accounts, what it is.
const ROWS: [(f64, f64, &str); 6] = [
    (1e4, 1e3, "a team's own model"),
    (1e6, 5e4, "a small provider"),
    (2.22e6, 1e6, "the world `record`"),
    (3e7, 1e6, "a provider"),
    (3e8, 3e6, "a large provider"),
    (1e9, 1e7, "a billion exchanges a day"),
];

/// What does an amount of traffic need: disk, time and memory?
///
/// Simulates accounts for 45 days, counts what the pipeline would write for them, and scales it up with measured sizes
/// and speeds. Nothing is hunted. docs/scale.md shows the rows.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask bench scale --seed 2")]
pub struct Arguments {
    /// Seed of the simulation
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Rows and bytes of one kind of increment.
#[derive(Default, Clone, Copy)]
struct Written {
    rows: f64,
    bytes: f64,
}

impl Written {
    fn add(&mut self, exchanges: u32) {
        if exchanges > 0 {
            let (none, each, most) = PROFILE_BYTES;
            let exchanges = f64::from(exchanges);
            self.rows += 1.0;
            self.bytes += (none + each * exchanges).min(most) + ID_BYTES * exchanges;
        }
    }
}

/// What accounts of a sample leave behind in the window.
#[derive(Default)]
struct Left {
    newest: Written,
    days: Written,
    blocks: Written,
    /// Days that are in no block yet.
    loose: Written,
    whole: Written,
}

/// Prints the table.
pub fn scale(arguments: &Arguments) {
    let mut random = Random(arguments.seed);
    say(
        "| traffic | exchanges a day | accounts | columnar form, a day | increments, a day | increments that a hunt of 45 days \
         reads | hunt from exchanges | hunt from increments | memory |\n|---|---|---|---|---|---|---|---|---|",
    );
    for (a_day, accounts, name) in ROWS {
        let left = simulate(a_day * DAYS as f64 / accounts, &mut random);
        let up = accounts / SAMPLE as f64;
        let newest_day = left.newest.bytes + (left.days.bytes + left.blocks.bytes) / DAYS as f64;
        let read = Written {
            rows: (left.blocks.rows + left.loose.rows + left.newest.rows) * up,
            bytes: (left.blocks.bytes + left.loose.bytes + left.newest.bytes) * up,
        };
        let after = accounts / 1e6 * ACCOUNT_SECONDS;
        let exchanges = a_day * DAYS as f64 / 1e6 * FOLD_SECONDS;
        let merge = read.rows / 1e6 * MERGE_SECONDS.0 + read.bytes / 1e9 * MERGE_SECONDS.1;
        say(&format!(
            "| {name} | {a_day:.0} | {accounts:.0} | {} | {} | {} | {} | {} | {} |",
            bytes(a_day * ROW_BYTES),
            bytes(newest_day * up),
            bytes(read.bytes),
            time(exchanges + after),
            time(merge + after),
            bytes(left.whole.bytes * up + accounts * ACCOUNT_BYTES),
        ));
    }
    say("\nTimes are core-time: divide by the cores. What follows the fold runs on one machine.");
}

/// Lives through the window with a sample of accounts that make so many exchanges on average.
fn simulate(mean: f64, random: &mut Random) -> Left {
    let mut left = Left::default();
    for _ in 0..SAMPLE {
        let volume = mean * (SIGMA * random.normal() - SIGMA * SIGMA / 2.0).exp();
        let (mut block, mut whole) = (0, 0);
        for day in 0..DAYS {
            let is_newest = day + 1 == DAYS;
            let mut of_day = 0;
            if random.unit() < ACTIVE {
                // A session is in one hour.
                let expected = volume / DAYS as f64 / ACTIVE;
                let sessions = random.poisson(expected / SESSION);
                let mut hours = [0_u32; 24];
                for _ in 0..sessions {
                    let hour = (random.unit() * 24.0) as usize;
                    if let Some(hour) = hours.get_mut(hour) {
                        *hour += 1 + random.poisson(SESSION - 1.0);
                    }
                }
                of_day = hours.iter().sum();
                if is_newest {
                    hours.iter().for_each(|hour| left.newest.add(*hour));
                }
            }
            whole += of_day;
            if is_newest {
                continue;
            }
            left.days.add(of_day);
            block += of_day;
            if day >= DAYS / BLOCK_DAYS * BLOCK_DAYS {
                left.loose.add(of_day);
            } else if (day + 1) % BLOCK_DAYS == 0 {
                left.blocks.add(block);
                block = 0;
            }
        }
        left.whole.add(whole);
    }
    left
}

/// Numbers that are the same every run.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By the central limit theorem: twelve are near enough for volumes.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Counted for small means, rounded from the normal law for large ones.
    fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 30.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u32;
        }
        let (bound, mut product, mut count) = ((-mean).exp(), self.unit(), 0);
        while product > bound {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

fn bytes(count: f64) -> String {
    match count {
        _ if count >= 1e12 => format!("{:.1} TB", count / 1e12),
        _ if count >= 1e9 => format!("{:.1} GB", count / 1e9),
        _ => format!("{:.1} MB", count / 1e6),
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds >= 3_600.0 => format!("{:.1} h", seconds / 3_600.0),
        _ if seconds >= 60.0 => format!("{:.1} min", seconds / 60.0),
        _ => format!("{seconds:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_what_was_asked_for() {
        let mut random = Random(7);
        let exchanges = |left: &Left| {
            let (none, each, _) = PROFILE_BYTES;
            (left.days.bytes - none * left.days.rows) / (each + ID_BYTES) / SAMPLE as f64
        };
        // Of 44 of 45 days, and small enough that no day reaches the largest profile.
        let left = simulate(45.0, &mut random);
        assert!((exchanges(&left) - 44.0).abs() < 4.0, "{}", exchanges(&left));
        assert!(left.days.rows > left.blocks.rows && left.days.bytes > left.blocks.bytes);
        assert!(left.newest.rows >= left.whole.rows * ACTIVE * 0.2);
    }
}
