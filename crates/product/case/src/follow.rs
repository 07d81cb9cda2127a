//! The ledger follows the store.
//!
//! An act is first in the store and then in the ledger. A run that is stopped between the two leaves acts without an entry: the
//! next run that comes here adds them. One that is stopped after the ledger has them and before the store knows finds them
//! there. Acts that the ledger has and the store does not, because an older copy of the store was put back, are taken from the
//! ledger: what was recorded is never forgotten.

use std::path::Path;

use columns::ledger_of;
use journal::Kind;
use journal::document_of;
use journal::document_record;
use ledger::CHECKPOINT;
use ledger::Ledger;
use ledger::Reader;

use crate::act::Act;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::store::LogMark;
use crate::store::Store;
use crate::store::Stored;

/// Brings the store and the ledger of a data directory to the same acts. Where there is no ledger, acts wait for one.
///
/// # Errors
/// [`ErrorKind::Disagree`] where they hold different acts of the same number, or the ledger is another than before or was cut.
pub fn follow(store: &mut dyn Store, data_dir: &Path) -> Result<(), Error> {
    let root = ledger_of(data_dir);
    let mark = store.mark()?;
    if !root.join(CHECKPOINT).is_file() {
        return match mark.key.is_empty() {
            true => Ok(()),
            false => Err(disagree(format!("the ledger of {} is gone (bring it back)", data_dir.display()))),
        };
    }
    let head = Reader::open(&root)?;
    check_same(&mark, &head, data_dir)?;
    if head.checkpoint().size == mark.size && store.pending()?.is_empty() {
        return Ok(());
    }
    drop(head);
    // From here on nobody else adds to the ledger.
    let mut log = Ledger::open(&root)?;
    let head = Reader::open(&root)?;
    let mark = store.mark()?;
    check_same(&mark, &head, data_dir)?;
    let mut recorded: Vec<Stored> = Vec::new();
    for act in acts_since(&head, mark.size)? {
        let is_it = |known: &Stored| (&known.case, known.number) == (&act.case, act.number);
        let known = store.acts_of(&act.case)?.into_iter().chain(recorded.iter().cloned()).filter(is_it);
        if known.into_iter().any(|known| known.body != act.body) {
            let text =
                format!("act {} of case {} is another in the ledger than in the store of cases", act.number, act.case);
            return Err(disagree(format!("{text} (keep both, and ask who changed the store)")));
        }
        recorded.push(act);
    }
    let is_found = |act: &Stored| recorded.iter().any(|other| (&other.case, other.number) == (&act.case, act.number));
    let pending: Vec<Stored> = store.pending()?.into_iter().filter(|act| !is_found(act)).collect();
    let is_any = !pending.is_empty();
    for act in pending {
        let entry = log.append(Kind::Act.number(), &document_record(&act.body))?;
        recorded.push(Stored { entry: Some(entry), ..act });
    }
    let size = log.size();
    if is_any {
        log.commit()?;
    }
    store.recorded(&recorded, &LogMark { key: head.key().to_string(), size })
}

fn check_same(mark: &LogMark, head: &Reader, data_dir: &Path) -> Result<(), Error> {
    if !mark.key.is_empty() && mark.key != head.key().to_string() {
        return Err(disagree(format!(
            "the cases belong to another ledger than that of {} (give the data directory that they were made with)",
            data_dir.display()
        )));
    }
    if head.checkpoint().size < mark.size {
        return Err(disagree(format!(
            "the ledger of {} has {} entries and had {} (bring the later one back)",
            data_dir.display(),
            head.checkpoint().size,
            mark.size
        )));
    }
    Ok(())
}

/// The acts among the entries from a number on.
fn acts_since(log: &Reader, first: u64) -> Result<Vec<Stored>, Error> {
    let kinds = log.kinds()?;
    let is_act = |index: u64| {
        let kind = usize::try_from(index).ok().and_then(|index| kinds.get(index));
        index >= first && kind.and_then(|kind| Kind::of(*kind)) == Some(Kind::Act)
    };
    let mut found = Vec::new();
    if !(first..log.checkpoint().size).any(is_act) {
        return Ok(found);
    }
    let mut failed = None;
    log.for_each_record(&mut |index, record| {
        if is_act(index) {
            match document_of(record).map_err(Error::from).and_then(|body| Ok((Act::from_bytes(body)?, body.to_vec())))
            {
                Ok((Act { case, number, .. }, body)) => {
                    found.push(Stored { case, number, body, entry: Some(index) });
                }
                Err(error) => failed = failed.take().or(Some(error)),
            }
        }
        Ok(())
    })?;
    failed.map_or(Ok(found), Err)
}

fn disagree(text: String) -> Error {
    Error::new(ErrorKind::Disagree, text)
}
