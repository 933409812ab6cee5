//! Do the reports on real histories agree with simple loops over the rows?

#[path = "../common/mod.rs"]
mod common;
mod expected;
mod loops;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use common::{Office, shared};
use followup::plan::Decision;
use followup::sqlite::SqliteStore;
use followup::{BookId, Desk, Playbook, Policy, ProspectId, ProspectState, block_on, plan};
use serde_json::Value;

type Rows = Vec<BTreeMap<String, String>>;

fn rows(name: &str) -> Rows {
    let file = File::open(shared(name)).expect("the shared data is beside the clone");
    let mut reader = csv::Reader::from_reader(flate2::read::MultiGzDecoder::new(file));
    reader.deserialize().map(|row| row.expect("a row of the log")).collect()
}

fn expected(set: &str, check: &str) -> Value {
    let file = File::open(shared("expected.json")).expect("the expected values are beside the clone");
    let all: Value = serde_json::from_reader(file).expect("JSON");
    let checks = all[set].as_array().expect("a list of checks");
    checks.iter().find(|entry| entry["id"] == check).expect("the check exists")["value"].clone()
}

fn minute(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").expect("a minute of the log")
}

/// The incident log, imported twice and evaluated as of an April morning.
#[test]
fn the_incident_log_shows_who_was_about_to_be_forgotten() {
    let office = Office::new();
    let log = shared("uci_incident/incident_events.csv.gz");
    let first = office.call(&format!("import events {log} --map uci_incident")).line();
    println!("first import: {first}");
    let i01 = expected("uci_incident", "I01");
    assert_eq!(
        (&first["prospects"], &first["read"], &first["rejected"]),
        (&i01["cases"], &i01["rows"], &0.into())
    );
    let second = office.call(&format!("import events {log} --map uci_incident")).line();
    println!("second import: {second}");
    assert_eq!(second["new"], 0);
    assert_eq!(second["repeated"], first["new"]);

    // As of that morning, by a simple loop over the rows: opened, and last known state neither resolved nor closed.
    let as_of =
        NaiveDate::from_ymd_opt(2016, 4, 15).and_then(|day| day.and_hms_opt(9, 0, 0)).expect("a morning");
    let rows = rows("uci_incident/incident_events.csv.gz");
    let mut last_state: BTreeMap<&str, &str> = BTreeMap::new();
    let mut decided: BTreeSet<&str> = BTreeSet::new();
    let mut resolved_at: BTreeMap<&str, &str> = BTreeMap::new();
    for row in &rows {
        let number = row["number"].as_str();
        let over = ["Resolved", "Closed"].contains(&row["incident_state"].as_str());
        if minute(&row["opened_at"]) <= as_of {
            last_state.entry(number).or_insert("New");
        }
        if minute(&row["sys_updated_at"]) <= as_of {
            last_state.insert(number, &row["incident_state"]);
        }
        if over {
            decided.insert(number);
        }
        resolved_at.insert(number, &row["resolved_at"]);
    }
    let open: BTreeSet<&str> = last_state
        .into_iter()
        .filter(|(_, state)| !["Resolved", "Closed"].contains(state))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(expected("uci_incident", "I11")["open"], open.len());

    let report = office.call("--now 2016-04-15T09:00:00 report gap").line();
    println!("as of 2016-04-15T09:00: {report}");
    assert_eq!(report["open"], open.len());
    assert_eq!(report["open_without_next_action"], 0);

    let plans = office.call("--now 2016-04-15T09:00:00 plan --all").lines();
    let pursued: BTreeSet<&str> = plans
        .iter()
        .filter(|line| line["plan"] != "rest")
        .map(|line| line["prospect"].as_str().expect("an id"))
        .collect();
    assert_eq!(pursued, open, "exactly the open cases have a next action or a wake-up");
    for line in plans.iter().filter(|line| line["plan"] != "rest") {
        let acts = line["plan"] == "act" && line["earliest"].is_string() && line["latest"].is_string();
        let waits = line["plan"] == "wait" && line["wake_at"].is_string();
        assert!(acts != waits, "{line}");
    }

    // The decided cases of the whole log; I04 counts those whose resolution has a date.
    let report = office.call("report gap").line();
    println!("as of now: {report}");
    assert_eq!(report["won"], decided.len());
    let dated = decided.iter().filter(|number| resolved_at[*number] != "?").count();
    assert_eq!(expected("uci_incident", "I04")["n"], dated);
    let touches = &report["touches"];
    let i12 = expected("uci_incident", "I12");
    for field in ["n", "median", "p90", "mean", "min", "max"] {
        let (got, wanted) =
            (touches[field].as_f64().expect("a number"), i12[field].as_f64().expect("a number"));
        assert!((got - wanted).abs() < 1e-5, "{field}: {got}, {wanted}");
    }
}

