//! The folder of the rules, exchanged as a whole.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use axum::http::StatusCode;
use columns::durable;
use policy::Source;

use crate::kept::hex;
use crate::kept::random;
use crate::problem::Problem;

/// Reads it.
pub fn read(folder: &Path) -> Result<Source, Problem> {
    Source::read(folder).map_err(|error| Problem::unavailable(format!("the folder of the rules: {error}")))
}

/// Refuses a folder that this program may not exchange, or that holds what an exchange would lose.
pub fn check_writable(folder: &Path) -> Result<(), Problem> {
    check_known(folder, "")?;
    let id = hex(&random::<8>().map_err(|error| Problem::unavailable(error.to_string()))?);
    // A name of its own, since somebody else may be deploying.
    let tried = beside(folder, &format!("trying-{id}")).and_then(|place| {
        fs::create_dir(&place)?;
        fs::remove_dir(&place)
    });
    tried.map_err(|error| refused(folder, &error))
}

fn refused(folder: &Path, error: &io::Error) -> Problem {
    let told = format!(
        "this server may not exchange {}: {error} (let it write the folder that it is in, or change the rules by hand)",
        folder.display()
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_folder", told)
}

/// Refuses what is no file of a policy: the folder is exchanged as a whole.
fn check_known(folder: &Path, below: &str) -> Result<(), Problem> {
    let place = if below.is_empty() { folder.to_owned() } else { folder.join(below) };
    let entries = fs::read_dir(&place).map_err(|error| refused(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| refused(folder, &error))?;
        let (name, kind) = (entry.file_name(), entry.file_type().map_err(|error| refused(folder, &error))?);
        let name = name.to_string_lossy();
        let is_ours = [".cedar", ".cedarschema", ".toml", ".md"].iter().any(|end| name.ends_with(end));
        match () {
            () if kind.is_file() && is_ours && !name.starts_with('.') => {}
            () if kind.is_dir() && below.is_empty() && name == "tests" => check_known(folder, "tests")?,
            () => {
                let told = format!(
                    "{} holds {name:?}, which is no file of a policy, and would be lost: the folder is exchanged as a whole (move it \
                     out of the folder)",
                    place.display()
                );
                return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_folder", told));
            }
        }
    }
    Ok(())
}

/// A place in the folder that the folder is in.
fn beside(folder: &Path, what: &str) -> io::Result<PathBuf> {
    let place = durable::followed(&std::path::absolute(folder)?)?;
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(place.with_file_name(format!(".{name}.{what}")))
}

/// Puts files in the place of the folder, all at once. Who may read the files before may read them after. One does so at a time.
///
/// # Errors
/// What the system says; the folder is then as it was.
pub fn exchange(folder: &Path, files: &Source) -> io::Result<()> {
    let (place, staging) = (durable::followed(&std::path::absolute(folder)?)?, beside(folder, "deploying")?);
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    for below in ["", "tests"] {
        let (made, old) = (staging.join(below), place.join(below));
        fs::create_dir(&made)?;
        if let Ok(data) = fs::metadata(old) {
            fs::set_permissions(&made, data.permissions())?;
        }
    }
    for (name, text) in files.files() {
        let mut file = File::create_new(staging.join(name))?;
        file.write_all(text.as_bytes())?;
        if let Ok(data) = fs::metadata(place.join(name)) {
            file.set_permissions(data.permissions())?;
        }
        file.sync_all()?;
    }
    durable::sync_folder(&staging.join("tests"))?;
    durable::put_in_place(&staging, &place)?;
    // What was there before is only in the way: it is kept with the deployment.
    let _ = fs::remove_dir_all(&staging);
    Ok(())
}
