//! Tests of mappings on small logs.

use followup_core::event::EventKind;
use followup_core::{Channel, Event, Zone};

use super::*;
use crate::error::ReadError;
use crate::row::{Reject, Row};

fn mapping(toml: &str) -> Mapping {
    match Mapping::parse(toml) {
        Ok(mapping) => mapping,
        Err(error) => panic!("{error}"),
    }
}

fn rows(mapping: &Mapping, file: &str) -> Vec<Row> {
    mapping.reader(file.as_bytes(), Zone::utc()).unwrap().map(Result::unwrap).collect()
}

fn events(mapping: &Mapping, file: &str) -> Vec<Event> {
    let events = rows(mapping, file).into_iter().map(|row| match row {
        Row::Imported { event, .. } => event,
        Row::Rejected(reject) => panic!("{reject}"),
    });
    events.collect()
}

/// Returns line and key of each event, and line, column and reason of each reject.
fn outline(rows: &[Row]) -> Vec<String> {
    let outline = rows.iter().map(|row| match row {
        Row::Imported { line, event, .. } => format!("{line} {}", event.key()),
        Row::Rejected(reject) => format!("{reject}"),
    });
    outline.collect()
}

const STATES: &str = r#"
    prospect = "id"
    state = "state"
    time = "at"
    key = "{nth}"
    [[event]]
    event = "inquired"
    when = { first = true }
    [[event]]
    event = "replied"
    when = { out_of = ["won", "lost"] }
    [[event]]
    event = "decided"
    when = { into = ["won", "lost"] }
    fields.outcome = { column = "state" }
    [[event]]
    event = "noted"
    once = true
    when.columns.state = "won"
    fields.text = "cheers"
"#;

#[test]
fn a_state_is_entered_and_left_once_however_long_it_lasts() {
    let log = "id,state,at\n\
        a,new,2026-03-02\na,won,2026-03-03\na,lost,2026-03-04\na,,2026-03-05\na,open,2026-03-06\na,won,2026-03-07\n\
        b,won,2026-03-02\nb,open,2026-03-03\n";
    let expected = [
        "2 1/1-inquired",
        "3 2/3-decided",
        "3 2/4-noted",
        "6 5/2-replied",
        "7 6/3-decided",
        "8 1/1-inquired",
        "8 1/3-decided",
        "8 1/4-noted",
        "9 2/2-replied",
    ];
    let mapping = mapping(STATES);
    assert_eq!(outline(&rows(&mapping, log)), expected);
    let mut reader = mapping.reader(log.as_bytes(), Zone::utc()).unwrap();
    assert_eq!(reader.by_ref().count(), 9);
    let unmapped: Vec<_> =
        reader.unmapped().into_iter().map(|((column, value), count)| (column, value, count)).collect();
    assert_eq!(unmapped, [("state".into(), "new".into(), 1), ("state".into(), "open".into(), 2)]);
    assert_eq!(reader.rows(), 8);
}

#[test]
fn events_of_one_instant_sort_in_the_order_of_rows_and_rules() {
    let log = "id,state,at\na,won,2026-03-02\na,open,2026-03-02\na,lost,2026-03-02\n";
    let in_order = events(&mapping(STATES), log);
    let mut sorted = in_order.clone();
    sorted.sort_by(|a, b| (a.at(), a.seq(), a.key()).cmp(&(b.at(), b.seq(), b.key())));
    assert_eq!(in_order, sorted);
    let names: Vec<&str> = sorted.iter().map(Event::name).collect();
    assert_eq!(names, ["inquired", "decided", "noted", "replied", "decided"]);
}

#[test]
fn rows_of_other_cases_change_neither_keys_nor_events() {
    let alone = "id,state,at\na,new,2026-03-02\na,won,2026-03-03\n";
    let among_others =
        "id,state,at\nb,won,2026-03-01\na,new,2026-03-02\nb,new,2026-03-02\na,won,2026-03-03\n";
    let of_a = |file: &str| -> Vec<Event> {
        let rows = rows(&mapping(STATES), file).into_iter().filter_map(|row| match row {
            Row::Imported { prospect, event, .. } => (prospect == "a").then_some(event),
            Row::Rejected(reject) => panic!("{reject}"),
        });
        rows.collect()
    };
    assert_eq!(of_a(alone), of_a(among_others));
}

