//! Finds columns by name, flat or nested, and brings their many types to the few that rows are read from.

use std::borrow::Cow;
use std::collections::BTreeSet;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::BooleanArray;
use arrow_array::Float64Array;
use arrow_array::GenericListArray;
use arrow_array::LargeStringArray;
use arrow_array::PrimitiveArray;
use arrow_array::RecordBatch;
use arrow_array::StructArray;
use arrow_array::UInt64Array;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_schema::Field;
use arrow_schema::TimeUnit;

use crate::json;
use crate::time::in_range_us;
use crate::time::parse_time_us;
use crate::tools::Tools;

/// Looks for columns in one batch and remembers which top-level ones were used.
pub(super) struct Finder<'b> {
    batch: &'b RecordBatch,
    used: BTreeSet<usize>,
}

impl<'b> Finder<'b> {
    pub(super) fn new(batch: &'b RecordBatch) -> Self {
        Self { batch, used: BTreeSet::new() }
    }

    pub(super) fn into_used(self) -> Vec<usize> {
        self.used.into_iter().collect()
    }

    /// The column `name`, or `path`'s struct with the field `name`.
    fn find(&mut self, name: &str, path: &[&str]) -> Option<ArrayRef> {
        let root = |name: &str| self.batch.schema_ref().index_of(name).ok();
        if let Some(index) = root(name) {
            self.used.insert(index);
            return Some(self.batch.column(index).clone());
        }
        let (first, rest) = path.split_first()?;
        let index = root(first)?;
        let mut column = self.batch.column(index).clone();
        for step in rest.iter().chain([&name]) {
            column = column.as_struct_opt()?.column_by_name(step)?.clone();
        }
        self.used.insert(index);
        Some(column)
    }

    pub(super) fn text(&mut self, name: &'static str, path: &[&str]) -> Result<Text, String> {
        let Some(column) = self.find(name, path) else { return Ok(Text { name, cells: None }) };
        let cells = strings(&column).ok_or_else(|| wrong_type(name, column.data_type(), "text"))?;
        Ok(Text { name, cells: Some(cells) })
    }

    pub(super) fn needed_text(&mut self, name: &'static str) -> Result<Text, String> {
        let text = self.text(name, &[])?;
        if text.cells.is_none() { Err(missing(name, "text")) } else { Ok(text) }
    }

    pub(super) fn count(&mut self, name: &'static str, path: &[&str]) -> Result<Count, String> {
        let Some(column) = self.find(name, path) else { return Ok(Count { name, cells: Counts::None }) };
        let kind = column.data_type().clone();
        let wrong = || wrong_type(name, &kind, "a whole number");
        let cells = if kind.is_integer() {
            let whole = cast(&column, &DataType::UInt64).map_err(|_| wrong())?;
            Counts::Whole { whole: whole.as_primitive().clone(), source: column }
        } else if kind.is_floating() {
            Counts::Float(cast(&column, &DataType::Float64).map_err(|_| wrong())?.as_primitive().clone())
        } else if kind == DataType::Null {
            Counts::None
        } else {
            return Err(wrong());
        };
        Ok(Count { name, cells })
    }

    pub(super) fn number(&mut self, name: &'static str, path: &[&str]) -> Result<Option<Float64Array>, String> {
        let Some(column) = self.find(name, path) else { return Ok(None) };
        let kind = column.data_type();
        let wrong = || wrong_type(name, kind, "a number");
        if !kind.is_numeric() && *kind != DataType::Null {
            return Err(wrong());
        }
        Ok(Some(cast(&column, &DataType::Float64).map_err(|_| wrong())?.as_primitive().clone()))
    }

    pub(super) fn flag(&mut self, name: &'static str, path: &[&str]) -> Result<Option<BooleanArray>, String> {
        let Some(column) = self.find(name, path) else { return Ok(None) };
        match column.data_type() {
            DataType::Boolean => Ok(Some(column.as_boolean().clone())),
            DataType::Null => Ok(None),
            kind => Err(wrong_type(name, kind, "true or false")),
        }
    }

    pub(super) fn time(&mut self, name: &'static str) -> Result<Time, String> {
        let Some(column) = self.find(name, &[]) else { return Ok(Time { name, cells: Times::None }) };
        let kind = column.data_type();
        let wrong = || wrong_type(name, kind, "a timestamp, or text such as 2026-04-22T00:00:01.123Z");
        let cells = match kind {
            DataType::Timestamp(_, zone) => {
                let to = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                Times::Stamp(cast(&column, &to).map_err(|_| wrong())?.as_primitive().clone())
            }
            _ => Times::Text(strings(&column).ok_or_else(wrong)?),
        };
        Ok(Time { name, cells })
    }

