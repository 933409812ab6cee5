//! The conformance suite of followup stores: what [`Store`](followup_core::Store) says, as tests over a store of your
//! own.
//!
//! ```
//! // tests/contract.rs
//! use followup_store_memory::MemoryStore; // or yours
//! use followup_store_testkit::{Subject, suite};
//!
//! fn memory() -> Subject {
//!     Subject::new(MemoryStore::new(), MemoryStore::book)
//! }
//!
//! suite!(contract, memory, volatile);
//! # fn main() {}
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod claims;
pub mod documents;
pub mod due;
pub mod handles;
pub mod interleavings;
pub mod journal;
pub mod model;
pub mod reading;
pub mod reopen;
mod seed;
mod subject;
mod suite;
pub mod suppressions;
pub mod together;
pub mod tools;

pub use subject::{Factory, Subject};
#[doc(hidden)]
pub use suite::try_case;
pub use suite::{CASES, Case};
pub use tools::Outcome;
