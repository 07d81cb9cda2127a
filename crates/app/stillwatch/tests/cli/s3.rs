//! An S3-compatible server that somebody else started, and a proxy before it that fails as told.

use std::env;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

/// Variable with the address of the server; `cargo xtask test` sets it.
const SERVER: &str = "STILLWATCH_TEST_S3";

/// The server's address. Without one a test says loudly that it did not run.
pub fn server(test: &str) -> Option<String> {
    let server = env::var(SERVER).ok();
    if server.is_none() {
        let text = format!("SKIPPED {test}: no {SERVER} (run `cargo xtask test`, which starts an S3 server)\n");
        // Not captured, unlike `eprintln!`.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    server
}

/// One request on a connection of its own; the answer's status and everything else.
fn request(server: &str, method: &str, path: &str, body: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(server).expect("the S3 server answers");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Makes a bucket that no other run has used, and names it.
pub fn bucket(server: &str, name: &str) -> String {
    let name = format!("{name}-{}", std::process::id());
    assert_eq!(request(server, "PUT", &format!("/{name}"), b""), 200);
    name
}

/// Puts an object into a bucket.
pub fn put(server: &str, bucket: &str, key: &str, bytes: &[u8]) {
    // The only sign in our keys that a URL would read as something else.
    let key = key.replace('=', "%3D");
    assert_eq!(request(server, "PUT", &format!("/{bucket}/{key}"), bytes), 200, "{key}");
}

/// Puts every file below a folder; how many that were.
pub fn put_folder(server: &str, bucket: &str, prefix: &str, folder: &Path) -> usize {
    let mut count = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(folder).unwrap().to_str().unwrap();
                put(server, bucket, &format!("{prefix}/{below}"), &fs::read(&path).unwrap());
                count += 1;
            }
        }
    }
    count
}

/// The environment in which a command reads from a server.
pub fn reading<'c>(command: &'c mut Command, server: &str) -> &'c mut Command {
    command
        .env("AWS_ENDPOINT", format!("http://{server}"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
}

/// A proxy that passes requests on, or answers them with a failure.
pub struct Proxy {
    /// Where it listens.
    pub place: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// A proxy that fails request number `n` where `fails(n)` names a status.
    pub fn start(server: &str, fails: impl Fn(usize) -> Option<u16> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, server, fails) = (Arc::clone(&heads), server.to_owned(), Arc::new(fails));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, server, fails) = (Arc::clone(&seen), server.clone(), Arc::clone(&fails));
                thread::spawn(move || serve(stream, &server, &seen, fails.as_ref()));
            }
        });
        Self { place, heads }
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// One request: what is asked has no body, and the answer ends with the connection.
fn serve(
    mut client: TcpStream,
    server: &str,
    seen: &Mutex<Vec<String>>,
    fails: &(dyn Fn(usize) -> Option<u16> + Send + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(head.clone());
        seen.len()
    };
    if let Some(status) = fails(number) {
        let answer = format!("HTTP/1.1 {status} Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = client.write_all(answer.as_bytes());
        return;
    }
    let mut upstream = TcpStream::connect(server).unwrap();
    let asked = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    upstream.write_all(asked.as_bytes()).unwrap();
    let _ = std::io::copy(&mut upstream, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}
