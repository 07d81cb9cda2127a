//! Acts in a PostgreSQL database, which several people's programs share.

use postgres::Client;
use postgres::Config;
use postgres::NoTls;
use postgres::Row;
use postgres::config::SslMode;
use postgres::types::ToSql;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::state::conflict;
use crate::store::LogMark;
use crate::store::Store;
use crate::store::Stored;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS stillwatch_act (
        case_id TEXT COLLATE \"C\" NOT NULL, number BIGINT NOT NULL, body BYTEA NOT NULL, entry BIGINT,
        PRIMARY KEY (case_id, number)
    );
    CREATE INDEX IF NOT EXISTS stillwatch_act_pending ON stillwatch_act (case_id, number) WHERE entry IS NULL;
    CREATE TABLE IF NOT EXISTS stillwatch_ledger_mark (
        one BIGINT PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL, size BIGINT NOT NULL
    );";

/// Held while tables are made: two that begin at once would both make them. Any number that nobody else takes.
const MAKING_TABLES: &str = "SELECT pg_advisory_xact_lock(7205759403792793)";

/// Acts in a PostgreSQL database.
pub struct Postgres(Client);

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres")
    }
}

/// What the server says, which never holds the URL's password.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn failed(error: postgres::Error) -> Error {
    let told = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    Error::io("the PostgreSQL store of cases", told)
}

impl Postgres {
    /// Connects to a database by its URL, and makes the tables where there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] where the URL is none, or asks for TLS, which this program does not speak to a database;
    /// [`ErrorKind::Io`].
    pub fn open(url: &str) -> Result<Self, Error> {
        let malformed = |text: &str| Error::new(ErrorKind::Malformed, text);
        let config: Config = url.parse().map_err(|_| {
            malformed("the URL of the store of cases is none of PostgreSQL (write postgres://USER@HOST/DATABASE)")
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(malformed(
                "TLS to PostgreSQL is not offered (use a Unix socket, this machine, or a tunnel, and leave sslmode out)",
            ));
        }
        let mut client = config.connect(NoTls).map_err(failed)?;
        let mut making = client.transaction().map_err(failed)?;
        making.batch_execute(MAKING_TABLES).map_err(failed)?;
        making.batch_execute(TABLES).map_err(failed)?;
        making.commit().map_err(failed)?;
        Ok(Self(client))
    }

    fn select(&mut self, condition: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Stored>, Error> {
        let text =
            format!("SELECT case_id, number, body, entry FROM stillwatch_act {condition} ORDER BY case_id, number");
        let rows = self.0.query(&text, values).map_err(failed)?;
        rows.iter().map(stored).collect::<Result<_, _>>().map_err(failed)
    }
}

fn stored(row: &Row) -> Result<Stored, postgres::Error> {
    Ok(Stored {
        case: row.try_get(0)?,
        number: row.try_get::<_, i64>(1)?.cast_unsigned(),
        body: row.try_get(2)?,
        entry: row.try_get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
    })
}

impl Store for Postgres {
    fn add(&mut self, act: &Stored) -> Result<(), Error> {
        let text = "INSERT INTO stillwatch_act (case_id, number, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let added = self.0.execute(text, &[&act.case, &act.number.cast_signed(), &act.body]).map_err(failed)?;
        match added {
            0 => Err(conflict(&act.case, self.acts_of(&act.case)?.len() as u64, act.number.saturating_sub(1))),
            _ => Ok(()),
        }
    }

    fn acts_of(&mut self, case: &str) -> Result<Vec<Stored>, Error> {
        self.select("WHERE case_id = $1", &[&case])
    }

    fn all(&mut self) -> Result<Vec<Stored>, Error> {
        self.select("", &[])
    }

    fn pending(&mut self) -> Result<Vec<Stored>, Error> {
        self.select("WHERE entry IS NULL", &[])
    }

    fn mark(&mut self) -> Result<LogMark, Error> {
        let row = self.0.query_opt("SELECT key, size FROM stillwatch_ledger_mark", &[]).map_err(failed)?;
        let Some(row) = row else { return Ok(LogMark::default()) };
        let size = row.try_get::<_, i64>(1).map_err(failed)?;
        Ok(LogMark { key: row.try_get(0).map_err(failed)?, size: size.cast_unsigned() })
    }

    fn recorded(&mut self, acts: &[Stored], mark: &LogMark) -> Result<(), Error> {
        let mut all = self.0.transaction().map_err(failed)?;
        for act in acts {
            all.execute(
                "INSERT INTO stillwatch_act (case_id, number, body, entry) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (case_id, number) DO UPDATE SET entry = excluded.entry",
                &[&act.case, &act.number.cast_signed(), &act.body, &act.entry.map(u64::cast_signed)],
            )
            .map_err(failed)?;
        }
        all.execute(
            "INSERT INTO stillwatch_ledger_mark (one, key, size) VALUES (1, $1, $2)
             ON CONFLICT (one) DO UPDATE SET key = excluded.key, size = excluded.size",
            &[&mark.key, &mark.size.cast_signed()],
        )
        .map_err(failed)?;
        all.commit().map_err(failed)
    }
}
