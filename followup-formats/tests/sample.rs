//! The shipped sample of a service desk's log (see `samples/README.md`), read through its mapping.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test, a panic at the failing line is the clearest report"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use followup_core::{Event, Zone};
use followup_formats::{Mapping, Row, read_events};

const SAMPLE: &[u8] = include_bytes!("../samples/uci_incident_sample.csv");

fn events(file: &[u8]) -> Vec<(String, Event)> {
    let mapping = Mapping::shipped("uci_incident").unwrap();
    let rows = read_events(file, Some(&mapping), Zone::utc()).unwrap();
    let events = rows.map(|row| match row.unwrap() {
        Row::Imported { prospect, event, .. } => (prospect, event),
        other => panic!("{other:?}"),
    });
    events.collect()
}

#[test]
fn each_row_is_one_touch_and_every_case_is_added_and_decided() {
    let events = events(SAMPLE);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, event) in &events {
        *counts.entry(event.name()).or_default() += 1;
    }
    let expected = [
        ("decided", 52),
        ("input_received", 11),
        ("input_requested", 11),
        ("inquired", 51),
        ("replied", 1),
        ("touched", 290),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(events.iter().filter(|(_, event)| event.is_touch()).count(), 301);
    let of = |name: &str| -> BTreeSet<&str> {
        events.iter().filter(|(_, event)| event.name() == name).map(|(case, _)| case.as_str()).collect()
    };
    assert_eq!(of("decided"), of("inquired"));
    let keys: BTreeSet<_> = events.iter().map(|(case, event)| (case, event.key())).collect();
    assert_eq!(keys.len(), events.len());
}

#[test]
fn the_first_case_matches_the_log() {
    let events = events(SAMPLE);
    let first: Vec<String> = events
        .iter()
        .filter(|(case, _)| case == "INC0000047")
        .map(|(_, event)| format!("{} {} {}", event.at().format("%d.%m. %H:%M"), event.seq(), event.key()))
        .collect();
    assert_eq!(first[0], "29.02. 04:40 1 INC0000047/1/1-inquired");
    assert_eq!(first[1], "29.02. 04:57 1 INC0000047/1/5-touched");
    assert_eq!(first[2], "29.02. 05:30 2 INC0000047/2/5-touched");
    assert!(first.last().unwrap().ends_with("/5-touched"), "{first:?}");
}

#[test]
fn a_compressed_sample_gives_the_same_events() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(SAMPLE).unwrap();
    assert_eq!(events(&encoder.finish().unwrap()), events(SAMPLE));
}

#[test]
fn the_order_of_the_cases_changes_nothing() {
    let text = std::str::from_utf8(SAMPLE).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut cases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows.lines() {
        cases.entry(row.split(',').next().unwrap()).or_default().push(row);
    }
    let backwards: Vec<&str> = std::iter::once(header).chain(cases.into_values().rev().flatten()).collect();
    let sorted = |mut events: Vec<(String, Event)>| {
        events.sort_by(|a, b| (&a.0, &a.1.key()).cmp(&(&b.0, &b.1.key())));
        events
    };
    assert_eq!(sorted(events(SAMPLE)), sorted(events(backwards.join("\r\n").as_bytes())));
}
