//! What several files of tests need.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod carrier;
pub(crate) mod desks;
pub(crate) mod hooked;
pub(crate) mod people;
pub(crate) mod times;
