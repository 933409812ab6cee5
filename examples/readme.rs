//! Compiles and runs the code of the README as documentation tests. There is nothing to use here.

/// The README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