#[test]
fn a_repaired_row_adds_what_was_missing_and_changes_nothing_else() {
    let log = |broken: &str| {
        format!("id,state,at\na,new,2026-03-02\n{broken}\na,won,2026-03-04\na,open,2026-03-05\n")
    };
    let mapping = mapping(STATES);
    let right = events(&mapping, &log("a,won,2026-03-03"));
    for broken in ["a,won,someday", "a,won,"] {
        let rows = rows(&mapping, &log(broken));
        assert!(rows.iter().any(|row| matches!(row, Row::Rejected(Reject { line: 3, .. }))), "{broken}");
        let left: Vec<&Event> = rows
            .iter()
            .filter_map(|row| match row {
                Row::Imported { event, .. } => Some(event),
                Row::Rejected(_) => None,
            })
            .collect();
        assert!(left.iter().all(|event| right.contains(event)), "{broken}");
    }
    // A row with too few cells only counts as a row of its case.
    let keys = outline(&rows(&mapping, &log("a,won")));
    assert_eq!(keys[1], "line 3: the row has 2 cells, but the header has 3");
    assert_eq!(keys[2], "4 3/3-decided");
}

#[test]
fn an_invalid_row_gives_one_reject_that_names_the_column() {
    let mapping = mapping(
        r#"
        prospect = "id"
        time = { column = "at", formats = "%d/%m/%Y" }
        nothing = ["?"]
        [[event]]
        event = "touched"
        fields.channel = { column = "via", values = { Tel = "phone" } }
        [[event]]
        event = "valued"
        when.columns.worth.present = true
        fields.amount = { column = "worth", decimal = "," }
        fields.currency = "EUR"
        "#,
    );
    let log = "id;at;via;worth\n".replace(';', ",")
        + "a,1/3/2026,Tel,?\n?,1/3/2026,Tel,\na,,Tel,\na,2026-03-01,Tel,\na,1/3/2026,Fax,\na,1/3/2026,,\n\
           a,1/3/2026,Tel,dear\na,1/3/2026,Tel,\"1.200,50\"\n"
        + &format!("{},1/3/2026,Tel,\n", "x".repeat(65));
    let expected = [
        "2 a/1/1-touched",
        "line 3, id: the cell is empty; expected the id of the prospect",
        "line 4, at: the cell is empty; expected the time of the event",
        "line 5, at: invalid time \"2026-03-01\"; expected the format \"%d/%m/%Y\"",
        "line 6, via: event \"touched\": missing field \"channel\"; the mapping does not list this \
         value: add it to \"values\", or set \"otherwise\"",
        "line 7, via: event \"touched\": missing field \"channel\"",
        "line 8, worth: field \"amount\" of the event \"valued\": invalid number \"dear\"; \
         expected \",\" as decimal separator",
        "9 a/7/1-touched",
        "9 a/7/2-valued",
    ];
    let found = outline(&rows(&mapping, &log));
    assert_eq!(found[..9], expected);
    assert!(found[9].starts_with("line 10, id: ") && found[9].contains("64 bytes"), "{}", found[9]);
    let mut reader = mapping.reader(log.as_bytes(), Zone::utc()).unwrap();
    assert_eq!(reader.by_ref().count(), 10);
    assert_eq!(reader.unmapped(), [(("via".to_owned(), "Fax".to_owned()), 1)].into());
}

