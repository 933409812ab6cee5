//! The contract between the engine and the stores that keep its data.
//!
//! A store never decides and never reads a clock. For each prospect of its book it keeps the journal, a snapshot of the
//! state, the profile, at most one due entry, and the newest claim. It changes them in one atomic step, if and only if
//! the journal is still at the expected revision. For the book it keeps suppressions and documents.
//!
//! # Writing a store
//!
//! Implement [`Store`] and run the cases of the crate `followup-store-testkit` against it. Each statement below that
//! can be tested names, in parentheses, the case that tests it. Parts of the contract are here as code: [`Kept`] makes
//! the changes to a prospect, [`Append::check_form`] and [`Erase::check`] find what must be refused, and
//! [`DueQuery::search`] answers a query from two indexes. For all methods:
//!
//! - All instants are compared to the microsecond; finer parts may be cut off (`journal::extreme_instants_are_kept`).
//! - Identities, keys and names are compared by their bytes (`journal::a_key_that_is_there_conflicts`,
//!   `reading::a_scan_goes_by_the_bytes_of_the_id`). Any text is kept unchanged, whatever its length
//!   (`journal::any_text_and_any_length_is_kept`, `documents::any_text_and_any_version_is_kept`).
//! - Unknown kinds of records and unknown versions of snapshots are kept unchanged
//!   (`journal::unknown_folds_and_kinds_are_kept_as_they_are`).
//! - A handle sees and changes only its own book (`reading::books_are_kept_apart`, `claims::books_have_their_own`,
//!   `suppressions::books_have_their_own`, `documents::books_have_their_own`).
//! - Handles may be used from many threads at once (`together::many_at_once_write_each_revision_once`,
//!   `handles::a_handle_outlives_others`). An acknowledged change is seen by all handles
//!   (`together::readers_see_whole_changes`, `handles::handles_on_a_book_see_the_same`), also after the store is opened
//!   again (`reopen::what_was_acknowledged_is_there_after_reopening`, `reopen::leases_run_on`,
//!   `reopen::fences_keep_growing`).
//! - No method needs a runtime: a future may be polled by any executor.
//! - A call that fails with an error other than [`StoreErrorKind::Unknown`] has changed nothing
//!   (`journal::one_refused_change_refuses_all`).
//! - Dropping an unfinished future leaves either all of its work done or none of it
//!   (`together::a_dropped_future_leaves_all_or_nothing`).
//!
//! For any operations in any order, a store answers as a plain list would
//! (`model::random_operations_agree_with_the_reference`).
//!
//! # Cost
//!
//! The cost of a call depends on the size of its answer or of its change, not on how many prospects the book has. The
//! methods below say which calls this promise covers. Its cases time calls on a book and on one that is 64 times as
//! large.
//!
//! A store that reads every prospect, for example because it is only for small books, may leave out this promise, but
//! no other. It says so in its documentation, and marks its suite with `scans`.
//!
//! # Keeping values
//!
//! The values of the contract implement serde's traits, so that a store over a key-value engine, or behind a network,
//! keeps and sends them as they are. In a format with field names, such as JSON, later versions of this crate can read
//! values of earlier ones: a field that is added has a default, and unknown fields are ignored. In a format without
//! field names, such as postcard, they cannot; keep the version of this crate with the data then.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::store::Record;
//!
//! let at = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let record = Record::new("crm-1", at, "added", "{}");
//! let bytes = serde_json::to_vec(&record)?;
//! assert_eq!(serde_json::from_slice::<Record>(&bytes)?, record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod append;
mod check;
mod claim;
mod document;
mod due;
mod error;
mod ext;
mod head;
mod kept;
mod record;
mod suppression;

use async_trait::async_trait;

pub use append::{Append, Erase};
pub use claim::{Claim, ClaimPage, Claimed, Fence, Renewal, UnderClaim};
pub use document::{Document, DocumentKind, DocumentQuery};
pub use due::{Due, DueOrder, DuePage, DueQuery};
pub use error::{StoreError, StoreErrorKind};
pub use ext::{Pages, StoreExt};
pub use head::{Changed, Head, HeadQuery};
pub use kept::Kept;
pub use record::{Record, Revision, Snapshot};
pub use suppression::{AddressHash, Suppression};

use crate::prospect::ProspectId;

