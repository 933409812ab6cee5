//! The contract, over each store: every case is a test of its own. Then what only a file can be.

mod cases;
mod file;

macro_rules! stores {
    ($($file:ident: $($case:ident)*;)*) => {
        stores!(@ memory $($($file $case)*)*);
        stores!(@ sqlite_file $($($file $case)*)*);
        stores!(@ sqlite_memory $($($file $case)*)*);
    };
    (@ $store:ident $($file:ident $case:ident)*) => {
        mod $store {
            $(
                #[test]
                fn $case() {
                    let subject = crate::cases::Subject::$store();
                    pollster::block_on(crate::cases::$file::$case(&subject)).unwrap();
                }
            )*
        }
    };
}

stores! {
    journal:
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
        a_refused_removal_removes_nothing;
    reading:
        heads_come_in_the_order_asked
        a_scan_goes_by_the_bytes_of_the_id
        the_feed_has_each_prospect_once_at_its_newest_change
        books_are_kept_apart;
    due:
        an_entry_is_read_back_whole
        each_order_has_only_those_with_its_instant
        equal_instants_go_by_the_bytes_of_the_id
        the_end_is_exclusive_to_the_microsecond
        the_opening_is_exclusive_to_the_microsecond
        an_owner_sees_their_own
        a_change_replaces_the_entry_or_clears_it
        little_that_is_open_is_found_among_much
        any_query_is_a_filter_and_a_sort;
    together:
        many_at_once_write_each_revision_once
        of_those_who_add_the_same_prospect_one_wins
        readers_see_whole_changes
        a_dropped_future_leaves_all_or_nothing;
}
