//! A PostgreSQL server for the tests of cases: Debian's, where it is installed.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use crate::run::note;
use crate::run::target;

/// Variable with the URL of a database of the tests, which they look for.
pub const SERVER: &str = "STILLWATCH_TEST_POSTGRES";

/// The user that it runs as where the tests run as root, which it refuses.
const USER: &str = "postgres";

/// A running server; ended when dropped. None where PostgreSQL is not installed: the tests then leave it out.
pub struct Server {
    data: Option<PathBuf>,
    /// The URL of its database; empty where there is none.
    pub url: String,
}

impl Server {
    /// Starts the server, or takes the one that the environment names.
    ///
    /// # Errors
    /// Where it is installed and does not start.
    pub fn start() -> Result<Self, String> {
        if let Ok(url) = env::var(SERVER) {
            return Ok(Self { data: None, url });
        }
        let Some(programs) = programs() else {
            note(
                "skipped: PostgreSQL is not installed, so cases are tested in SQLite only (apt-get install postgresql)",
            );
            return Ok(Self { data: None, url: String::new() });
        };
        let folder = target().join("xtask").join("postgres");
        let data = folder.join("data");
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        // Freed at once and taken again by the server.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(failed)?.port();
        let place = data.display().to_string();
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off");
        let log = folder.join("log").display().to_string();
        if is_root() {
            run("chown", &["-R", USER, &folder.display().to_string()], false)?;
        }
        let initdb = programs.join("initdb").display().to_string();
        run(&initdb, &["-D", &place, "-A", "trust", "-U", USER, "--no-sync"], true)?;
        let pg_ctl = programs.join("pg_ctl").display().to_string();
        run(&pg_ctl, &["-D", &place, "-o", &options, "-l", &log, "-w", "start"], true)?;
        Ok(Self { data: Some(data), url: format!("postgres://{USER}@127.0.0.1:{port}/postgres") })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let (Some(data), Some(programs)) = (&self.data, programs()) {
            let pg_ctl = programs.join("pg_ctl").display().to_string();
            let _ = run(&pg_ctl, &["-D", &data.display().to_string(), "-m", "immediate", "stop"], true);
        }
    }
}

/// The folder of the server's programs: Debian's newest, or one of the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn run(program: &str, arguments: &[&str], as_server: bool) -> Result<(), String> {
    let mut command = match as_server && is_root() {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--", program]);
            command
        }
        false => Command::new(program),
    };
    let status =
        command.args(arguments).current_dir(Path::new("/")).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} {} failed: {status}", arguments.join(" "))),
        Err(error) => Err(format!("{program} cannot be started: {error}")),
    }
}
