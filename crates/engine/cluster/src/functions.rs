//! The fold as an aggregate function of the engine: `fold(columns…) → profile`.
//!
//! State and result are serialised profiles, so partial results travel between threads and machines as bytes. The
//! state is a large binary: profiles of a million accounts pass the two gibibytes of a small one.

use std::sync::Arc;

use arrow::array::Array;
use arrow::array::ArrayRef;
use arrow::array::AsArray;
use arrow::array::BooleanArray;
use arrow::array::LargeBinaryBuilder;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::FieldRef;
use columns::Observations;
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
use observation::Observation;
use profile::Profile;

/// Memory of one profile with its vectors, for the engine's accounting.
const PROFILE_BYTES: usize = 12_288;

/// `fold` as the engine knows it.
pub(crate) fn fold_function() -> AggregateUDF {
    AggregateUDF::from(Fold { signature: Signature::any(Observation::COLUMNS.len(), Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Fold {
    signature: Signature,
}

impl AggregateUDFImpl for Fold {
    fn name(&self) -> &str {
        "fold"
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
        Ok(Box::new(One::default()))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Grouped::default()))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The arguments of `fold` as the batch that they were made from.
fn batch_of(values: &[ArrayRef]) -> Result<RecordBatch> {
    let columns = Observation::COLUMNS.iter().zip(values).map(|(name, column)| (*name, Arc::clone(column)));
    Ok(RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))?)
}

/// Calls `sink` with each row's observation.
fn rows(values: &[ArrayRef], mut sink: impl FnMut(usize, &Observation<'_>)) -> Result<()> {
    let batch = batch_of(values)?;
    let observations = Observations::new(&batch)
        .map_err(|name| exec_datafusion_err!("fold: column {name} is not of the columnar form"))?;
    (0..observations.len()).for_each(|row| sink(row, &observations.get(row)));
    Ok(())
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
    profile: Profile,
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        rows(values, |_, seen| self.profile.observe(seen))
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
        self.grow(total_num_groups);
        rows(values, |row, seen| {
            if let (true, Some(profile)) =
                (passes(row), group_indices.get(row).and_then(|group| self.profiles.get_mut(*group)))
            {
                profile.observe(seen);
            }
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        states(values, |row, other| {
            let place = group_indices.get(row);
            if let Some(profile) = place.and_then(|group| self.profiles.get_mut(*group)) {
                if profile.exchanges == 0 {
                    *profile = other;
                } else {
                    profile.merge(&other);
                }
            }
        })
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut out = LargeBinaryBuilder::new();
        rows(values, |row, seen| {
            let mut profile = Profile::default();
            if opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)) {
                profile.observe(seen);
            }
            out.append_value(profile.to_bytes());
        })?;
        Ok(vec![Arc::new(out.finish())])
    }

    fn size(&self) -> usize {
        self.profiles.len() * PROFILE_BYTES
    }
}
