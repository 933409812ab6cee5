//! Do 2,000 histories, imported with `import events`, yield the expected stored plans?

mod common;

use std::collections::BTreeMap;
use std::io::Read;

use common::Office;
use serde_json::{Map, Value};

fn unzipped(name: &str) -> String {
    let path = format!("{}/../followup-core/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the table exists");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the table is text");
    text
}

/// Returns the fields of a plan that the table has.
fn compared(line: &Value, expected: &Map<String, Value>) -> Map<String, Value> {
    expected.keys().map(|field| (field.clone(), line[field].clone())).collect()
}

#[test]
fn the_stored_plans_match_the_table() {
    let office = Office::new();
    let file = office.write("histories.jsonl", unzipped("histories.jsonl.gz"));
    let imported = office.call(&format!("import events {file}")).line();
    assert_eq!((imported["new"].as_u64(), imported["prospects"].as_u64()), (Some(13_023), Some(2_000)));
    let plans = office.call("plan --all --stored").lines();
    let plans: BTreeMap<_, _> =
        plans.iter().map(|line| (line["prospect"].as_str().expect("an id"), line)).collect();
    let mut wrong = Vec::new();
    let expected = unzipped("plans.jsonl.gz");
    for line in expected.lines() {
        let expected: Map<String, Value> = serde_json::from_str(line).expect("a line is JSON");
        let got = compared(plans[expected["prospect"].as_str().expect("an id")], &expected);
        if got != expected {
            wrong.push(format!("expected {expected:?}, got {got:?}"));
        }
    }
    assert_eq!(plans.len(), 2_000);
    assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    assert_eq!(office.call(&format!("import events {file}")).line()["new"], 0);
}
