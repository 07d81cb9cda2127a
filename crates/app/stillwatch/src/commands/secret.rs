//! The secret that a run was given.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use columns::Secret;
use columns::TableKey;
use columns::key_of_run;

use crate::exit::Failure;
use crate::terminal::note;

/// Names the file of the secret where no option does.
const VARIABLE: &str = "STILLWATCH_SECRET";

/// The secret of `--secret FILE`, or of the file that `$STILLWATCH_SECRET` names; `None` where neither is given.
pub fn given(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let file = file.map(Path::to_owned).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    let Some(file) = file else { return Ok(None) };
    match Secret::read(&file)? {
        Some(secret) => {
            warn_if_open(&file);
            Ok(Some(secret))
        }
        None => Err(Failure::Usage(format!(
            "there is no secret at {} (make one: openssl rand -hex 32 > FILE, readable by its owner only)",
            file.display()
        ))),
    }
}

/// Says so where other users of the machine may read the secret. It is used all the same: what mounts secrets for a service
/// often chooses the mode.
fn warn_if_open(file: &Path) {
    let mode = fs::metadata(file).map_or(0, |found| found.permissions().mode());
    if mode & 0o077 != 0 {
        note(&format!("other users of this machine may read the secret {0} (chmod 600 {0})", file.display()));
    }
}

/// The secret with which logs are added to a data directory; `None` for one whose hashes are under no key.
pub fn of_data_dir(data_dir: &Path, file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    match key_of_run(&[data_dir], given(file)?.as_ref())? {
        TableKey::Secret(secret) => Ok(Some(secret)),
        TableKey::Public => Ok(None),
        // The directory keeps it, whoever else does.
        TableKey::Any => Ok(Some(Secret::kept_or_new(columns::users_secret().as_deref())?.0)),
    }
}
