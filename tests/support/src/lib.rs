//! Prospects, instants, desks and dispatchers that the tests of several crates share.

pub mod carrier;
pub mod desks;
pub mod people;
pub mod times;
