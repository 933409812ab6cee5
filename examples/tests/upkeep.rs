//! Does the command copy a complete database, and find damage in it?

mod common;

use std::io::{Seek, SeekFrom, Write};

use common::{Called, Office};

fn filled() -> Office {
    let office = Office::new();
    for id in ["p", "q"] {
        let added =
            office.call(&format!("--now 2026-03-02T09:00:00Z add Ada --id {id} --email ada@example.org"));
        assert_eq!(added.code, 0, "{}", added.err);
        office.call(&format!("record {id} inquired --at 2026-03-02T10:00:00Z")).line();
    }
    office.call("--book agency --now 2026-03-02T09:00:00Z add Bo --id p").line();
    office
}

/// Runs the command without JSON.
fn plain(words: &[&str]) -> Called {
    let called = std::process::Command::new(env!("CARGO_BIN_EXE_followup")).args(words).output();
    Called::of(called.expect("it starts"))
}

#[test]
fn a_backup_is_the_same_database() {
    let office = filled();
    let line = office.call("backup copy.db").line();
    assert_eq!(line["backup"], "copy.db");
    assert_eq!(line["bytes"], std::fs::metadata(office.path("copy.db")).expect("the copy exists").len());
    let other = Office::new();
    std::fs::copy(office.path("copy.db"), other.path("followup.db")).expect("it can be copied");
    for words in ["plan --all --why", "--book agency plan --all", "history p", "report gap"] {
        let words = format!("--now 2026-03-03T09:00:00Z {words}");
        let copied = other.call(&words);
        assert_eq!(copied.out, office.call(&words).out);
        assert_eq!(copied.code, 0, "{}", copied.err);
    }
    let again = office.call("backup copy.db");
    again.fails(1, "the file copy.db already exists");
    office.call("backup nowhere/copy.db").fails(1, "cannot back up the store");
}

#[test]
fn upkeep_needs_an_existing_file() {
    let office = Office::new();
    for words in ["backup copy.db", "integrity"] {
        office.call(words).fails(2, "database file not found");
    }
    plain(&["--db", "memory:", "integrity"]).fails(2, "give --db a file");
    assert!(!office.path("followup.db").exists() && !office.path("copy.db").exists());
}

#[test]
fn a_sound_database_is_reported_as_sound() {
    let office = filled();
    let line = office.call("integrity").line();
    assert_eq!((&line["sound"], &line["omitted"]), (&true.into(), &0.into()));
    assert_eq!(line["findings"], serde_json::json!([]));
    let checked = &line["checked"];
    let counts =
        ["books", "prospects", "records", "due_entries", "profiles"].map(|what| checked[what].as_u64());
    assert_eq!(counts, [2, 3, 5, 3, 3].map(Some));
    let path = office.path("followup.db");
    let text = plain(&["--db", path.to_str().expect("the path is UTF-8"), "integrity"]);
    assert!(text.out.contains("2 books, 3 prospects, 5 records, 3 due entries"), "{}", text.out);
    assert!(text.out.ends_with("no damage found\n"), "{}", text.out);
}

#[test]
fn damage_is_listed_and_exits_with_1() {
    let office = filled();
    // Change a letter of the stored profile, as a flipped bit on a disk would.
    let path = office.path("followup.db");
    let bytes = std::fs::read(&path).expect("it can be read");
    let found = bytes.windows(12).position(|window| window == b"ada@example.");
    let place = found.expect("the address is in the profile") as u64;
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).expect("it can be written");
    file.seek(SeekFrom::Start(place)).expect("it is long enough");
    file.write_all(b"b").expect("it can be written");
    drop(file);

    let called = office.call("integrity");
    called.fails(1, "is damaged: 1 findings");
    let line: serde_json::Value = serde_json::from_str(&called.out).expect("one object");
    assert_eq!(line["sound"], false);
    let findings = line["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["what"], "the profile is damaged");
    assert_eq!(findings[0]["book"], "main");
    assert!(["p", "q"].contains(&findings[0]["prospect"].as_str().unwrap_or("")));
    assert!(!called.out.contains("example.org") && !called.err.contains("example.org"));
}
