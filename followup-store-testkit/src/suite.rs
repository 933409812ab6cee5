//! The list of all cases, and the macro that makes a test of each.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;

use crate::Factory;
use crate::tools::Outcome;

/// A test of one statement of the contract, which can be run over any store.
#[derive(Clone, Copy)]
pub struct Case {
    /// The module and the function, for example `journal::a_first_append_is_read_back`.
    pub name: &'static str,
    /// Whether the case closes and reopens the store, which volatile stores do not support.
    pub reopens: bool,
    /// Whether the case compares durations, which a store that reads every prospect does not pass.
    pub timed: bool,
    run: Run,
}

type Run = for<'a> fn(&'a dyn Factory) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

impl Case {
    /// Runs the case over a new store.
    ///
    /// # Errors
    /// The store's error, if it fails where the contract promises success.
    ///
    /// # Panics
    /// If the store violates the contract.
    pub async fn run(&self, factory: &dyn Factory) -> Outcome {
        (self.run)(factory).await
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Passes the list of modules and their cases to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($then:ident $args:tt) => {
        $crate::$then! { $args
            journal {
                an_empty_store_has_nothing
                an_empty_list_changes_nothing
                a_first_append_is_read_back
                the_journal_is_read_by_instant_seq_and_key
                another_revision_conflicts_and_nothing_is_written
                a_key_that_is_there_conflicts
                one_refused_change_refuses_all
                what_no_store_can_take_is_refused
                a_profile_stays_until_it_is_replaced
                since_is_when_the_first_was_recorded
                the_newest_event_is_of_all_prospects_and_never_falls
                any_text_and_any_length_is_kept
                extreme_instants_are_kept
                erasing_leaves_the_journal_without_the_person
                a_refused_removal_removes_nothing
                unknown_folds_and_kinds_are_kept_as_they_are
            }
            reading {
                heads_come_in_the_order_asked
                a_scan_goes_by_the_bytes_of_the_id
                the_feed_has_each_prospect_once_at_its_newest_change
                books_are_kept_apart
            }
            due {
                an_entry_is_read_back_whole
                each_order_has_only_those_with_its_instant
                equal_instants_go_by_the_bytes_of_the_id
                the_end_is_exclusive_to_the_microsecond
                the_opening_is_exclusive_to_the_microsecond
                an_owner_sees_their_own
                a_change_replaces_the_entry_or_clears_it
                little_that_is_open_is_found_among_much
                any_query_is_a_filter_and_a_sort
            }
            claims {
                what_is_handed_out_is_the_entry
                what_is_not_automatic_is_not_handed_out
                what_opens_a_microsecond_later_is_not_handed_out
                what_is_claimed_is_free_at_the_end_of_its_lease
                a_claim_says_when_the_next_entry_can_be_claimed
                fences_grow
                what_waits_longest_is_handed_out_first
                a_claim_that_has_ended_may_be_claimed_again
                a_claim_that_goes_on_keeps_its_lease
                a_change_without_a_claim_leaves_it_as_it_is
                an_old_fence_is_refused_and_nothing_is_written
                a_removal_can_be_made_under_a_claim
                a_lease_can_be_renewed_and_given_back
                only_the_newest_claim_can_be_renewed
                a_claim_is_no_change
                books_have_their_own
                many_workers_at_once_never_hold_the_same
                a_dropped_claim_is_free_at_the_end_of_its_lease
            }
            suppressions {
                an_address_is_suppressed_until_it_is_lifted
                the_first_instant_stands
                an_address_is_compared_by_all_its_bytes
                a_refused_change_suppresses_nothing
                erasing_a_person_leaves_them
                books_have_their_own
            }
            documents {
                saving_the_same_again_changes_nothing
                what_is_saved_is_never_changed
                they_come_by_name_and_version
                kinds_are_kept_apart
                any_text_and_any_version_is_kept
                books_have_their_own
            }
            together {
                many_at_once_write_each_revision_once
                of_those_who_add_the_same_prospect_one_wins
                readers_see_whole_changes
                a_dropped_future_leaves_all_or_nothing
            }
            handles {
                any_pointer_to_a_store_is_a_store
                handles_on_a_book_see_the_same
                a_handle_outlives_others
            }
            interleavings {
                workers_in_any_order_never_hold_the_same
            }
            model {
                random_operations_agree_with_the_reference
            }
            cost {
                a_page_of_an_order_costs_no_more_in_a_larger_book
                an_owners_agenda_costs_no_more_if_others_have_more
                few_open_entries_are_found_without_reading_the_rest
                a_claim_costs_no_more_in_a_larger_book
                few_claimable_entries_are_found_without_reading_the_rest
                heads_and_feeds_cost_no_more_in_a_larger_book
                a_change_costs_no_more_in_a_larger_book
            }
            reopen {
                what_was_acknowledged_is_there_after_reopening
                an_empty_store_can_be_reopened
                leases_run_on
                fences_keep_growing
                suppressions_and_documents_are_still_there
                the_feed_goes_on
                what_was_dropped_is_whole_or_absent
            }
        }
    };
}

/// Makes the list of cases; see [`CASES`].
#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    (() $($module:ident { $($case:ident)* })*) => {
        &[$($(
            Case {
                name: concat!(stringify!($module), "::", stringify!($case)),
                reopens: matches!(stringify!($module).as_bytes(), b"reopen"),
                timed: matches!(stringify!($module).as_bytes(), b"cost"),
                run: $crate::__run!($module $case),
            },
        )*)*]
    };
}

