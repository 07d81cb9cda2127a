//! An S3-compatible server for the tests: moto's, from PyPI, in an environment of its own below the target folder.

use std::env;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::python::environment;

/// Variable with the server's address, which the tests look for.
pub const SERVER: &str = "STILLWATCH_TEST_S3";

const PACKAGE: &str = "moto[server]==5.2.5";

/// A running server; ended when dropped.
pub struct Server {
    child: Option<Child>,
    /// Where it listens.
    pub place: String,
}

impl Server {
    /// Starts the server, or takes the one that the environment names.
    ///
    /// # Errors
    /// Where Python is missing or the package cannot be fetched.
    pub fn start() -> Result<Self, String> {
        if let Ok(place) = env::var(SERVER) {
            return Ok(Self { child: None, place });
        }
        let program = environment("s3", "moto_server", &[PACKAGE])?.join("bin").join("moto_server");
        // Freed at once and taken again by the server: it cannot be told to take any free port and say which.
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
        let address = listener.local_addr().map_err(|error| format!("no free port: {error}"))?;
        drop(listener);
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let mut server = Self { child: Some(child), place: address.to_string() };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), String> {
        for _ in 0..300 {
            if TcpStream::connect(&self.place).is_ok() {
                return Ok(());
            }
            if let Some(Ok(Some(status))) = self.child.as_mut().map(Child::try_wait) {
                return Err(format!("the S3 server ended at once: {status} (remove target/xtask/s3 and try again)"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err("the S3 server does not answer after 30 seconds".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
