//! The hashes of one row of a column of lists.

use arrow_array::Array;
use arrow_array::Int64Array;
use arrow_array::ListArray;

/// The hashes of a row, of the column's lists and the values of all of them. None where the row is null or not there: what is
/// stored beside a null is not defined.
#[must_use]
pub fn hashes_of<'b>(lists: &ListArray, all: &'b Int64Array, row: usize) -> &'b [i64] {
    let place = |at: usize| lists.value_offsets().get(at).and_then(|offset| usize::try_from(*offset).ok());
    let range = place(row).zip(place(row + 1)).filter(|_| lists.is_valid(row));
    range.and_then(|(from, to)| all.values().get(from..to)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;

    use super::*;

    #[test]
    fn a_null_and_a_row_that_is_not_there_have_no_hashes() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), Some(2)]),
            None,
            Some(vec![]),
            Some(vec![Some(3)]),
        ]);
        let all = lists.values().as_primitive();
        let told: Vec<&[i64]> = (0..5).map(|row| hashes_of(&lists, all, row)).collect();
        assert_eq!(told, [&[1, 2][..], &[], &[], &[3], &[]]);
    }
}