#[test]
fn fields_come_from_constants_columns_templates_and_tables_of_values() {
    let mapping = mapping(
        r#"
        prospect = { template = "{country}-{number}" }
        time = "at"
        zone = "Europe/Berlin"
        [fields]
        channel = { column = "via", values = { T = "phone", "" = "post" }, otherwise = "email" }
        owner = { column = "owner", empty = "nobody" }
        [[event]]
        event = "added"
        when.first = true
        fields.name = { template = "{first} {last}" }
        fields.zone = "Europe/Berlin"
        extra.origin = { column = "via" }
        [[event]]
        event = "touched"
        fields.reached = true
        [[event]]
        event = "next_step_agreed"
        fields.due_at = { column = "next", formats = "%d.%m.%Y %H:%M" }
        fields.channel = "visit"
        "#,
    );
    let log =
        "country,number,at,via,owner,first,last,next\nDE,7,2026-07-01 09:00,fax,,,Byron,02.07.2026 10:00\n";
    let events = events(&mapping, log);
    let berlin = Zone::named("Europe/Berlin").unwrap();
    assert!(
        matches!(&events[0].kind(), EventKind::Added { name: Some(name), owner: Some(owner), zone: Some(zone), .. }
        if name == "Byron" && owner == "nobody" && *zone == berlin)
    );
    assert_eq!(events[0].extra().as_json()["origin"], "fax");
    assert!(matches!(&events[1].kind(), EventKind::Touched { channel: Channel::EMAIL, reached: true, .. }));
    assert!(
        matches!(&events[2].kind(), EventKind::NextStepAgreed { due_at, channel: Some(Channel::VISIT), .. }
        if due_at.to_rfc3339() == "2026-07-02T08:00:00+00:00")
    );
    assert_eq!(events[2].key(), "DE-7/1/3-next_step_agreed");
}

#[test]
fn the_time_of_a_rule_counts_by_its_day_as_in_the_file_unless_the_rule_says_otherwise() {
    let mapping = mapping(
        r#"
        prospect = "id"
        time = { column = "at", formats = "%d/%m/%Y %H:%M", day_only = true }
        [[event]]
        event = "inquired"
        [[event]]
        event = "replied"
        time = "then"
        [[event]]
        event = "ready_to_buy"
        time = { column = "then", day_only = false }
        [[event]]
        event = "reopened"
        fields.by = "us"
        time = { column = "then", formats = "%d/%m/%Y %H:%M" }
        "#,
    );
    let events = events(&mapping, "id,at,then\na,1/3/2026 09:15,2/3/2026 17:30\n");
    let at: Vec<String> = events.iter().map(|event| event.at().format("%d %H:%M").to_string()).collect();
    assert_eq!(at, ["01 00:00", "02 00:00", "02 17:30", "02 17:30"]);
}

const TIMES: &str = r#"
    prospect = "id"
    time = "at"
    [[event]]
    event = "touched"
    times = "calls"
    fields = { channel = "phone" }
    [[event]]
    event = "decided"
    fields = { outcome = "won" }
"#;

#[test]
fn a_row_gives_an_event_as_many_times_as_it_says() {
    let log = "id,at,calls\na,2026-03-02,0\nb,2026-03-02,1\nc,2026-03-02,3\nc,2026-03-02,2\n";
    let expected = [
        "2 a/1/2-decided",
        "3 b/1/1-touched/0001",
        "3 b/1/2-decided",
        "4 c/1/1-touched/0001",
        "4 c/1/1-touched/0002",
        "4 c/1/1-touched/0003",
        "4 c/1/2-decided",
        "5 c/2/1-touched/0001",
        "5 c/2/1-touched/0002",
        "5 c/2/2-decided",
    ];
    assert_eq!(outline(&rows(&mapping(TIMES), log)), expected);
}

#[test]
fn events_of_one_row_differ_only_by_key_and_keep_their_order() {
    let log = "id,at,calls\na,2026-03-02T10:00:00Z,1000\na,2026-03-02T10:00:00Z,12\n";
    let in_order = events(&mapping(TIMES), log);
    assert_eq!(in_order.len(), 1_014);
    let mut sorted = in_order.clone();
    sorted.sort_by(|a, b| (a.at(), a.seq(), a.key()).cmp(&(b.at(), b.seq(), b.key())));
    assert_eq!(in_order, sorted);
    assert!(in_order.is_sorted_by(|a, b| (a.seq(), a.key()) < (b.seq(), b.key())));
    let first = &in_order[0];
    for event in &in_order[..1_000] {
        assert_eq!(&event.clone().with_key(first.key()), first);
    }
    assert_eq!((in_order[999].key(), in_order[1_000].name()), ("a/1/1-touched/1000", "decided"));
    assert_eq!(events(&mapping(TIMES), log), in_order);
}

