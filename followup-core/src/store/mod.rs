//! The contract between the engine and the places where its data is kept.
//!
//! A store never decides and never reads a clock. It keeps, for each prospect of its book: the journal, a snapshot of
//! the state, the profile, at most one due entry, and who has claimed it; and it changes them in one atomic step, if
//! and only if the journal is still at the expected revision. For the book it keeps suppressions and documents.
//!
//! # Writing a store
//!
//! Implement [`Store`] and run the cases of the crate `followup-store-testkit` over it: each statement below that can
//! be tested names, in brackets, the case that tests it. What holds for all methods:
//!
//! - All instants are compared to the microsecond; what is finer may be cut off (`journal::extreme_instants_are_kept`).
//! - Identities, keys and names are compared by their bytes (`journal::a_key_that_is_there_conflicts`,
//!   `reading::a_scan_goes_by_the_bytes_of_the_id`). Any text is kept as it is, whatever its length
//!   (`journal::any_text_and_any_length_is_kept`, `documents::any_text_and_any_version_is_kept`).
//! - What a store does not know it keeps as it is: kinds of records, versions of snapshots
//!   (`journal::unknown_folds_and_kinds_are_kept_as_they_are`).
//! - A handle sees and changes its own book only (`reading::books_are_kept_apart`, `claims::books_have_their_own`,
//!   `suppressions::books_have_their_own`, `documents::books_have_their_own`).
//! - Handles may be used from many threads at once (`together::many_at_once_write_each_revision_once`,
//!   `handles::a_handle_outlives_others`). What one has been told is written is seen by all
//!   (`together::readers_see_whole_changes`, `handles::handles_on_a_book_see_the_same`), and by those who open the store
//!   again (`reopen::what_was_acknowledged_is_there_after_reopening`, `reopen::leases_run_on`,
//!   `reopen::fences_keep_growing`).
//! - No method needs a runtime: a future may be polled by any executor.
//! - After an error other than [`StoreErrorKind::Unknown`] nothing of the call was done
//!   (`journal::one_refused_change_refuses_all`).
//! - Dropping a future that has not finished leaves all of its work done or nothing
//!   (`together::a_dropped_future_leaves_all_or_nothing`).
//!
//! Whatever is done in whatever order, a store answers as a plain list would
//! (`model::random_operations_agree_with_the_reference`).

mod append;
mod check;
mod claim;
mod document;
mod due;
mod error;
mod ext;
mod head;
mod record;
mod suppression;

use async_trait::async_trait;

pub use append::{Append, Erase};
pub use claim::{Claim, Claimed, Fence, Renewal, UnderClaim};
pub use document::{Document, DocumentKind, DocumentQuery};
pub use due::{Due, DueOrder, DuePage, DueQuery};
pub use error::{StoreError, StoreErrorKind};
pub use ext::{Pages, StoreExt};
pub use head::{Changed, Head, HeadQuery};
pub use record::{Record, Revision, Snapshot};
pub use suppression::{AddressHash, Suppression};

use crate::prospect::ProspectId;

