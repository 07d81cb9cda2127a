//! Messages that wait to be sent, were sent, or were given up: a file each, in a folder of the data directory.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use columns::durable;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::endpoint::Endpoint;
use crate::error::Error;

/// The folder in a data directory.
const FOLDER: &str = "notices";
/// Attempts after which a message is given up: with pauses that double from one second on, after more than an hour.
pub const MAX_ATTEMPTS: u32 = 13;
/// The longest file of a message, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is to be sent.
    Waiting,
    /// The webhook took it.
    Delivered,
    /// It was tried as often as it is.
    Failed,
}

/// A notice to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// By what a receiver knows it again.
    pub id: String,
    /// When it was written, RFC 3339.
    pub at: String,
    /// The account.
    pub account: String,
    /// What a program is told.
    pub reason_code: String,
    /// The language of the text.
    pub language: String,
    /// What the holder of the account is told.
    pub text: String,
    /// What became of it.
    pub status: Status,
    /// How often it was sent, or was about to be.
    pub attempts: u32,
    /// From when on it is sent again, in seconds since 1970.
    pub next_s: i64,
    /// Why it was not taken when it was last sent.
    pub last_error: Option<String>,
}

/// What is sent of a message.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    at: &'a str,
    account: &'a str,
    reason_code: &'a str,
    language: &'a str,
    text: &'a str,
}

impl Message {
    fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self { id, at, account, reason_code, language, text, .. } = self;
        serde_json::to_vec(&Body { id, at, account, reason_code, language, text })
    }
}

/// The id of the message for a reason about something, such as an appeal. The same again has the same id.
#[must_use]
pub fn message_id(about: &str, reason_code: &str) -> String {
    let hash = Sha256::digest(format!("{}:{about}{reason_code}", about.len()));
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("ntc_{digits}")
}

/// The messages of a data directory.
#[derive(Debug)]
pub struct Outbox(PathBuf);

impl Outbox {
    /// Those of a data directory. The folder is made, for its owner alone.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`]
    pub fn of(data_dir: &Path) -> Result<Self, Error> {
        let folder = data_dir.join(FOLDER);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| Error::io(&folder, &error))?;
        Ok(Self(folder))
    }

    /// Since when the messages of a data directory are sent by themselves: since now, where that was never written down.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`]
    pub fn since(&self, now: &str) -> Result<String, Error> {
        let _lock = self.lock()?;
        let path = self.0.join("since");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                durable::replace(&path, now.as_bytes()).map_err(|error| Error::io(&path, &error))?;
                Ok(now.to_owned())
            }
            Err(error) => Err(Error::io(&path, &error)),
        }
    }

    /// Adds a message, unless one of its id is there. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`]
    pub fn add(&self, message: &Message) -> Result<(), Error> {
        let _lock = self.lock()?;
        match self.path(&message.id).exists() {
            true => Ok(()),
            false => self.write(message),
        }
    }

    /// A message; `None` where there is none of the id.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`]
    pub fn message(&self, id: &str) -> Result<Option<Message>, Error> {
        let path = self.path(id);
        let bytes = match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(&path, &error)),
            Ok(found) if found.len() > MAX_BYTES => return Err(Error::io(&path, &"longer than a message can be")),
            Ok(_) => fs::read(&path).map_err(|error| Error::io(&path, &error))?,
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::io(&path, &error))
    }

    /// Sends a message if it waits and its time has come, and says how it then is. `taken` is told when the webhook took it, before
    /// that is written down: where it fails, the message is sent again later under the same id. One program sends at a time.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`]
    pub fn send(
        &self,
        id: &str,
        endpoint: &Endpoint,
        now_s: i64,
        taken: impl FnOnce(&Message) -> Result<(), String>,
    ) -> Result<Option<Message>, Error> {
        let _lock = self.lock()?;
        let Some(mut message) = self.message(id)? else { return Ok(None) };
        if message.status != Status::Waiting || message.next_s > now_s {
            return Ok(Some(message));
        }
        // INVARIANT (bounded): an attempt is counted before it is made, so that being killed makes no more of them.
        if message.attempts >= MAX_ATTEMPTS {
            message.status = Status::Failed;
            self.write(&message)?;
            return Ok(Some(message));
        }
        message.attempts += 1;
        message.next_s = now_s.saturating_add(pause_s(message.attempts));
        self.write(&message)?;
        let body = message.body().map_err(|error| Error::io(&self.path(id), &error))?;
        match endpoint.post(id, now_s, body).and_then(|()| taken(&message)) {
            Ok(()) => {
                message.status = Status::Delivered;
                message.last_error = None;
            }
            Err(text) => {
                message.last_error = Some(text);
                if message.attempts >= MAX_ATTEMPTS {
                    message.status = Status::Failed;
                }
            }
        }
        self.write(&message)?;
        Ok(Some(message))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }

    fn write(&self, message: &Message) -> Result<(), Error> {
        let path = self.path(&message.id);
        let bytes = serde_json::to_vec_pretty(message).map_err(|error| Error::io(&path, &error))?;
        durable::replace(&path, &bytes).map_err(|error| Error::io(&path, &error))
    }

    /// Held while a message is looked at and changed, by one program at a time.
    fn lock(&self) -> Result<File, Error> {
        let path = self.0.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| Error::io(&path, &error))?;
        file.lock().map_err(|error| Error::io(&path, &error))?;
        Ok(file)
    }
}

/// Seconds until the next attempt.
const fn pause_s(attempts: u32) -> i64 {
    1 << if attempts > MAX_ATTEMPTS { MAX_ATTEMPTS } else { attempts - 1 }
}
