//! Reads native exchanges on one core and says how fast: `cargo run --release -p record --example throughput [FILE]`.
//!
//! Without a file it makes 256 MiB of exchanges of about 1 KiB and reads those.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use record::Client;
use record::Exchange;
use record::Message;
use record::Params;
use record::Request;
use record::Response;
use record::Role;
use record::native::write_exchange;

const MADE_BYTES: usize = 256 * 1024 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join("record-throughput");
    let path = match std::env::args().nth(1) {
        Some(path) => path,
        None => {
            std::fs::create_dir_all(&folder)?;
            let path = folder.join("exchanges.jsonl");
            std::fs::write(&path, made())?;
            path.display().to_string()
        }
    };
    let mut report = std::io::stdout().lock();
    for _ in 0..3 {
        let (mut blocks, mut bytes, mut read, mut refused, mut text) = (Vec::new(), 0, 0_u64, 0_u64, 0);
        let start = Instant::now();
        for input in record::expand(std::slice::from_ref(&path))? {
            for block in input.open(None)? {
                let block = block?;
                bytes += block.bytes();
                blocks.push(block);
            }
        }
        let cut = start.elapsed();
        let start = Instant::now();
        for block in &blocks {
            block.read(&mut |record| match record {
                Ok(exchange) => {
                    read += 1;
                    text += exchange.request.messages.iter().map(|message| message.text.len()).sum::<usize>();
                }
                Err(_) => refused += 1,
            });
        }
        let parsed = start.elapsed();
        let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
        writeln!(
            report,
            "{read} exchanges, {refused} refused, {} MB, {} MB of prompts: cut {:.0} MB/s, parse {:.0} MB/s, together {:.0} MB/s",
            bytes / 1_000_000,
            text / 1_000_000,
            rate(cut.as_secs_f64()),
            rate(parsed.as_secs_f64()),
            rate((cut + parsed).as_secs_f64()),
        )?;
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Exchanges of the contract's example, with prompts that hold line feeds, as prompts do.
fn made() -> Vec<u8> {
    let mut out = Vec::with_capacity(MADE_BYTES + 4096);
    let mut number = 0_i64;
    while out.len() < MADE_BYTES {
        number += 1;
        let prompt = format!("Explain how a queue {number} differs from a stack.\nName one case for each of them. ");
        let exchange = Exchange {
            id: format!("req_{number:09}").into(),
            at_us: 1_776_816_000_000_000 + number * 1_337,
            account: format!("acct_{}", number % 5_000).into(),
            key: Some(format!("key_{}", number % 9_000).into()),
            channel: Some("api".into()),
            conversation: Some(format!("conv_{}", number / 3).into()),
            end_user: None,
            client: Client {
                ip: Some(format!("203.0.113.{}", number % 250).into()),
                asn: Some(64_500),
                user_agent: Some("example-client/1.2".into()),
                ..Client::default()
            },
            request: Request {
                model: Some("m-large".into()),
                endpoint: Some("chat".into()),
                system: Some("You are a helpful assistant. Answer in one short paragraph.".into()),
                messages: vec![Message { role: Role::User, text: prompt.repeat(2).into(), ..Message::default() }],
                tools: vec!["bash".into(), "edit".into()],
                params: Params {
                    temperature: Some(1.0),
                    max_tokens: Some(4096),
                    stream: Some(true),
                    ..Params::default()
                },
            },
            response: Response {
                status: Some(200),
                stop_reason: Some("end_turn".into()),
                input_tokens: Some(812),
                output_tokens: Some(1544),
                latency_ms: Some(5120),
                content: Some("A queue gives back what came first, a stack what came last. ".repeat(5).into()),
                signature: None,
            },
        };
        write_exchange(&exchange, &mut out);
    }
    out
}
