//! The methods, one file each.

mod cosimilarity;
mod fraudar;
mod identity;
mod mmd;
mod prada;
mod seat;
mod synchrotrap;
mod volume;

use crate::method::Method;

/// All methods, simplest first.
#[must_use]
pub fn all() -> Vec<Box<dyn Method>> {
    vec![
        Box::new(volume::Volume),
        Box::new(identity::SharedIdentifiers),
        Box::new(cosimilarity::CoSimilarity),
        Box::new(synchrotrap::SynchroTrap),
        Box::new(fraudar::Fraudar),
        Box::new(seat::Seat),
        Box::new(prada::Prada),
        Box::new(mmd::MmdAccount),
        Box::new(mmd::MmdWindow),
    ]
}
