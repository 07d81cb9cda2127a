//! Which accounts are one actor: ties, match weights, dense groups and stable ids.
//!
//! A [`Tie`] says that an account holds a value. Values are weighed in bits by how rare they are among customers;
//! [`dense_groups`] finds sets of accounts that share much, by a peeling that camouflage cannot fool: an account
//! that adds common values to look ordinary adds almost no weight anywhere. A chain of accounts of which each
//! shares one value with the next is not a group.
//!
//! This crate links. It accuses nobody: a group here may be a pool of one operator, a family, or a tool's users.

mod bond;
mod bridge;
mod cluster;
mod group;
mod limits;
mod linked;
mod part;
mod peel;
mod pieces;
mod queue;
mod strand;
mod tie;

pub use group::Found;
pub use group::Group;
pub use group::Shared;
pub use group::dense_groups;
pub use limits::Limits;
pub use limits::Shape;
pub use part::DisjointSets;
pub use tie::Tie;
pub use tie::Value;
