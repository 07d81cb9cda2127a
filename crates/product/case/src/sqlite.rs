//! Acts in a SQLite file.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::TransactionBehavior;
use rusqlite::params;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::state::conflict;
use crate::store::LogMark;
use crate::store::Store;
use crate::store::Stored;

/// Version of the tables.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS act (
        case_id TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, entry INTEGER,
        PRIMARY KEY (case_id, number)
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX IF NOT EXISTS act_pending ON act (case_id, number) WHERE entry IS NULL;
    CREATE TABLE IF NOT EXISTS ledger_mark (
        one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL, size INTEGER NOT NULL
    ) STRICT;";

const COLUMNS: &str = "SELECT case_id, number, body, entry FROM act";

/// How long a write waits for another.
const PATIENCE: Duration = Duration::from_secs(20);

/// Acts in a SQLite file.
#[derive(Debug)]
pub struct Sqlite(Connection);

fn failed(error: rusqlite::Error) -> Error {
    Error::io("the store of cases", error)
}

impl Sqlite {
    /// Opens the store in a file, and makes it where there is none. Only its owner may read it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut options = std::fs::File::options();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let there = |error| Error::io(&format!("{}", path.display()), error);
        options.open(path).map_err(there)?;
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;")
            .map_err(failed)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if version > VERSION {
            let text = format!("{} is of version {version} (use the newer program)", path.display());
            return Err(Error::new(ErrorKind::Io, text));
        }
        if version < VERSION {
            let text = format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;");
            connection.execute_batch(&text).map_err(failed)?;
        }
        Ok(Self(connection))
    }

    /// Copies the store as it is at one moment into a new file, while others may write.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub(crate) fn copy_to(&self, place: &Path) -> Result<(), Error> {
        let name = place.to_str().ok_or_else(|| Error::io("the copy of the cases", "its path is not UTF-8"))?;
        self.0.execute("VACUUM INTO ?1", [name]).map(drop).map_err(failed)
    }

    fn select(&self, condition: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Stored>, Error> {
        let text = format!("{COLUMNS} {condition} ORDER BY case_id, number");
        let mut statement = self.0.prepare(&text).map_err(failed)?;
        let rows = statement.query_map(values, stored).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let number = |number: i64| number.cast_unsigned();
    Ok(Stored {
        case: row.get(0)?,
        number: number(row.get(1)?),
        body: row.get(2)?,
        entry: row.get::<_, Option<i64>>(3)?.map(number),
    })
}

impl Store for Sqlite {
    fn add(&mut self, act: &Stored) -> Result<(), Error> {
        let text = "INSERT INTO act (case_id, number, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let added = self.0.execute(text, params![act.case, act.number.cast_signed(), act.body]).map_err(failed)?;
        match added {
            0 => Err(conflict(&act.case, self.acts_of(&act.case)?.len() as u64, act.number.saturating_sub(1))),
            _ => Ok(()),
        }
    }

    fn acts_of(&mut self, case: &str) -> Result<Vec<Stored>, Error> {
        self.select("WHERE case_id = ?1", &[&case])
    }

    fn all(&mut self) -> Result<Vec<Stored>, Error> {
        self.select("", &[])
    }

    fn pending(&mut self) -> Result<Vec<Stored>, Error> {
        self.select("WHERE entry IS NULL", &[])
    }

    fn mark(&mut self) -> Result<LogMark, Error> {
        let read = |row: &Row<'_>| Ok(LogMark { key: row.get(0)?, size: row.get::<_, i64>(1)?.cast_unsigned() });
        let mark = self.0.query_row("SELECT key, size FROM ledger_mark", [], read).optional().map_err(failed)?;
        Ok(mark.unwrap_or_default())
    }

    fn recorded(&mut self, acts: &[Stored], mark: &LogMark) -> Result<(), Error> {
        let all = self.0.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        for act in acts {
            all.execute(
                "INSERT INTO act (case_id, number, body, entry) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (case_id, number) DO UPDATE SET entry = excluded.entry",
                params![act.case, act.number.cast_signed(), act.body, act.entry.map(u64::cast_signed)],
            )
            .map_err(failed)?;
        }
        all.execute(
            "INSERT INTO ledger_mark (one, key, size) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET key = excluded.key, size = excluded.size",
            params![mark.key, mark.size.cast_signed()],
        )
        .map_err(failed)?;
        all.commit().map_err(failed)
    }
}
