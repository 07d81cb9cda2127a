//! What a stopped engine left in its log.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::intake::newest_us;
use crate::segment::FrameReader;
use crate::segment::numbers;
use crate::segment::path_of;
use crate::state::State;

/// What a stopped engine left in its log.
pub(crate) struct Left {
    pub numbers: BTreeSet<u64>,
    pub bytes: u64,
    pub newest_us: i64,
}

/// Reads the log that a stopped engine left, to see that it is whole and what it notes.
pub(crate) fn recover(folder: &Path, state: &mut State, note: &dyn Fn(&str)) -> Result<Left, Error> {
    let found = numbers(folder)?;
    let mut left = Left { numbers: found.iter().copied().collect(), bytes: 0, newest_us: i64::MIN };
    for number in &found {
        let path = path_of(folder, *number);
        let mut reader = FrameReader::open(folder, *number, Some(number) == found.last())?;
        while let Some(frame) = reader.next_frame()? {
            let batches = frame.batches().map_err(|reason| reader.damaged(reason))?;
            left.newest_us = batches.iter().filter_map(newest_us).fold(left.newest_us, i64::max);
            state.learn(frame.note);
        }
        if reader.torn > 0 {
            note(&format!(
                "{}: {} bytes at its end were not whole, of what nobody was told that it is safe: cut off",
                path.display(),
                reader.torn
            ));
        }
        left.bytes += fs::metadata(&path).map_err(Error::file(&path))?.len();
    }
    Ok(left)
}
