//! Kills at system calls: a run is ended at its n-th rename, write or the like, is run again, and must leave what a run leaves that
//! was never ended.
//!
//! `strace` counts the calls of each thread by itself. So every call is tried twice over: over all threads, where the thread that
//! comes to its n-th call first is hit, and over the first thread alone, which makes the commits.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use crate::outcome::Outcome;
use crate::process::Ended;
use crate::process::Limits;
use crate::process::Program;
use crate::tree::Tree;
use crate::tree::differences;
use crate::tree::read_tree;

/// The system calls at which a run is ended: all that change a folder. Of those that open, the ones that may make a file.
const CALLS: [&str; 17] = [
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "link",
    "linkat",
    "fsync",
    "fdatasync",
    "ftruncate",
    "write",
    "pwrite64",
    "flock",
    "chmod",
    "openat",
];

/// A run that is ended again and again: what it begins with, and what it is.
pub struct Scene<'a> {
    /// Name of the attack.
    pub name: &'a str,
    /// The folder that it begins with. It is copied before each run.
    pub before: &'a Path,
    /// Where the copy is put: always the same place, since results may name it.
    pub place: &'a Path,
    /// The words of the command.
    pub arguments: &'a [String],
    /// What of the folder is compared, and in which form: `None` leaves a file out.
    pub compared: fn(&str, &[u8]) -> Option<Vec<u8>>,
    /// Each how many-th call is tried; one is all of them.
    pub every: usize,
}

/// The bounds of a run below `strace`: its address space is not held.
fn traced() -> Limits {
    Limits { address_kib: 1 << 30, ..Limits::default() }
}

/// Whether runs can be ended at system calls here.
#[must_use]
pub fn can_trace() -> bool {
    let mut command = Command::new("strace");
    let quiet = command.args(["-qq", "-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Ends a run at every call, and runs it again each time.
///
/// # Errors
/// What the system says where a run cannot be started, or where the run fails that is not ended.
pub fn kill_everywhere(program: &Program, scene: &Scene<'_>, note: &dyn Fn(&str)) -> io::Result<Outcome> {
    let mut outcome = Outcome::new(scene.name);
    let limits = traced();
    let run = || program.run(scene.arguments, limits);
    let whole = |ended: Ended| match ended.code {
        Some(0) => Ok(()),
        _ => Err(io::Error::other(format!("{}: the run that is not ended fails: {}", scene.name, ended.said))),
    };
    scene.fresh()?;
    whole(run()?)?;
    let expected = scene.compared()?;
    whole(run()?)?;
    let again = differences(&expected, &scene.compared()?);
    outcome.count("run twice", &again);
    for threads in [Threads::All, Threads::First] {
        for (call, numbers) in calls(program, scene, threads)? {
            note(&format!("{}: {} calls of {call}{}", scene.name, numbers.len(), threads.told()));
            for number in numbers.into_iter().step_by(scene.every.max(1)) {
                scene.fresh()?;
                let trace = threads.strace("/dev/null", &call, Some(number));
                let killed = program.run_below(&trace, scene.arguments, limits)?;
                if killed.code.is_some() {
                    // The run made fewer calls this time.
                    continue;
                }
                let faults = run().and_then(|ended| faults_after(scene, &expected, &ended));
                outcome.count_result(&format!("killed at {call} {number}{}", threads.told()), faults);
            }
        }
    }
    Ok(outcome)
}

fn faults_after(scene: &Scene<'_>, expected: &Tree, ended: &Ended) -> io::Result<Vec<String>> {
    let mut faults = Vec::new();
    if ended.code != Some(0) {
        let said = ended.said.lines().next().unwrap_or_default();
        faults.push(format!("the next run fails with {:?}: {said}", ended.code));
    }
    faults.extend(differences(expected, &scene.compared()?));
    Ok(faults)
}

impl Scene<'_> {
    /// Puts the folder back to what the run begins with.
    fn fresh(&self) -> io::Result<()> {
        if self.place.exists() {
            fs::remove_dir_all(self.place)?;
        }
        copy(self.before, self.place)
    }

    fn compared(&self) -> io::Result<Tree> {
        let tree = read_tree(self.place)?;
        Ok(tree.into_iter().filter_map(|(name, bytes)| Some((name.clone(), (self.compared)(&name, &bytes)?))).collect())
    }
}

/// Copies a folder with the rights of its files.
///
/// # Errors
/// What the system says.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("cp failed: {status}"))) }
}

/// Which threads' calls count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Threads {
    All,
    First,
}

impl Threads {
    const fn told(self) -> &'static str {
        match self {
            Self::All => "",
            Self::First => " of the first thread",
        }
    }

    /// The words that run a program below `strace`, which ends it at a call.
    fn strace(self, log: &str, calls: &str, kill_at: Option<usize>) -> Vec<String> {
        let mut words: Vec<String> = ["strace", "-qq", "-o", log].map(str::to_owned).into();
        if self == Self::All {
            words.push("-f".to_owned());
        }
        words.extend(["-e".to_owned(), format!("trace={calls}")]);
        if let Some(number) = kill_at {
            words.extend(["-e".to_owned(), format!("inject={calls}:signal=KILL:when={number}")]);
        }
        words
    }
}

/// Which calls are made in a run that is not ended, as numbers in the order of a thread.
type Calls = BTreeMap<String, BTreeSet<usize>>;

fn calls(program: &Program, scene: &Scene<'_>, threads: Threads) -> io::Result<Calls> {
    scene.fresh()?;
    let log = tempfile::NamedTempFile::new()?;
    let known: Vec<&str> = CALLS.into_iter().filter(|call| is_known(call)).collect();
    let trace = threads.strace(&log.path().display().to_string(), &known.join(","), None);
    program.run_below(&trace, scene.arguments, traced())?;
    Ok(count(&fs::read_to_string(log.path())?))
}

/// Whether the machine has a call: some architectures lack the older ones.
fn is_known(call: &str) -> bool {
    let mut command = Command::new("strace");
    let quiet = command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "true"]);
    quiet.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The lines of `strace`, counted: the process, where there are several, and the call.
fn count(log: &str) -> Calls {
    let mut by_thread: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut made = Calls::new();
    for line in log.lines().filter(|line| !line.contains("resumed>")) {
        let Some((before, words_of_call)) = line.split_once('(') else { continue };
        let mut words = before.split_whitespace().rev();
        let (Some(call), thread) = (words.next(), words.next().unwrap_or_default()) else { continue };
        if CALLS.contains(&call) {
            let number = by_thread.entry((call.to_owned(), thread.to_owned())).or_default();
            *number += 1;
            if call != "openat" || words_of_call.contains("O_CREAT") {
                made.entry(call.to_owned()).or_default().insert(*number);
            }
        }
    }
    made
}

/// A path below a folder, as text.
#[must_use]
pub fn below(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_thread() {
        let log = "11 write(1, \"a(b\", 3) = 3\n12 write(1 <unfinished ...>\n11 rename(\"a\", \"b\") = 0\n\
                   12 <... write resumed>) = 1\n11 write(2, \"\", 0) = 0\n11 +++ exited with 0 +++\n";
        let calls = |call: &str, numbers: &[usize]| (call.to_owned(), numbers.iter().copied().collect());
        assert_eq!(count(log), Calls::from([calls("write", &[1, 2]), calls("rename", &[1])]));
        let opened = "openat(AT_FDCWD, \"a\", O_RDONLY) = 3\nopenat(AT_FDCWD, \"b\", O_WRONLY|O_CREAT) = 4\n";
        assert_eq!(count(opened), Calls::from([calls("openat", &[2])]));
    }
}