/// The other logs: every row is read, and the counts of the gap report agree.
#[test]
fn the_other_logs_are_read_completely() {
    let count = |report: &Value, field: &str| report[field].as_u64().unwrap_or(u64::MAX);

    let office = Office::new();
    let imported =
        office.call(&format!("import events {} --map helpdesk", shared("helpdesk/helpdesk_events.csv.gz")));
    let h01 = expected("helpdesk", "H01");
    assert_eq!((&imported.line()["prospects"], &imported.line()["read"]), (&h01["cases"], &h01["events"]));

    let office = Office::new();
    let imported =
        office.call(&format!("import events {} --map uci_bank", shared("uci_bank/bank_contacts.csv.gz")));
    let k01 = expected("uci_bank", "K01");
    assert_eq!(imported.line()["prospects"], k01["rows"], "{}", imported.err);
    let report = office.call("--now 2011-01-01T00:00:00Z report gap").line();
    assert_eq!(report["won"], k01["yes"]);

    let office = Office::new();
    for (file, map) in [("mql", "olist_mql"), ("closed", "olist_closed")] {
        let imported = office
            .call(&format!("import events {} --map {map}", shared(&format!("olist_funnel/{file}.csv.gz"))));
        assert_eq!(imported.code, 0, "{}", imported.err);
    }
    let report = office.call("--now 2019-01-01T00:00:00Z report gap").line();
    let o01 = expected("olist_funnel", "O01");
    assert_eq!((&report["prospects"], &report["won"]), (&o01["leads"], &o01["won"]));

    let office = Office::new();
    let imported =
        office.call(&format!("import events {} --map maven_crm", shared("maven_crm/sales_pipeline.csv.gz")));
    let m01 = expected("maven_crm", "M01");
    let report = office.call("--now 2018-06-01T00:00:00Z report gap").line();
    println!("maven: {} {report}", imported.out);
    assert_eq!((&report["won"], &report["lost"]), (&m01["Won"], &m01["Lost"]));
    assert_eq!(
        count(&report, "prospects"),
        m01["Engaging"].as_u64().unwrap_or(0)
            + m01["Won"].as_u64().unwrap_or(0)
            + m01["Lost"].as_u64().unwrap_or(0)
    );
}

/// The incident log, as of the April morning, with a hot prospect touched every five days instead of seven: the diff of
/// the command agrees with every journal folded and planned separately under both playbooks.
#[test]
fn the_diff_of_a_shorter_cadence_matches_every_journal() {
    let office = Office::new();
    let log = shared("uci_incident/incident_events.csv.gz");
    office.call(&format!("import events {log} --map uci_incident")).line();
    let faster = "version = 2\n[cadence.hot]\nfrom = \"P5D\"\nto = \"P5D\"\n";
    let file = office.write("faster.toml", faster);
    let diff = office.call(&format!("--now 2016-04-15T09:00:00Z playbook diff {file} --limit 30000")).line();

    let now: DateTime<Utc> = "2016-04-15T09:00:00Z".parse().expect("an instant");
    let new = Policy::from(Playbook::parse(faster).expect("a playbook"));
    let old = Policy::default();
    let store = SqliteStore::open(office.path("followup.db")).expect("the database exists");
    let desk = Desk::new(store.book(BookId::default()), old.clone());
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut load: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    let (mut least, mut most) = (f64::MAX, f64::MIN);
    for line in office.call("plan --all --stored").lines() {
        let id = ProspectId::new(line["prospect"].as_str().expect("an id")).expect("an id");
        let journal = block_on(desk.history(&id)).expect("it has one").into_iter().map(|entry| entry.event);
        let known: Vec<_> = journal.filter(|event| event.at() <= now).collect();
        if known.is_empty() {
            continue;
        }
        let mut state = ProspectState::replay(known).expect("keys are unique");
        state.wake(&old, now);
        let mut moved = state.clone();
        moved.wake(&new, now);
        let plans = [plan(&state, &old), plan(&moved, &new)];
        for (side, plan) in plans.iter().enumerate() {
            if let Some(next) = plan.next() {
                let on = next.window.target.max(now).format("%F").to_string();
                load.entry(on).or_default()[side] += 1;
            }
        }
        let mut count = |what, holds| *counts.entry(what).or_default() += u64::from(holds);
        let [before, after] = &plans;
        let same = before.decision == after.decision;
        count("prospects", true);
        count("same", same);
        count("changed", !same);
        count("starts", before.next().is_none() && after.next().is_some());
        count(
            "stops",
            matches!(after.decision, Decision::Rest { .. })
                && !matches!(before.decision, Decision::Rest { .. }),
        );
        let both = before.next().zip(after.next());
        let shift = both.map_or(0.0, |(before, after)| {
            (after.window.latest - before.window.latest).num_seconds() as f64 / 86_400.0
        });
        count("earlier", shift < 0.0);
        count("later", shift > 0.0);
        count("purpose", both.is_some_and(|(before, after)| before.purpose != after.purpose));
        count("channel", both.is_some_and(|(before, after)| before.channel != after.channel));
        if shift != 0.0 {
            (least, most) = (least.min(shift), most.max(shift));
        }
        if !same {
            changed.insert(id.to_string());
        }
    }
    println!("as of 2016-04-15T09:00, hot every 5 days instead of 7: {counts:?}, by {least} to {most} days");
    for (what, count) in &counts {
        assert_eq!(diff[what], *count, "{what}");
    }
    assert!(counts["changed"] > 0 && counts["same"] > 0, "{counts:?}");
    let listed = diff["changes"].as_array().expect("a list").iter();
    let listed: BTreeSet<_> =
        listed.map(|change| change["prospect"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(listed, changed);
    let days = diff["load"].as_array().expect("a list").iter();
    let days: BTreeMap<_, _> = days
        .map(|day| {
            let on = day["on"].as_str().expect("a day").to_owned();
            (on, ["before", "after"].map(|side| day[side].as_u64().expect("a number")))
        })
        .collect();
    assert_eq!(days, load);
    let shift = &diff["shift_days"];
    assert_eq!(shift["n"], counts["earlier"] + counts["later"]);
    assert_eq!((shift["min"].as_f64(), shift["max"].as_f64()), (Some(least), Some(most)));
}
