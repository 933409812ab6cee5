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
//!
//! That is one `#[test]` for each statement of the contract, named after it:
//! `contract::claims::what_is_claimed_is_free_at_the_end_of_its_lease`. No runtime is needed, and nothing of the suite
//! sleeps, reads a clock, or is different the next time. A store that outlasts the process says how it is opened again,
//! and what it stands on is kept until it is gone:
//!
//! ```
//! # use followup_store_memory::MemoryStore;
//! use followup_store_testkit::Subject;
//!
//! # struct TempDir(std::path::PathBuf);
//! # impl TempDir { fn path(&self) -> &std::path::Path { &self.0 } }
//! # fn tempdir() -> std::io::Result<TempDir> { Ok(TempDir("directory".into())) }
//! # struct YourStore(MemoryStore);
//! # impl YourStore {
//! #     fn open(_: &std::path::Path) -> std::io::Result<YourStore> { Ok(YourStore(MemoryStore::new())) }
//! #     fn book(&self, book: followup_core::BookId) -> MemoryStore { self.0.book(book) }
//! # }
//! fn your_store() -> Subject {
//!     let directory = tempdir().expect("a directory can be made");
//!     let path = directory.path().join("store.db");
//!     let open = move || YourStore::open(&path).expect("the file opens");
//!     Subject::reopening(open, YourStore::book).upon(directory)
//! }
//! # your_store();
//! ```
//!
//! # What is tested
//!
//! - [`journal`]: revisions, keys, all or nothing, profiles, any text and any instant, removal.
//! - [`reading`]: heads, the scan, the feed, books.
//! - [`due`]: orders, bounds to the microsecond, pages, entries that are replaced or cleared.
//! - [`claims`]: what is handed out, in which order, to whom; leases, fences.
//! - [`suppressions`] and [`documents`]: what is kept for a whole book.
//! - [`together`]: many threads at once, and futures that are dropped.
//! - [`handles`]: references, boxes, shared pointers, several handles on one book.
//! - [`interleavings`]: workers who take turns, in orders that a seed decides.
//! - [`model`]: random lists of operations beside a reference that is obviously right.
//! - [`reopen`]: what is left when the store was closed; not for those of which nothing is.
//!
//! What comes of chance fails with a seed: `FOLLOWUP_TESTKIT_SEED=<seed>` begins with what failed. How much is tried can
//! be raised: [`model::check`], [`interleavings::some`], [`interleavings::every`].
//!
//! The suite is examined itself: each of more than thirty broken stores fails the case that is named for its mistake.
//!
//! # Without the macro
//!
//! ```
//! use followup_store_memory::MemoryStore;
//! use followup_store_testkit::{CASES, Subject};
//!
//! # pollster::block_on(async {
//! let memory = || Subject::new(MemoryStore::new(), MemoryStore::book);
//! for case in CASES.iter().filter(|case| !case.reopens && case.name.starts_with("claims::")) {
//!     case.run(&memory).await?;
//! }
//! # Ok::<(), followup_core::StoreError>(())
//! # })?;
//! # Ok::<(), followup_core::StoreError>(())
//! ```
//!
//! Each case is a public function too, and [`tools`] has what cases are made of.
//!
//! # Panics
//!
//! Cases panic where a store does something else than the contract says, and give the store's error where it fails
//! instead of doing what the contract promises.

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
