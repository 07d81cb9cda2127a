//! Measures attribution: `cargo run --release -p attribution --example worlds [SEEDS] [FIRST] [SCALE]`.
//!
//! Each seed is a world of `range` with one pool, and five stories of who runs it: an organisation that lets some of it slip;
//! somebody who is not listed; somebody who lays all that can be forged of an organisation that has nothing to do with it; two
//! organisations on one pool; and somebody who is not listed, while a listed one is an honest customer. Campaigns are those of
//! the truth: how well they are found is measured elsewhere. Prints one JSON object, which `cargo xtask bench attribution`
//! shows as tables.

#[path = "worlds/score.rs"]
mod score;
#[path = "worlds/story.rs"]
mod story;

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use attribution::Entity;
use attribution::Matcher;
use attribution::judge;
use attribution::parse_entity;
use range::GenerateOptions;
use range::World;
use range::generate;
use score::Tally;
use story::Log;
use story::Story;

const FILES: [(&str, &str); 3] = [
    ("northmere.toml", include_str!("entities/northmere.toml")),
    ("oriel.toml", include_str!("entities/oriel.toml")),
    ("tarn.toml", include_str!("entities/tarn.toml")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let seeds = numbers.first().copied().unwrap_or(200);
    let first = numbers.get(1).copied().unwrap_or(1);
    let entities: Vec<Entity> = FILES.iter().map(|(name, text)| parse_entity(name, text)).collect::<Result<_, _>>()?;
    let scale = numbers.get(2).copied().unwrap_or(4);
    let world = World::parse(&scaled(scale)?, "world.toml")?;
    let mut tally = Tally::default();
    for seed in first..first + seeds {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("world");
        let options = GenerateOptions { seed, ..GenerateOptions::default() };
        generate(&world, &options, &place, &|_, _| {})?;
        let log = read(&place)?;
        for story in Story::ALL {
            let told = story.tell(&log, entities.len(), seed);
            let matcher = Matcher::new(&entities, None);
            let observed = told.observe(&matcher);
            let judged = judge("pool", &entities, &observed, &log.campaign, &log.campaign);
            tally.add(story, &told, &judged, &entities);
        }
        let mut errors = std::io::stderr();
        let _ = writeln!(errors, "seed {seed}: {}", tally.so_far());
    }
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&tally.json())?)?;
    Ok(())
}

/// The world with so many times the honest accounts. The pool stays as it is.
fn scaled(scale: u64) -> Result<String, Box<dyn Error>> {
    let mut world: toml::Table = include_str!("world.toml").parse()?;
    let kinds = world.get_mut("population").and_then(toml::Value::as_array_mut);
    for kind in kinds.into_iter().flatten() {
        if let Some(accounts) = kind.get_mut("accounts") {
            *accounts = toml::Value::Integer(accounts.as_integer().unwrap_or(0) * i64::try_from(scale)?);
        }
    }
    Ok(world.to_string())
}

/// Reads a world as far as it matters.
fn read(place: &Path) -> Result<Log, Box<dyn Error>> {
    let mut log = Log::default();
    let path = |name: &str| vec![place.join(name).display().to_string()];
    for input in record::expand(&path("accounts.jsonl"))? {
        record::read_accounts(&input, &mut |item| log.records.extend(item.ok()))?;
    }
    for input in record::expand(&path("exchanges.jsonl.zst"))? {
        for block in input.open(None)? {
            block?.read(&mut |item| {
                if let Ok(exchange) = item {
                    let ip = exchange.client.ip.as_deref().unwrap_or_default().to_owned();
                    log.exchanges.push((exchange.account.to_string(), exchange.at_us, ip));
                }
            });
        }
    }
    let truth: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(place.join("truth.json"))?)?;
    let accounts = truth.pointer("/campaigns/0/accounts").and_then(serde_json::Value::as_array);
    let names: BTreeSet<String> =
        accounts.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    log.campaign = names;
    Ok(log)
}