/// A store of prospects. A handle is scoped to one book.
///
/// This trait is for implementors; callers use a `followup::Desk` or [`StoreExt`]. It has no default methods, so that a
/// wrapper that forgets one does not compile.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes changes to one or more prospects: all of them or none (`journal::one_refused_change_refuses_all`). An
    /// empty list changes nothing (`journal::an_empty_list_changes_nothing`). A change does not cost more in a larger
    /// book (`cost::a_change_costs_no_more_in_a_larger_book`).
    ///
    /// When it returns, the changes are as durable as the store promises. A change
    ///
    /// - adds its records to the journal, whose revision grows by their number
    ///   (`journal::a_first_append_is_read_back`);
    /// - replaces the snapshot and the due entry, or clears the entry (`due::a_change_replaces_the_entry_or_clears_it`);
    /// - replaces the profile if it has one (`journal::a_profile_stays_until_it_is_replaced`);
    /// - ends the claim that it is made under, if it says so (`claims::a_claim_that_has_ended_may_be_claimed_again`);
    ///   otherwise the claim is unchanged (`claims::a_claim_that_goes_on_keeps_its_lease`), as it is by a change
    ///   without a claim (`claims::a_change_without_a_claim_leaves_it_as_it_is`);
    /// - adds and lifts suppressions (`suppressions::an_address_is_suppressed_until_it_is_lifted`);
    /// - moves the prospect to the end of the feed (`reading::the_feed_has_each_prospect_once_at_its_newest_change`).
    ///
    /// # Errors
    /// - [`StoreErrorKind::Fenced`], naming the prospect, if a change is made under a claim that is not the prospect's
    ///   newest or has ended (`claims::an_old_fence_is_refused_and_nothing_is_written`). This is checked first.
    /// - [`StoreErrorKind::Conflict`], naming the prospect, if a journal is not at the expected revision
    ///   (`journal::another_revision_conflicts_and_nothing_is_written`) or already has one of the keys
    ///   (`journal::a_key_that_is_there_conflicts`).
    /// - [`StoreErrorKind::Other`] for a change that no store can accept: one without records, with a due entry of
    ///   another prospect, or for a prospect that is already in the list
    ///   (`journal::what_no_store_can_take_is_refused`).
    /// - [`StoreErrorKind::Unknown`] if it may or may not have been written: ask for the head with the same keys. The
    ///   keys are known if and only if it was written.
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError>;

    /// Returns the heads of journals, in the order of the queries (`reading::heads_come_in_the_order_asked`); `None`
    /// for prospects that do not exist (`journal::an_empty_store_has_nothing`). The cost depends on the number of
    /// queries (`cost::heads_and_feeds_cost_no_more_in_a_larger_book`).
    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError>;

    /// Returns the whole journal of a prospect, by instant, `seq` and key
    /// (`journal::the_journal_is_read_by_instant_seq_and_key`); empty if the prospect does not exist. The
    /// cost depends on the length of the journal (`cost::heads_and_feeds_cost_no_more_in_a_larger_book`).
    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError>;

    /// Returns due entries: a filter and a sort of all of them (`due::any_query_is_a_filter_and_a_sort`).
    ///
    /// # Cost
    /// The cost depends on the number of entries in the answer, not on how many exist,
    ///
    /// - for a page of any order, from the beginning or after any place
    ///   (`cost::a_page_of_an_order_costs_no_more_in_a_larger_book`);
    /// - by rank for one owner, however many entries the others have
    ///   (`cost::an_owners_agenda_costs_no_more_if_others_have_more`);
    /// - by rank with `opens_before`, if few entries open by then, or if those that do have early places
    ///   (`cost::few_open_entries_are_found_without_reading_the_rest`).
    ///
    /// Other combinations of filters may cost more: an owner in another order, or many open entries whose places are
    /// later than those of many others.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unsupported`] for an order that this store does not support.
    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError>;

    /// Claims due entries that are sent without a person. Such entries are automatic
    /// (`claims::what_is_not_automatic_is_not_handed_out`), open at `now` or earlier
    /// (`claims::what_opens_a_microsecond_later_is_not_handed_out`), and not on a lease that ends later than `now`
    /// (`claims::what_is_claimed_is_free_at_the_end_of_its_lease`). The fence of a claim is larger than those of all
    /// earlier claims of that prospect (`claims::fences_grow`).
    ///
    /// The entries come by the later of the opening and the end of the last lease, then by prospect id
    /// (`claims::what_waits_longest_is_handed_out_first`), so that no entry keeps the others from being claimed.
    /// Concurrent claims never return the same entry (`claims::many_workers_at_once_never_hold_the_same`,
    /// `interleavings::workers_in_any_order_never_hold_the_same`).
    ///
    /// The answer also says when the next entry can be claimed
    /// (`claims::a_claim_says_when_the_next_entry_can_be_claimed`); a limit of 0 asks only for that.
    ///
    /// # Cost
    /// The cost depends on the number of entries that are claimed, not on how many can be
    /// (`cost::a_claim_costs_no_more_in_a_larger_book`), open later, or are on a lease
    /// (`cost::few_claimable_entries_are_found_without_reading_the_rest`).
    ///
    /// # Errors
    /// After [`StoreErrorKind::Unknown`], entries may be on a lease that no worker knows of.
    ///
    /// # Cancel safety
    /// Dropping the future may leave entries on a lease that no worker knows of. They are free at the end of the lease
    /// (`claims::a_dropped_claim_is_free_at_the_end_of_its_lease`).
    async fn claim(&self, claim: Claim) -> Result<ClaimPage, StoreError>;

    /// Moves the end of a lease (`claims::a_lease_can_be_renewed_and_given_back`). Because stores read no clock, a
    /// lease can also be renewed after its end, until another worker claims the prospect.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`], naming the prospect, if the claim is not the prospect's newest or has ended
    /// (`claims::only_the_newest_claim_can_be_renewed`).
    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError>;

    /// Returns the instant since which each address is suppressed, in the order of the addresses; `None` for addresses
    /// that are not (`suppressions::an_address_is_suppressed_until_it_is_lifted`). If an address was suppressed twice,
    /// the earlier instant applies (`suppressions::the_first_instant_stands`).
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError>;

    /// Returns the heads of prospects by prospect id (in the order of its bytes), after an id (exclusive), at most
    /// `limit` of them (`reading::a_scan_goes_by_the_bytes_of_the_id`). Their `known` is empty. The cost
    /// depends on the size of the page (`cost::heads_and_feeds_cost_no_more_in_a_larger_book`).
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError>;

    /// Returns prospects that have changed after a cursor (0: from the beginning), each once, at its newest change,
    /// oldest change first, at most `limit` of them
    /// (`reading::the_feed_has_each_prospect_once_at_its_newest_change`). Claims and renewals are not changes
    /// (`claims::a_claim_is_no_change`). The cost depends on the size of the page
    /// (`cost::heads_and_feeds_cost_no_more_in_a_larger_book`).
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError>;

    /// Removes a person, all or nothing: writes the last change without its profile and due entry, deletes the stored
    /// profile and due entry, and replaces bodies (`journal::erasing_leaves_the_journal_without_the_person`).
    /// Suppressions remain (`suppressions::erasing_a_person_leaves_them`).
    ///
    /// # Errors
    /// As [`Store::append`]; [`StoreErrorKind::Other`] if the journal does not have a body that is to be replaced
    /// (`journal::a_refused_removal_removes_nothing`).
    async fn erase(&self, erase: Erase) -> Result<(), StoreError>;

    /// Saves a version of a document. Saving the same version with the same body again changes nothing
    /// (`documents::saving_the_same_again_changes_nothing`).
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`], naming the document, if that version already has another body
    /// (`documents::what_is_saved_is_never_changed`).
    async fn save(&self, document: Document) -> Result<(), StoreError>;

    /// Returns documents by name (in the order of its bytes) and version (`documents::they_come_by_name_and_version`).
    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError>;
}

/// The instant since which an address is suppressed.
pub type Since = chrono::DateTime<chrono::Utc>;

/// Implements [`Store`] for a handle by delegation.
macro_rules! handle {
    ($($handle:ty),+) => {$(
        #[async_trait]
        impl<S: Store + ?Sized> Store for $handle {
            async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
                (**self).append(changes).await
            }
            async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
                (**self).head(wanted).await
            }
            async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
                (**self).history(prospect).await
            }
            async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
                (**self).due(query).await
            }
            async fn claim(&self, claim: Claim) -> Result<ClaimPage, StoreError> {
                (**self).claim(claim).await
            }
            async fn renew(&self, renewal: Renewal) -> Result<(), StoreError> {
                (**self).renew(renewal).await
            }
            async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
                (**self).suppressed(addresses).await
            }
            async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
                (**self).scan(after, limit).await
            }
            async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
                (**self).changes(after, limit).await
            }
            async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
                (**self).erase(erase).await
            }
            async fn save(&self, document: Document) -> Result<(), StoreError> {
                (**self).save(document).await
            }
            async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
                (**self).documents(query).await
            }
        }
    )+};
}

handle!(std::sync::Arc<S>, Box<S>, &S);
