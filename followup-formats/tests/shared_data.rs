//! The mappings applied to the complete data sets, which are beside the repository and do not ship:
//! `cargo test -p followup-formats --features shared-data`. The expected figures are those of `expected.json`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test, a panic at the failing line is the clearest report"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;

use chrono::{DateTime, Utc};
use followup_core::event::EventKind;
use followup_core::{Event, Outcome, Zone};
use followup_formats::{ContactReader, ContactSource, Mapping, ReadError, Reject, Row, read_events};
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

struct Import {
    events: Vec<(String, Event)>,
    rejects: Vec<Reject>,
    rows: u64,
    unmapped: BTreeMap<(String, String), u64>,
}

impl Import {
    fn of(mapping: &str, reader: impl Read) -> Import {
        let mapping = Mapping::shipped(mapping).unwrap();
        let mut rows = read_events(reader, Some(&mapping), Zone::utc()).unwrap();
        let (mut events, mut rejects) = (Vec::new(), Vec::new());
        for row in rows.by_ref() {
            match row.unwrap() {
                Row::Imported { prospect, event, .. } => events.push((prospect, event)),
                Row::Rejected(reject) => rejects.push(reject),
                other => panic!("{other:?}"),
            }
        }
        Import { events, rejects, rows: rows.rows(), unmapped: rows.unmapped() }
    }

    fn file(mapping: &str, path: &str) -> Import {
        Import::of(mapping, File::open(format!("{DATA}/{path}")).unwrap())
    }

    fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|(_, event)| event.name() == name).count()
    }

    fn touches(&self) -> usize {
        self.events.iter().filter(|(_, event)| event.is_touch()).count()
    }

    fn prospects(&self) -> BTreeSet<&str> {
        self.events.iter().map(|(prospect, _)| prospect.as_str()).collect()
    }

    /// Returns the events of each prospect, in order.
    fn histories(&self) -> HashMap<&str, Vec<&Event>> {
        let mut histories: HashMap<&str, Vec<&Event>> = HashMap::new();
        for (prospect, event) in &self.events {
            histories.entry(prospect).or_default().push(event);
        }
        for history in histories.values_mut() {
            history.sort_by(|a, b| (a.at(), a.seq(), &a.key()).cmp(&(b.at(), b.seq(), &b.key())));
        }
        histories
    }

    fn assert_keys_are_unique(&self) {
        let keys: BTreeSet<_> = self.events.iter().map(|(prospect, event)| (prospect, event.key())).collect();
        assert_eq!(keys.len(), self.events.len());
    }
}

fn expected() -> Value {
    serde_json::from_reader(File::open(format!("{DATA}/expected.json")).unwrap()).unwrap()
}

fn value(set: &str, id: &str) -> Value {
    let expected = expected();
    let checks = expected[set].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()["value"].clone()
}

