//! Runs the program under bounds and says how it ended.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// How often a running program's memory is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What a run may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Address space of each process in KiB, held by the system.
    pub address_kib: u64,
    /// Resident memory of the program and what it starts in KiB, looked at while it runs.
    pub resident_kib: u64,
    /// Wall time, after which it is ended.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { address_kib: 6 << 20, resident_kib: 1 << 20, time: Duration::from_secs(60) }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Default)]
pub struct Ended {
    /// Its exit status; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Whether it had to be ended.
    pub is_hung: bool,
    /// What it printed.
    pub out: String,
    /// What it said on standard error.
    pub said: String,
    /// The most resident memory that was seen of it and what it started, in KiB.
    pub peak_kib: u64,
    /// How long it took.
    pub wall: Duration,
}

/// The program that is attacked.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    secret: PathBuf,
}

impl Program {
    /// A built program. All runs hash under the secret in a file.
    #[must_use]
    pub fn new(binary: &Path, secret: &Path) -> Self {
        Self { binary: binary.to_owned(), secret: secret.to_owned() }
    }

    /// Runs it with arguments under limits.
    ///
    /// # Errors
    /// What the system says where it cannot be started.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S], limits: Limits) -> io::Result<Ended> {
        let words = [self.binary.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        self.run_words(&words.map(OsStr::to_owned).collect::<Vec<_>>(), limits)
    }

    /// Runs it below another program, as `strace`, whose words come first.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn run_below<S: AsRef<OsStr>>(&self, above: &[String], arguments: &[S], limits: Limits) -> io::Result<Ended> {
        let own = [self.binary.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        let words = above.iter().map(OsStr::new).chain(own);
        self.run_words(&words.map(OsStr::to_owned).collect::<Vec<_>>(), limits)
    }

    fn run_words(&self, words: &[OsString], limits: Limits) -> io::Result<Ended> {
        let (out, said) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
        let bounded = format!("ulimit -v {} && exec \"$@\"", limits.address_kib);
        let mut command = Command::new("sh");
        command.args(["-c", &bounded, "sh"]).args(words);
        command.env("STILLWATCH_SECRET", &self.secret).env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::null()).stdout(out.reopen()?).stderr(said.reopen()?);
        // A group of its own, so that all of it can be ended.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut ended = Ended::default();
        ended.code = loop {
            if let Some(status) = child.try_wait()? {
                break status.code();
            }
            ended.peak_kib = ended.peak_kib.max(resident_kib(child.id()));
            if started.elapsed() > limits.time {
                ended.is_hung = true;
                end_group(&mut child)?;
                break None;
            }
            thread::sleep(LOOK);
        };
        ended.wall = started.elapsed();
        ended.out = String::from_utf8_lossy(&fs::read(out.path())?).into_owned();
        ended.said = String::from_utf8_lossy(&fs::read(said.path())?).into_owned();
        Ok(ended)
    }
}

/// Ends a child and all that it started.
fn end_group(child: &mut Child) -> io::Result<()> {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    child.wait().map(drop)
}

/// Resident memory of a process and of what it started, in KiB: the most that the process itself had, and what its children
/// have now. Zero where the system does not tell.
fn resident_kib(process: u32) -> u64 {
    let own = field_kib(process, "VmHWM:");
    let children = children(process);
    children.into_iter().fold(own, |sum, child| sum + field_kib(child, "VmRSS:"))
}

fn field_kib(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The children of all threads of a process.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    lists.flat_map(|list| list.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u32>>()).collect()
}

impl Ended {
    /// What of it must not be, in words: a panic, a signal, no end, too much memory, a status that is none of ours.
    #[must_use]
    pub fn faults(&self, limits: Limits) -> Vec<String> {
        let mut faults = Vec::new();
        match self.code {
            _ if self.is_hung => faults.push(format!("did not end in {} s", limits.time.as_secs())),
            None => faults.push("ended by a signal".to_owned()),
            Some(0..=4) => {}
            Some(code) => faults.push(format!("exit status {code}")),
        }
        if ["panicked at", "RUST_BACKTRACE", "overflowed its stack", "memory allocation of"]
            .iter()
            .any(|text| self.said.contains(text) || self.out.contains(text))
        {
            faults.push("text of a panic".to_owned());
        }
        if self.peak_kib > limits.resident_kib {
            faults.push(format!("{} MiB of memory", self.peak_kib >> 10));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limits: Limits) -> Ended {
        Program::new(Path::new("/bin/sh"), Path::new("none")).run(&["-c", script], limits).unwrap()
    }

    #[test]
    fn every_bad_end_is_told() {
        let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
        for (script, fault) in [
            ("exit 0", ""),
            ("exit 101", "exit status 101"),
            ("kill -9 $$", "signal"),
            ("sleep 5; true", "did not end"),
            ("echo thread panicked at x >&2; exit 1", "panic"),
        ] {
            let faults = shell(script, limits).faults(limits).join(", ");
            assert!(if fault.is_empty() { faults.is_empty() } else { faults.contains(fault) }, "{script}: {faults}");
        }
    }

    #[test]
    fn memory_is_seen() {
        let limits = Limits { resident_kib: 20 << 10, ..Limits::default() };
        let ended = shell("x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 0.2; echo ${#x}", limits);
        assert!(ended.faults(limits).iter().any(|fault| fault.contains("MiB")), "{ended:?}");
    }
}
