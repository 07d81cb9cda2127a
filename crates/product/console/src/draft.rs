//! A change of the rules on its way: a draft of the policy folder, which one person proposes and another approves.
//!
//! There is one draft of a data directory at a time, in `rules_draft.json`. What is approved is written down before the folder is
//! exchanged and the ledger is added to, so that a run that is stopped in between is finished by whoever looks next.

use std::path::Path;
use std::path::PathBuf;

use axum::http::StatusCode;
use policy::Source;
use record::time::now_to_the_second;

use crate::deployment::finish;
use crate::folder;
use crate::kept::Kept;
use crate::problem::Problem;
use crate::revision::Approval;
use crate::revision::Draft;
use crate::revision::Said;
use crate::revision::Stored;
use crate::revision::digest;

/// The name of the list in a data directory.
const NAME: &str = "rules_draft";
/// Most bytes of all files of a draft.
const MAX_BYTES: usize = 1 << 20;
/// Most files of a draft.
const MAX_FILES: usize = 100;
/// Longest reason, in bytes.
const MAX_WHY: usize = 4096;
/// Longest name of a file, in bytes.
const MAX_NAME: usize = 100;
/// The file that belongs to the version of the program.
const SCHEMA: &str = "schema.cedarschema";

/// What a draft begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// The folder as it is.
    Live,
    /// The folder as it was before the last deployment.
    Earlier,
}

/// Drafts of a policy folder, kept in a data directory.
#[derive(Debug)]
pub struct Drafts {
    kept: Kept<Stored>,
    data_dir: PathBuf,
    folder: Option<PathBuf>,
}

impl Drafts {
    /// Those of a data directory, for a folder.
    pub fn of(data_dir: &Path, folder: Option<&Path>) -> Self {
        Self { kept: Kept::of(data_dir, NAME), data_dir: data_dir.to_owned(), folder: folder.map(Path::to_owned) }
    }

    /// The folder of the rules.
    ///
    /// # Errors
    /// A problem where the server was given none.
    pub fn folder(&self) -> Result<&Path, Problem> {
        let detail = "this server uses the rules inside the program, which nobody can change (make a folder with `stillwatch policy \
                      init DIR`, and give it: `stillwatch serve --policies DIR`, or `folder` under [gate.policy] of `stillwatch up`)";
        self.folder.as_deref().ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_folder", detail))
    }

    /// What is kept. A deployment that was stopped half-way is finished first.
    pub fn look(&self) -> Result<Stored, Problem> {
        let kept = self.kept.with(|all| all.first().cloned().unwrap_or_default()).map_err(unreadable)?;
        match kept.draft.as_ref().is_some_and(|draft| draft.approval.is_some()) {
            true => self.deploy(),
            false => Ok(kept),
        }
    }

    /// What is kept, where there is a draft.
    pub fn open(&self) -> Result<(u64, Draft), Problem> {
        self.folder()?;
        let Stored { version, draft, .. } = self.look()?;
        Ok((version, draft.ok_or_else(none)?))
    }

    /// Makes a draft.
    pub fn begin(&self, who: &str, from: Beginning) -> Result<Stored, Problem> {
        let folder = self.folder()?;
        folder::check_writable(folder)?;
        let live = folder::read(folder)?;
        self.change(|kept| {
            if let Some(draft) = &kept.draft {
                let told = format!("{} is at work on a draft already (go on with it, or discard it)", draft.made_by);
                return Err(Problem::conflict("draft_open", told));
            }
            let files = match (from, &kept.last) {
                (Beginning::Live, _) => live.clone(),
                (Beginning::Earlier, Some(last)) => last.earlier.clone(),
                (Beginning::Earlier, None) => {
                    return Err(Problem::unknown("nothing was deployed by this server yet: there is nothing to undo"));
                }
            };
            check_size(&files)?;
            kept.draft = Some(Draft {
                files,
                base: digest(&live),
                base_policy: live.hash(),
                made_by: who.to_owned(),
                made_at: now_to_the_second(),
                is_undo: from == Beginning::Earlier,
                proposal: None,
                rejection: None,
                approval: None,
            });
            Ok(())
        })
    }

    /// Writes a file of the draft, or takes it out.
    pub fn write(&self, saw: u64, name: &str, text: Option<&str>) -> Result<Stored, Problem> {
        check_name(name)?;
        self.change(|kept| {
            let draft = seen(kept, saw)?;
            if let Some(proposal) = &draft.proposal {
                let told = format!("{} proposed it as it is (reject it first, and go on then)", proposal.by);
                return Err(Problem::conflict("proposed", told));
            }
            let files = match text {
                Some(text) => draft.files.clone().with(name, text),
                None if draft.files.file(name).is_none() => {
                    return Err(Problem::unknown(format!("the draft has no file {name}")));
                }
                None => draft.files.clone().without(name),
            };
            check_size(&files)?;
            // What was changed is no longer what was there before.
            draft.is_undo &= files == draft.files;
            draft.files = files;
            Ok(())
        })
    }

    /// Takes the draft away.
    pub fn discard(&self, saw: u64) -> Result<Stored, Problem> {
        self.change(|kept| {
            seen(kept, saw)?;
            kept.draft = None;
            Ok(())
        })
    }

    /// Proposes to deploy the draft.
    pub fn propose(&self, who: &str, why: &str, saw: u64) -> Result<Stored, Problem> {
        let (said, live) = (said(who, why)?, folder::read(self.folder()?)?);
        self.change(|kept| {
            let draft = seen(kept, saw)?;
            if let Some(proposal) = &draft.proposal {
                return Err(Problem::conflict("proposed", format!("{} proposed it already", proposal.by)));
            }
            check_live(draft, &live)?;
            if draft.files == live {
                return Err(Problem::conflict("no_change", "the draft changes nothing"));
            }
            (draft.proposal, draft.rejection) = (Some(said), None);
            Ok(())
        })
    }

