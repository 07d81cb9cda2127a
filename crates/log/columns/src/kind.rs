//! The kinds of a row's fields: how each is stored in Arrow, written and read. See [`observation::with_fields`].

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::FixedSizeBinaryArray;
use arrow_array::Int32Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;
use arrow_array::TimestampMicrosecondArray;
use arrow_array::builder::BooleanBuilder;
use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::builder::Float64Builder;
use arrow_array::builder::Int32Builder;
use arrow_array::builder::Int64Builder;
use arrow_array::builder::ListBuilder;
use arrow_array::builder::StringBuilder;
use arrow_array::builder::TimestampMicrosecondBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::DataType;
use arrow_schema::Field;
use arrow_schema::TimeUnit;
use sketch::DIMENSIONS;

/// How fields of a kind are stored and written.
pub trait Kind {
    /// What one row holds.
    type Value<'a>;
    /// Whether a row may hold null.
    const IS_NULLABLE: bool;
    /// The Arrow type.
    fn data_type() -> DataType;
    /// An empty builder, which takes next to nothing: a log may have a builder open for each of its days.
    fn new() -> Self;
    /// Appends one row's value.
    fn push(&mut self, value: Self::Value<'_>);
    /// The rows as an array; the builder is empty afterwards.
    fn finish(&mut self) -> ArrayRef;
}

/// How fields of a kind are read.
pub trait ReadKind: Kind {
    /// The rows of one batch, in the form in which they are read.
    type Rows<'b>;
    /// The rows of an array; `None` where it is of another type.
    fn open(array: &ArrayRef) -> Option<Self::Rows<'_>>;
    /// One row's value. A row outside the array is none.
    fn get<'r>(rows: &'r Self::Rows<'_>, row: usize) -> Self::Value<'r>;
}

/// The longest list of hashes that is read of one row; more is of no writer of ours.
const MAX_LIST: usize = 64;

fn list_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Int64, false)))
}

fn list_builder() -> ListBuilder<Int64Builder> {
    ListBuilder::with_capacity(Int64Builder::with_capacity(0), 0).with_field(Field::new("item", DataType::Int64, false))
}

/// Makes a kind whose builder is Arrow's and whose value is appended by an expression.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident($builder:ty) = $new:expr, $type:expr, $nullable:literal,
     $value:ty, |$builder_name:ident, $value_name:ident| $push:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name($builder);

        impl Kind for $name {
            type Value<'a> = $value;
            const IS_NULLABLE: bool = $nullable;

            fn data_type() -> DataType {
                $type
            }

            fn new() -> Self {
                Self($new)
            }

            fn push(&mut self, $value_name: Self::Value<'_>) {
                let $builder_name = &mut self.0;
                $push;
            }

            fn finish(&mut self) -> ArrayRef {
                Arc::new(self.0.finish())
            }
        }
    };
}

kind!(
    /// A text that every row has.
    Text(StringBuilder) = StringBuilder::with_capacity(0, 0), DataType::Utf8, false, &'a str, |builder, value| builder.append_value(value)
);
kind!(
    /// A text as the log told it.
    OptionalText(StringBuilder) = StringBuilder::with_capacity(0, 0), DataType::Utf8, true, Option<&'a str>,
    |builder, value| builder.append_option(value)
);
kind!(
    /// Microseconds since 1970 in UTC.
    Time(TimestampMicrosecondBuilder) = TimestampMicrosecondBuilder::with_capacity(0).with_timezone("UTC"),
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false, i64, |builder, value| builder.append_value(value)
);
kind!(
    /// A parameter that is a number with a fraction.
    Float(Float64Builder) = Float64Builder::with_capacity(0), DataType::Float64, true, Option<f64>,
    |builder, value| builder.append_option(value)
);
kind!(
    /// A parameter that is set or not.
    Flag(BooleanBuilder) = BooleanBuilder::with_capacity(0), DataType::Boolean, true, Option<bool>,
    |builder, value| builder.append_option(value)
);
kind!(
    /// A count as the log told it; at most `i64::MAX`.
    Count(Int64Builder) = Int64Builder::with_capacity(0), DataType::Int64, true, Option<u64>,
    |builder, value| builder.append_option(value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)))
);
kind!(
    /// A hash of 63 bits, or a count that every row has.
    Hash(Int64Builder) = Int64Builder::with_capacity(0), DataType::Int64, false, u64, |builder, value| builder.append_value(value as i64)
);
kind!(
    /// A hash of 63 bits; zero is stored as null.
    OptionalHash(Int64Builder) = Int64Builder::with_capacity(0), DataType::Int64, true, u64,
    |builder, value| builder.append_option((value != 0).then_some(value as i64))
);
kind!(
    /// 32 bits.
    Small(Int32Builder) = Int32Builder::with_capacity(0), DataType::Int32, false, u32, |builder, value| builder.append_value(value as i32)
);
kind!(
    /// Hashes, ascending.
    Hashes(ListBuilder<Int64Builder>) = list_builder(), list_type(), false, &'a [u64], |builder, value| {
        value.iter().for_each(|hash| builder.values().append_value(*hash as i64));
        builder.append(true);
    }
);
kind!(
    /// Hashes, ascending; none are stored as null.
    OptionalHashes(ListBuilder<Int64Builder>) = list_builder(), list_type(), true, &'a [u64], |builder, value| {
        value.iter().for_each(|hash| builder.values().append_value(*hash as i64));
        builder.append(!value.is_empty());
    }
);
kind!(
    /// A feature vector; an empty one, or one of another length, is stored as null.
    Vector(FixedSizeBinaryBuilder) = FixedSizeBinaryBuilder::with_capacity(0, DIMENSIONS as i32),
    DataType::FixedSizeBinary(DIMENSIONS as i32), true, &'a [i8], |builder, value| {
        let mut bytes = [0; DIMENSIONS];
        bytes.iter_mut().zip(value).for_each(|(byte, feature)| *byte = *feature as u8);
        if value.len() != DIMENSIONS {
            builder.append_null();
        } else if builder.append_value(bytes).is_err() {
            // INVARIANT (width): the array is as long as the column is wide, so this is not reached.
        }
    }
);

