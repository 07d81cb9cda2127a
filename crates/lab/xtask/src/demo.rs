//! `cargo xtask demo`: from nothing to a campaign that is stopped and a case that anybody can check, with what to try next.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::run::build;
use crate::run::run;
use crate::run::say;
use crate::run::scratch;

/// How many times as fast as it was the world is played: its two weeks last two and a half minutes.
const SPEED: &str = "8000";

/// What `verify` ends with where an archive does not hold.
const REFUTED: i32 = 4;

/// Builds, makes the world `demo`, hunts it, scores what was found, plays it live, and has a case checked.
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
    say(
        "\nPlaying it live: the same world sends its requests through a gate, while the engine watches and the rules act.",
    );
    let live = path("live");
    run(&stillwatch, &["up", "--demo", "--exit-after", "--seed", "7", "--speed", SPEED, "--out", &live])?;
    prove(&stillwatch, &folder)?;
    say(&format!(
        "\nTry it on your own logs (formats: docs/formats.md):\n\n  \
         {stillwatch} hunt PATH/TO/LOGS --accounts ACCOUNTS.jsonl --out found\n\n\
         The page of the hunt: {found}/report.html\n\
         The page of the live engine's last sweep: {live}/found/report.html\n\
         More worlds: {stillwatch} range worlds"
    ));
    Ok(())
}

/// Opens a case of what was found live, exports it, has the archive checked, and shows that one changed byte is found.
fn prove(stillwatch: &str, folder: &Path) -> Result<(), String> {
    let live = folder.join("live");
    let campaigns = live.join("found").join("campaigns.json");
    let read = fs::read(&campaigns).map_err(|error| format!("{}: {error}", campaigns.display()))?;
    let campaigns: Value =
        serde_json::from_slice(&read).map_err(|error| format!("{}: {error}", campaigns.display()))?;
    let Some(id) = campaigns.pointer("/0/id").and_then(Value::as_str) else {
        say("\nThe last sweep holds no campaign, so that there is no case to prove.");
        return Ok(());
    };
    say("\nA case of it, as one archive for somebody who does not trust us.");
    let (data, archive) = (live.join("data").display().to_string(), folder.join("case.zip"));
    let file = archive.display().to_string();
    run(stillwatch, &["case", "open", id, "--data-dir", &data, "--as", "ann", "--why", "the demo"])?;
    run(stillwatch, &["case", "export", id, "--data-dir", &data, "--out", &file])?;
    run(stillwatch, &["verify", &file])?;
    say("\nThe same archive with one byte changed.");
    let mut bytes = fs::read(&archive).map_err(|error| format!("{file}: {error}"))?;
    let middle = bytes.len() / 2;
    bytes.get_mut(middle).into_iter().for_each(|byte| *byte ^= 1);
    let changed = folder.join("changed.zip");
    fs::write(&changed, bytes).map_err(|error| format!("{}: {error}", changed.display()))?;
    say(&format!("\n$ {stillwatch} verify {}", changed.display()));
    let status = Command::new(stillwatch).arg("verify").arg(&changed).status();
    let status = status.map_err(|error| format!("{stillwatch} cannot be started: {error}"))?;
    if status.code() == Some(REFUTED) { Ok(()) } else { Err(format!("the changed archive was not refused: {status}")) }
}
