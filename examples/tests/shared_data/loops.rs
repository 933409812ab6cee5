//! Does `report response` agree with simple loops over the rows, written from its definition?

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::Value;

use crate::common::{Office, shared};
use crate::rows;

/// The events of one case, in order, with the precision of the log (minutes or seconds).
struct Case {
    /// Each event with its instant and its kind.
    events: Vec<(NaiveDateTime, Sort)>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Sort {
    Anchor,
    Touch,
    Sign,
    Decision,
}

/// The counts of the report, computed by a loop.
#[derive(Default, Debug)]
struct Counted {
    anchored: u64,
    followed_up: u64,
    follow_ups: BTreeMap<&'static str, u64>,
    first: Vec<f64>,
    between: Vec<f64>,
    answer: Vec<f64>,
    before_answer: Vec<f64>,
    after_decision: (u64, u64),
    made: u64,
    hours_late: Vec<f64>,
    unserved: u64,
    open: u64,
    open_overdue: u64,
    open_never: u64,
}

fn hours(from: NaiveDateTime, to: NaiveDateTime) -> f64 {
    (to - from).num_seconds() as f64 / 3600.0
}

fn class(count: usize) -> &'static str {
    match count {
        6..=10 => "6-10",
        11.. => "11+",
        few => ["0", "1", "2", "3", "4", "5"][few],
    }
}

fn count(cases: &[Case], gap: f64, now: NaiveDateTime) -> Counted {
    let mut counted = Counted::default();
    for case in cases {
        let events: Vec<_> = case.events.iter().filter(|(at, _)| *at <= now).collect();
        let Some(anchor) = events.iter().position(|(_, sort)| *sort == Sort::Anchor) else { continue };
        let (anchored_at, after) = (events[anchor].0, &events[anchor + 1..]);
        let touches: Vec<_> =
            after.iter().filter(|(_, sort)| *sort == Sort::Touch).map(|(at, _)| *at).collect();
        counted.anchored += 1;
        counted.followed_up += u64::from(!touches.is_empty());
        *counted.follow_ups.entry(class(touches.len())).or_default() += 1;
        counted.first.extend(touches.first().map(|first| hours(anchored_at, *first) / 24.0));
        counted.between.extend(touches.windows(2).map(|pair| hours(pair[0], pair[1]) / 24.0));
        let is_sign = |sort: &Sort| matches!(sort, Sort::Sign | Sort::Decision);
        let sign = after.iter().position(|(_, sort)| is_sign(sort));
        if let Some(sign) = sign {
            counted.answer.push(hours(anchored_at, after[sign].0) / 24.0);
            counted
                .before_answer
                .push(after[..sign].iter().filter(|(_, sort)| *sort == Sort::Touch).count() as f64);
        }
        if let Some(decision) = events.iter().position(|(_, sort)| *sort == Sort::Decision) {
            let late = events[decision + 1..].iter().filter(|(_, sort)| *sort == Sort::Touch).count() as u64;
            counted.after_decision.0 += u64::from(late > 0);
            counted.after_decision.1 += late;
        }
        // No case of these logs is decided before its anchor, so the first sign is the stop.
        let (stop, within) = match sign {
            Some(sign) => (after[sign].0, &after[..sign]),
            None => (events.last().expect("the anchor is one").0, after),
        };
        let mut contact = anchored_at;
        for (touch, _) in within.iter().filter(|(_, sort)| *sort == Sort::Touch) {
            counted.made += 1;
            let late = hours(contact, *touch) - gap;
            if late > 0.0 {
                counted.hours_late.push(late);
            }
            contact = *touch;
        }
        counted.unserved += u64::from(hours(contact, stop) > gap);
        if sign.is_none() {
            counted.open += 1;
            counted.open_never += u64::from(touches.is_empty());
            counted.open_overdue += u64::from(hours(*touches.last().unwrap_or(&anchored_at), now) > gap);
        }
    }
    counted
}

fn assert_quantiles(what: &str, report: &Value, values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    assert_eq!(report["n"], values.len(), "{what}");
    let quantile = |q: f64| {
        let h = (values.len() - 1) as f64 * q;
        let (low, high) = (values[h.floor() as usize], values[h.ceil() as usize]);
        low + (high - low) * h.fract()
    };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    for (name, wanted) in [
        ("median", quantile(0.5)),
        ("p90", quantile(0.9)),
        ("mean", mean),
        ("min", quantile(0.0)),
        ("max", quantile(1.0)),
    ] {
        let got = report[name].as_f64().expect("a number");
        assert!((got - wanted).abs() < 1e-5, "{what}.{name}: {got}, {wanted}");
    }
}

