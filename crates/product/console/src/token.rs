//! Tokens by which callers are known, and what each may do.
//!
//! A token is `sw_ID_SECRET`. Its secret has 256 random bits, so that its plain SHA-256 is enough to keep: nobody finds it by
//! trying.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::error::Error;

/// The file of tokens in a data directory.
const FILE: &str = "tokens.json";
/// Held while it is written.
const LOCK: &str = "tokens.lock";
/// The most tokens of a data directory.
const MAX_TOKENS: usize = 10_000;

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at everything but prompts' text.
    Reader,
    /// Act on cases.
    Analyst,
    /// Approve what another person proposed.
    Second,
    /// Change rules.
    Policy,
    /// All of it.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Reader, Self::Analyst, Self::Second, Self::Policy, Self::Admin];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Analyst => "analyst",
            Self::Second => "second",
            Self::Policy => "policy",
            Self::Admin => "admin",
        }
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its name.
    pub id: String,
    /// Whose it is: this is who acts.
    pub who: String,
    /// What its holder may do.
    pub roles: Vec<Role>,
    /// SHA-256 of the secret, in hexadecimal digits.
    hash: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// When it was taken back.
    pub revoked: Option<String>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub who: String,
    roles: Vec<Role>,
}

impl Caller {
    /// Whether they may do what a role does. Everybody who has a token may read; an administrator may do all.
    #[must_use]
    pub fn may(&self, role: Role) -> bool {
        role == Role::Reader || self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}

/// The tokens of a data directory.
#[derive(Debug)]
pub struct Tokens {
    file: PathBuf,
    /// What was read, and of which state of the file.
    known: Mutex<(Option<Stamp>, Vec<Token>)>,
}

type Stamp = (SystemTime, u64);

impl Tokens {
    /// Those of a data directory.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self { file: data_dir.join(FILE), known: Mutex::default() }
    }

    /// All tokens, those that were taken back included.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn list(&self) -> Result<Vec<Token>, Error> {
        let told = |error| Error::io(self.file.display(), error);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(&self.file) {
            Ok(data) => Some((data.modified().map_err(told)?, data.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(told(error)),
        };
        if known.0 != stamp {
            let tokens = match stamp {
                None => Vec::new(),
                Some(_) => {
                    let bytes = fs::read(&self.file).map_err(told)?;
                    serde_json::from_slice(&bytes).map_err(|error| Error::io(self.file.display(), error))?
                }
            };
            *known = (stamp, tokens);
        }
        Ok(known.1.clone())
    }

    /// Makes one, and returns its text, which is nowhere else.
    ///
    /// # Errors
    /// [`Error`] where the name is no person's or the file cannot be written.
    pub fn create(&self, who: &str, roles: &[Role]) -> Result<(Token, String), Error> {
        let who = who.trim();
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@' | '+' | '\'');
        if who.is_empty() || who.len() > 200 || !who.chars().all(is_plain) {
            return Err(Error::usage(
                "a token is a person's: letters, digits, spaces and . - _ @ + ' (200 bytes at most)",
            ));
        }
        let (mut id, mut secret) = ([0; 6], [0; 32]);
        for bytes in [id.as_mut_slice(), secret.as_mut_slice()] {
            getrandom::fill(bytes).map_err(|error| Error::io("the system gives no random bytes", error))?;
        }
        let (id, secret) = (hex(&id), URL_SAFE_NO_PAD.encode(secret));
        let text = format!("sw_{id}_{secret}");
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        roles.dedup();
        let token = Token { id, who: who.to_owned(), roles, hash: hash(&secret), created: now(), revoked: None };
        self.change(|tokens| {
            if tokens.len() >= MAX_TOKENS {
                return Err(Error::usage(format!("there are {MAX_TOKENS} tokens already")));
            }
            tokens.push(token.clone());
            Ok(())
        })?;
        Ok((token, text))
    }

    /// Takes one back.
    ///
    /// # Errors
    /// [`Error`] where there is none of this name.
    pub fn revoke(&self, id: &str) -> Result<(), Error> {
        self.change(|tokens| match tokens.iter_mut().find(|token| token.id == id) {
            Some(token) => {
                token.revoked.get_or_insert_with(now);
                Ok(())
            }
            None => Err(Error::usage(format!("there is no token {id} (list them: stillwatch token list)"))),
        })
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Token>) -> Result<(), Error>) -> Result<(), Error> {
        let told = |error| Error::io(self.file.display(), error);
        let lock = fs::File::options().create(true).append(true).open(self.file.with_file_name(LOCK)).map_err(told)?;
        lock.lock().map_err(told)?;
        let mut tokens = self.list()?;
        change(&mut tokens)?;
        let bytes = serde_json::to_vec_pretty(&tokens).map_err(|error| Error::io(self.file.display(), error))?;
        write_private(&self.file, &bytes).map_err(told)
    }

    /// Who has a token; `None` where it is none that holds.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn caller(&self, text: &str) -> Result<Option<Caller>, Error> {
        let Some((id, secret)) = text.strip_prefix("sw_").and_then(|rest| rest.split_once('_')) else {
            return Ok(None);
        };
        let given = hash(secret);
        let tokens = self.list()?;
        let token = tokens.into_iter().find(|token| token.id == id && token.revoked.is_none());
        // Both are hashes: how far they agree tells nobody anything of the secret.
        let token = token.filter(|token| token.hash == given);
        Ok(token.map(|Token { who, roles, .. }| Caller { who, roles }))
    }
}

/// Replaces a file that only its owner reads.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("new");
    let mut options = fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    columns::durable::rename(&beside, path)
}

fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