    pub(super) fn needed_time(&mut self, name: &'static str) -> Result<Time, String> {
        let time = self.time(name)?;
        if matches!(time.cells, Times::None) { Err(missing(name, "a timestamp")) } else { Ok(time) }
    }

    /// A list of texts, a list of structs with a `name`, or text that holds a JSON list.
    pub(super) fn names(&mut self, name: &'static str, path: &[&str]) -> Result<Names, String> {
        let Some(column) = self.find(name, path) else { return Ok(Names::None) };
        if let Some(json) = strings(&column) {
            return Ok(Names::Json { name, json });
        }
        let wrong = || wrong_type(name, column.data_type(), "a list of text");
        let list = large_list(&column).ok_or_else(wrong)?;
        let values = list.values();
        let names = match values.as_struct_opt() {
            Some(schemas) => schemas.column_by_name("name").and_then(strings),
            None => strings(values),
        };
        Ok(Names::List { names: names.ok_or_else(wrong)?, list })
    }

    /// Text that holds a JSON list of messages, or a list of structs with `role` and `content`.
    pub(super) fn messages(&mut self, name: &'static str, path: &[&str]) -> Result<Messages, String> {
        let Some(column) = self.find(name, path) else { return Ok(Messages::None) };
        if let Some(json) = strings(&column) {
            return Ok(Messages::Json(json));
        }
        let wrong =
            || wrong_type(name, column.data_type(), "JSON text, or a list of structs with `role` and `content`");
        let list = large_list(&column).ok_or_else(wrong)?;
        let part = |message: &StructArray, name: &str| message.column_by_name(name).and_then(strings);
        let message = list.values().as_struct_opt().ok_or_else(wrong)?;
        let (roles, contents) = (part(message, "role"), part(message, "content").ok_or_else(wrong)?);
        Ok(Messages::List(Box::new(MessageLists { list, roles, contents })))
    }
}

fn missing(name: &str, expected: &str) -> String {
    format!("no column `{name}` (it is needed, as {expected})")
}

fn wrong_type(name: &str, found: &DataType, expected: &str) -> String {
    format!("column `{name}` is {found}, expected {expected} (cast it when the file is written)")
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, values) => is_text(values),
        DataType::RunEndEncoded(_, values) => is_text(values.data_type()),
        _ => false,
    }
}

/// A text column in one layout. The wide offsets hold whatever a dictionary or views unfold to.
fn strings(column: &ArrayRef) -> Option<LargeStringArray> {
    if !is_text(column.data_type()) {
        return None;
    }
    cast(column, &DataType::LargeUtf8).ok()?.as_string_opt::<i64>().cloned()
}

fn large_list(column: &ArrayRef) -> Option<GenericListArray<i64>> {
    let element: &Field = match column.data_type() {
        DataType::List(element) | DataType::LargeList(element) => element,
        _ => return None,
    };
    cast(column, &DataType::LargeList(element.clone().into())).ok()?.as_list_opt::<i64>().cloned()
}

fn cell(cells: &LargeStringArray, row: usize) -> Option<&str> {
    (row < cells.len() && cells.is_valid(row)).then(|| cells.value(row))
}

/// Rows of a list's values.
fn rows(list: &GenericListArray<i64>, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    match (list.is_valid(row), offsets.get(row), offsets.get(row + 1)) {
        (true, Some(start), Some(end)) => usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0),
        _ => 0..0,
    }
}

/// A column of text.
pub(super) struct Text {
    name: &'static str,
    cells: Option<LargeStringArray>,
}

impl Text {
    pub(super) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        cell(self.cells.as_ref()?, row).map(Cow::Borrowed)
    }

    pub(super) fn label(&self, row: usize) -> Option<Cow<'_, str>> {
        self.text(row).map(json::cut)
    }

    pub(super) fn ident(&self, row: usize) -> Result<Option<Cow<'_, str>>, String> {
        match self.text(row).filter(|ident| !ident.is_empty()) {
            Some(ident) if ident.len() > json::MAX_IDENT_BYTES => Err(json::too_long(self.name, ident.len())),
            ident => Ok(ident),
        }
    }

    pub(super) fn needed(&self, row: usize) -> Result<Cow<'_, str>, String> {
        self.ident(row)?.ok_or_else(|| format!("no `{}` (it is needed in every row)", self.name))
    }
}