fn assert_report(report: &Value, mut counted: Counted) {
    println!(
        "{} anchored, {} made, {} late, {} unserved, {} open",
        counted.anchored,
        counted.made,
        counted.hours_late.len(),
        counted.unserved,
        counted.open
    );
    assert_eq!(report["anchored"], counted.anchored);
    assert_eq!(report["followed_up"], counted.followed_up);
    assert_eq!(report["never_followed_up"], counted.anchored - counted.followed_up);
    for class in ["0", "1", "2", "3", "4", "5", "6-10", "11+"] {
        assert_eq!(
            report["follow_ups"][class],
            counted.follow_ups.get(class).copied().unwrap_or(0),
            "{class}"
        );
    }
    assert_eq!(report["answered"], counted.answer.len());
    assert_eq!(report["touches_after_decision"]["prospects"], counted.after_decision.0);
    assert_eq!(report["touches_after_decision"]["touches"], counted.after_decision.1);
    let late = &report["late"];
    assert_eq!((&late["made"], &late["late"]), (&counted.made.into(), &counted.hours_late.len().into()));
    assert_eq!(late["unserved"], counted.unserved);
    assert_eq!(report["open"], counted.open);
    assert_eq!(report["open_overdue"], counted.open_overdue);
    assert_eq!(report["open_never_followed_up"], counted.open_never);
    assert_quantiles("first_follow_up", &report["first_follow_up"], &mut counted.first);
    assert_quantiles("between_follow_ups", &report["between_follow_ups"], &mut counted.between);
    assert_quantiles("answer", &report["answer"], &mut counted.answer);
    assert_quantiles("touches_before_answer", &report["touches_before_answer"], &mut counted.before_answer);
    assert_quantiles("hours_late", &late["hours_late"], &mut counted.hours_late);
}

fn instant(text: &str, format: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, format).expect("an instant of the log")
}

/// Returns the rows of each case, in the order of the file.
fn cases(file: &str, case: &str) -> Vec<Vec<BTreeMap<String, String>>> {
    let mut cases: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in rows(file) {
        cases.entry(row[case].clone()).or_default().push(row);
    }
    cases.into_values().collect()
}

/// Converts rows to events: the opening is the anchor and every row a touch; leaving `Awaiting User Info` or a
/// resolution is a sign; the first row of a resolution is the decision.
fn incidents() -> Vec<Case> {
    let over = |state: &str| ["Resolved", "Closed"].contains(&state);
    let of_case = |rows: Vec<BTreeMap<String, String>>| {
        let mut events = vec![(instant(&rows[0]["opened_at"], "%d/%m/%Y %H:%M"), -1, Sort::Anchor)];
        let mut before = "";
        for (nth, row) in rows.iter().enumerate() {
            let (at, state) =
                (instant(&row["sys_updated_at"], "%d/%m/%Y %H:%M"), row["incident_state"].as_str());
            let nth = nth as i64 * 10;
            if nth > 0 && state != before {
                if over(before) && !over(state) {
                    events.push((at, nth, Sort::Sign));
                }
                if before == "Awaiting User Info" {
                    events.push((at, nth + 1, Sort::Sign));
                }
            }
            events.push((at, nth + 2, Sort::Touch));
            if over(state) && !over(before) {
                events.push((at, nth + 3, Sort::Decision));
            }
            before = state;
        }
        events.sort_by_key(|(at, nth, _)| (*at, *nth));
        Case { events: events.into_iter().map(|(at, _, sort)| (at, sort)).collect() }
    };
    cases("uci_incident/incident_events.csv.gz", "number").into_iter().map(of_case).collect()
}

fn tickets() -> Vec<Case> {
    let of_case = |rows: Vec<BTreeMap<String, String>>| {
        let at = |row: &BTreeMap<String, String>| instant(&row["CompleteTimestamp"], "%Y-%m-%d %H:%M:%S");
        let mut events = vec![(at(&rows[0]), -1, Sort::Anchor)];
        let mut before = "";
        for (nth, row) in rows.iter().enumerate() {
            let (activity, place) = (row["ActivityID"].as_str(), nth as i64 * 10);
            for gone in ["6", "9"].into_iter().filter(|gone| before == *gone && activity != *gone) {
                events.push((at(row), place + i64::from(gone == "9"), Sort::Sign));
            }
            events.push((at(row), place + 2, Sort::Touch));
            if activity == "6" {
                events.push((at(row), place + 3, Sort::Decision));
            }
            before = activity;
        }
        events.sort_by_key(|(at, nth, _)| (*at, *nth));
        Case { events: events.into_iter().map(|(at, _, sort)| (at, sort)).collect() }
    };
    cases("helpdesk/helpdesk_events.csv.gz", "CaseID").into_iter().map(of_case).collect()
}

#[test]
fn responses_to_incidents_and_tickets_match_plain_loops() {
    for (log, map, cases, nows) in [
        (
            "uci_incident/incident_events.csv.gz",
            "uci_incident",
            incidents(),
            ["2016-04-15T09:00:00", "2017-06-01T00:00:00"],
        ),
        (
            "helpdesk/helpdesk_events.csv.gz",
            "helpdesk",
            tickets(),
            ["2011-06-01T00:00:00", "2013-01-01T00:00:00"],
        ),
    ] {
        let office = Office::new();
        office.call(&format!("import events {} --map {map}", shared(log))).line();
        for now in nows {
            for (gap, hours) in [("P2D", 48.0), ("PT12H", 12.0)] {
                let command = format!("--now {now}Z report response --anchor inquired --max-gap {gap}");
                let report = office.call(&command).line();
                println!("{map}, {now}, {gap}");
                assert_report(&report, count(&cases, hours, instant(now, "%Y-%m-%dT%H:%M:%S")));
            }
        }
    }
}