/// Makes the function that runs a case. Most cases get a store, some make stores as they need them.
#[doc(hidden)]
#[macro_export]
macro_rules! __run {
    (model $case:ident) => {
        |factory| Box::pin($crate::model::$case(factory))
    };
    (interleavings $case:ident) => {
        |factory| Box::pin($crate::interleavings::$case(factory))
    };
    (cost $case:ident) => {
        |factory| Box::pin($crate::cost::$case(factory))
    };
    ($module:ident $case:ident) => {
        |factory| {
            Box::pin(async move {
                let mut subject = factory.make();
                $crate::$module::$case(&mut subject).await
            })
        }
    };
}

/// All cases, in a readable order.
pub const CASES: &[Case] = __cases!(__list());

/// Runs a case as a test.
#[doc(hidden)]
pub fn try_case(factory: &dyn Factory, name: &str) {
    let case = CASES.iter().find(|case| case.name == name).expect("the macro only names cases of the list");
    if let Err(error) = pollster::block_on(case.run(factory)) {
        panic!("{name}: the store failed where the contract promises success: {error} ({:?})", error.kind());
    }
}

/// Returns true if a store fails a case that compares durations, as a store that reads every prospect does.
#[doc(hidden)]
pub fn scans(factory: &dyn Factory) -> bool {
    let fails = |case: &Case| {
        let ran = panic::catch_unwind(AssertUnwindSafe(|| pollster::block_on(case.run(factory))));
        !matches!(ran, Ok(Ok(())))
    };
    CASES.iter().filter(|case| case.timed).any(fails)
}

/// Makes a module that has one `#[test]` for each case: `suite!(name, factory)`.
///
/// A [`Factory`] is any function or closure that returns a [`Subject`](crate::Subject).
///
/// Two markers, in this order, leave out promises that a store does not make. In place of the cases, the module then
/// has one test whose name says what is left out, and which fails if the marker is wrong:
///
/// - `volatile` for a store whose data is lost when it is closed: no cases of [`reopen`](crate::reopen).
/// - `scans` for a store that reads every prospect to answer, which is too slow for large books: no cases of
///   [`cost`](crate::cost).
///
/// ```
/// use followup_store_memory::MemoryStore;
/// use followup_store_testkit::{Subject, suite};
///
/// fn memory() -> Subject {
///     Subject::new(MemoryStore::new(), MemoryStore::book)
/// }
///
/// suite!(contract, memory, volatile);
/// # suite!(slow, memory, volatile, scans);
/// # suite!(slow_in_a_file, memory, scans);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! suite {
    ($name:ident, $factory:expr) => {
        $crate::__suite! { $name, $factory, durable, indexed }
    };
    ($name:ident, $factory:expr, volatile) => {
        $crate::__suite! { $name, $factory, volatile, indexed }
    };
    ($name:ident, $factory:expr, scans) => {
        $crate::__suite! { $name, $factory, durable, scans }
    };
    ($name:ident, $factory:expr, volatile, scans) => {
        $crate::__suite! { $name, $factory, volatile, scans }
    };
}

/// Makes the module; see [`suite!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __suite {
    ($name:ident, $factory:expr, $life:ident, $reach:ident) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $crate::__cases! { __tests ($factory, $life, $reach) }
        }
    };
}

/// Makes the tests; see [`suite!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (($factory:expr, $life:ident, $reach:ident) $($module:ident { $($case:ident)* })*) => {
        $($crate::__tests! { @ $life $reach $module ($factory) $($case)* })*
    };
    (@ volatile $reach:ident reopen ($factory:expr) $($case:ident)*) => {
        #[test]
        fn reopening_is_not_applicable_for_nothing_is_left_of_the_store() {
            let subject = $crate::Factory::make(&$factory);
            assert!(!subject.can_be_reopened(), "this store can be reopened; remove `volatile`");
        }
    };
    (@ $life:ident scans cost ($factory:expr) $($case:ident)*) => {
        #[test]
        fn cost_is_not_tested_for_the_store_reads_every_prospect() {
            assert!($crate::scans(&$factory), "this store passes all cases of `cost`; remove `scans`");
        }
    };
    (@ $life:ident $reach:ident $module:ident ($factory:expr) $($case:ident)*) => {
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    $crate::try_case(&$factory, concat!(stringify!($module), "::", stringify!($case)));
                }
            )*
        }
    };
}
