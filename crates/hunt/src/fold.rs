//! The fold as an aggregate function of the engine: `fold(columns…) → profile`.
//!
//! State and result are serialised profiles, so partial results travel between threads and machines as bytes. The
//! state is a large binary: profiles of a million accounts pass the two gibibytes of a small one.

use std::sync::Arc;

use arrow::array::Array;
use arrow::array::ArrayRef;
use arrow::array::AsArray;
use arrow::array::BooleanArray;
use arrow::array::FixedSizeBinaryArray;
use arrow::array::Int32Array;
use arrow::array::Int64Array;
use arrow::array::LargeBinaryBuilder;
use arrow::array::ListArray;
use arrow::array::TimestampMicrosecondArray;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::FieldRef;
use arrow::datatypes::Int64Type;
use datafusion::common::Result;
use datafusion::common::ScalarValue;
use datafusion::common::exec_datafusion_err;
use datafusion::logical_expr::Accumulator;
use datafusion::logical_expr::AggregateUDF;
use datafusion::logical_expr::AggregateUDFImpl;
use datafusion::logical_expr::EmitTo;
use datafusion::logical_expr::GroupsAccumulator;
use datafusion::logical_expr::Signature;
use datafusion::logical_expr::Volatility;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::function::StateFieldsArgs;
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use profile::MOST_FRAMES;
use profile::Observation;
use profile::Profile;
use sketch::PHRASES;
use sketch::QUOTES;

/// The columns that `fold` takes, in order. The reference for whoever writes the call.
pub(crate) const COLUMNS: [&str; 25] = [
    "at",
    "ip_hash",
    "client_tuple",
    "user_agent_hash",
    "harness",
    "conversation_hash",
    "end_user_hash",
    "prompt",
    "status",
    "input_tokens",
    "output_tokens",
    "latency_ms",
    "cues",
    "turns",
    "frames",
    "features",
    "asn",
    "root",
    "minted",
    "presented",
    "model_hash",
    "ja4_hash",
    "phrases",
    "quotes",
    "answer_quotes",
];

/// Memory of one profile with its vectors, for the engine's accounting.
const PROFILE_BYTES: usize = 12_288;

/// `fold` as the engine knows it.
pub(crate) fn fold_function() -> AggregateUDF {
    AggregateUDF::from(Fold { of: Of::Exchanges, signature: Signature::any(COLUMNS.len(), Volatility::Immutable) })
}

/// `merge(profile) → profile`: the same over profiles that were folded before.
pub(crate) fn merge_function() -> AggregateUDF {
    AggregateUDF::from(Fold { of: Of::Profiles, signature: Signature::any(1, Volatility::Immutable) })
}

/// What is folded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
enum Of {
    #[default]
    Exchanges,
    Profiles,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Fold {
    of: Of,
    signature: Signature,
}

impl AggregateUDFImpl for Fold {
    fn name(&self) -> &str {
        match self.of {
            Of::Exchanges => "fold",
            Of::Profiles => "merge",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::LargeBinary)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[profile]", args.name), DataType::LargeBinary, true))])
    }

    fn accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One { of: self.of, ..One::default() }))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Grouped { of: self.of, ..Grouped::default() }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The columns of one batch, by their types.
struct Columns<'a> {
    at: &'a TimestampMicrosecondArray,
    numbers: [&'a Int64Array; 11],
    cues: &'a Int32Array,
    turns: &'a Int32Array,
    frames: &'a ListArray,
    features: &'a FixedSizeBinaryArray,
    /// `asn` to `ja4_hash`.
    added: [&'a Int64Array; 6],
    phrases: &'a ListArray,
    quotes: &'a ListArray,
    answer: &'a ListArray,
}

impl<'a> Columns<'a> {
    fn new(values: &'a [ArrayRef]) -> Result<Self> {
        fn column<T: 'static>(values: &[ArrayRef], at: usize) -> Result<&T> {
            let name = COLUMNS.get(at).copied().unwrap_or("?");
            values
                .get(at)
                .and_then(|values| values.as_any().downcast_ref())
                .ok_or_else(|| exec_datafusion_err!("fold: column {name} is not of the columnar form"))
        }
        let mut numbers = [column::<Int64Array>(values, 1)?; 11];
        for (slot, at) in numbers.iter_mut().zip(1..) {
            *slot = column(values, at)?;
        }
        let mut added = [column::<Int64Array>(values, 16)?; 6];
        for (slot, at) in added.iter_mut().zip(16..) {
            *slot = column(values, at)?;
        }
        Ok(Self {
            at: column(values, 0)?,
            numbers,
            cues: column(values, 12)?,
            turns: column(values, 13)?,
            frames: column(values, 14)?,
            features: column(values, 15)?,
            added,
            phrases: column(values, 22)?,
            quotes: column(values, 23)?,
            answer: column(values, 24)?,
        })
    }

    /// Calls `sink` with each row's observation.
    fn rows(&self, mut sink: impl FnMut(usize, &Observation<'_>)) {
        let mut frames = [0_u64; MOST_FRAMES];
        let mut phrases = [0_u64; PHRASES];
        let mut quotes = [0_u64; QUOTES];
        let mut answer = [0_u64; QUOTES];
        for row in 0..self.at.len() {
            let number = |place: usize| {
                let column = self.numbers.get(place)?;
                column.is_valid(row).then(|| column.value(row).max(0) as u64)
            };
            let added = |place: usize| {
                let column = self.added.get(place).filter(|column| column.is_valid(row));
                column.map_or(0, |column| column.value(row).max(0) as u64)
            };
            let mut features = [0_i8; sketch::DIMENSIONS];
            let has_features = self.features.is_valid(row);
            if has_features {
                features.iter_mut().zip(self.features.value(row)).for_each(|(slot, byte)| *slot = *byte as i8);
            }
            sink(
                row,
                &Observation {
                    at_us: self.at.value(row),
                    ip: number(0).unwrap_or(0),
                    client_tuple: number(1).unwrap_or(0),
                    user_agent: number(2).unwrap_or(0),
                    harness: number(3).unwrap_or(0),
                    conversation: number(4).unwrap_or(0),
                    end_user: number(5).unwrap_or(0),
                    prompt: number(6).unwrap_or(0),
                    frames: list(self.frames, row, &mut frames),
                    phrases: list(self.phrases, row, &mut phrases),
                    quotes: list(self.quotes, row, &mut quotes),
                    answer: list(self.answer, row, &mut answer),
                    asn: added(0),
                    root: added(1),
                    minted: added(2),
                    presented: added(3),
                    model: added(4),
                    ja4: added(5),
                    features: if has_features { &features } else { &[] },
                    cues: self.cues.value(row) as u32,
                    turns: self.turns.value(row).max(0) as u32,
                    status: number(7).unwrap_or(0).min(u64::from(u16::MAX)) as u16,
                    input_tokens: number(8).unwrap_or(0),
                    output_tokens: number(9).unwrap_or(0),
                    latency_ms: number(10),
                },
            );
        }
    }
}

/// The hashes of one row's list, in a buffer; what does not fit is not read. Empty for null.
fn list<'b, const N: usize>(column: &ListArray, row: usize, buffer: &'b mut [u64; N]) -> &'b [u64] {
    let (start, end) = match column.value_offsets().get(row..row + 2) {
        Some([start, end]) if column.is_valid(row) => (*start as usize, *end as usize),
        _ => (0, 0),
    };
    let stored = column.values().as_primitive::<Int64Type>().values().get(start..end).unwrap_or_default();
    buffer.iter_mut().zip(stored).for_each(|(slot, hash)| *slot = *hash as u64);
    buffer.get(..stored.len().min(N)).unwrap_or_default()
}

