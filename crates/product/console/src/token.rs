//! Tokens by which callers are known, and what each may do.
//!
//! A token is `sw_ID_SECRET`. Its secret has 256 random bits, so that its plain SHA-256 is enough to keep: nobody finds it by
//! trying.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use record::time::now_to_the_second;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;
use crate::kept::Kept;
use crate::kept::hash;
use crate::kept::hex;
use crate::kept::person;
use crate::kept::random;

/// The name of the list in a data directory.
const NAME: &str = "tokens";
/// The most tokens of a data directory.
const MAX_TOKENS: usize = 10_000;

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
    pub(crate) fn new(who: String, roles: Vec<Role>) -> Self {
        Self { who, roles }
    }

    /// What they may do, as it was given to them.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether they may do what a role does. Everybody who has a token may read; an administrator may do all.
    #[must_use]
    pub fn may(&self, role: Role) -> bool {
        role == Role::Reader || self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}

/// The tokens of a data directory.
#[derive(Debug)]
pub struct Tokens(Kept<Token>);

impl Tokens {
    /// Those of a data directory.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self(Kept::of(data_dir, NAME))
    }

    /// All tokens, those that were taken back included.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn list(&self) -> Result<Vec<Token>, Error> {
        self.0.list()
    }

    /// Makes one, and returns its text, which is nowhere else.
    ///
    /// # Errors
    /// [`Error`] where the name is no person's or the file cannot be written.
    pub fn create(&self, who: &str, roles: &[Role]) -> Result<(Token, String), Error> {
        let who = person(who)?;
        let (id, secret) = (hex(&random::<6>()?), URL_SAFE_NO_PAD.encode(random::<32>()?));
        let text = format!("sw_{id}_{secret}");
        let roles = sorted(roles);
        let token =
            Token { id, who: who.to_owned(), roles, hash: hash(&secret), created: now_to_the_second(), revoked: None };
        self.0.change(|tokens| {
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
        self.0.change(|tokens| match tokens.iter_mut().find(|token| token.id == id) {
            Some(token) => {
                token.revoked.get_or_insert_with(now_to_the_second);
                Ok(())
            }
            None => Err(Error::usage(format!("there is no token {id} (list them: stillwatch token list)"))),
        })
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
        let found = |tokens: &[Token]| {
            let token = tokens.iter().find(|token| token.id == id && token.revoked.is_none());
            // Both are hashes: how far they agree tells nobody anything of the secret.
            let token = token.filter(|token| token.hash == given);
            token.map(|Token { who, roles, .. }| Caller::new(who.clone(), roles.clone()))
        };
        self.0.with(found)
    }
}

/// Roles, each once.
pub(crate) fn sorted(roles: &[Role]) -> Vec<Role> {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles
}
