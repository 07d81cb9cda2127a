//! Rows of a foreign table as JSON, for a map to read.

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Float64Type;
use arrow_array::types::Int64Type;
use arrow_array::types::TimestampMicrosecondType;
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_schema::SchemaRef;
use arrow_schema::TimeUnit;
use serde_json::Map;
use serde_json::Value;

use crate::json;
use crate::maps;
use crate::maps::Maps;

/// Nesting of columns that is read.
const MAX_DEPTH: u32 = 16;

/// The map of a table, by the names of its columns.
pub(super) fn map_of(schema: &SchemaRef, maps: &Maps) -> Option<maps::Map> {
    maps.of_record(&columns(schema)).or_else(|| maps.own()).cloned()
}

/// The map of a table of a second log, by the names of its columns.
pub(super) fn addition_of(schema: &SchemaRef, maps: &Maps) -> Option<maps::Map> {
    maps.addition(&columns(schema)).cloned()
}

/// A row that has every column.
fn columns(schema: &SchemaRef) -> Value {
    Value::Object(schema.fields().iter().map(|field| (field.name().clone(), of_type(field.data_type()))).collect())
}

/// A value that has every column of a struct, since a map may ask for one of them.
fn of_type(kind: &DataType) -> Value {
    match kind {
        DataType::Struct(fields) => {
            Value::Object(fields.iter().map(|field| (field.name().clone(), Value::Bool(true))).collect())
        }
        _ => Value::Bool(true),
    }
}

/// One row as JSON. A column of a type that has no JSON form is left out.
pub(super) fn row_value(batch: &RecordBatch, row: usize) -> Value {
    let schema = batch.schema_ref();
    let members = schema.fields().iter().zip(batch.columns());
    let members = members.map(|(field, column)| (field.name().clone(), cell(column, row, MAX_DEPTH)));
    json::sorted(Value::Object(members.collect::<Map<_, _>>()))
}

fn cell(column: &ArrayRef, row: usize, depth: u32) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Null };
    if row >= column.len() || column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Struct(fields) => {
            let Some(array) = column.as_struct_opt() else { return Value::Null };
            let members = fields.iter().zip(array.columns());
            Value::Object(members.map(|(field, inner)| (field.name().clone(), cell(inner, row, depth))).collect())
        }
        DataType::List(_) => column.as_list_opt::<i32>().map_or(Value::Null, |list| elements(&list.value(row), depth)),
        DataType::LargeList(_) => {
            column.as_list_opt::<i64>().map_or(Value::Null, |list| elements(&list.value(row), depth))
        }
        DataType::Map(..) => {
            let Some(entries) = column.as_map_opt().map(|map| map.value(row)) else { return Value::Null };
            let (Some(keys), Some(values)) = (entries.columns().first(), entries.columns().get(1)) else {
                return Value::Null;
            };
            let member = |at| Some((cell(keys, at, depth).as_str()?.to_owned(), cell(values, at, depth)));
            Value::Object((0..entries.len()).filter_map(member).collect())
        }
        _ => scalar(&column.slice(row, 1)),
    }
}

fn elements(list: &ArrayRef, depth: u32) -> Value {
    Value::Array((0..list.len()).map(|at| cell(list, at, depth)).collect())
}

/// A column of one row that holds no other columns.
fn scalar(column: &ArrayRef) -> Value {
    let found = match column.data_type() {
        DataType::Boolean => column.as_boolean_opt().map(|flags| Value::Bool(flags.value(0))),
        DataType::Timestamp(..) => {
            let to = DataType::Timestamp(TimeUnit::Microsecond, None);
            let times = cast(column, &to).ok();
            times.and_then(|times| Some(times.as_primitive_opt::<TimestampMicrosecondType>()?.value(0).into()))
        }
        kind if kind.is_integer() => {
            let whole = cast(column, &DataType::Int64).ok();
            whole.and_then(|whole| Some(whole.as_primitive_opt::<Int64Type>()?.value(0).into()))
        }
        kind if kind.is_numeric() => {
            let number = cast(column, &DataType::Float64).ok();
            number.and_then(|number| Some(number.as_primitive_opt::<Float64Type>()?.value(0).into()))
        }
        _ => {
            let text = cast(column, &DataType::LargeUtf8).ok();
            text.and_then(|text| Some(text.as_string_opt::<i64>()?.value(0).into()))
        }
    };
    found.unwrap_or(Value::Null)
}
