//! Does planning do what its text says? 2,000 random histories and the plan of each, computed by two models
//! that were written independently of this crate.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads its table from a file")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use chrono::{DateTime, Utc};
use followup_core::plan::Decision;
use followup_core::{Event, Policy, ProspectState, Zone, plan};
use serde_json::{Map, Value};

fn lines(name: &str) -> impl Iterator<Item = Map<String, Value>> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    BufReader::new(file).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

#[test]
fn every_plan_of_the_table_comes_out_to_the_second() {
    let mut histories: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for line in lines("histories.jsonl.gz") {
        let (prospect, event) = Event::from_json(line, Zone::utc()).unwrap();
        histories.entry(prospect.unwrap()).or_default().push(event);
    }
    let policy = Policy::default();
    let (mut compared, mut wrong) = (0, Vec::new());
    for expected in lines("plans.jsonl.gz") {
        let prospect = expected["prospect"].as_str().unwrap();
        let state = ProspectState::replay(histories[prospect].clone()).unwrap();
        let plan = plan(&state, &policy);
        let mut got = Map::new();
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        got.insert("prospect".into(), prospect.into());
        got.insert("stage".into(), plan.stage.as_str().into());
        got.insert("temperature".into(), plan.temperature.as_str().into());
        match &plan.decision {
            Decision::Act { next, .. } => {
                got.insert("plan".into(), "act".into());
                got.insert("purpose".into(), next.purpose.as_str().into());
                got.insert("earliest".into(), instant(next.window.earliest).into());
                got.insert("latest".into(), instant(next.window.latest).into());
                got.insert("row".into(), next.kind.row().into());
            }
            Decision::Wait { .. } => drop(got.insert("plan".into(), "wait".into())),
            _ => drop(got.insert("plan".into(), "rest".into())),
        }
        compared += 1;
        if got != expected {
            wrong.push(format!("expected {}\n     got {}", Value::from(expected), Value::from(got)));
        }
    }
    assert_eq!(compared, 2_000);
    assert!(
        wrong.is_empty(),
        "{} of {compared} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}
