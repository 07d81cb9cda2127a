//! A real Redis-protocol server for tests. `STILLWATCH_TEST_REDIS` names its program; `cargo xtask test` sets it.

use std::env;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

const PROGRAM: &str = "STILLWATCH_TEST_REDIS";
/// The password of the server. Nothing that the program says or writes may hold it.
pub const PASSWORD: &str = "hunter2-7c1e";

/// A server that runs; killed when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts one; `None`, and a word about it, where there is no program.
    pub fn start(test: &str) -> Option<Self> {
        let Ok(program) = env::var(PROGRAM) else {
            let text = format!("SKIPPED {test}: no {PROGRAM} (run `cargo xtask test`, which installs a server)\n");
            std::io::stderr().write_all(text.as_bytes()).unwrap();
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { child: run(&program, port), port };
        answers(port);
        Some(server)
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again at the same place, with nothing in it.
    pub fn start_again(&mut self) {
        self.child = run(&env::var(PROGRAM).unwrap(), self.port);
        answers(self.port);
    }

    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }
}

fn run(program: &str, port: u16) -> Child {
    let port_text = port.to_string();
    Command::new(program)
        .args(["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--requirepass", PASSWORD])
        .current_dir(env::temp_dir())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until it takes connections.
fn answers(port: u16) {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the server at port {port} does not answer");
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
