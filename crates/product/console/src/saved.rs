//! What people saved for themselves: questions to the table of exchanges, and views of the queue.

use std::path::Path;

use axum::http::StatusCode;
use record::time::now_to_the_second;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kept::Kept;
use crate::kept::hex;
use crate::kept::random;
use crate::problem::Problem;

/// The name of the list in a data directory.
const NAME: &str = "saved";
/// Most of one person.
const MAX_EACH: usize = 50;
/// Most of all people.
const MAX_ALL: usize = 2_000;
/// Longest name, in bytes.
const MAX_NAME: usize = 200;
/// Longest query, in bytes: a question of the longest kind, as an address spells it, is shorter.
const MAX_QUERY: usize = 16 << 10;

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SavedKind {
    /// A question to the table of exchanges.
    Question,
    /// A view of the queue.
    Queue,
}

/// Something that somebody saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Its id.
    pub id: String,
    /// Whose it is.
    who: String,
    /// What it is.
    pub kind: SavedKind,
    /// What its owner calls it.
    pub name: String,
    /// The part of the page's address after `?`.
    pub query: String,
    /// When it was saved, RFC 3339.
    pub at: String,
}

/// What people saved, kept in a data directory.
#[derive(Debug)]
pub struct SavedList(Kept<Saved>);

impl SavedList {
    /// That of a data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self(Kept::of(data_dir, NAME))
    }

    /// What somebody saved, by name.
    pub fn list(&self, who: &str) -> Result<Vec<Saved>, Problem> {
        let own = |all: &[Saved]| all.iter().filter(|one| case::is_same_person(&one.who, who)).cloned().collect();
        let mut own: Vec<Saved> = self.0.with(own).map_err(unreadable)?;
        own.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        Ok(own)
    }

    /// Saves something for somebody. A name that they gave already gets the new query.
    pub fn save(&self, who: &str, kind: SavedKind, name: &str, query: &str) -> Result<(), Problem> {
        let name = named(name)?;
        if query.len() > MAX_QUERY || query.chars().any(char::is_control) {
            return Err(Problem::bad(format!(
                "query is the part of an address after `?`, of at most {MAX_QUERY} bytes"
            )));
        }
        let id = hex(&random::<8>().map_err(unreadable)?);
        self.change(|all| {
            let is_it = |one: &&mut Saved| case::is_same_person(&one.who, who) && one.kind == kind && one.name == name;
            if let Some(one) = all.iter_mut().find(is_it) {
                (one.query, one.at) = (query.to_owned(), now_to_the_second());
                return Ok(());
            }
            let own = all.iter().filter(|one| case::is_same_person(&one.who, who)).count();
            if own >= MAX_EACH || all.len() >= MAX_ALL {
                let told = format!(
                    "you saved {own} already, and everybody {} (of one person {MAX_EACH} are kept, of all {MAX_ALL}: delete some)",
                    all.len()
                );
                return Err(Problem::new(StatusCode::CONFLICT, "too_many", told));
            }
            let (who, query, at) = (who.to_owned(), query.to_owned(), now_to_the_second());
            all.push(Saved { id, who, kind, name, query, at });
            Ok(())
        })
    }

    /// Gives something another name.
    pub fn rename(&self, who: &str, id: &str, name: &str) -> Result<(), Problem> {
        let name = named(name)?;
        self.change(|all| {
            let place = place(all, who, id)?;
            let kind = all.get(place).map(|one| one.kind);
            let is_taken = |one: &Saved| {
                case::is_same_person(&one.who, who) && one.id != id && Some(one.kind) == kind && one.name == name
            };
            if all.iter().any(is_taken) {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    "name_taken",
                    "you gave this name to another one already",
                ));
            }
            if let Some(one) = all.get_mut(place) {
                one.name = name;
            }
            Ok(())
        })
    }

    /// Deletes something.
    pub fn delete(&self, who: &str, id: &str) -> Result<(), Problem> {
        self.change(|all| {
            let place = place(all, who, id)?;
            all.remove(place);
            Ok(())
        })
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Saved>) -> Result<(), Problem>) -> Result<(), Problem> {
        self.0.change(|all| Ok(change(all))).map_err(unreadable)?
    }
}

/// Where something is that somebody saved. What others saved is not there for them.
fn place(all: &[Saved], who: &str, id: &str) -> Result<usize, Problem> {
    let place = all.iter().position(|one| one.id == id && case::is_same_person(&one.who, who));
    place.ok_or_else(|| Problem::unknown("you saved nothing of this id"))
}

fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    match name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        true => Err(Problem::bad(format!("a name has 1 to {MAX_NAME} bytes on one line"))),
        false => Ok(name.to_owned()),
    }
}

fn unreadable(error: crate::Error) -> Problem {
    Problem::unavailable(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;

    #[test]
    fn each_has_their_own_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let list = SavedList::of(folder.path());
        let save = |who: &str, name: &str, query: &str| list.save(who, SavedKind::Question, name, query);
        for number in 0..MAX_EACH {
            save("ann", &format!("number {number}"), "q=model%3Ax").unwrap();
        }
        assert_eq!(save("Ann", "one more", "").unwrap_err().status(), StatusCode::CONFLICT);
        save("ANN", "number 7", "q=status%3A429").unwrap();
        let own = list.list("ann").unwrap();
        let seven = own.iter().find(|one| one.name == "number 7").unwrap();
        assert_eq!((own.len(), seven.query.as_str()), (MAX_EACH, "q=status%3A429"), "the name was given already");
        save("bob", "number 7", "").unwrap();
        assert_eq!(list.list("bob").unwrap().len(), 1);
        // What is another's cannot be renamed or deleted, or be told from what is not there.
        for id in [seven.id.as_str(), "none"] {
            assert_eq!(list.rename("bob", id, "mine").unwrap_err().status(), StatusCode::NOT_FOUND);
            assert_eq!(list.delete("bob", id).unwrap_err().status(), StatusCode::NOT_FOUND);
        }
        assert_eq!(list.rename("ann", &seven.id, "number 8").unwrap_err().status(), StatusCode::CONFLICT);
        list.rename("ann", &seven.id, "another").unwrap();
        list.delete("ann", &seven.id).unwrap();
        save("ann", "one more", "").unwrap();
        let (long_name, long_query) = ("x".repeat(MAX_NAME + 1), "x".repeat(MAX_QUERY + 1));
        for (name, query) in
            [("", ""), (" ", ""), ("a\nb", ""), (long_name.as_str(), ""), ("a", long_query.as_str()), ("a", "\0")]
        {
            assert_eq!(save("bob", name, query).unwrap_err().status(), StatusCode::BAD_REQUEST, "{name:?}");
        }
        // Another process sees it, and the file is its owner's.
        assert_eq!(SavedList::of(folder.path()).list("bob").unwrap().len(), 1);
        let data = std::fs::metadata(folder.path().join("saved.json")).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o777, 0o600);
    }
}
