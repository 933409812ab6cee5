//! Tests of the suite itself. Each of these stores has one bug, and fails the cases that are named for it.

mod broken;

use std::panic::{self, AssertUnwindSafe};

use broken::Bug;
use followup_store_testkit::{CASES, model, scans};
use pollster::block_on;

/// Returns true if a store with this bug passes a case.
fn passes(bug: Bug, name: &str) -> bool {
    let case = CASES.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("unknown case {name}"));
    let make = move || broken::make(bug);
    let ran = panic::catch_unwind(AssertUnwindSafe(|| block_on(case.run(&make))));
    matches!(ran, Ok(Ok(())))
}

const MODEL: &str = "model::random_operations_agree_with_the_reference";
const WORKERS: &str = "interleavings::workers_in_any_order_never_hold_the_same";

macro_rules! exam {
    ($($test:ident: $bug:ident fails [$($case:expr),+ $(,)?];)+) => {
        const EXAMINED: &[Bug] = &[$(Bug::$bug),+];

        $(
            #[test]
            fn $test() {
                let bug = Bug::$bug;
                assert!(passes(bug, "journal::a_first_append_is_read_back"), "{bug:?} is too broken to be useful");
                for case in [$($case),+] {
                    assert!(!passes(bug, case), "a store with {bug:?} passes {case}");
                }
            }
        )+
    };
}

exam! {
    any_revision_will_do: AnyRevisionWillDo fails [
        "journal::another_revision_conflicts_and_nothing_is_written",
        "together::of_those_who_add_the_same_prospect_one_wins",
        MODEL,
    ];
    lists_are_written_one_by_one: ListsAreWrittenOneByOne fails ["journal::one_refused_change_refuses_all", MODEL];
    keys_ignore_case: KeysIgnoreCase fails ["journal::a_key_that_is_there_conflicts"];
    long_bodies_are_cut: LongBodiesAreCut fails ["journal::any_text_and_any_length_is_kept"];
    journals_come_as_written: JournalsComeAsWritten fails [
        "journal::the_journal_is_read_by_instant_seq_and_key",
        MODEL,
    ];
    erasing_keeps_the_profile: ErasingKeepsTheProfile fails [
        "journal::erasing_leaves_the_journal_without_the_person",
        MODEL,
    ];
    the_newest_event_is_the_last_written: TheNewestEventIsTheLastWritten fails [
        "journal::the_newest_event_is_of_all_prospects_and_never_falls",
        MODEL,
    ];
    revisions_come_before_fences: RevisionsComeBeforeFences fails [
        "claims::an_old_fence_is_refused_and_nothing_is_written",
        MODEL,
    ];
    fences_are_ignored: FencesAreIgnored fails [
        "claims::an_old_fence_is_refused_and_nothing_is_written",
        MODEL,
        WORKERS,
    ];
    fences_do_not_grow: FencesDoNotGrow fails ["claims::fences_grow", MODEL, WORKERS];
    leases_end_late: LeasesEndLate fails ["claims::what_is_claimed_is_free_at_the_end_of_its_lease", MODEL];
    leases_end_early: LeasesEndEarly fails [
        "claims::what_is_claimed_is_free_at_the_end_of_its_lease",
        "reopen::leases_run_on",
        MODEL,
        WORKERS,
    ];
    nobody_gets_a_lease: NobodyGetsALease fails [
        "claims::what_is_claimed_is_free_at_the_end_of_its_lease",
        MODEL,
        WORKERS,
    ];
    the_next_claim_ignores_leases: TheNextClaimIgnoresLeases fails [
        "claims::a_claim_says_when_the_next_entry_can_be_claimed",
        MODEL,
    ];
    ended_claims_go_on: EndedClaimsGoOn fails ["claims::a_claim_that_has_ended_may_be_claimed_again", MODEL];
    claims_open_late: ClaimsOpenLate fails ["claims::what_opens_a_microsecond_later_is_not_handed_out", MODEL];
    claims_open_early: ClaimsOpenEarly fails ["claims::what_opens_a_microsecond_later_is_not_handed_out", MODEL];
    claims_come_by_id: ClaimsComeById fails ["claims::what_waits_longest_is_handed_out_first", MODEL];
    persons_work_is_handed_out: PersonsWorkIsHandedOut fails [
        "claims::what_is_not_automatic_is_not_handed_out",
        MODEL,
    ];
    before_is_inclusive: BeforeIsInclusive fails ["due::the_end_is_exclusive_to_the_microsecond", MODEL];
    opens_before_is_inclusive: OpensBeforeIsInclusive fails ["due::the_opening_is_exclusive_to_the_microsecond", MODEL];
    pages_skip_equal_instants: PagesSkipEqualInstants fails ["due::equal_instants_go_by_the_bytes_of_the_id", MODEL];
    owners_ignore_case: OwnersIgnoreCase fails ["due::an_owner_sees_their_own", MODEL];
    books_are_one: BooksAreOne fails [
        "reading::books_are_kept_apart",
        "claims::books_have_their_own",
        "suppressions::books_have_their_own",
        "documents::books_have_their_own",
        MODEL,
    ];
    scans_ignore_case: ScansIgnoreCase fails ["reading::a_scan_goes_by_the_bytes_of_the_id", MODEL];
    feeds_repeat: FeedsRepeat fails ["reading::the_feed_has_each_prospect_once_at_its_newest_change", MODEL];
    claims_are_changes: ClaimsAreChanges fails ["claims::a_claim_is_no_change", MODEL];
    erasing_lifts_suppressions: ErasingLiftsSuppressions fails ["suppressions::erasing_a_person_leaves_them", MODEL];
    the_last_instant_stands: TheLastInstantStands fails ["suppressions::the_first_instant_stands", MODEL];
    documents_are_overwritten: DocumentsAreOverwritten fails ["documents::what_is_saved_is_never_changed", MODEL];
    documents_come_by_version: DocumentsComeByVersion fails ["documents::they_come_by_name_and_version", MODEL];
    dropped_lists_are_half_done: DroppedListsAreHalfDone fails ["together::a_dropped_future_leaves_all_or_nothing"];
    reopening_forgets_all: ReopeningForgetsAll fails [
        "reopen::what_was_acknowledged_is_there_after_reopening",
        MODEL,
    ];
    reopening_forgets_leases: ReopeningForgetsLeases fails ["reopen::leases_run_on", MODEL];
    reopening_forgets_fences: ReopeningForgetsFences fails ["reopen::fences_keep_growing", MODEL];
    agendas_read_everybody: AgendasReadEverybody fails [
        "cost::a_page_of_an_order_costs_no_more_in_a_larger_book",
        "cost::an_owners_agenda_costs_no_more_if_others_have_more",
        "cost::few_open_entries_are_found_without_reading_the_rest",
    ];
    claims_read_everybody: ClaimsReadEverybody fails [
        "cost::a_claim_costs_no_more_in_a_larger_book",
        "cost::few_claimable_entries_are_found_without_reading_the_rest",
    ];
    heads_read_everybody: HeadsReadEverybody fails ["cost::heads_and_feeds_cost_no_more_in_a_larger_book"];
    changes_read_everybody: ChangesReadEverybody fails ["cost::a_change_costs_no_more_in_a_larger_book"];
}

