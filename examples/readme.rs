//! Compiles and runs the code of the README as documentation tests. Exports nothing.

/// The README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
