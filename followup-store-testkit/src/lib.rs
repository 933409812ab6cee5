//! A conformance suite for followup stores: the contract of [`Store`](followup_core::Store), as tests of your own
//! store.
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
//! This makes one `#[test]` for each statement of the contract, named after it:
//! `contract::claims::what_is_claimed_is_free_at_the_end_of_its_lease`. The suite needs no async runtime and does not
//! sleep. It is deterministic and reads no clock, except for the cases of [`cost`], which compare durations. For a store
//! that outlives the process, pass a function that opens it again, and the resources that it depends on, which are kept
//! until the store is dropped:
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
//! - [`journal`]: revisions, keys, atomicity, profiles, any text and any instant, removal.
//! - [`reading`]: heads, the scan, the feed, books.
//! - [`due`]: orders, bounds to the microsecond, pages, entries that are replaced or cleared.
//! - [`claims`]: which entries are handed out, in which order; leases, fences.
//! - [`suppressions`] and [`documents`]: the data of a whole book.
//! - [`together`]: many threads at once, and futures that are dropped.
//! - [`handles`]: references, boxes, shared pointers, several handles on one book.
//! - [`interleavings`]: workers that take turns, in orders that a seed determines.
//! - [`cost`]: agendas, claims, reads and changes that do not become slower when the book grows; not for stores that
//!   are marked with `scans`.
//! - [`model`]: random lists of operations, compared with a reference that is obviously right.
//! - [`reopen`]: data after the store has been closed and opened again; not for volatile stores.
//!
//! Random cases print a seed when they fail: `FOLLOWUP_TESTKIT_SEED=<seed>` begins with the failing run. To try more
//! runs, call [`model::check`], [`interleavings::some`] or [`interleavings::every`].
//!
//! The suite itself is tested: each of almost forty broken stores fails the case that is named for its bug.
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
//! Each case is also a public function, and [`tools`] has the building blocks of cases.
//!
//! # Panics
//!
//! Cases panic if a store violates the contract, and return the store's error if it fails where the contract promises
//! success.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod claims;
pub mod cost;
pub mod documents;
pub mod due;
pub mod handles;
mod hooked;
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

pub use hooked::{AppendHook, Hook, Hooked};
pub use subject::{Factory, Subject};
pub use suite::{CASES, Case};
#[doc(hidden)]
pub use suite::{scans, try_case};
pub use tools::Outcome;
