//! `cargo xtask demo`: from nothing to campaigns, with what to try next.

use crate::run::build;
use crate::run::run;
use crate::run::say;
use crate::run::scratch;

/// Builds, makes the world `demo`, hunts it and scores what was found.
pub fn demo() -> Result<(), String> {
    say("Building. The first build takes some minutes; later ones take seconds.");
    let stillwatch = build("dev")?;
    let folder = scratch("demo")?;
    let path = |name: &str| folder.join(name).display().to_string();
    let (world, found) = (path("world"), path("found"));
    say("\nMaking a world: ordinary customers of many kinds, and two campaigns hidden among them.");
    run(&stillwatch, &["range", "generate", "--world", "demo", "--seed", "7", "--out", &world])?;
    say("\nHunting it. The hunt sees the log and the account records, not the truth.");
    let (log, accounts) = (format!("{world}/exchanges.jsonl.zst"), format!("{world}/accounts.jsonl"));
    run(&stillwatch, &["hunt", &log, "--accounts", &accounts, "--out", &found])?;
    say("\nComparing with the truth.");
    run(&stillwatch, &["range", "score", "--truth", &format!("{world}/truth.json"), "--found", &found])?;
    say(&format!(
        "\nTry it on your own logs (formats: docs/formats.md):\n\n  \
         {stillwatch} hunt PATH/TO/LOGS --accounts ACCOUNTS.jsonl --out found\n\n\
         What was written, and why each account is there: {found}\n\
         More worlds: {stillwatch} range worlds"
    ));
    Ok(())
}
