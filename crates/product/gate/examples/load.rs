//! Load for measurements: `load HOST:PORT RATE CONNECTIONS SECONDS BODY_FILE [KEY…]`. Requests of a chat completion at a fixed rate, each
//! timed from when it was due, so that a server that stalls is charged for all that it kept waiting. Rate 0 is as fast as it
//! goes. Prints `{"sent", "failed", "requests_per_s", "p50_us", "p99_us"}`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for measurements may panic and prints"
)]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let place = arguments[0].clone();
    let rate: f64 = arguments[1].parse().unwrap();
    let connections: u32 = arguments[2].parse().unwrap();
    let seconds: f64 = arguments[3].parse().unwrap();
    let body = std::fs::read(&arguments[4]).unwrap();
    let keys = if arguments.len() > 5 { arguments[5..].to_vec() } else { vec!["sk-load".to_owned()] };
    let began = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|number| {
            let key = &keys[number as usize % keys.len()];
            let request = [head(&place, key, body.len()).as_bytes(), &body].concat();
            let place = place.clone();
            let each = f64::from(connections) / rate;
            thread::spawn(move || one(&place, &request, rate > 0.0, each, f64::from(number) / rate, seconds, began))
        })
        .collect();
    let (mut times, mut failed) = (Vec::new(), 0_u64);
    for thread in threads {
        let (own, lost) = thread.join().unwrap();
        times.extend(own);
        failed += lost;
    }
    let took = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at =
        |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1))).copied();
    let us = |share: f64| at(share).unwrap_or(0) as f64 / 1000.0;
    println!(
        "{{\"sent\":{},\"failed\":{failed},\"requests_per_s\":{:.0},\"p50_us\":{:.1},\"p99_us\":{:.1}}}",
        times.len(),
        times.len() as f64 / took,
        us(0.5),
        us(0.99)
    );
}

fn head(place: &str, key: &str, length: usize) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {place}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\nuser-agent: load/1\r\naccept: */*\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// One connection; nanoseconds of each request, and how many failed.
fn one(
    place: &str,
    request: &[u8],
    is_paced: bool,
    each_s: f64,
    first_s: f64,
    seconds: f64,
    began: Instant,
) -> (Vec<u64>, u64) {
    let (mut times, mut failed) = (Vec::new(), 0);
    let Ok(mut stream) = TcpStream::connect(place) else { return (times, 1) };
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for number in 0_u64.. {
        let due =
            if is_paced { began + Duration::from_secs_f64(first_s + each_s * number as f64) } else { Instant::now() };
        if due.duration_since(began).as_secs_f64() > seconds {
            break;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if stream.write_all(request).is_err() || !answered(&mut reader) {
            failed += 1;
            break;
        }
        times.push(u64::try_from(due.elapsed().as_nanos()).unwrap());
    }
    (times, failed)
}

/// Reads one answer; whether it is what was asked for.
fn answered(reader: &mut BufReader<TcpStream>) -> bool {
    let (mut length, mut is_good, mut line) = (0, None, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        if is_good.is_none() {
            is_good = Some(line.contains(" 200 "));
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).is_ok() && length > 0 && is_good == Some(true)
}
