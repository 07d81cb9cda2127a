//! How far tables were read that grow: one file in the data directory.

use std::collections::BTreeMap;
use std::path::Path;

use record::Input;
use record::Mark;

use crate::counts::Unread;
use crate::durable::replace;
use crate::error::Error;
use crate::layout::read_small;

/// The file: marks by the name of the server and database.
const FILE: &str = "spend-logs.json";

/// Inputs, each from where the last reading of it stopped.
pub(crate) fn resumed(inputs: Vec<Input>, root: &Path) -> Result<Vec<Input>, Error> {
    let mut marks = read(root)?;
    let resume = |input: Input| match marks.remove(input.name()) {
        Some(mark) => input.after(mark),
        None => input,
    };
    Ok(inputs.into_iter().map(resume).collect())
}

/// Remembers how far inputs were read, but for those that were left unread.
pub(crate) fn remember(inputs: &[Input], unread: &[Unread], root: &Path) -> Result<(), Error> {
    let is_read = |input: &&Input| unread.iter().all(|left| left.file != input.name());
    let marked = inputs.iter().filter(is_read).filter_map(|input| Some((input.name().to_owned(), input.mark()?)));
    let reached: BTreeMap<String, Mark> = marked.collect();
    if reached.is_empty() {
        return Ok(());
    }
    let path = root.join(FILE);
    let mut marks = read(root)?;
    marks.extend(reached);
    let text = serde_json::to_vec_pretty(&marks).map_err(|error| Error::write(&path)(error.into()))?;
    replace(&path, &text).map_err(Error::write(&path))
}

fn read(root: &Path) -> Result<BTreeMap<String, Mark>, Error> {
    let path = root.join(FILE);
    let Some(bytes) = read_small(&path)? else { return Ok(BTreeMap::new()) };
    serde_json::from_slice(&bytes).map_err(|error| Error::read(&path)(error.into()))
}