#[test]
fn a_row_without_a_valid_number_of_times_is_rejected_with_all_its_events() {
    let log = "id,at,calls\na,2026-03-02,\na,2026-03-02,often\na,2026-03-02,1001\na,2026-03-02,-1\n\
        a,2026-03-02,+1\na,2026-03-02,1.0\na,2026-03-02,99999999999999999999\na,someday,2\na,2026-03-02,1\n";
    let why = "expected a whole number from 0 to 1000";
    let no_number = |line, cell| format!("line {line}, calls: invalid number of events \"{cell}\"; {why}");
    let expected = [
        format!("line 2, calls: the cell is empty; {why}"),
        no_number(3, "often"),
        no_number(4, "1001"),
        no_number(5, "-1"),
        no_number(6, "+1"),
        no_number(7, "1.0"),
        no_number(8, "99999999999999999999"),
    ];
    let found = outline(&rows(&mapping(TIMES), log));
    assert_eq!(found[..7], expected);
    assert!(found[7].starts_with("line 9, at: invalid time \"someday\""), "{}", found[7]);
    assert_eq!(found[8..], ["10 a/9/1-touched/0001", "10 a/9/2-decided"]);
}

#[test]
fn a_rule_leaves_out_as_many_times_as_other_rules_give() {
    let less = TIMES.replace("\"calls\"", "{ column = \"calls\", less = 2 }");
    let found =
        outline(&rows(&mapping(&less), "id,at,calls\na,2026-03-02,3\nb,2026-03-02,2\nc,2026-03-02,1\n"));
    let why = "invalid number of events \"1\"; expected a whole number from 2 to 1000";
    let expected =
        ["2 a/1/1-touched/0001", "2 a/1/2-decided", "3 b/1/2-decided", &format!("line 4, calls: {why}")];
    assert_eq!(found, expected);
    for (times, place) in [
        ("1", "6:13 event.0.times"),
        ("{ less = 1 }", "6:13 event.0.times"),
        ("{ column = \"calls\", less = -1 }", "6:40 event.0.times.less"),
        ("{ column = \"calls\", less = 1001 }", "6:40 event.0.times.less"),
        ("{ column = \"calls\", more = 1 }", "6:33 event.0.times"),
        ("\"calls\"\n    once = true", "6:13 event.0.times"),
    ] {
        let error = Mapping::parse(&TIMES.replace("\"calls\"", times)).unwrap_err();
        let problems = error.problems().iter();
        let found: Vec<String> = problems
            .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.setting))
            .collect();
        assert_eq!(found, [place], "{times}: {error}");
    }
}

#[test]
fn a_key_leaves_room_for_the_number_after_it() {
    let keyed = mapping(&TIMES.replace("time = \"at\"", "time = \"at\"\n    key = \"{id}{id}{id}\""));
    let file = |id: usize, calls: u32| format!("id,at,calls\n{},2026-03-02,{calls}\n", "x".repeat(id));
    let longest = rows(&keyed, &file(61, 1_000));
    assert!(matches!(&longest[999], Row::Imported { event, .. } if event.key().len() == 198));
    let found = outline(&rows(&keyed, &file(62, 0)));
    assert!(matches!(&found[..], [key] if key.ends_with("/2-decided")), "{found:?}");
    let found = outline(&rows(&keyed, &file(62, 1)));
    assert!(matches!(&found[..], [reject] if reject.contains("longer than 200 bytes")), "{found:?}");
}

#[test]
fn json_lines_read_like_csv() {
    let mapping = mapping(STATES);
    let csv = "id,state,at\n7,new,2026-03-02\n7,won,2026-03-03\n";
    let json = "{\"id\":7,\"state\":\"new\",\"at\":\"2026-03-02\",\"else\":[1]}\n{\"at\":\"2026-03-03\",\"id\":\"7\",\"state\":\"won\"}\n";
    assert_eq!(events(&mapping, csv), events(&mapping, json));
    let wrong = "{\"id\":7,\"state\":[\"won\"],\"at\":\"2026-03-02\"}\n{}\nwon\n";
    let outline = outline(&rows(&mapping, wrong));
    assert!(outline[0].starts_with("line 1, state: unexpected list or object"), "{}", outline[0]);
    assert!(outline[1].starts_with("line 2, id: the cell is empty"), "{}", outline[1]);
    assert!(outline[2].starts_with("line 3: invalid JSON object"), "{}", outline[2]);
}

