//! A draft that was approved takes the place of the folder, and the ledger says so.

use std::path::Path;

use axum::http::StatusCode;
use columns::ledger_of;
use journal::Kind;
use journal::document_record;
use ledger::CHECKPOINT;
use ledger::Ledger;
use ledger::Reader;
use serde::Serialize;

use crate::folder;
use crate::problem::Problem;
use crate::revision::Approval;
use crate::revision::Deployment;
use crate::revision::Draft;
use crate::revision::Said;
use crate::revision::Stored;

/// Version of the document in the ledger.
const FORM: u8 = 1;

/// What the ledger says of a deployment.
#[derive(Serialize)]
struct Document<'a> {
    document: &'static str,
    form: u8,
    act: &'static str,
    at: &'a str,
    who: &'a str,
    why: &'a str,
    proposed_by: &'a str,
    proposed_at: &'a str,
    proposed_why: &'a str,
    before: &'a str,
    after: &'a str,
}

/// Does what is left to do of a draft that was approved: exchanges the folder, adds to the ledger, and ends the draft. Each step is done
/// once, however often this is called.
///
/// # Errors
/// Where the folder cannot be exchanged, the draft is a proposal again. Where it was, and the ledger cannot be added to, the draft stays
/// approved, and the next call goes on.
pub fn finish(kept: &mut Stored, data_dir: &Path, folder: &Path) -> Result<(), Problem> {
    let Some((draft, approval, proposed)) = approved(kept) else { return Ok(()) };
    match put(&draft, &approval, &proposed, data_dir, folder) {
        Ok(entry) => {
            kept.last = Some(Deployment {
                proposed,
                approved: approval.said,
                before: approval.earlier.hash(),
                after: draft.files.hash(),
                is_undo: draft.is_undo,
                entry,
                earlier: approval.earlier,
            });
            kept.draft = None;
        }
        Err(problem) => {
            let is_as_before = folder::read(folder).is_ok_and(|live| live != draft.files);
            if let Some(draft) = kept.draft.as_mut().filter(|_| is_as_before) {
                draft.approval = None;
            }
            return Err(problem);
        }
    }
    kept.version += 1;
    Ok(())
}

fn approved(kept: &Stored) -> Option<(Draft, Approval, Said)> {
    let draft = kept.draft.clone()?;
    let (approval, proposed) = (draft.approval.clone()?, draft.proposal.clone()?);
    Some((draft, approval, proposed))
}

/// Exchanges the folder where that was not done yet, and adds to the ledger where that was not; the entry.
fn put(draft: &Draft, approval: &Approval, proposed: &Said, data_dir: &Path, folder: &Path) -> Result<u64, Problem> {
    let failed = |error: &dyn std::fmt::Display| Problem::unavailable(format!("the ledger: {error}"));
    let root = ledger_of(data_dir);
    if !root.join(CHECKPOINT).is_file() {
        let told =
            "the data directory has no ledger, in which a change of rules is recorded (hunt with --data-dir first)";
        return Err(Problem::unavailable(told));
    }
    let (before, after) = (approval.earlier.hash(), draft.files.hash());
    let document = Document {
        document: "policy",
        form: FORM,
        act: if draft.is_undo { "undo_rules" } else { "deploy_rules" },
        at: &approval.said.at,
        who: &approval.said.by,
        why: &approval.said.why,
        proposed_by: &proposed.by,
        proposed_at: &proposed.at,
        proposed_why: &proposed.why,
        before: &before,
        after: &after,
    };
    let record = document_record(&serde_json::to_vec(&document).map_err(|error| failed(&error))?);
    // From here on nobody else adds to the ledger. It is opened first, so that what stands in its way leaves the folder as it was.
    let mut log = Ledger::open(&root).map_err(|error| failed(&error))?;
    let known = last_of_policy(&root).map_err(|error| failed(&error))?;
    let live = folder::read(folder)?;
    if live != draft.files {
        if live != approval.earlier {
            let told =
                "the folder of the rules was changed meanwhile: nothing was done (discard the draft, and begin anew)";
            return Err(Problem::conflict("live_changed", told));
        }
        folder::exchange(folder, &draft.files).map_err(|error| {
            let told = format!("{} cannot be exchanged: {error}; it is as it was", folder.display());
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_folder", told)
        })?;
    }
    match known {
        Some((entry, last)) if last == record => Ok(entry),
        _ => {
            let entry = log.append(Kind::Policy.number(), &record).map_err(|error| failed(&error))?;
            log.commit().map_err(|error| failed(&error))?;
            Ok(entry)
        }
    }
}

/// The last entry of a version of the policy, with its record.
fn last_of_policy(root: &Path) -> Result<Option<(u64, Vec<u8>)>, ledger::Error> {
    let log = Reader::open(root)?;
    let place = log.kinds()?.iter().rposition(|kind| *kind == Kind::Policy.number());
    place.map(|place| log.record(place as u64).map(|(record, _)| (place as u64, record))).transpose()
}