/// A store that is only slow fails no other case, and of the cases of `cost` only those of the slow call.
#[test]
fn a_store_that_reads_everybody_fails_only_the_cases_of_that_call() {
    let slow = [
        (Bug::AgendasReadEverybody, ["a_page_of", "an_owners_agenda", "few_open"].as_slice()),
        (Bug::ClaimsReadEverybody, &["a_claim", "few_claimable"]),
        (Bug::HeadsReadEverybody, &["heads_and_feeds"]),
        (Bug::ChangesReadEverybody, &["a_change"]),
    ];
    for (bug, failed) in slow {
        for case in CASES {
            let fails = case.timed && failed.iter().any(|name| case.name.contains(name));
            assert_eq!(passes(bug, case.name), !fails, "{bug:?}: {}", case.name);
        }
    }
}

#[test]
fn the_marker_for_stores_that_read_everybody_skips_only_the_cost_cases() {
    assert!(scans(&|| broken::make(Bug::AgendasReadEverybody)));
    assert!(!scans(&|| broken::make(Bug::None)), "this store passes all cases, so the marker would be wrong");
}

#[test]
fn a_store_without_a_bug_passes_all_cases() {
    for case in CASES {
        assert!(passes(Bug::None, case.name), "{}", case.name);
    }
}

#[test]
fn a_failing_list_is_small_and_can_be_repeated_from_its_seed() {
    let make = || broken::make(Bug::LeasesEndEarly);
    let told = |seed, lists| {
        let ran = panic::catch_unwind(AssertUnwindSafe(|| model::check(&make, seed, lists, 60)));
        *ran.expect_err("the model finds the bug").downcast::<String>().expect("the panic has a message")
    };
    let first = told(7, 64);
    let (operations, seed) = first.rsplit_once("FOLLOWUP_TESTKIT_SEED=").expect("the message has the seed");
    assert!(operations.matches("Operation {").count() <= 5, "{operations}");
    assert_eq!(told(seed.parse().expect("a number"), 1), first);
}

#[test]
fn every_bug_is_examined() {
    assert_eq!(EXAMINED.len(), Bug::None as usize);
}
