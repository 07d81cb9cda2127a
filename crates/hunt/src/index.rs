//! The observable index: which account holds which value.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::Int64Array;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::datatypes::Field;
use arrow::datatypes::Schema;
use detect::Family;
use detect::Population;
use detect::frame_ties;
use link::Tie;
use link::Value;
use record::ObservableKind;

use crate::engine::TieRow;
use crate::error::Error;

/// Rows of one batch.
const BATCH: usize = 64 * 1024;

/// The index of a population, as columns `kind`, `value`, `account`, `customer`, all 64-bit integers.
pub(crate) fn observable_index(population: &Population) -> Result<Vec<RecordBatch>, Error> {
    let names = ["kind", "value", "account", "customer"];
    let schema = Arc::new(Schema::new(names.map(|name| Field::new(name, DataType::Int64, false)).to_vec()));
    let mut rows: Vec<[i64; 4]> = Vec::new();
    for (entity, at) in population.entities().iter().zip(0_u32..) {
        let customer = i64::from(population.customer(at));
        let mut add = |kind: ObservableKind, value: u64| {
            if value != 0 {
                rows.push([i64::from(kind as u8), value as i64, i64::from(at), customer]);
            }
        };
        entity.identity.personal().into_iter().for_each(|(kind, value)| add(kind, value));
        entity.profile.ips.iter().for_each(|(ip, _)| add(ObservableKind::Ip, ip));
        frame_ties(&entity.profile).for_each(|frame| add(ObservableKind::Frame, frame));
    }
    rows.chunks(BATCH)
        .map(|chunk| {
            let columns = (0..names.len())
                .map(|at| {
                    let column: Int64Array = chunk.iter().filter_map(|row| row.get(at).copied()).collect();
                    Arc::new(column) as ArrayRef
                })
                .collect();
            RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| Error::Bug(error.to_string()))
        })
        .collect()
}

/// Ties by the family whose evidence they are.
pub(crate) fn by_family(rows: Vec<TieRow>) -> BTreeMap<Family, Vec<Tie>> {
    let mut ties: BTreeMap<Family, Vec<Tie>> = BTreeMap::new();
    for (kind, hash, account) in rows {
        let Some(kind) = ObservableKind::from_u8(kind) else { continue };
        let family = match kind {
            ObservableKind::Frame => Family::Content,
            ObservableKind::Ip => Family::Client,
            _ => Family::Identity,
        };
        ties.entry(family).or_default().push(Tie { account, value: Value { kind, hash } });
    }
    ties
}
