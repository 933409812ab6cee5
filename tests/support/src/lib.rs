//! Prospects, events, instants, playbooks, desks and dispatchers that the tests of several crates share.

pub mod carrier;
pub mod desks;
pub mod events;
pub mod people;
pub mod playbooks;
pub mod times;