/// A column of whole numbers.
pub(super) struct Count {
    name: &'static str,
    cells: Counts,
}

enum Counts {
    None,
    /// A number that did not fit is null in `whole` and not in `source`.
    Whole {
        whole: UInt64Array,
        source: ArrayRef,
    },
    Float(Float64Array),
}

impl Count {
    pub(super) fn count(&self, row: usize) -> Result<Option<u64>, String> {
        let wrong = |found: String| format!("`{}`: {found}, expected a whole number of 0 or more", self.name);
        match &self.cells {
            Counts::None => Ok(None),
            Counts::Whole { whole, .. } if whole.is_valid(row) => Ok(Some(whole.value(row))),
            Counts::Whole { source, .. } if source.is_valid(row) => Err(wrong("a negative number".to_owned())),
            Counts::Float(float) if float.is_valid(row) && !float.value(row).is_nan() => {
                let value = float.value(row);
                json::whole(value).map(Some).ok_or_else(|| wrong(value.to_string()))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn narrow<T: TryFrom<u64>>(&self, row: usize) -> Result<Option<T>, String> {
        let Some(number) = self.count(row)? else { return Ok(None) };
        T::try_from(number).map(Some).map_err(|_| format!("`{}`: {number} is too large", self.name))
    }
}

/// A column of times.
pub(super) struct Time {
    name: &'static str,
    cells: Times,
}

enum Times {
    None,
    Stamp(PrimitiveArray<TimestampMicrosecondType>),
    Text(LargeStringArray),
}

impl Time {
    pub(super) fn time_us(&self, row: usize) -> Result<Option<i64>, String> {
        match &self.cells {
            Times::None => Ok(None),
            Times::Stamp(stamps) if stamps.is_valid(row) => {
                let wrong = || format!("`{}` is not from 1970 to 2199", self.name);
                in_range_us(stamps.value(row)).map(Some).ok_or_else(wrong)
            }
            Times::Stamp(_) => Ok(None),
            Times::Text(texts) => {
                let Some(text) = cell(texts, row).filter(|text| !text.is_empty()) else { return Ok(None) };
                let wrong = || format!("`{}` is text that is no RFC 3339 time from 1970 to 2199", self.name);
                parse_time_us(text).map(Some).ok_or_else(wrong)
            }
        }
    }

    pub(super) fn needed(&self, row: usize) -> Result<i64, String> {
        self.time_us(row)?.ok_or_else(|| format!("no `{}` (it is needed in every row)", self.name))
    }
}

/// A column of lists of names.
pub(super) enum Names {
    None,
    Json { name: &'static str, json: LargeStringArray },
    List { list: GenericListArray<i64>, names: LargeStringArray },
}

impl Names {
    pub(super) fn names(&self, row: usize) -> Result<Vec<Cow<'_, str>>, String> {
        match self {
            Self::None => Ok(Vec::new()),
            Self::Json { name, json } => match cell(json, row).filter(|json| !json.is_empty()) {
                Some(json) => json::read_within::<Tools<'_>>(name, json).map(|tools| tools.0),
                None => Ok(Vec::new()),
            },
            Self::List { list, names } => {
                Ok(rows(list, row).filter_map(|row| cell(names, row)).map(|name| json::cut(name.into())).collect())
            }
        }
    }
}

/// A column of lists of messages.
pub(super) enum Messages {
    None,
    Json(LargeStringArray),
    List(Box<MessageLists>),
}

/// Lists of structs: each list's messages are rows of the parts.
pub(super) struct MessageLists {
    list: GenericListArray<i64>,
    roles: Option<LargeStringArray>,
    contents: LargeStringArray,
}

impl Messages {
    pub(super) fn messages(&self, row: usize) -> Result<Vec<crate::Message<'_>>, String> {
        match self {
            Self::None => Ok(Vec::new()),
            Self::Json(json) => match cell(json, row).filter(|json| !json.is_empty()) {
                Some(json) => Ok(json::read_within::<Option<_>>("messages", json)?.unwrap_or_default()),
                None => Ok(Vec::new()),
            },
            Self::List(lists) => {
                let MessageLists { list, roles, contents } = lists.as_ref();
                let message = |row| crate::Message {
                    role: crate::Role::of(roles.as_ref().and_then(|roles| cell(roles, row)).unwrap_or_default()),
                    text: cell(contents, row).unwrap_or_default().into(),
                    ..crate::Message::default()
                };
                Ok(rows(list, row).map(message).collect())
            }
        }
    }
}