/// Calls `sink` with each row's profile, from a state column.
fn states(values: &[ArrayRef], mut sink: impl FnMut(usize, Profile)) -> Result<()> {
    let column = values
        .first()
        .and_then(|values| values.as_binary_opt::<i64>())
        .ok_or_else(|| exec_datafusion_err!("fold: a partial result is not a profile"))?;
    for (row, bytes) in column.iter().enumerate() {
        if let Some(bytes) = bytes {
            let profile = Profile::from_bytes(bytes).map_err(|error| exec_datafusion_err!("fold: {error}"))?;
            sink(row, profile);
        }
    }
    Ok(())
}

/// One profile: for queries without groups.
#[derive(Debug, Default)]
struct One {
    of: Of,
    profile: Profile,
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if self.of == Of::Profiles {
            return self.merge_batch(values);
        }
        Columns::new(values)?.rows(|_, seen| self.profile.observe(seen));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::LargeBinary(Some(self.profile.to_bytes())))
    }

    fn size(&self) -> usize {
        PROFILE_BYTES
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        states(values, |_, profile| self.profile.merge(&profile))
    }
}

/// A profile a group.
#[derive(Debug, Default)]
struct Grouped {
    of: Of,
    profiles: Vec<Profile>,
}

impl Grouped {
    fn emit(&mut self, emit_to: EmitTo) -> ArrayRef {
        let mut out = LargeBinaryBuilder::new();
        for profile in emit_to.take_needed(&mut self.profiles) {
            out.append_value(profile.to_bytes());
        }
        Arc::new(out.finish())
    }

    fn grow(&mut self, total: usize) {
        self.profiles.resize_with(total.max(self.profiles.len()), Profile::default);
    }

    fn merge_rows(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
        passes: impl Fn(usize) -> bool,
    ) -> Result<()> {
        self.grow(total_num_groups);
        states(values, |row, other| {
            let place = group_indices.get(row).filter(|_| passes(row));
            if let Some(profile) = place.and_then(|group| self.profiles.get_mut(*group)) {
                if profile.exchanges == 0 {
                    *profile = other;
                } else {
                    profile.merge(&other);
                }
            }
        })
    }
}

impl GroupsAccumulator for Grouped {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let passes = |row: usize| opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        if self.of == Of::Profiles {
            return self.merge_rows(values, group_indices, total_num_groups, passes);
        }
        self.grow(total_num_groups);
        Columns::new(values)?.rows(|row, seen| {
            if let (true, Some(profile)) =
                (passes(row), group_indices.get(row).and_then(|group| self.profiles.get_mut(*group)))
            {
                profile.observe(seen);
            }
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.merge_rows(values, group_indices, total_num_groups, |_| true)
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        if self.of == Of::Profiles {
            // A row's state is its profile; what the filter leaves out is none.
            let column = values.first().ok_or_else(|| exec_datafusion_err!("merge: no profiles"))?;
            return Ok(vec![match opt_filter {
                Some(filter) => arrow::compute::nullif(column, &arrow::compute::not(filter)?)?,
                None => Arc::clone(column),
            }]);
        }
        let mut out = LargeBinaryBuilder::new();
        Columns::new(values)?.rows(|row, seen| {
            let mut profile = Profile::default();
            if opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)) {
                profile.observe(seen);
            }
            out.append_value(profile.to_bytes());
        });
        Ok(vec![Arc::new(out.finish())])
    }

    fn size(&self) -> usize {
        self.profiles.len() * PROFILE_BYTES
    }
}
