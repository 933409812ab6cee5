//! Do the small programs print the expected output?

mod common;

use std::process::Command;

use common::program;

fn printed(mut program: Command) -> String {
    let output = program.output().expect("the program is built and starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

#[test]
fn the_quickstart_says_who_is_next_and_why() {
    let expected = "\
Ada: inform by email, until Mon 9 Mar 16:00 UTC (due)
inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 16:00 UTC, because what they ask for is answered fast \
(C4); a touch lands in a decent hour where they are (C16); an inquiry opens discovery (W6)
ask appointment by email from Mon 16 Mar 2026 08:00 UTC to Mon 16 Mar 2026 16:00 UTC
";
    assert_eq!(printed(program("quickstart")), expected);
}

#[test]
fn the_first_lines_that_a_user_writes_work() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut program = program("first_twenty_lines");
    program.arg(folder.path().join("crm.db"));
    let text = printed(program);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].starts_with(
            "inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 17:00 UTC, because"
        )
    );
    assert_eq!(lines[1], "check in by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 16:00 UTC []");
    assert_eq!(lines[2], "Ada: check in by email, until Mon 9 Mar 16:00 UTC (due)");
}

#[test]
fn a_hosts_rows_and_events_are_written_together() {
    let expected = "\
call 1, attempt 1: inform by phone from Fri 6 Mar 2026 14:01 UTC to Mon 9 Mar 2026 17:00 UTC
call 2, attempt 2: check in by phone from Fri 6 Mar 2026 14:03 UTC to Mon 9 Mar 2026 17:00 UTC
call 2 again: already written
call 3: ada: proposal_sent is refused: skipped_stage (P2): no appointment was held and they did not ask for a proposal; \
record appointment_held or asked_proposal first
2 calls; 4 events: added, asked_information, information_sent, replied
";
    assert_eq!(printed(program("host_transaction")), expected);
}

#[test]
fn a_cadence_that_breaks_its_promise_is_found_and_shrunk_to_a_few_lines() {
    let expected = "\
promised: at most 3 touches without an answer in 10 days
eager: broken
at most 3 touches without an answer in 10 days, but the last 4 fall into 9
  2026-03-02T09:00Z added
  2026-03-02T09:00Z information_sent channel=phone seq=1
  2026-03-03T05:00Z replied channel=phone
  2026-03-03T09:00Z touched channel=phone personal=true purpose=check_in reason=asked_for
  2026-03-05T09:00Z touched channel=email personal=true purpose=ask_appointment reason=appointment
  2026-03-09T09:00Z touched channel=phone personal=true purpose=check_in reason=article
  2026-03-11T09:00Z touched channel=email personal=true purpose=ask_appointment reason=advice
  planned then: check in by phone from Fri 13 Mar 2026 09:00 UTC to Fri 13 Mar 2026 17:00 UTC
  playbook: cadence.cool_after_touches = 5
  playbook: cadence.hot.from = \"P2D\"
  playbook: cadence.hot.to = \"P3D\"
  found by seed 1 in at most 1000 cases; the same two find it again
capped: kept in 1000 pursuits
";
    assert_eq!(printed(program("faulty_cadence")), expected);
}

#[test]
fn a_rule_of_ones_own_moves_a_date_and_says_so() {
    let text = printed(program("custom_rule"));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "ask appointment by phone from Fri 13 Mar 2026 09:00 UTC to Fri 13 Mar 2026 17:00 UTC"
    );
    assert_eq!(
        lines[1],
        "ask appointment by phone from Mon 16 Mar 2026 09:00 UTC to Mon 16 Mar 2026 17:00 UTC"
    );
    let moved =
        "nothing of ours begins on a Friday: earliest from 2026-03-13T09:00:00Z to 2026-03-16T09:00:00Z";
    assert_eq!(lines[2], moved);
}

#[test]
fn the_planner_alone_fills_in_a_column() {
    let expected = "\
Ada: 2026-03-02 09:00 UTC (discover by email from Mon 2 Mar 2026 09:00 UTC to Tue 3 Mar 2026 16:00 UTC)
Bob: 2026-03-10 08:00 UTC (inform by email from Tue 10 Mar 2026 08:00 UTC to Tue 10 Mar 2026 16:00 UTC)
";
    assert_eq!(printed(program("only_the_planner")), expected);
}

#[test]
fn what_if_is_answered_before_anything_changes() {
    let text = printed(program("what_if"));
    assert!(
        text.starts_with(
            "16 of 51 prospects would have another next step\n7 earlier, by a median of 1 days\n"
        ),
        "{text}"
    );
    assert!(text.ends_with("published: 29 moved, 0 stayed\n"), "{text}");
    assert_eq!(text, printed(program("what_if")), "the same seed, the same bytes");
}

#[test]
fn a_store_of_ones_own_serves_a_desk() {
    assert_eq!(printed(program("custom_store")), "Ada: inform by email, until Mon 9 Mar 17:00 UTC (due)\n");
}

#[test]
fn the_playbook_of_the_readme_is_a_good_one() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let read =
        blocks.map(|block| followup::Playbook::parse_with_warnings(block).expect("it has no mistakes"));
    let warnings: Vec<_> = read.flat_map(|(_, warnings)| warnings).collect();
    assert_eq!(warnings, []);
    assert!(readme.contains("```toml\n"));
}