fn unpacked(path: &str) -> String {
    let mut text = String::new();
    followup_formats::open(File::open(format!("{DATA}/{path}")).unwrap())
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn is_open(history: &[&Event], as_of: DateTime<Utc>) -> bool {
    let known: Vec<_> = history.iter().filter(|event| event.at() <= as_of).collect();
    let last = known.iter().rposition(|event| matches!(event.kind(), EventKind::Decided { .. }));
    let reopened = last.is_some_and(|last| known[last..].iter().any(|event| event.name() == "replied"));
    !known.is_empty() && (last.is_none() || reopened)
}

#[test]
fn each_row_of_the_incident_log_is_one_touch_and_every_case_is_decided() {
    let import = Import::file("uci_incident", "uci_incident/incident_events.csv.gz");
    let (cases, rows) = (
        value("uci_incident", "I01")["cases"].as_u64().unwrap(),
        value("uci_incident", "I01")["rows"].as_u64().unwrap(),
    );
    assert_eq!((cases, rows), (12_378, 70_418));
    assert_eq!(import.rows, rows);
    assert_eq!(import.touches() as u64, rows);
    assert_eq!(import.prospects().len() as u64, cases);
    assert_eq!(import.count("inquired") as u64, cases);
    assert_eq!(import.rejects, []);
    import.assert_keys_are_unique();

    let histories = import.histories();
    assert!(histories.values().all(|history| history.iter().any(|event| event.name() == "decided")));
    let reopened =
        histories.values().filter(|history| history.iter().any(|event| event.name() == "replied")).count();
    assert_eq!(reopened as u64, value("uci_incident", "I09")["reopened"].as_u64().unwrap());

    let as_of = "2016-04-15T09:00:00Z".parse().unwrap();
    let open = histories.values().filter(|history| is_open(history, as_of)).count();
    assert_eq!(open as u64, value("uci_incident", "I11")["open"].as_u64().unwrap());

    let channels: BTreeMap<String, usize> = import
        .events
        .iter()
        .filter(|(_, event)| event.name() == "inquired")
        .fold(BTreeMap::new(), |mut counts, (_, event)| {
            *counts.entry(event.channel().unwrap().to_string()).or_default() += 1;
            counts
        });
    // I02: 31 by email, 2 and 12,252 by telephone, 93 by self service.
    assert_eq!(
        channels,
        BTreeMap::from([("email".into(), 31), ("phone".into(), 12_254), ("web".into(), 93)])
    );
    let mut origins: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, event) in import.events.iter().filter(|(_, event)| event.name() == "inquired") {
        *origins.entry(event.extra().as_json()["origin"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(serde_json::to_value(origins).unwrap(), value("uci_incident", "I02"));

    // I07: the periods of waiting for the user, all of which end.
    assert_eq!((import.count("input_requested"), import.count("input_received")), (2_885, 2_885));
    assert_eq!(import.unmapped, BTreeMap::from([(("incident_state".into(), "-100".into()), 2)]));
}

#[test]
fn the_incident_log_gives_the_same_events_again_and_with_its_cases_shuffled() {
    let text = unpacked("uci_incident/incident_events.csv.gz");
    let import = Import::of("uci_incident", text.as_bytes());
    assert!(import.events == Import::file("uci_incident", "uci_incident/incident_events.csv.gz").events);

    let (header, rows) = text.split_once('\n').unwrap();
    let mut cases: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for row in rows.lines() {
        let number = row.split(',').next().unwrap();
        // A fixed order that is unrelated to the order of the numbers.
        let place = number
            .bytes()
            .fold(0, |hash: u64, byte| hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(byte));
        cases.entry(place).or_default().push(row);
    }
    assert_eq!(cases.len(), 12_378);
    // Rows of different cases are interleaved: all first rows come before all second rows, and so on.
    let longest = cases.values().map(Vec::len).max().unwrap();
    let mixed = (0..longest).flat_map(|nth| cases.values().filter_map(move |rows| rows.get(nth).copied()));
    let mixed: Vec<&str> = std::iter::once(header).chain(mixed).collect();
    let mixed = Import::of("uci_incident", mixed.join("\n").as_bytes());
    let sorted = |import: Import| {
        let mut events = import.events;
        events.sort_by(|a, b| (&a.0, &a.1.key()).cmp(&(&b.0, &b.1.key())));
        events
    };
    assert!(sorted(import) == sorted(mixed));
}

#[test]
fn each_activity_of_the_helpdesk_log_is_one_touch() {
    let import = Import::file("helpdesk", "helpdesk/helpdesk_events.csv.gz");
    assert_eq!((import.prospects().len(), import.touches(), import.rows), (1_917, 6_911, 6_911));
    // H02: activity 9 means waiting, activity 6 the decision.
    assert_eq!((import.count("input_requested"), import.count("decided")), (488, 2_088));
    assert_eq!((import.rejects.len(), import.unmapped.len()), (0, 0));
    import.assert_keys_are_unique();
    let histories = import.histories();
    // H08: the last activity of every ticket is its decision.
    assert!(histories.values().all(|history| history.last().unwrap().name() == "decided"));
    // H10: tickets that have begun and have not reached their last event.
    let as_of: DateTime<Utc> = "2011-06-01T00:00:00Z".parse().unwrap();
    let live =
        histories.values().filter(|history| history[0].at() <= as_of && history.last().unwrap().at() > as_of);
    assert_eq!(live.count() as u64, value("helpdesk", "H10")["live"].as_u64().unwrap());
}

#[test]
fn each_client_of_the_bank_is_touched_as_often_as_the_campaign_says_on_the_day_of_the_last_contact() {
    let import = Import::file("uci_bank", "uci_bank/bank_contacts.csv.gz");
    assert_eq!(import.touches() as u64, value("uci_bank", "K02")["sum"].as_u64().unwrap());
    assert_eq!((import.touches(), import.count("decided"), import.rejects.len()), (62_928, 2_732, 0));
    assert_eq!((import.rows, import.unmapped.len()), (22_671, 0));
    import.assert_keys_are_unique();

    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    let mut by_touches: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    let mut by_channel: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for history in import.histories().values() {
        let touches: Vec<&&Event> = history.iter().filter(|event| event.is_touch()).collect();
        let last = touches.last().unwrap();
        assert_eq!(last.extra().as_json()["campaign"], touches.len().to_string());
        assert!(touches[..touches.len() - 1].iter().all(|earlier| earlier.extra().as_json().is_empty()));
        assert!(history.iter().all(|event| event.at() == last.at()));
        assert!(touches.iter().all(|touch| touch.channel() == last.channel()));
        let won = history.last().unwrap().name() == "decided";
        assert_eq!(history.len(), touches.len() + usize::from(won));

        *months.entry(last.at().format("%Y-%m").to_string()).or_default() += 1;
        let class = match touches.len() {
            6..=10 => "6-10",
            11.. => "11+",
            few => ["0", "1", "2", "3", "4", "5"][few],
        };
        for counts in [
            by_touches.entry(class).or_default(),
            by_channel.entry(last.channel().unwrap().to_string()).or_default(),
        ] {
            counts[0] += 1;
            counts[1] += u64::from(won);
        }
    }
    assert_eq!(serde_json::to_value(months).unwrap(), value("uci_bank", "K07"));
    let counts = |expected: &Value| [&expected["n"], &expected["yes"]].map(|count| count.as_u64().unwrap());
    let k03 = value("uci_bank", "K03");
    assert!(by_touches.iter().all(|(class, found)| counts(&k03[*class]) == *found), "{by_touches:?}");
    let k04 = value("uci_bank", "K04");
    for (channel, contact) in [("cellular", "cellular"), ("telephone", "telephone"), ("phone", "unknown")] {
        assert_eq!(by_channel[channel], counts(&k04[contact]), "{channel}");
    }
}

#[test]
fn the_two_files_of_the_funnel_go_together() {
    let leads = Import::file("olist_mql", "olist_funnel/mql.csv.gz");
    let deals = Import::file("olist_closed", "olist_funnel/closed.csv.gz");
    assert_eq!((leads.count("inquired"), deals.count("decided")), (3_988, 426));
    assert_eq!((leads.rejects.len(), deals.rejects.len(), leads.unmapped.len()), (0, 0, 0));
    assert!(deals.prospects().is_subset(&leads.prospects()));
    let mut origins: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, event) in &leads.events {
        *origins
            .entry(event.extra().as_json().get("origin").map_or("(empty)", |origin| origin.as_str().unwrap()))
            .or_default() += 1;
    }
    for (origin, expected) in value("olist_funnel", "O02").as_object().unwrap() {
        assert_eq!(origins[origin.as_str()] as u64, expected["n"].as_u64().unwrap(), "{origin}");
    }
    // O03 to O05: no deal is won before its first contact.
    let first: HashMap<&str, DateTime<Utc>> =
        leads.events.iter().map(|(lead, event)| (lead.as_str(), event.at())).collect();
    let mut days: Vec<i64> = deals
        .events
        .iter()
        .map(|(lead, event)| (event.at().date_naive() - first[lead.as_str()].date_naive()).num_days())
        .collect();
    days.sort_unstable();
    assert_eq!((days[0], days[425], days.iter().filter(|days| **days <= 30).count()), (0, 427, 279));
}

#[test]
fn opportunities_of_the_crm_are_rejected_only_if_they_have_no_date() {
    let import = Import::file("maven_crm", "maven_crm/sales_pipeline.csv.gz");
    assert_eq!((import.rows, import.prospects().len(), import.rejects.len()), (4_358, 4_358 - 259, 259));
    assert!(import.rejects.iter().all(|reject| reject.column.as_deref() == Some("engage_date")));
    import.assert_keys_are_unique();
    let decided = |outcome| {
        let events = import.events.iter().filter(
            |(_, event)| matches!(&event.kind(), EventKind::Decided { outcome: o, .. } if *o == outcome),
        );
        events.count()
    };
    assert_eq!((decided(Outcome::Won), decided(Outcome::Lost)), (2_134, 1_212));
    let worth: i64 = import
        .events
        .iter()
        .filter_map(|(_, event)| match &event.kind() {
            EventKind::Valued { value } => Some(value.minor()),
            _ => None,
        })
        .sum();
    assert_eq!(worth, 100 * value("maven_crm", "M05").as_i64().unwrap());
    let nameless = import
        .events
        .iter()
        .filter(|(_, event)| matches!(&event.kind(), EventKind::Added { name: None, .. }));
    assert!(nameless.count() <= 713);
}

#[test]
fn every_header_of_a_contact_list_is_known_and_a_list_of_deals_is_told_apart() {
    let headers: Value =
        serde_json::from_reader(File::open(format!("{DATA}/contacts/csv_headers.json")).unwrap()).unwrap();
    for (name, source) in [
        ("google_contacts_2024", ContactSource::Google),
        ("google_contacts_old", ContactSource::Google),
        ("outlook", ContactSource::Outlook),
        ("linkedin_connections", ContactSource::LinkedIn),
        ("hubspot_contacts_typical", ContactSource::HubSpot),
        ("salesforce_leads_typical", ContactSource::Salesforce),
    ] {
        let header = headers[name].as_str().unwrap();
        assert_eq!(ContactReader::new(header.as_bytes()).unwrap().source(), source, "{name}");
    }
    let deals = headers["hubspot_deals_typical"].as_str().unwrap();
    let error = ContactReader::new(deals.as_bytes()).err().unwrap().to_string();
    assert!(error.contains("hubspot_deals"), "{error}");
    let mapping = Mapping::shipped("hubspot_deals").unwrap();
    let error = read_events(deals.as_bytes(), Some(&mapping), Zone::utc()).err().unwrap();
    assert!(matches!(&error, ReadError::Header { why, .. } if why.contains("\"Create Date\"")), "{error}");
}

#[test]
fn a_vcard_file_is_named_in_the_error() {
    for entry in std::fs::read_dir(format!("{DATA}/contacts/files")).unwrap() {
        let path = entry.unwrap().path();
        let file = followup_formats::open(File::open(&path).unwrap()).unwrap();
        let error = ContactReader::new(file).err().unwrap().to_string();
        assert!(error.contains("vCard"), "{}: {error}", path.display());
    }
}
