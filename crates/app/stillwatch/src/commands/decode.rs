//! `stillwatch decode-table`, which this program starts itself: what a Parquet file of a log does to it costs the file only.

use std::io::BufWriter;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::exit::Failure;

/// Has tables of logs decoded by `stillwatch decode-table` from now on.
pub fn decode_apart() {
    // This link stays the running program where the file was replaced, as by an update.
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { Some(running) } else { std::env::current_exe().ok() };
    if let Some(program) = program {
        record::table::decode_apart(program, "decode-table");
    }
}

/// Decodes a table to standard output, as standard input says.
pub fn decode_table(place: &Path) -> Result<ExitCode, Failure> {
    let mut frames = BufWriter::new(std::io::stdout().lock());
    record::table::serve(place, &mut std::io::stdin().lock(), &mut frames)
        .map(|()| ExitCode::SUCCESS)
        .map_err(|error| Failure::Other(error.to_string()))
}