#[test]
fn a_header_without_the_columns_is_an_error_that_names_them_all() {
    let mapping = mapping(&format!("optional = [\"state\"]\n{STATES}"));
    let error = mapping.reader(&b"ID,at \n"[..], Zone::utc()).err().unwrap();
    assert!(matches!(&error, ReadError::Header { line: 1, .. }));
    assert_eq!(
        error.to_string(),
        "line 1: the header lacks the column \"id\", which the mapping reads; the header is: ID, at"
    );
    assert_eq!(rows(&mapping, "id,at\na,2026-03-02\n").len(), 1);
    let error = mapping.reader(&b"id,at,id\n"[..], Zone::utc()).err().unwrap();
    assert!(error.to_string().contains("duplicate column \"id\""));
}

#[test]
fn a_valid_mapping_is_accepted_in_any_order() {
    let delimited =
        mapping("delimiter = \"\\t\"\nprospect = \"id\"\ntime = \"at\"\n[[event]]\nevent = \"replied\"\n");
    assert_eq!(outline(&rows(&delimited, "id\tat\na\t2026-03-02\n")), ["2 a/1/1-replied"]);
    assert_eq!(delimited.events().collect::<Vec<_>>(), ["replied"]);
    // With ten or more rules, their numbers have two digits, so that keys sort in the order of the rules.
    let rule = "[[event]]\nevent = \"replied\"\n";
    let many = mapping(&format!("prospect = \"id\"\ntime = \"at\"\n{}", rule.repeat(10)));
    let keys = outline(&rows(&many, "id,at\na,2026-03-02\n"));
    assert_eq!((keys[0].as_str(), keys[9].as_str()), ("2 a/1/01-replied", "2 a/1/10-replied"));
    assert!(keys.is_sorted());
}

#[test]
fn all_mistakes_are_found_at_once_each_at_its_place() {
    let source = r#"
prospect = ""
zone = "Berlin"
delimiter = "ab"
colour = "red"
time = { column = "at", formats = ["%H:%M", "%Y-%m-%d"] }
key = "all the same"
optional = ["elsewhere"]

[known]
via = ["x"]

[fields]
playbook = "p"

[[event]]
event = "smiled"

[[event]]
event = "touched"
when = { into = "won", sometimes = true }
once = 1
fields = { chanel = "phone" }

[[event]]
event = "decided"
fields.outcome = { column = "state", values = { Won = "won", Lost = "gone" }, otherwise = "perhaps" }
extra.why = { column = "a", template = "{b" }

[[event]]
event = "noted"
time = { template = "{day" }
fields.text = { column = "x", decimal = ";", otherwise = "y" }
"#;
    let error = Mapping::parse(source).unwrap_err();
    let found: Vec<String> = error
        .problems()
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.setting))
        .collect();
    let expected = [
        "2:12 prospect",
        "3:8 zone",
        "4:13 delimiter",
        "5:1 ",
        "6:36 time.formats",
        "7:7 key",
        "8:12 optional",
        "11:1 known",
        "14:12 ",
        "17:9 event.0",
        "19:1 event.1",
        "21:17 event.1.when.into",
        "21:24 event.1.when",
        "22:8 event.1.once",
        "23:21 event.1.fields",
        "27:69 event.2.fields",
        "27:91 event.2.fields",
        "28:13 event.2.extra.why",
        "32:21 event.3.time",
        "33:15 event.3.fields.text",
        "33:41 event.3.fields.text",
    ];
    assert_eq!(found, expected, "\n{error}");
}

#[test]
fn invalid_toml_is_reported_with_its_place() {
    let error = Mapping::parse("prospect = \n").unwrap_err();
    assert_eq!(error.problems()[0].line, 1);
    assert!(Mapping::parse("").unwrap_err().to_string().contains("prospect"));
    assert!(Mapping::parse(&"#".repeat(2 << 20)).is_err());
    assert!(Mapping::parse(&"[".repeat(1 << 19)).is_err());
}
