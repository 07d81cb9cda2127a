//! Sessions of people who signed in: a cookie, and a header that a foreign page cannot send.
//!
//! The secret of a session has 256 random bits and is kept as its SHA-256. Sessions outlive the program, so that a restart signs
//! nobody out. They end after a time without use and after a time in all.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::kept::Kept;
use crate::kept::hash;
use crate::kept::random;
use crate::token::Caller;
use crate::user::User;
use crate::user::Users;

/// The name of the list in a data directory.
const NAME: &str = "sessions";
/// Seconds without use after which a session ends.
pub const IDLE: u64 = 60 * 60;
/// Seconds after which a session ends.
pub const IN_ALL: u64 = 12 * 60 * 60;
/// How late the last use may be written down, in seconds.
const WRITTEN: u64 = 60;
/// The most sessions of one person; the oldest goes.
const MAX_EACH: usize = 20;

/// A session as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    /// SHA-256 of the secret.
    hash: String,
    /// The user's id.
    user: String,
    /// When it began, in seconds since 1970.
    began_s: u64,
    /// When it was last used, about.
    used_s: u64,
}

impl Session {
    fn holds(&self, now_s: u64) -> bool {
        now_s.saturating_sub(self.used_s) < IDLE + WRITTEN && now_s.saturating_sub(self.began_s) < IN_ALL
    }
}

/// A session that began.
#[derive(Debug)]
pub struct Begun {
    /// What the cookie holds.
    pub secret: String,
    /// What the header has to hold.
    pub csrf: String,
}

/// A session in use.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who.
    pub caller: Caller,
    /// What the header has to hold.
    pub csrf: String,
    /// When the session ends at the latest, in seconds since 1970.
    pub until_s: u64,
}

/// The sessions of a data directory.
#[derive(Debug)]
pub struct Sessions(Kept<Session>);

/// What the header has to hold: a function of the secret, which only the cookie's own origin is told.
fn csrf_of(secret: &str) -> String {
    hash(&format!("csrf {secret}"))
}

impl Sessions {
    /// Those of a data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self(Kept::of(data_dir, NAME))
    }

    /// Begins one.
    ///
    /// # Errors
    /// [`Error`] where it cannot be kept.
    pub fn begin(&self, user: &User, now_s: u64) -> Result<Begun, Error> {
        let secret = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let session = Session { hash: hash(&secret), user: user.id.clone(), began_s: now_s, used_s: now_s };
        self.0.change(|sessions| {
            sessions.retain(|session| session.holds(now_s));
            let mine = sessions.iter().filter(|session| session.user == user.id).count();
            if mine >= MAX_EACH
                && let Some(oldest) = sessions.iter().position(|session| session.user == user.id)
            {
                sessions.remove(oldest);
            }
            sessions.push(session);
            Ok(())
        })?;
        Ok(Begun { csrf: csrf_of(&secret), secret })
    }

    /// Ends one.
    ///
    /// # Errors
    /// [`Error`] where the file cannot be written.
    pub fn end(&self, secret: &str) -> Result<(), Error> {
        let ended = hash(secret);
        self.0.change(|sessions| {
            sessions.retain(|session| session.hash != ended);
            Ok(())
        })
    }

    /// Whose session it is; `None` where it ended, or its user was removed.
    ///
    /// # Errors
    /// [`Error`] where the files cannot be used.
    pub fn signed(&self, secret: &str, users: &Users, now_s: u64) -> Result<Option<Signed>, Error> {
        let given = hash(secret);
        let session = self.0.with(|sessions| sessions.iter().find(|session| session.hash == given).cloned())?;
        let Some(session) = session.filter(|session| session.holds(now_s)) else { return Ok(None) };
        let Some(user) = users.by_id(&session.user)? else { return Ok(None) };
        if now_s.saturating_sub(session.used_s) >= WRITTEN {
            self.0.change(|sessions| {
                if let Some(known) = sessions.iter_mut().find(|known| known.hash == given) {
                    known.used_s = now_s;
                }
                Ok(())
            })?;
        }
        let until_s = session.began_s.saturating_add(IN_ALL);
        Ok(Some(Signed { caller: Caller::new(user.who, user.roles), csrf: csrf_of(secret), until_s }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;
    use crate::token::Role;
    use crate::user::Given;

    #[test]
    fn a_session_ends_by_time_and_with_its_user() {
        let folder = tempfile::tempdir().unwrap();
        let (users, sessions) = (Users::of(folder.path()), Sessions::of(folder.path()));
        users.add("ann", &[Role::Analyst], "a sentence that is long", false).unwrap();
        let given = Given { who: "Ann ", password: "a sentence that is long", code: "" };
        let ann = users.signed_in(given, 0).unwrap().unwrap();
        let begun = sessions.begin(&ann, 1_000).unwrap();
        let at = |now_s| sessions.signed(&begun.secret, &users, now_s).unwrap();
        let signed = at(1_000).unwrap();
        assert_eq!((signed.caller.who.as_str(), signed.csrf.as_str()), ("ann", begun.csrf.as_str()));
        assert!(at(1_000 + IDLE + WRITTEN).is_none(), "it was not used");
        // Used again and again it holds, and ends all the same.
        let mut now = 1_000;
        while now + IDLE / 2 < 1_000 + IN_ALL {
            now += IDLE / 2;
            assert!(at(now).is_some(), "{now}");
        }
        assert!(at(1_000 + IN_ALL).is_none());
        // Another process sees the same; roles hold at once; whoever is removed is out.
        let other = sessions.begin(&ann, 5_000).unwrap();
        let again = Sessions::of(folder.path());
        assert!(again.signed(&other.secret, &users, 5_001).unwrap().is_some());
        users.set_roles("ANN", &[Role::Second]).unwrap();
        assert!(again.signed(&other.secret, &users, 5_001).unwrap().unwrap().caller.may(Role::Second));
        assert!(again.signed("guessed", &users, 5_001).unwrap().is_none());
        users.remove("ann").unwrap();
        assert!(again.signed(&other.secret, &users, 5_001).unwrap().is_none());
        let kept = std::fs::read_to_string(folder.path().join("sessions.json")).unwrap();
        assert!(!kept.contains(&other.secret) && !kept.contains(&other.csrf), "a secret is kept");
    }

    #[test]
    fn somebody_of_the_same_name_has_no_part_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (users, sessions) = (Users::of(folder.path()), Sessions::of(folder.path()));
        let given = Given { who: "ann", password: "a sentence that is long", code: "" };
        users.add("ann", &[Role::Admin], given.password, false).unwrap();
        let begun = sessions.begin(&users.signed_in(given, 0).unwrap().unwrap(), 1_000).unwrap();
        users.remove("ann").unwrap();
        users.add("ann", &[Role::Reader], "another sentence that is long", false).unwrap();
        assert!(sessions.signed(&begun.secret, &users, 1_001).unwrap().is_none());
        assert!(users.signed_in(given, 0).unwrap().is_none());
    }
}
