//! Does repeating a killed import complete it, without duplicates?
#![cfg(unix)]

mod common;

use std::io::Write;
use std::process::Stdio;

use common::Office;

/// Returns interleaved histories of many prospects, large enough to need many batches.
fn history() -> String {
    let mut text = String::new();
    for step in 0..20 {
        for person in 0..800 {
            let event = if step == 0 { "\"inquired\"" } else { "\"touched\",\"channel\":\"phone\"" };
            text += &format!(
                "{{\"prospect\":\"p{person}\",\"at\":\"2026-03-{:02}T{:02}:00:00Z\",\"event\":{event},\"key\":\"k{step}\"}}\n",
                1 + step,
                person % 24
            );
        }
    }
    text
}

fn plans(office: &Office) -> Vec<serde_json::Value> {
    office.call("--now 2026-04-01T09:00:00Z plan --all --stored").lines()
}

#[test]
fn an_import_killed_anywhere_is_completed_by_the_next() {
    let text = history();
    let whole = Office::new();
    let file = whole.write("log.jsonl", &text);
    assert_eq!(whole.call(&format!("import events {file}")).line()["new"], 16_000);
    let expected = plans(&whole);
    for share in [1, 3, 5, 7] {
        let office = Office::new();
        let mut command = office.command();
        command
            .args(["import", "events", "/dev/stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the command starts");
        // The pipe buffers little: once it has accepted this much, most of it is read and some batches are written.
        let part = &text.as_bytes()[..text.len() * share / 8];
        child.stdin.as_mut().expect("it reads").write_all(part).expect("it reads on");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let file = office.write("log.jsonl", &text);
        let again = office.call(&format!("import events {file}")).line();
        let (new, repeated) = (again["new"].as_u64().unwrap_or(0), again["repeated"].as_u64().unwrap_or(0));
        assert_eq!(new + repeated, 16_000);
        assert!(share < 3 || repeated > 0, "it was killed before anything was written: {again}");
        let strip = |plans: Vec<serde_json::Value>| {
            let strip = |mut plan: serde_json::Value| {
                plan["action"].take();
                plan
            };
            plans.into_iter().map(strip).collect::<Vec<_>>()
        };
        assert_eq!(strip(plans(&office)), strip(expected.clone()));
        assert_eq!(office.call("history p7").lines().len(), 20);
    }
}
