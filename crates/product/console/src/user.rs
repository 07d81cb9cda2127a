//! People who sign in to the page: a password, and a one-time password by time.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use record::time::now_to_the_second;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::kept::Kept;
use crate::kept::person;
use crate::kept::random;
use crate::password;
use crate::token::Role;
use crate::token::sorted;
use crate::totp;

/// The name of the list in a data directory.
const NAME: &str = "users";
/// The most users of a data directory.
const MAX_USERS: usize = 10_000;

/// Somebody who may sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their name: this is who acts.
    pub who: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// When they were added, RFC 3339.
    pub created: String,
    /// Tells somebody apart who has the name of somebody removed.
    pub(crate) id: String,
    /// The password's hash, as a PHC string.
    password: String,
    /// The secret of one-time passwords, in base 64; none where they sign in without.
    totp: Option<String>,
    /// The step of the last one-time password.
    #[serde(default)]
    totp_step: u64,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("who", &self.who).field("roles", &self.roles).finish_non_exhaustive()
    }
}

impl User {
    /// Whether a one-time password is asked for.
    #[must_use]
    pub const fn has_totp(&self) -> bool {
        self.totp.is_some()
    }
}

/// What somebody signs in with.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Who they say they are.
    pub who: &'a str,
    /// Their password.
    pub password: &'a str,
    /// The one-time password.
    pub code: &'a str,
}

/// The users of a data directory.
#[derive(Debug)]
pub struct Users(Kept<User>);

fn is(user: &User, who: &str) -> bool {
    // Names that differ in letters' case alone are one person's, as on cases.
    user.who.to_lowercase() == who.trim().to_lowercase()
}

fn unknown(who: &str) -> Error {
    Error::usage(format!("there is no user {who:?} (list them: stillwatch user list)"))
}

impl Users {
    /// Those of a data directory.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self(Kept::of(data_dir, NAME))
    }

    /// All users.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub fn list(&self) -> Result<Vec<User>, Error> {
        self.0.list()
    }

    /// Adds somebody, and returns the address for their authenticator, which is nowhere else.
    ///
    /// # Errors
    /// [`Error`] where the name is no person's or is taken, or the password is too short.
    pub fn add(&self, who: &str, roles: &[Role], password: &str, totp: bool) -> Result<Option<String>, Error> {
        let who = person(who)?;
        let secret = if totp { Some(random::<20>()?) } else { None };
        let user = User {
            who: who.to_owned(),
            roles: sorted(roles),
            created: now_to_the_second(),
            id: URL_SAFE_NO_PAD.encode(random::<9>()?),
            password: password::hash(password)?,
            totp: secret.map(|secret| URL_SAFE_NO_PAD.encode(secret)),
            totp_step: 0,
        };
        self.0.change(|users| {
            if users.len() >= MAX_USERS {
                return Err(Error::usage(format!("there are {MAX_USERS} users already")));
            }
            if users.iter().any(|user| is(user, who)) {
                let text = format!("there is a user {who:?} already (remove them first: stillwatch user remove)");
                return Err(Error::usage(text));
            }
            users.push(user);
            Ok(())
        })?;
        Ok(secret.map(|secret| totp::address(who, &totp::base32(&secret))))
    }

    /// Removes somebody; their sessions end at once.
    ///
    /// # Errors
    /// [`Error`] where there is nobody of this name.
    pub fn remove(&self, who: &str) -> Result<(), Error> {
        self.0.change(|users| {
            let before = users.len();
            users.retain(|user| !is(user, who));
            if users.len() < before { Ok(()) } else { Err(unknown(who)) }
        })
    }

    /// Gives somebody other roles, which hold at once.
    ///
    /// # Errors
    /// [`Error`] where there is nobody of this name.
    pub fn set_roles(&self, who: &str, roles: &[Role]) -> Result<(), Error> {
        self.0.change(|users| match users.iter_mut().find(|user| is(user, who)) {
            Some(user) => {
                user.roles = sorted(roles);
                Ok(())
            }
            None => Err(unknown(who)),
        })
    }

    /// Whoever has an id.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be read.
    pub(crate) fn by_id(&self, id: &str) -> Result<Option<User>, Error> {
        self.0.with(|users| users.iter().find(|user| user.id == id).cloned())
    }

    /// Who it is, if all of what they give is right. The work is the same where there is nobody of the name.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be used.
    pub(crate) fn signed_in(&self, given: Given<'_>, now_s: u64) -> Result<Option<User>, Error> {
        let user = self.0.with(|users| users.iter().find(|user| is(user, given.who)).cloned())?;
        let hash = user.as_ref().map_or(password::OF_NOBODY, |user| user.password.as_str());
        let is_right = given.password.len() <= password::MOST && password::is_of(given.password, hash);
        let Some(user) = user.filter(|_| is_right) else { return Ok(None) };
        let Some(secret) = &user.totp else { return Ok(Some(user)) };
        let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|error| Error::io("users.json", error))?;
        // Under the lock, so that of two that give one code at the same moment one is let in.
        self.0.change(|users| {
            let known = users.iter_mut().find(|known| known.id == user.id);
            let Some(known) = known else { return Ok(None) };
            let Some(step) = totp::step_of(&secret, given.code, now_s, known.totp_step) else { return Ok(None) };
            known.totp_step = step;
            Ok(Some(known.clone()))
        })
    }
}
