//! Do the small programs print what they should?

use std::path::PathBuf;
use std::process::Command;

/// An example program, which is built together with its tests.
fn program(name: &str) -> Command {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests lie two folders deep");
    Command::new([folder, "examples".as_ref(), name.as_ref()].iter().collect::<PathBuf>())
}

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
