//! `cargo xtask release`: what is handed out, made from one program.
//!
//! The same program and the same checkout give the same bytes: names are sorted, times are those of the last commit, and nothing says
//! where or by whom it was made.

mod archive;
mod debian;
mod linked;
mod names;
mod parts;
mod sbom;
#[cfg(test)]
mod tests;

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::release::archive::File;
use crate::release::archive::sums;
use crate::release::archive::tar_gz;
use crate::release::linked::Linked;
use crate::release::names::FEATURES;
use crate::release::names::Names;
use crate::release::parts::Parts;
use crate::run::build_with;
use crate::run::note;
use crate::run::output;
use crate::run::say;
use crate::run::scratch;

/// Makes what is handed out: archive, Debian package, list of components, digests
///
/// Without --binary the page is built (Node is needed), and then the program, with the query engine, PostgreSQL and Envoy's protocols.
/// Needs objcopy and objdump; without dpkg-deb there is no Debian package, and that is said.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask release --binary target/release/stillwatch --out release")]
pub struct Arguments {
    /// Program to hand out [default: a release build of this checkout]
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Folder for it [default: target/xtask/release]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Makes it.
pub fn release(arguments: &Arguments) -> Result<(), String> {
    let program = match &arguments.binary {
        Some(program) => program.clone(),
        None => {
            console::build()?;
            PathBuf::from(build_with("release", &["--features", FEATURES])?)
        }
    };
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => scratch("release")?,
    };
    fs::create_dir_all(&out).map_err(|error| format!("cannot make {}: {error}", out.display()))?;
    let names = Names { version: env!("CARGO_PKG_VERSION"), arch: env::consts::ARCH, epoch_s: epoch_s() };
    let work = scratch("release-work")?;
    let parts = Parts::of(&program, &names, &work)?;
    let linked = Linked::of(&program)?;
    say(&format!("{} links {}; the oldest C library is {}", program.display(), linked.list(), linked.glibc()));
    hand_out(&parts, &linked, &names, &work, &out)
}

/// Writes everything into a folder.
fn hand_out(parts: &Parts, linked: &Linked, names: &Names, work: &Path, out: &Path) -> Result<(), String> {
    let stem = names.stem();
    let mut made = vec![
        File::new(format!("{stem}.tar.gz"), tar_gz(&stem, &parts.archive()?, names.epoch_s)?),
        File::new(format!("{stem}.debug"), parts.symbols.clone()),
        File::new(format!("stillwatch-{}.cdx.json", names.version), parts.sbom.clone()),
    ];
    match debian::package(&parts.installed()?, linked, names, &work.join("debian"))? {
        Some((name, package)) => made.push(File::new(name, package)),
        None => note("skipped: no Debian package was made, since dpkg-deb is not installed"),
    }
    made.sort_by(|one, other| one.place.cmp(&other.place));
    made.push(sums(&made));
    for file in &made {
        let path = out.join(&file.place);
        fs::write(&path, &file.bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        say(&format!("{} ({:.1} MB)", path.display(), file.bytes.len() as f64 / 1e6));
    }
    Ok(())
}

/// The time that files get: `$SOURCE_DATE_EPOCH`, else that of the last commit, else 0.
fn epoch_s() -> u64 {
    let given = env::var("SOURCE_DATE_EPOCH").ok();
    let text = given.or_else(|| output("git", &["log", "-1", "--format=%ct"]).ok()).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}
