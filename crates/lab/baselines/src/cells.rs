//! Template cells: what stands for "the object" in methods that were made for pages, addresses or products.
//!
//! Prompts are nearly all different, so "the same object" must be made. A cell is a run of five words (numbers alike)
//! that is among the four of its text with the smallest hash: bottom-k sampling, so that texts of one template
//! have cells in common wherever its fixed words are. Only what the user says is read, never the system prompt.

use std::collections::HashMap;

use crate::log::Log;
use crate::text::runs;
use crate::text::set;
use crate::text::words;

/// Words of a run.
const RUN: usize = 5;
/// Cells of a text.
const KEPT: usize = 4;

/// The cells of every exchange.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    /// Cell and index of the exchange, in the order of the log.
    pub(crate) uses: Vec<(u32, u32)>,
    /// How many accounts have each cell.
    pub(crate) accounts: Vec<u32>,
}

impl Cells {
    pub(crate) fn of(log: &Log) -> Self {
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        let mut cells = Self::default();
        for (index, query) in log.queries.iter().enumerate() {
            for cell in set(runs(&words(&query.text), RUN)).into_iter().take(KEPT) {
                let next = numbers.len() as u32;
                cells.uses.push((*numbers.entry(cell).or_insert(next), index as u32));
            }
        }
        let mut pairs: Vec<(u32, u32)> = cells
            .uses
            .iter()
            .filter_map(|(cell, index)| Some((*cell, log.queries.get(*index as usize)?.account)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        cells.accounts = vec![0; numbers.len()];
        for (cell, _) in pairs {
            if let Some(count) = cells.accounts.get_mut(cell as usize) {
                *count += 1;
            }
        }
        cells
    }

    /// How many accounts have the cell.
    pub(crate) fn accounts_of(&self, cell: u32) -> u32 {
        self.accounts.get(cell as usize).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_template_share_cells() {
        let fill = |what: &str| format!("please act as a careful senior engineer and solve the task named {what} now");
        let (one, two) = (fill("alpha"), fill("a rather different beta"));
        let log = Log::of_texts([("a", 1, one.as_str()), ("b", 2, two.as_str()), ("c", 3, "hello there my friend")]);
        let cells = Cells::of(&log);
        assert!(cells.accounts.contains(&2));
        let last: Vec<u32> = cells.uses.iter().filter(|(_, index)| *index == 2).map(|(cell, _)| *cell).collect();
        assert_eq!(last.len(), 1);
        assert_eq!(cells.accounts_of(last[0]), 1);
    }
}
