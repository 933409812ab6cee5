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

const NEWS: &str = "\
2026-03-02T09:00:00Z, ada, new, Ada Byron
2026-03-02T09:05:00Z, ada, asks,
2026-03-02T10:00:00Z, bob, new, Bob Lee
2026-03-02T15:00:00Z, ada, informed,
2026-03-03T09:30:00Z, bob, called,
2026-03-03T10:00:00Z, ada, meets, 2026-03-05T13:00:00Z
2026-03-03T11:00:00Z, bob, unsubscribed,
2026-03-04T08:00:00Z, bob, bought,
2026-03-04T08:01:00Z, bob, meets, 2026-03-05T13:00:00Z
";

#[test]
fn the_host_program_of_the_readme_records_events_and_says_who_is_next() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let news = folder.path().join("news.csv");
    std::fs::write(&news, NEWS).expect("it is written");
    let host = || {
        let mut host = program("host");
        host.arg(folder.path().join("crm.db")).arg(&news);
        printed(host)
    };
    let first = host();
    let lines: Vec<_> = first.lines().collect();
    assert!(lines[0].starts_with("ada: note: no_strategy_session (P5)"), "{first}");
    assert!(lines[1].starts_with("bob: appointment_set is refused: "), "{first}");
    assert_eq!(lines[2], "Ada Byron: hold by email, until Thu 5 Mar 13:45 UTC (upcoming)");
    assert_eq!(lines[3], "Ada Byron: confirm by email, until Wed 4 Mar 16:00 UTC (due)");
    assert!(lines[4].contains("because an appointment is confirmed, held, and re-booked when missed (P6)"));
    let again = host();
    assert!(first.ends_with(&again[again.find("Ada Byron: ").expect("she is next")..]), "{again}");
    assert!(!again.contains("note:"), "news that is known changes nothing: {again}");
}

#[test]
fn the_readme_quotes_the_host_program() {
    let host = include_str!("../host.rs");
    assert!(include_str!("../../README.md").contains(host), "copy examples/host.rs into the README");
    assert!(host.lines().count() <= 60);
}

#[cfg(unix)]
#[test]
fn the_sending_loop_sends_once_and_ends_between_two_rounds() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let sending = |interrupt: bool| {
        let mut sending = program("sending");
        sending.arg(folder.path().join("crm.db")).arg("2026-03-06T14:00:00Z");
        let mut child = sending.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut text = String::new();
        while !text.contains("claimed") {
            assert_ne!(output.read_line(&mut text).expect("it prints lines"), 0, "{text}");
        }
        if interrupt {
            let pid = child.id().to_string();
            Command::new("kill").args(["-INT", &pid]).status().expect("the signal is sent");
            output.read_to_string(&mut text).expect("the rest");
            assert!(child.wait().expect("it ends").success(), "{text}");
        } else {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
        text
    };
    let first = sending(false);
    let sent = "send thanks to ada@example.org: acknowledge\np-17: Sent\n0 woken, 1 claimed\n";
    assert_eq!(first, sent);
    assert_eq!(sending(true), "0 woken, 0 claimed\nended\n", "a message that was sent is not sent again");
}

#[test]
fn consent_is_withdrawn_given_and_erased() {
    let expected = "\
asked: inform by email from Mon 2 Mar 2026 10:00 UTC to Tue 3 Mar 2026 17:00 UTC
no email: inform by phone from Mon 2 Mar 2026 10:00 UTC to Tue 3 Mar 2026 17:00 UTC
opted out: rest: opted out
under another id: rest: opted out
opted in: inform by email from Mon 9 Mar 2026 09:00 UTC to Mon 9 Mar 2026 17:00 UTC
erased: rest: erased
  2026-03-02 10:00 asked_information
  2026-03-02 10:00 added
  2026-03-02 11:00 opted_out
  2026-03-02 12:00 opted_out
  2026-03-03 10:00 opted_in
  2026-03-04 10:00 stopped
changed: p-18 at revision 1
changed: p-17 at revision 6
";
    assert_eq!(printed(program("consent")), expected);
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
promised: at most 3 unanswered touches in 10 days
eager: broken
at most 3 unanswered touches in 10 days, but the last 4 are within 9 days
  2026-03-02T09:00Z added
  2026-03-02T09:00Z information_sent channel=phone seq=1
  2026-03-03T05:00Z replied channel=phone
  2026-03-03T09:00Z touched channel=phone personal=true purpose=check_in reason=asked_for
  2026-03-05T09:00Z touched channel=email personal=true purpose=ask_appointment reason=appointment
  2026-03-09T09:00Z touched channel=phone personal=true purpose=check_in reason=article
  2026-03-11T09:00Z touched channel=email personal=true purpose=ask_appointment reason=advice
  plan: check in by phone from Fri 13 Mar 2026 09:00 UTC to Fri 13 Mar 2026 17:00 UTC
  playbook: cadence.cool_after_touches = 5
  playbook: cadence.hot.from = \"P2D\"
  playbook: cadence.hot.to = \"P3D\"
  found with seed 1 in at most 1000 cases; use both again to repeat it
capped: kept in 1000 pursuits; rules never reached: C7, C10, C17, W1
";
    assert_eq!(printed(program("faulty_cadence")), expected);
}

#[test]
fn a_custom_rule_moves_a_date_and_is_named() {
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
fn what_if_answers_before_anything_changes() {
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
fn a_custom_store_serves_a_desk() {
    assert_eq!(printed(program("custom_store")), "Ada: inform by email, until Mon 9 Mar 17:00 UTC (due)\n");
}

#[test]
fn a_store_over_a_key_value_engine_serves_a_desk_after_a_restart() {
    assert_eq!(printed(program("kv_store")), "Ada: inform by email, until Mon 9 Mar 17:00 UTC (due)\n");
}

#[test]
fn the_playbook_of_the_readme_is_valid() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let read =
        blocks.map(|block| followup::Playbook::parse_with_warnings(block).expect("it has no mistakes"));
    let warnings: Vec<_> = read.flat_map(|(_, warnings)| warnings).collect();
    assert_eq!(warnings, []);
    assert!(readme.contains("```toml\n"));
}