    /// Rejects what is proposed. The draft stays, and can be changed.
    pub fn reject(&self, who: &str, why: &str, saw: u64) -> Result<Stored, Problem> {
        let said = said(who, why)?;
        self.change(|kept| {
            let draft = seen(kept, saw)?;
            draft.proposal.take().ok_or_else(|| Problem::conflict("not_proposed", "the draft is not proposed"))?;
            draft.rejection = Some(said);
            Ok(())
        })
    }

    /// Approves what another person proposed, and deploys it.
    pub fn approve(&self, who: &str, why: &str, saw: u64) -> Result<Stored, Problem> {
        let (said, folder) = (said(who, why)?, self.folder()?);
        folder::check_writable(folder)?;
        let live = folder::read(folder)?;
        self.change(|kept| {
            let draft = seen(kept, saw)?;
            let proposal = draft
                .proposal
                .as_ref()
                .ok_or_else(|| Problem::conflict("not_proposed", "the draft is not proposed"))?;
            if case::is_same_person(&proposal.by, who) {
                let told = format!("{} proposed it: a second person has to approve", proposal.by);
                return Err(Problem::conflict("not_allowed", told));
            }
            check_live(draft, &live)?;
            draft.approval = Some(Approval { said, earlier: live });
            Ok(())
        })?;
        self.deploy()
    }

    /// Does what was approved. Where it cannot be done, the draft is a proposal again.
    fn deploy(&self) -> Result<Stored, Problem> {
        let folder = self.folder()?;
        let done = self.kept.change(|all| {
            let mut kept = all.first().cloned().unwrap_or_default();
            let done = finish(&mut kept, &self.data_dir, folder);
            *all = vec![kept.clone()];
            Ok(done.map(|()| kept))
        });
        done.map_err(unreadable)?
    }

    /// Changes what is kept, whole or not at all.
    fn change(&self, change: impl FnOnce(&mut Stored) -> Result<(), Problem>) -> Result<Stored, Problem> {
        self.look()?;
        let done = self.kept.change(|all| {
            let mut kept = all.first().cloned().unwrap_or_default();
            Ok(change(&mut kept).map(|()| {
                kept.version += 1;
                *all = vec![kept.clone()];
                kept
            }))
        });
        done.map_err(unreadable)?
    }
}

/// The draft, if it is the version that was seen.
fn seen(kept: &mut Stored, saw: u64) -> Result<&mut Draft, Problem> {
    let version = kept.version;
    let draft = kept.draft.as_mut().ok_or_else(none)?;
    if draft.approval.is_some() {
        return Err(Problem::conflict("deploying", "it is being deployed (look again)"));
    }
    match version == saw {
        true => Ok(draft),
        false => {
            let told =
                format!("somebody else changed the draft since version {saw} (look again: it is version {version})");
            Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed_since", told))
        }
    }
}

fn check_live(draft: &Draft, live: &Source) -> Result<(), Problem> {
    match draft.is_of(live) {
        true => Ok(()),
        false => {
            let told = "the folder of the rules was changed since the draft was made (keep your texts, discard the draft, and begin anew)";
            Err(Problem::conflict("live_changed", told))
        }
    }
}

fn check_size(files: &Source) -> Result<(), Problem> {
    let bytes: usize = files.files().map(|(name, text)| name.len() + text.len()).sum();
    let count = files.files().count();
    if bytes > MAX_BYTES || count > MAX_FILES {
        let told = format!(
            "the files have {bytes} bytes and are {count}; a draft has at most {MAX_BYTES} bytes in {MAX_FILES} files (change the \
             folder itself, and check it with `stillwatch policy check`)"
        );
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", told));
    }
    Ok(())
}

/// Whether people write the file of a name.
pub fn is_editable(name: &str) -> bool {
    let is_plain = |stem: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (1..=MAX_NAME).contains(&stem.len()) && stem.chars().all(is_letter)
    };
    let stem = match name.strip_prefix("tests/") {
        Some(test) => test.strip_suffix(".toml"),
        None if name == "settings.toml" => Some("settings"),
        None => name.strip_suffix(".cedar").or_else(|| name.strip_suffix(".md")),
    };
    stem.is_some_and(is_plain)
}

fn check_name(name: &str) -> Result<(), Problem> {
    match is_editable(name) {
        true => Ok(()),
        false if name == SCHEMA => {
            Err(Problem::bad(format!("{SCHEMA} belongs to the version of the program, and cannot be changed")))
        }
        false => Err(Problem::bad(
            "a file of a draft is NAME.cedar, settings.toml, tests/NAME.toml or NAME.md, with a name of letters, digits, - and _",
        )),
    }
}

fn said(who: &str, why: &str) -> Result<Said, Problem> {
    let why = why.trim();
    if why.is_empty() || why.len() > MAX_WHY {
        return Err(Problem::bad(format!("say why, in 1 to {MAX_WHY} bytes: it is kept for good")));
    }
    Ok(Said { by: who.to_owned(), at: now_to_the_second(), why: why.to_owned() })
}

fn none() -> Problem {
    Problem::unknown("there is no draft (POST /api/v1/draft makes one)")
}

fn unreadable(error: crate::Error) -> Problem {
    Problem::unavailable(error.to_string())
}

#[cfg(test)]
mod tests;
