//! The values of a field in a batch of rows.

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::BooleanArray;
use arrow_array::Float64Array;
use arrow_array::Int32Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::RecordBatch;
use arrow_array::StringArray;
use arrow_array::TimestampMicrosecondArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use columns::hashes_of;
use observation::Cues;

use crate::field::ASKS;
use crate::field::Field;
use crate::field::Kind;
use crate::term::Order;
use crate::term::Term;
use crate::term::Test;
use crate::term::Value;

/// Rows that are decoded together.
pub const BATCH_ROWS: usize = 8 * 1024;
/// What a key's name begins with where it is kept as a hash.
const KEYED: &str = "keyed:";

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'b> {
    Text(&'b str),
    Hash(u64),
    Number(u64),
    Decimal(f64),
    Flag(bool),
    Word(&'static str),
}

/// The column of a field.
#[derive(Debug)]
pub enum Cells<'b> {
    Texts(&'b StringArray),
    /// Names of keys, of which those in the clear are not shown.
    Keys(&'b StringArray),
    Numbers(&'b Int64Array),
    Small(&'b Int32Array),
    Decimals(&'b Float64Array),
    Flags(&'b BooleanArray),
    Hashes(&'b Int64Array),
    HashLists(&'b ListArray, &'b Int64Array),
    Asks(&'b Int32Array),
    Capabilities(&'b Int32Array),
}

/// The column of times.
pub fn times(batch: &RecordBatch) -> Result<&TimestampMicrosecondArray, String> {
    let column = batch.column_by_name("at").and_then(|column| column.as_primitive_opt());
    column.ok_or_else(|| other_type("at"))
}

/// The column of accounts.
pub fn accounts(batch: &RecordBatch) -> Result<&StringArray, String> {
    let column = batch.column_by_name("account").and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| other_type("account"))
}

fn other_type(column: &str) -> String {
    format!("its column {column} is of another type than docs/columns.md says")
}

impl<'b> Cells<'b> {
    /// The column of a field in a batch.
    pub fn of(batch: &'b RecordBatch, field: Field) -> Result<Self, String> {
        let column = batch.column_by_name(field.column());
        column.and_then(|column| Self::open(column, field)).ok_or_else(|| other_type(field.column()))
    }

    fn open(column: &'b ArrayRef, field: Field) -> Option<Self> {
        Some(match (field, field.kind()) {
            (Field::Key, _) => Self::Keys(column.as_string_opt()?),
            (Field::Asks, _) => Self::Asks(column.as_primitive_opt()?),
            (Field::Capability, _) => Self::Capabilities(column.as_primitive_opt()?),
            (Field::Turns, _) => Self::Small(column.as_primitive_opt()?),
            (_, Kind::Text | Kind::Word(_)) => Self::Texts(column.as_string_opt()?),
            (_, Kind::Number) => Self::Numbers(column.as_primitive_opt()?),
            (_, Kind::Decimal) => Self::Decimals(column.as_primitive_opt()?),
            (_, Kind::Flag) => Self::Flags(column.as_boolean_opt()?),
            (_, Kind::Hash) => match column.as_list_opt::<i32>() {
                Some(lists) => Self::HashLists(lists, lists.values().as_primitive_opt::<Int64Type>()?),
                None => Self::Hashes(column.as_primitive_opt()?),
            },
        })
    }

    /// Whether a row has a value of which something holds. A row that is not there has none.
    pub fn any(&self, row: usize, holds: &mut dyn FnMut(Cell<'b>) -> bool) -> bool {
        match self {
            Self::Texts(column) => is_there(*column, row) && holds(Cell::Text(column.value(row))),
            Self::Keys(column) => {
                is_there(*column, row) && column.value(row).starts_with(KEYED) && holds(Cell::Text(column.value(row)))
            }
            Self::Numbers(column) => {
                let number = is_there(*column, row).then(|| u64::try_from(column.value(row)).unwrap_or(0));
                number.is_some_and(|number| holds(Cell::Number(number)))
            }
            Self::Small(column) => {
                is_there(*column, row) && holds(Cell::Number(u64::from(column.value(row).cast_unsigned())))
            }
            Self::Decimals(column) => {
                let number = is_there(*column, row).then(|| column.value(row)).filter(|number| number.is_finite());
                number.is_some_and(|number| holds(Cell::Decimal(number)))
            }
            Self::Flags(column) => is_there(*column, row) && holds(Cell::Flag(column.value(row))),
            Self::Hashes(column) => {
                let hash = is_there(*column, row).then(|| column.value(row)).filter(|hash| *hash != 0);
                hash.is_some_and(|hash| holds(Cell::Hash(hash.cast_unsigned())))
            }
            Self::HashLists(lists, hashes) => {
                hashes_of(lists, hashes, row).iter().any(|hash| *hash != 0 && holds(Cell::Hash(hash.cast_unsigned())))
            }
            Self::Asks(column) => {
                let bits = if is_there(*column, row) { column.value(row) } else { 0 };
                ASKS.iter().zip(0..).any(|(word, bit)| bits >> bit & 1 == 1 && holds(Cell::Word(word)))
            }
            Self::Capabilities(column) => {
                is_there(*column, row)
                    && holds(Cell::Word(Cues(column.value(row).cast_unsigned()).capability().as_str()))
            }
        }
    }
}

/// Whether a row is there and no null.
fn is_there(column: &dyn Array, row: usize) -> bool {
    row < column.len() && column.is_valid(row)
}

impl Term {
    /// Lowers the mark of those rows that do not show what this asks for.
    pub(crate) fn keep(&self, cells: &Cells<'_>, marks: &mut [bool]) {
        for (row, mark) in marks.iter_mut().enumerate() {
            *mark = *mark && self.test.holds(cells, row) != self.is_negated;
        }
    }
}

impl Test {
    fn holds(&self, cells: &Cells<'_>, row: usize) -> bool {
        match self {
            Self::None => !cells.any(row, &mut |_| true),
            Self::Is(value) => cells.any(row, &mut |cell| cell.is(value)),
            Self::Begins(start) => {
                cells.any(row, &mut |cell| matches!(cell, Cell::Text(text) if text.starts_with(start)))
            }
            Self::Compare(order, value) => cells.any(row, &mut |cell| cell.is_beside(*order, value)),
        }
    }
}

impl Cell<'_> {
    fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(text), Value::Text(other)) => text == other,
            (Self::Hash(hash), Value::Hash(other)) => hash == *other,
            (Self::Number(number), Value::Number(other)) => number == *other,
            (Self::Decimal(number), Value::Decimal(other)) => number == *other,
            (Self::Flag(flag), Value::Flag(other)) => flag == *other,
            (Self::Word(word), Value::Word(other)) => word == *other,
            _ => false,
        }
    }

    fn is_beside(self, order: Order, value: &Value) -> bool {
        match (self, value) {
            (Self::Number(number), Value::Number(other)) => order.holds(number.cmp(other)),
            (Self::Decimal(number), Value::Decimal(other)) => order.holds(number.total_cmp(other)),
            _ => false,
        }
    }

    /// The value by itself.
    pub fn to_value(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Hash(hash) => Value::Hash(hash),
            Self::Number(number) => Value::Number(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Word(word) => Value::Word(word),
        }
    }
}
