//! Does the command reproduce the worked examples of PLANNING.md, to the second?

mod common;

use common::Office;
use serde_json::Value;

fn plan(office: &Office, now: &str) -> Value {
    office.call(&format!("--now {now} plan p")).line()
}

#[track_caller]
fn assert_window(plan: &Value, purpose: &str, earliest: &str, latest: &str) {
    assert_eq!(plan["plan"], "act");
    let found =
        [&plan["purpose"], &plan["earliest"], &plan["latest"]].map(|part| part.as_str().unwrap_or("none"));
    assert_eq!(found, [purpose, earliest, latest]);
}

const ADD: &str = "--zone Europe/Berlin --id p";

#[test]
fn an_inquiry_on_friday_is_answered_until_monday_evening() {
    for happened in ["", "--happened"] {
        let office = Office::new();
        office.call(&format!("--now 2026-03-06T15:00:00+01:00 add Ada {ADD}")).line();
        office.call(&format!("record p inquired --at 2026-03-06T15:00:00+01:00 {happened}")).line();
        let plan = plan(&office, "2026-03-06T15:00:00+01:00");
        assert_window(&plan, "discover", "2026-03-06T14:00:00Z", "2026-03-09T16:00:00Z");
    }
}

#[test]
fn a_hot_prospect_is_informed_a_week_later_across_the_clock_change() {
    let office = Office::new();
    office.call(&format!("--now 2026-03-02T10:00:00+01:00 add Ada {ADD}")).line();
    for event in [
        "inquired --at 2026-03-02T10:00:00+01:00",
        "touched channel=phone --at 2026-03-02T11:00:00+01:00",
        "replied --at 2026-03-23T10:00:00+01:00",
        "touched channel=email --at 2026-03-23T11:00:00+01:00",
    ] {
        office.call(&format!("record p {event}")).line();
    }
    let plan = plan(&office, "2026-03-24T10:00:00Z");
    assert_eq!(plan["temperature"], "hot");
    assert_window(&plan, "inform", "2026-03-30T07:00:00Z", "2026-03-30T15:00:00Z");
}

#[test]
fn a_cool_prospect_is_informed_two_to_three_months_later_at_the_ends_of_months() {
    let office = Office::new();
    office.call(&format!("--now 2025-11-03T10:00:00+01:00 add Ada {ADD}")).line();
    for event in [
        "inquired --at 2025-11-03T10:00:00+01:00",
        "temperature_set temperature=cool --at 2025-11-03T11:00:00+01:00",
        "touched channel=phone --at 2025-11-30T12:00:00+01:00",
    ] {
        office.call(&format!("record p {event}")).line();
    }
    let plan = plan(&office, "2025-12-01T10:00:00Z");
    assert_window(&plan, "inform", "2026-01-30T08:00:00Z", "2026-02-27T16:00:00Z");
}

#[test]
fn an_inquiry_before_easter_is_answered_after_the_holidays() {
    let office = Office::new();
    let playbook = office.write("easter.toml", "holidays = [\"2026-04-03\", 2026-04-06]\n");
    let rules = format!("--playbook-file {playbook}");
    office.call(&format!("{rules} --now 2026-04-02T16:30:00+02:00 add Ada {ADD}")).line();
    office.call(&format!("{rules} record p inquired --at 2026-04-02T16:30:00+02:00")).line();
    let plan = office.call(&format!("{rules} --now 2026-04-02T18:00:00Z plan p")).line();
    assert_window(&plan, "discover", "2026-04-02T14:30:00Z", "2026-04-07T15:00:00Z");
}

#[test]
fn an_opted_out_prospect_is_not_touched() {
    let office = Office::new();
    office.call(&format!("--now 2026-03-02T10:00:00+01:00 add Ada {ADD}")).line();
    office.call("record p opted_out --at 2026-03-03T10:00:00+01:00").line();
    let refused = office.call("record p touched channel=phone --at 2026-03-04T10:00:00+01:00");
    refused.fails(1, "S6");
    assert!(refused.err.contains("--happened"));
    let plan = plan(&office, "2026-03-05T10:00:00Z");
    assert_eq!((plan["plan"].as_str(), plan["because_of"].as_str()), (Some("rest"), Some("opted_out")));
    let taken =
        office.call("record p touched channel=phone --at 2026-03-04T10:00:00+01:00 --happened").line();
    assert_eq!(taken["findings"][0]["rule"], "S6");
}
