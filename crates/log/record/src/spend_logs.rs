//! LiteLLM's table of spend logs, read from its PostgreSQL database as lines of JSON.
//!
//! Rows come in pages, in the order of (`startTime`, `request_id`), from where the last reading stopped. A row is written when
//! its request is over, so that one that began earlier may be written later: the time before the mark is read again, and what
//! was there is a duplicate.

use std::fmt;
use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use postgres::Client;
use postgres::Config;
use postgres::NoTls;
use postgres::config::Host;
use postgres::config::SslMode;
use serde::Deserialize;
use serde::Serialize;

use crate::Error;

/// Bytes of a page that are aimed at, and its rows at first and at most.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
const FIRST_ROWS: usize = 32;
const MAX_ROWS: usize = 2000;
/// How long a connection and a page may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENT_TIMEOUT_MS: u32 = 120_000;
/// How far before the mark is read again.
const OVERLAP: &str = "2 hours";

/// How far a table was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// `startTime` of the last row, as the server writes it in UTC.
    pub start_time: String,
    /// `request_id` of the last row.
    pub request_id: String,
}

/// A table of spend logs in a database.
pub(crate) struct SpendLogs {
    config: Config,
    name: String,
    /// Where the last reading stopped.
    after: Option<Mark>,
    /// Where this one is.
    reached: Mutex<Option<Mark>>,
}

impl fmt::Debug for SpendLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration has the password.
        f.debug_struct("SpendLogs").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SpendLogs {
    /// The table in the database of a URL. The password is that of the URL, or `$PGPASSWORD`.
    pub(crate) fn of_url(url: &str) -> Result<Self, Error> {
        let mut config: Config = url.parse().map_err(|_| {
            Error::Usage(
                "the URL of the database cannot be read (write postgres://USER@HOST/DATABASE, without parameters of other \
                 clients, and the password in $PGPASSWORD)"
                    .to_owned(),
            )
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Error::Usage(
                "TLS to PostgreSQL is not offered (use a Unix socket, this machine, or a tunnel, and leave sslmode out)".to_owned(),
            ));
        }
        if let (None, Ok(password)) = (config.get_password(), std::env::var("PGPASSWORD")) {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => "localhost".to_owned(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let database = config.get_dbname().or(config.get_user()).unwrap_or("postgres").to_owned();
        Ok(Self {
            config,
            name: format!("postgres://{host}:{port}/{database}"),
            after: None,
            reached: Mutex::default(),
        })
    }

    /// The server and the database, without user and password.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same table, from where another reading stopped.
    pub(crate) fn after(&self, mark: Mark) -> Self {
        Self { config: self.config.clone(), name: self.name.clone(), after: Some(mark), reached: Mutex::default() }
    }

    /// How far the table is read; what was read before where no row came.
    pub(crate) fn mark(&self) -> Option<Mark> {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.clone().max(self.after.clone())
    }

    /// Opens the table.
    pub(crate) fn reader(self: &Arc<Self>) -> Result<Pages, Error> {
        let failed = |error| Error::Store { url: self.name.clone(), reason: told(&error) };
        let mut client = self.config.connect(NoTls).map_err(failed)?;
        client
            .batch_execute(&format!(
                "SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET default_transaction_read_only = on; SET TIME ZONE 'UTC'"
            ))
            .map_err(failed)?;
        // What is there is read: rows that come meanwhile have a later reading.
        let begin = match &self.after {
            None => Mark { start_time: "-infinity".to_owned(), request_id: String::new() },
            Some(mark) => {
                let text = "SELECT ($1::text::timestamp - $2::text::interval)::text";
                let row = client.query_one(text, &[&mark.start_time, &OVERLAP]).map_err(failed)?;
                Mark { start_time: row.try_get(0).map_err(failed)?, request_id: String::new() }
            }
        };
        Ok(Pages {
            logs: Arc::clone(self),
            client,
            next: begin,
            rows: FIRST_ROWS,
            page: Vec::new(),
            read: 0,
            ended: false,
        })
    }
}

/// What the server says, or why it cannot be reached; neither has the password.
fn told(error: &postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return match error.code().code() {
            "42P01" => "it has no table \"LiteLLM_SpendLogs\" (give the database of a LiteLLM proxy)".to_owned(),
            _ => error.message().to_owned(),
        };
    }
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

/// The rows as lines of JSON, a page at a time.
pub(crate) struct Pages {
    logs: Arc<SpendLogs>,
    client: Client,
    next: Mark,
    rows: usize,
    page: Vec<u8>,
    read: usize,
    ended: bool,
}

impl Pages {
    fn fetch(&mut self) -> Result<(), postgres::Error> {
        let text = "SELECT \"startTime\"::text, request_id, row_to_json(t)::text FROM \"LiteLLM_SpendLogs\" t \
                    WHERE (\"startTime\", request_id) > ($1::text::timestamp, $2::text) \
                    ORDER BY \"startTime\", request_id LIMIT $3";
        let limit = i64::try_from(self.rows).unwrap_or(i64::MAX);
        let rows = self.client.query(text, &[&self.next.start_time, &self.next.request_id, &limit])?;
        self.page.clear();
        self.read = 0;
        for row in &rows {
            self.page.extend_from_slice(row.try_get::<_, &str>(2)?.as_bytes());
            self.page.push(b'\n');
        }
        self.ended = rows.len() < self.rows;
        if let Some(last) = rows.last() {
            self.next = Mark { start_time: last.try_get(0)?, request_id: last.try_get(1)? };
            *self.logs.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.next.clone());
            // The next page is of about the bytes that are aimed at.
            let row_bytes = (self.page.len() / rows.len()).max(1);
            self.rows = (PAGE_BYTES / row_bytes).clamp(1, MAX_ROWS);
        }
        Ok(())
    }
}

impl Read for Pages {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.page.len() {
            if self.ended {
                return Ok(0);
            }
            self.fetch().map_err(|error| io::Error::other(told(&error)))?;
        }
        let rest = self.page.get(self.read..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::SpendLogs;

    #[test]
    fn neither_a_name_nor_an_error_has_the_password() {
        let logs = SpendLogs::of_url("postgres://reader:hunter2@db.example:6000/litellm").unwrap();
        assert_eq!(logs.name(), "postgres://db.example:6000/litellm");
        assert!(!format!("{logs:?}").contains("hunter2"));
        for url in
            ["postgres://reader:hunter2@db.example/litellm?schema=x", "postgres://reader:hunter2@h/d?sslmode=require"]
        {
            assert!(!SpendLogs::of_url(url).unwrap_err().to_string().contains("hunter2"), "{url}");
        }
    }
}