/// Where prospects are kept. A handle is scoped to one book.
///
/// For those who implement it; those who call it use a `followup::Desk`, or [`StoreExt`]. There are no default
/// methods: a wrapper that forgets one does not compile.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes changes to one or many prospects: all of them or none (`journal::one_refused_change_refuses_all`). An
    /// empty list changes nothing (`journal::an_empty_list_changes_nothing`).
    ///
    /// Once it returns, they are as durable as the store promises. A change
    ///
    /// - adds its records to the journal, whose revision grows by their number
    ///   (`journal::a_first_append_is_read_back`);
    /// - replaces the snapshot and the due entry, or clears the entry (`due::a_change_replaces_the_entry_or_clears_it`);
    /// - replaces the profile if it has one (`journal::a_profile_stays_until_it_is_replaced`);
    /// - ends the claim that it is made under, if it says so (`claims::a_claim_that_has_ended_may_be_claimed_again`), and
    ///   else leaves it as it is (`claims::a_claim_that_goes_on_keeps_its_lease`), as a change without a claim does
    ///   (`claims::a_change_without_a_claim_leaves_it_as_it_is`);
    /// - adds and lifts suppressions (`suppressions::an_address_is_suppressed_until_it_is_lifted`);
    /// - moves the prospect to the end of the feed (`reading::the_feed_has_each_prospect_once_at_its_newest_change`).
    ///
    /// # Errors
    /// - [`StoreErrorKind::Fenced`], naming the prospect, if a change is made under a claim that is not the prospect's
    ///   newest or has ended (`claims::an_old_fence_is_refused_and_nothing_is_written`). It is looked at first.
    /// - [`StoreErrorKind::Conflict`], naming the prospect, if a journal is not at the expected revision
    ///   (`journal::another_revision_conflicts_and_nothing_is_written`) or has one of the keys already
    ///   (`journal::a_key_that_is_there_conflicts`).
    /// - [`StoreErrorKind::Other`] for what no store can take: a change without records, a due entry of another
    ///   prospect, one prospect twice in the list (`journal::what_no_store_can_take_is_refused`).
    /// - [`StoreErrorKind::Unknown`] if it may or may not have been written: ask for the head with the same keys. The
    ///   keys are known if and only if it was written.
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError>;

    /// Where journals stand, in the order asked (`reading::heads_come_in_the_order_asked`); `None` for prospects that
    /// are not there (`journal::an_empty_store_has_nothing`).
    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError>;

    /// The whole journal of a prospect, by instant, `seq` and key
    /// (`journal::the_journal_is_read_by_instant_seq_and_key`); empty if it is not there.
    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError>;

    /// What is due: a filter and a sort of all due entries (`due::any_query_is_a_filter_and_a_sort`).
    ///
    /// The cost should depend on how many entries the answer has, not on how many exist.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unsupported`] for an order that this store does not know.
    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError>;

    /// Hands out what is due without a person: entries that are automatic
    /// (`claims::what_is_not_automatic_is_not_handed_out`) and open at `now` or earlier
    /// (`claims::what_opens_a_microsecond_later_is_not_handed_out`), and that nobody has on a lease that ends later
    /// than `now` (`claims::what_is_claimed_is_free_at_the_end_of_its_lease`). Each has a fence larger than any
    /// before of that prospect (`claims::fences_grow`).
    ///
    /// They come by the later of the opening and the end of the last lease, then by prospect id
    /// (`claims::what_waits_longest_is_handed_out_first`): so nothing keeps the rest from being handed out. No two
    /// claims at once are given the same (`claims::many_workers_at_once_never_hold_the_same`,
    /// `interleavings::workers_in_any_order_never_hold_the_same`).
    ///
    /// # Errors
    /// After [`StoreErrorKind::Unknown`] some may be leased to nobody.
    ///
    /// # Cancel safety
    /// Dropping the future may leave entries leased to nobody: they come back at the end of the lease
    /// (`claims::a_dropped_claim_is_free_at_the_end_of_its_lease`).
    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError>;

    /// Moves the end of a lease (`claims::a_lease_can_be_renewed_and_given_back`). Until somebody else has claimed it, a
    /// lease can be renewed after its end too: stores read no clock.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`], naming the prospect, if the claim is not the prospect's newest or has ended
    /// (`claims::only_the_newest_claim_can_be_renewed`).
    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError>;

    /// Since when nothing is sent to addresses, in the order asked; `None` for those that are not suppressed
    /// (`suppressions::an_address_is_suppressed_until_it_is_lifted`). Suppressed twice, the earlier instant stands
    /// (`suppressions::the_first_instant_stands`).
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError>;

    /// Heads of all prospects by prospect id (in the order of its bytes), after an id (exclusive), at most so many
    /// (`reading::a_scan_goes_by_the_bytes_of_the_id`). No keys.
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError>;

    /// Prospects that have changed after a cursor (0: from the beginning), each once, at its newest change, oldest
    /// change first, at most so many (`reading::the_feed_has_each_prospect_once_at_its_newest_change`). Claims and
    /// renewals are no changes (`claims::a_claim_is_no_change`).
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError>;

    /// Removes a person: writes the last change, whose own profile and due entry are left out, drops those that are
    /// there, and replaces bodies, all or nothing (`journal::erasing_leaves_the_journal_without_the_person`). Suppressions stay
    /// (`suppressions::erasing_a_person_leaves_them`).
    ///
    /// # Errors
    /// As [`Store::append`]; [`StoreErrorKind::Other`] if a body is to be replaced that the journal does not have
    /// (`journal::a_refused_removal_removes_nothing`).
    async fn erase(&self, erase: Erase) -> Result<(), StoreError>;

    /// Saves a version of a document. The same version with the same body again changes nothing
    /// (`documents::saving_the_same_again_changes_nothing`).
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`], naming it, if that version says something else already
    /// (`documents::what_is_saved_is_never_changed`).
    async fn save(&self, document: Document) -> Result<(), StoreError>;

    /// Documents by name (in the order of its bytes) and version (`documents::they_come_by_name_and_version`).
    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError>;
}

/// The instant since which an address is suppressed.
pub type Since = chrono::DateTime<chrono::Utc>;

/// Passes every call on to what a handle leads to.
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
            async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
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
