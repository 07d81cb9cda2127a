//! What is computed once an assessment and kept.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

/// What is computed once a hunt, by what it depends on.
pub type Table<K, V> = Mutex<BTreeMap<K, Arc<V>>>;

/// Random groups of one size from the whole reference, drawn once a hunt.
#[derive(Debug)]
pub struct Drawn {
    pub(crate) groups: Vec<Vec<u32>>,
    /// The groups that each account is in.
    pub(crate) of_account: HashMap<u32, Vec<u32>>,
}
