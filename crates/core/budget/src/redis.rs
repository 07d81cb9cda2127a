//! Leases remembered by a Redis-protocol server.

use std::time::Duration;
use std::time::Instant;

use ::redis::Client;
use ::redis::Connection;
use ::redis::ErrorKind;
use ::redis::RedisError;
use ::redis::Script;

use crate::amounts::Amounts;
use crate::amounts::Unit;
use crate::key::Key;
use crate::lease::LeaseError;
use crate::lease::LeaseRequest;
use crate::lease::LeaseServer;
use crate::lease::UrlError;

/// How long the server may take for one answer.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a server that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// What a window's leases are kept beyond its end, in milliseconds.
const KEPT_MS: u64 = 3_600_000;
/// Since when the server remembers leases.
const SINCE: &str = "stillwatch:budget:since";

/// Charges amounts to the pool of a window, as far as it goes; atomically, as scripts are.
///
/// A server that lost its memory does not know what was leased. It says since when it remembers, and leases nothing of
/// windows that began then or before: nodes have their own shares there.
const LEASE: &str = r"
local since = redis.call('GET', KEYS[2])
if not since then
  redis.call('SET', KEYS[2], ARGV[1])
  since = ARGV[1]
end
local grants = {0, 0, 0}
if tonumber(ARGV[2]) <= tonumber(since) then return grants end
for unit = 1, 3 do
  local pool, wanted = tonumber(ARGV[2 * unit + 2]), tonumber(ARGV[2 * unit + 3])
  local leased = tonumber(redis.call('HGET', KEYS[1], unit) or '0')
  local grant = math.max(0, math.min(wanted, pool - leased))
  if grant > 0 then redis.call('HINCRBY', KEYS[1], unit, grant) end
  grants[unit] = grant
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return grants
";

/// Takes leases back, but never more than was leased.
const GIVE_BACK: &str = r"
for unit = 1, 3 do
  local leased = tonumber(redis.call('HGET', KEYS[1], unit) or '0')
  local given = math.min(tonumber(ARGV[unit]), leased)
  if given > 0 then redis.call('HINCRBY', KEYS[1], unit, -given) end
end
return 0
";

/// A Redis-protocol server that remembers leases. It connects when it is asked, and again after it failed.
pub struct RedisServer {
    client: Client,
    connection: Option<Connection>,
    /// When it failed last, and why.
    failed: Option<(Instant, LeaseError)>,
    lease: Script,
    give_back: Script,
    now_us: fn() -> u64,
}

impl std::fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("RedisServer").field("connected", &self.connection.is_some()).finish_non_exhaustive()
    }
}

impl RedisServer {
    /// A server by its URL, such as `redis://127.0.0.1:6379`. Nothing is asked yet. `now_us` is the clock of this node, in
    /// microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`UrlError`] where the URL is none.
    pub fn new(url: &str, now_us: fn() -> u64) -> Result<Self, UrlError> {
        let client = Client::open(url).map_err(|_| UrlError::UNREADABLE)?;
        Ok(Self {
            client,
            connection: None,
            failed: None,
            lease: Script::new(LEASE),
            give_back: Script::new(GIVE_BACK),
            now_us,
        })
    }

    fn with<T>(&mut self, ask: impl FnOnce(&mut Connection) -> ::redis::RedisResult<T>) -> Result<T, LeaseError> {
        if let Some((_, error)) = self.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE) {
            return Err(error.clone());
        }
        let result = self.connected().and_then(ask).map_err(|error| LeaseError(words(&error)));
        if let Err(error) = &result {
            // What a connection is in the middle of is not known any more.
            self.connection = None;
            self.failed = Some((Instant::now(), error.clone()));
        }
        result
    }

    fn connected(&mut self) -> ::redis::RedisResult<&mut Connection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = self.client.get_connection_with_timeout(PATIENCE)?;
                connection.set_read_timeout(Some(PATIENCE))?;
                connection.set_write_timeout(Some(PATIENCE))?;
                connection
            }
        };
        Ok(self.connection.insert(connection))
    }
}

/// Why the server gave no answer. Its own words are not repeated: they are somebody else's, and may hold what was sent.
fn words(error: &RedisError) -> String {
    let known = ["NOAUTH", "NOPERM", "OOM", "READONLY", "MISCONF", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED"];
    let code = || known.into_iter().find(|known| error.code() == Some(known));
    if error.is_timeout() {
        format!("it does not answer within {} milliseconds", PATIENCE.as_millis())
    } else if error.is_connection_refusal() {
        "nobody listens at its address".to_owned()
    } else if error.kind() == ErrorKind::AuthenticationFailed || error.code() == Some("WRONGPASS") {
        "it does not take the user and the password".to_owned()
    } else if let Some(code) = code() {
        format!("it answers {code}")
    } else if error.is_io_error() {
        "the connection fails".to_owned()
    } else {
        "it answers with an error".to_owned()
    }
}

/// The name of a window's leases. Lengths keep one actor from passing as another.
fn name(key: &Key, window_start_us: u64) -> String {
    let Key { scope, budget, actor } = key;
    format!("stillwatch:budget:{}:{}:{budget}:{}:{actor}:{window_start_us}", scope.as_str(), budget.len(), actor.len())
}

impl LeaseServer for RedisServer {
    fn lease(&mut self, request: &LeaseRequest) -> Result<Amounts, LeaseError> {
        let now_us = (self.now_us)();
        let kept_ms = (request.window_end_us.saturating_sub(now_us) / 1000).saturating_add(KEPT_MS);
        let script = self.lease.clone();
        let mut call = script.prepare_invoke();
        call.key(name(&request.key, request.window_start_us)).key(SINCE);
        call.arg(now_us).arg(request.window_start_us).arg(kept_ms);
        for unit in Unit::ALL {
            call.arg(request.pool.get(unit)).arg(request.amounts.get(unit));
        }
        let (requests, tokens, privacy) = self.with(|connection| call.invoke::<(u64, u64, u64)>(connection))?;
        Ok(Amounts { requests, tokens, privacy })
    }

    fn give_back(&mut self, request: &LeaseRequest) -> Result<(), LeaseError> {
        let script = self.give_back.clone();
        let mut call = script.prepare_invoke();
        call.key(name(&request.key, request.window_start_us));
        for unit in Unit::ALL {
            call.arg(request.amounts.get(unit));
        }
        self.with(|connection| call.invoke::<u64>(connection)).map(|_| ())
    }

    fn since_us(&mut self) -> Result<Option<u64>, LeaseError> {
        self.with(|connection| ::redis::cmd("GET").arg(SINCE).query(connection))
    }

    fn set_up(&mut self) -> Result<(), LeaseError> {
        // One that remembers anything is left as it is.
        self.with(|connection| {
            ::redis::cmd("SET").arg(SINCE).arg(0).arg("NX").query::<::redis::Value>(connection).map(|_| ())
        })
    }
}
