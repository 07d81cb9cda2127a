//! `stillwatch share psi`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use columns::durable;
use intersection::Kept;

use crate::cli::PsiCommand;
use crate::cli::PsiFinishArguments;
use crate::cli::PsiOwnArguments;
use crate::cli::PsiPlaces;
use crate::commands::print_json;
use crate::commands::share::compared::let_leave;
use crate::commands::share::compared::tell_outcome;
use crate::commands::share::compared::threads;
use crate::commands::share::compared::values;
#[cfg(feature = "console")]
use crate::commands::share::wire;
use crate::exit::Failure;
use crate::terminal;

/// `stillwatch share psi`.
pub fn psi(command: &PsiCommand) -> Result<ExitCode, Failure> {
    match command {
        PsiCommand::Start { own, places } => begin(own, places, None)?,
        PsiCommand::Answer { offer, own, places } => begin(own, places, Some(offer))?,
        PsiCommand::Finish(arguments) => finish(arguments)?,
        #[cfg(feature = "console")]
        PsiCommand::Serve(arguments) => wire::serve(arguments)?,
        #[cfg(feature = "console")]
        PsiCommand::With(arguments) => wire::with(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the offer, or the answer to one.
fn begin(own: &PsiOwnArguments, places: &PsiPlaces, offer: Option<&Path>) -> Result<(), Failure> {
    let PsiPlaces { state, out } = places;
    check_places(&[Some(state), Some(out), offer, own.values.as_deref()])?;
    if state.exists() {
        let told = "is of a comparison that is not at its end (finish it, or give it up by removing the file)";
        return Err(Failure::Usage(format!("{} {told}", state.display())));
    }
    let values = values(own)?;
    let (kept, message) = match offer {
        None => {
            let (starter, message) = intersection::start(&values, threads())?;
            (Kept::Starter(starter), message)
        }
        Some(path) => {
            let offer = message(path)?;
            let made = intersection::answer(&values, &offer, threads()).map_err(refused(path))?;
            (Kept::Answerer(made.0), made.1)
        }
    };
    let_leave(own, values.len())?;
    durable::replace_private(state, &kept.to_bytes()).map_err(cannot_write(state))?;
    durable::replace(out, &message).map_err(cannot_write(out))?;
    tell_begun(own, places, offer.is_some(), values.len())
}

fn tell_begun(own: &PsiOwnArguments, places: &PsiPlaces, is_answer: bool, values: usize) -> Result<(), Failure> {
    let step = if is_answer { "answer" } else { "offer" };
    let points = intersection::size_class(values);
    if own.json {
        return print_json(&serde_json::json!({
            "step": step, "with": own.with, "values": values, "points": points, "out": places.out,
            "state": places.state,
        }));
    }
    let (out, state) = (places.out.display(), places.state.display());
    let shown = points.unwrap_or(values);
    terminal::print(&format!("{out}: {values} values as {shown} points. Send it to {}.", own.with));
    let next = match is_answer {
        true => format!("share psi finish CLOSING --state {state}"),
        false => format!("share psi finish ANSWER --state {state} --out CLOSING"),
    };
    terminal::print(&format!("{state} has your values in the clear: keep it here. Next, with what comes back: {next}"));
    Ok(())
}

/// Reads the answer or the closing. The state is written before what depends on it leaves, and removed last, so that a run that
/// was killed is run again.
fn finish(arguments: &PsiFinishArguments) -> Result<(), Failure> {
    let PsiFinishArguments { message: path, state, out, json } = arguments;
    check_places(&[Some(state), out.as_deref(), Some(path)])?;
    let told = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", state.display()));
    let bytes = record::read_file(state, intersection::MAX_STATE_BYTES as u64).map_err(|error| told(&error))?;
    let kept = Kept::parse(&bytes).map_err(|error| told(&error))?;
    let came = message(path)?;
    let (outcome, out) = match (kept, out) {
        (Kept::Starter(mut starter), Some(out)) => {
            let (outcome, closing) = starter.finish(&came, threads()).map_err(refused(path))?;
            durable::replace_private(state, &Kept::Starter(starter).to_bytes()).map_err(cannot_write(state))?;
            durable::replace(out, &closing).map_err(cannot_write(out))?;
            (outcome, Some(out))
        }
        (Kept::Answerer(answerer), None) => (answerer.finish(&came, threads()).map_err(refused(path))?, None),
        (Kept::Starter(_), None) => {
            let text = "the other provider learns nothing without a closing: say --out FILE, and send it the file";
            return Err(Failure::Usage(text.to_owned()));
        }
        (Kept::Answerer(_), Some(_)) => {
            return Err(Failure::Usage("nothing is to be sent after a closing: leave --out away".to_owned()));
        }
    };
    tell_outcome(&outcome, out.map(|out| out.as_path()), *json)?;
    let removed = fs::remove_file(state).and_then(|()| durable::sync_folder(durable::folder_of(state)));
    removed.map_err(|error| {
        let told = "is still there, with your values in it (remove it)";
        Failure::Other(format!("{} {told}: {error}", state.display()))
    })
}

/// Refuses to read and write the same file.
fn check_places(places: &[Option<&Path>]) -> Result<(), Failure> {
    let places: Vec<&Path> = places.iter().copied().flatten().collect();
    let distinct: BTreeSet<&Path> = places.iter().copied().collect();
    match distinct.len() == places.len() {
        true => Ok(()),
        false => Err(Failure::Usage("two of the files are the same (name another)".to_owned())),
    }
}

fn message(path: &Path) -> Result<Vec<u8>, Failure> {
    record::read_file(path, intersection::MAX_MESSAGE_BYTES as u64)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

/// An error of a message, with the message's name before it.
fn refused(path: &Path) -> impl FnOnce(intersection::Error) -> Failure {
    move |error| match error.kind() {
        intersection::ErrorKind::Refused | intersection::ErrorKind::Mixed => {
            Failure::Unmet(format!("{} is refused: {error}", path.display()))
        }
        _ => error.into(),
    }
}

fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Other(format!("cannot write {}: {error}", path.display()))
}
