//! The budgets of one node, shared with others or not.

use crate::amounts::Amounts;
use crate::budgets::Budgets;
use crate::budgets::Receipt;
use crate::error::Error;
use crate::key::Draw;
use crate::key::Scope;
use crate::lease::LeaseServer;
use crate::listed::Place;
use crate::listed::Standing;
use crate::shared::SharedBudgets;

/// Budgets that a node shares over a server of any kind.
pub type AnyShared = SharedBudgets<Box<dyn LeaseServer + Send>>;

/// The budgets of one node.
#[derive(Debug)]
pub enum NodeBudgets {
    /// In its own memory alone.
    Own(Budgets),
    /// Shared with other nodes.
    Shared(AnyShared),
}

impl NodeBudgets {
    /// Reserves an estimate on every budget of `draws`, or on none. Never waits.
    ///
    /// # Errors
    /// As [`Budgets::reserve`].
    pub fn reserve(&self, request: &str, draws: Vec<Draw>, estimate: Amounts, now_us: u64) -> Result<Receipt, Error> {
        match self {
            Self::Own(own) => own.reserve(request, draws, estimate, now_us),
            Self::Shared(shared) => shared.reserve(request, draws, estimate, now_us),
        }
    }

    /// The same; `None` where a lease is asked for at present that may bring what is missing. See
    /// [`SharedBudgets::reserve_unless_due`].
    ///
    /// # Errors
    /// As [`Budgets::reserve`].
    pub fn reserve_unless_due(
        &self,
        request: &str,
        draws: Vec<Draw>,
        estimate: Amounts,
        now_us: u64,
    ) -> Result<Option<Receipt>, Error> {
        match self {
            Self::Own(own) => own.reserve(request, draws, estimate, now_us).map(Some),
            Self::Shared(shared) => shared.reserve_unless_due(request, draws, estimate, now_us),
        }
    }

    /// Settles as [`Budgets::settle`] does.
    ///
    /// # Errors
    /// As [`Budgets::settle`].
    pub fn settle(&self, receipt: Receipt, request: &str, actual: Amounts, now_us: u64) -> Result<(), Error> {
        match self {
            Self::Own(own) => own.settle(receipt, request, actual, now_us),
            Self::Shared(shared) => shared.settle(receipt, request, actual, now_us),
        }
    }

    /// As [`Budgets::most_used`]. What is shared is ranked by what this node used of the whole limit.
    #[must_use]
    pub fn most_used(&self, scope: Option<Scope>, after: Option<&Place>, most: usize, now_us: u64) -> Vec<Standing> {
        match self {
            Self::Own(own) => own.most_used(scope, after, most, now_us),
            Self::Shared(shared) => shared.most_used(scope, after, most, now_us),
        }
    }

    /// As [`Budgets::of_actor`].
    #[must_use]
    pub fn of_actor(&self, scope: Scope, actor: &str, now_us: u64) -> Vec<Standing> {
        match self {
            Self::Own(own) => own.of_actor(scope, actor, now_us),
            Self::Shared(shared) => shared.of_actor(scope, actor, now_us),
        }
    }

    /// Those that are shared with other nodes.
    #[must_use]
    pub const fn shared(&self) -> Option<&AnyShared> {
        match self {
            Self::Own(_) => None,
            Self::Shared(shared) => Some(shared),
        }
    }
}
