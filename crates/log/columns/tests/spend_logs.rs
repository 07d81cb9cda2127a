//! LiteLLM's table of spend logs, read on from where the last reading stopped; with a server only, which `cargo xtask test`
//! starts where PostgreSQL is installed.

#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

use std::path::Path;

use columns::IngestOptions;
use columns::Ingested;
use columns::ingest;
use postgres::Client;
use postgres::NoTls;
use workers::Silent;

const TABLE: &str = r#"
    DROP TABLE IF EXISTS "LiteLLM_SpendLogs";
    CREATE TABLE "LiteLLM_SpendLogs" (
        request_id TEXT PRIMARY KEY, call_type TEXT NOT NULL, api_key TEXT NOT NULL DEFAULT '', spend DOUBLE PRECISION,
        total_tokens INT, prompt_tokens INT, completion_tokens INT, "startTime" TIMESTAMP(3), "endTime" TIMESTAMP(3),
        model TEXT, "user" TEXT, metadata JSONB, end_user TEXT, messages JSONB, response JSONB, status TEXT
    )"#;

/// Adds rows; each began so many seconds after a day's begin.
fn add(client: &mut Client, rows: impl Iterator<Item = (u32, u32)>) {
    let mut adding = client.transaction().unwrap();
    for (id, second) in rows {
        let text = format!(
            r#"INSERT INTO "LiteLLM_SpendLogs" VALUES ('r-{id:05}', 'acompletion', 'hash', 0, 3, 1, 2,
               TIMESTAMP '2026-04-14 00:00:00' + INTERVAL '{second} s', TIMESTAMP '2026-04-14 00:00:01' + INTERVAL '{second} s',
               'm', 'acct-{}', '{{}}', '', '[{{"role":"user","content":"ask {id}"}}]', '{{}}', 'success')"#,
            id % 7
        );
        adding.batch_execute(&text).unwrap();
    }
    adding.commit().unwrap();
}

fn read(url: &str, data: &Path) -> Ingested {
    let options = IngestOptions { inputs: vec![url.to_owned()], ..IngestOptions::default() };
    ingest(&options, data, &Silent::default()).unwrap()
}

#[test]
fn a_table_is_read_page_by_page_and_read_on() {
    let Ok(server) = std::env::var("STILLWATCH_TEST_POSTGRES") else { return };
    let mut client = Client::connect(&server, NoTls).unwrap();
    client.batch_execute("DROP DATABASE IF EXISTS spend_logs").unwrap();
    client.batch_execute("CREATE DATABASE spend_logs").unwrap();
    let url = format!("{}/spend_logs", server.rsplit_once('/').unwrap().0);
    let mut client = Client::connect(&url, NoTls).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // Without the table the error says what is wanted, and nothing is remembered.
    let options = IngestOptions { inputs: vec![url.clone()], ..IngestOptions::default() };
    let refused = ingest(&options, &data, &Silent::default()).unwrap_err().to_string();
    assert!(refused.contains("LiteLLM_SpendLogs"), "{refused}");
    client.batch_execute(TABLE).unwrap();
    assert_eq!(read(&url, &data).read, 0);
    // Many of one time, so that pages end within it.
    add(&mut client, (0..3000).map(|id| (id, id / 500 * 20_000)));
    let first = read(&url, &data);
    assert_eq!((first.accepted, first.refused, first.duplicates, first.unread.len()), (3000, 0, 0, 0));
    // Later rows, one of a request that began an hour before the last one that was read, and one of long before.
    add(&mut client, [(3000, 100_100), (3001, 100_200), (3002, 96_400)].into_iter());
    let second = read(&url, &data);
    assert_eq!((second.accepted, second.duplicates), (3, 500), "only the time before the mark is read again");
    let third = read(&url, &data);
    assert_eq!((third.accepted, third.refused), (0, 0));
    assert!(!std::fs::read_to_string(data.join("spend-logs.json")).unwrap().contains('@'));
}
