//! The aggregate `ids(id_hash) → [id_hash]`: which exchanges an increment was made of, ascending, each once. It takes
//! single hashes, and lists of them, so that increments of increments know too.

use std::sync::Arc;

use arrow::array::Array;
use arrow::array::ArrayRef;
use arrow::array::AsArray;
use arrow::array::BooleanArray;
use arrow::array::Int64Builder;
use arrow::array::ListBuilder;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::FieldRef;
use arrow::datatypes::Int64Type;
use datafusion::common::Result;
use datafusion::common::exec_datafusion_err;
use datafusion::common::not_impl_err;
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

/// `ids` as the engine knows it.
pub(crate) fn ids_function() -> AggregateUDF {
    AggregateUDF::from(Ids { signature: Signature::any(1, Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Ids {
    signature: Signature,
}

fn list() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Int64, false)))
}

impl AggregateUDFImpl for Ids {
    fn name(&self) -> &str {
        "ids"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(list())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[ids]", args.name), list(), true))])
    }

    fn accumulator(&self, _args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        not_impl_err!("ids without GROUP BY")
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

#[derive(Debug, Default)]
struct Grouped {
    ids: Vec<Vec<i64>>,
    held: usize,
}

/// Calls `sink` with each row's hashes.
fn rows(values: &[ArrayRef], mut sink: impl FnMut(usize, &[i64])) -> Result<()> {
    let column = values.first().ok_or_else(|| exec_datafusion_err!("ids: no column"))?;
    if let Some(single) = column.as_primitive_opt::<Int64Type>() {
        single.values().iter().enumerate().for_each(|(row, id)| sink(row, &[*id]));
        return Ok(());
    }
    let lists = column.as_list_opt::<i32>().ok_or_else(|| exec_datafusion_err!("ids: the column holds no hashes"))?;
    let all = lists
        .values()
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| exec_datafusion_err!("ids: the column holds no hashes"))?
        .values();
    for (row, ends) in lists.value_offsets().windows(2).enumerate() {
        if let (true, [start, end]) = (lists.is_valid(row), ends) {
            sink(row, all.get(*start as usize..*end as usize).unwrap_or_default());
        }
    }
    Ok(())
}

impl Grouped {
    fn add(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        total: usize,
        passes: impl Fn(usize) -> bool,
    ) -> Result<()> {
        self.ids.resize_with(total.max(self.ids.len()), Vec::new);
        rows(values, |row, ids| {
            if let Some(own) = groups.get(row).filter(|_| passes(row)).and_then(|group| self.ids.get_mut(*group)) {
                own.extend_from_slice(ids);
                self.held += ids.len();
            }
        })
    }

    fn emit(&mut self, emit_to: EmitTo) -> ArrayRef {
        let mut out = ListBuilder::new(Int64Builder::new()).with_field(Field::new("item", DataType::Int64, false));
        for mut ids in emit_to.take_needed(&mut self.ids) {
            self.held -= ids.len();
            ids.sort_unstable();
            ids.dedup();
            out.values().append_slice(&ids);
            out.append(true);
        }
        Arc::new(out.finish())
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
        self.add(values, group_indices, total_num_groups, |row| {
            opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.add(values, group_indices, total_num_groups, |_| true)
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut out = ListBuilder::new(Int64Builder::new()).with_field(Field::new("item", DataType::Int64, false));
        rows(values, |row, ids| {
            if opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)) {
                out.values().append_slice(ids);
            }
            out.append(true);
        })?;
        Ok(vec![Arc::new(out.finish())])
    }

    fn size(&self) -> usize {
        self.held * size_of::<i64>() + self.ids.len() * size_of::<Vec<i64>>()
    }
}