/// Makes kinds readable: the form of a batch's rows, how an array is brought into it, and how one row is read.
macro_rules! read_kind {
    ([$($name:ident),+], $rows:ty, |$array:ident| $open:expr, |$read:ident, $row:ident| $get:expr) => {
        $(impl ReadKind for $name {
            type Rows<'b> = $rows;

            fn open($array: &ArrayRef) -> Option<Self::Rows<'_>> {
                $open
            }

            fn get<'r>($read: &'r Self::Rows<'_>, $row: usize) -> Self::Value<'r> {
                $get
            }
        })+
    };
}

read_kind!([Time], &'b TimestampMicrosecondArray, |array| array.as_primitive_opt(), |rows, row| {
    // A file that was tampered with may hold any number.
    rows.values().get(row).copied().and_then(record::in_range_us).unwrap_or(0)
});
read_kind!([Count], &'b Int64Array, |array| array.as_primitive_opt(), |rows, row| count(rows, row));
read_kind!([Hash, OptionalHash], &'b Int64Array, |array| array.as_primitive_opt(), |rows, row| {
    count(rows, row).unwrap_or(0)
});
read_kind!([Small], &'b Int32Array, |array| array.as_primitive_opt(), |rows, row| {
    rows.values().get(row).map_or(0, |value| *value as u32)
});
read_kind!([Hashes, OptionalHashes], HashLists<'b>, |array| HashLists::open(array), |rows, row| rows.get(row));

/// A count of one row; `None` for null. What is stored beside a null is not defined.
fn count(rows: &Int64Array, row: usize) -> Option<u64> {
    let value = rows.values().get(row).filter(|_| rows.is_valid(row));
    value.map(|value| u64::try_from(*value).unwrap_or(0))
}

/// Lists of hashes, with the hashes of all rows converted at once.
#[derive(Debug)]
pub struct HashLists<'b> {
    lists: &'b ListArray,
    hashes: Vec<u64>,
}

impl HashLists<'_> {
    fn open(array: &ArrayRef) -> Option<HashLists<'_>> {
        let lists = array.as_list_opt::<i32>()?;
        let hashes = lists.values().as_primitive_opt::<Int64Type>()?.values();
        Some(HashLists { lists, hashes: hashes.iter().map(|hash| *hash as u64).collect() })
    }

    fn get(&self, row: usize) -> &[u64] {
        match self.lists.value_offsets().get(row..row + 2) {
            Some([start, end]) if self.lists.is_valid(row) => {
                let list = self.hashes.get(*start as usize..*end as usize).unwrap_or_default();
                list.get(..MAX_LIST).unwrap_or(list)
            }
            _ => &[],
        }
    }
}

/// Feature vectors, with the bytes of all rows converted at once.
#[derive(Debug)]
pub struct Vectors<'b> {
    array: &'b FixedSizeBinaryArray,
    features: Vec<i8>,
}

impl ReadKind for Vector {
    type Rows<'b> = Vectors<'b>;

    fn open(array: &ArrayRef) -> Option<Self::Rows<'_>> {
        let array = array.as_fixed_size_binary_opt()?;
        if array.value_length() != DIMENSIONS as i32 {
            return None;
        }
        let bytes = array.value_data().get(..array.len() * DIMENSIONS)?;
        Some(Vectors { array, features: bytes.iter().map(|byte| *byte as i8).collect() })
    }

    fn get<'r>(rows: &'r Self::Rows<'_>, row: usize) -> &'r [i8] {
        if row >= rows.array.len() || rows.array.is_null(row) {
            return &[];
        }
        rows.features.get(row * DIMENSIONS..(row + 1) * DIMENSIONS).unwrap_or_default()
    }
}
