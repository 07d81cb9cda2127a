//! Columns of a batch by their types. What is wrong with one is told as a text, to which the caller adds the file.

use arrow_array::BinaryArray;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use profile::Profile;

/// A column of 64-bit integers.
pub(crate) fn integers<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b Int64Array, String> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt());
    column.ok_or_else(|| other_type(name))
}

/// A column of lists of 64-bit integers: the lists, and the integers of all of them.
pub(crate) fn lists<'b>(batch: &'b RecordBatch, name: &str) -> Result<(&'b ListArray, &'b Int64Array), String> {
    let lists = batch.column_by_name(name).and_then(|column| column.as_list_opt::<i32>());
    let lists = lists.ok_or_else(|| other_type(name))?;
    let all = lists.values().as_primitive_opt::<Int64Type>().ok_or_else(|| other_type(name))?;
    Ok((lists, all))
}

/// The column of the profiles of increments.
pub(crate) fn profiles(batch: &RecordBatch) -> Result<&BinaryArray, String> {
    let column = batch.column_by_name("profile").and_then(|column| column.as_binary_opt());
    column.ok_or_else(|| other_type("profile"))
}

/// Reads the profile of an increment.
pub(crate) fn profile(bytes: &[u8]) -> Result<Profile, String> {
    Profile::from_bytes(bytes)
        .map_err(|error| format!("a profile cannot be read: {error} (remove the file, and run stillwatch fold again)"))
}

/// A column is not of the columnar form.
pub(crate) fn other_type(name: &str) -> String {
    format!("its column {name} is of another type than docs/columns.md says")
}
