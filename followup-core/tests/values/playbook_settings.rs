//! Each sort of setting: how it is read, refused at its place, written and described.

use std::collections::BTreeSet;
use std::error::Error;

use followup_core::Playbook;
use followup_core::playbook::{Problem, SHIPPED, Settings, Severity};
use followup_core::time::Clock;
use serde_json::{Value, json};

/// Everything that is found in a playbook, mistakes and warnings, one a line.
fn found(toml: &str) -> String {
    match Playbook::parse_with_warnings(toml) {
        Ok((_, warnings)) => warnings.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_sort_of_mistake_is_told_at_its_place() {
    let name = "expected 1 to 23 characters of a-z, 0-9 and _, starting with a letter";
    let span = "expected e.g. P14D, P2M, PT72H, \"14 days\" or \"3 open days\"";
    let long = "x".repeat(201);
    for (toml, expected) in [
        ("nurture = 1", "1:11: error: nurture: expected true or false, found an integer".to_owned()),
        ("version = \"1\"", "1:11: error: version: expected a whole number, found a string".to_owned()),
        ("version = 1.5", "1:11: error: version: expected a whole number, found a float".to_owned()),
        ("version = -1", "1:11: error: version: expected a whole number from 0 to 1000000".to_owned()),
        ("version = 1000001", "1:11: error: version: expected a whole number from 0 to 1000000".to_owned()),
        ("name = 1", "1:8: error: name: expected text, found an integer".to_owned()),
        ("name = \"\"", "1:8: error: name: expected 1 to 200 bytes of text".to_owned()),
        (&format!("name = \"{long}\""), "1:8: error: name: expected 1 to 200 bytes of text".to_owned()),
        ("cycle = 90", "1:9: error: cycle: expected a span of time as text, e.g. \"P14D\", found an integer".to_owned()),
        ("cycle = \"soon\"", format!("1:9: error: cycle: invalid span of time \"soon\": expected a number and a unit; {span}")),
        ("zone = true", "1:8: error: zone: expected the name of a time zone, found a boolean".to_owned()),
        ("channels = \"phone\"", "1:12: error: channels: expected a list, found a string".to_owned()),
        ("channels = [\"phone\", \"Fax\"]", format!("1:22: error: channels.1: invalid channel \"Fax\": {name}")),
        ("asks = [1]", "1:9: error: asks.0: expected the name of a purpose, found an integer".to_owned()),
        ("off = [\"S3\"]", "1:8: error: off.0: S3 cannot be switched off; expected one of: P4, P6, P7, P8, P9, P10, P12, C1, C2, C4, C5, C7, C8, C9, C10, C11, C12, C14, C16, C17, C18, W1, W2, W3, W4, W6, W7, S1, S2, E2".to_owned()),
        ("holidays = [2026-05-01T00:00:00Z]", "1:13: error: holidays.0: invalid date \"2026-05-01T00:00:00Z\"; expected a date from 1900 to 2199, e.g. 2026-04-03".to_owned()),
        ("holidays = [\"1.5.2026\"]", "1:13: error: holidays.0: invalid date \"1.5.2026\"; expected a date from 1900 to 2199, e.g. 2026-04-03".to_owned()),
        ("holidays = [2200-01-01]", "1:13: error: holidays.0: invalid date \"2200-01-01\"; expected a date from 1900 to 2199, e.g. 2026-04-03".to_owned()),
        ("holidays = [1]", "1:13: error: holidays.0: expected a date, found an integer".to_owned()),
        ("[working_hours]\nmon = 9\ntue = \"09:00-17:00\"", "2:7: error: working_hours.mon: expected hours, e.g. \"09:00-17:00\", found an integer".to_owned()),
        ("[working_hours]\nmon = \"9 to 5\"\ntue = \"09:00-17:00\"", "2:7: error: working_hours.mon: invalid interval \"9 to 5\"; expected a beginning and an end, e.g. 09:00-17:00".to_owned()),
        ("[working_hours]\nmon = [\"09:00-12:00\", \"11:00-17:00\"]\ntue = \"09:00-17:00\"", "2:7: error: working_hours.mon: invalid hours of a day: expected at most 4 separate intervals, in ascending order".to_owned()),
        ("[working_hours]\nmon = \"09:00-17:00\"\nmonday = []", "3:1: error: working_hours: unknown key \"monday\"; expected one of: mon, tue, wed, thu, fri, sat, sun".to_owned()),
        ("working_hours = []", "1:17: error: working_hours: expected a table, found an array".to_owned()),
        ("[calling_hours]\nfrom = 8", "2:8: error: calling_hours.from: expected a time of day as text, e.g. \"09:00\", found an integer".to_owned()),
        ("[calling_hours]\nfrom = \"25:00\"", "2:8: error: calling_hours.from: invalid time of day \"25:00\"; expected 00:00 to 24:00, e.g. 09:00".to_owned()),
        ("[reasons]\nInform = []", format!("2:1: error: reasons: invalid purpose \"Inform\": {name}")),
        ("[reasons]\ninform = [\"advice\", \"Why\"]", format!("2:21: error: reasons.inform.1: invalid reason \"Why\": {name}")),
        ("reasons = 1", "1:11: error: reasons: expected a table, found an integer".to_owned()),
        ("[channel_kinds]\nFax = \"voice\"", format!("2:1: error: channel_kinds: invalid channel \"Fax\": {name}")),
        ("[channel_kinds]\nfax = \"paper\"", "2:7: error: channel_kinds.fax: unknown channel kind \"paper\"; expected one of: voice, text, mail, letter, visit, social, web".to_owned()),
        ("channel_kinds = 2", "1:17: error: channel_kinds: expected a table, found an integer".to_owned()),
        ("[values]\nsmall_below = [\"10\"]", "2:16: error: values.small_below.0: invalid amount of money \"10\": an amount and a currency are required (expected e.g. 12000EUR or 99.50 USD)".to_owned()),
        ("[[seasons]]\non = \"30-02\"", "2:6: error: seasons.0.on: invalid day of the year \"30-02\"; expected month and day, e.g. 12-24".to_owned()),
        ("[[steps.interest]]\nwhen = \"never\"", "2:8: error: steps.interest.0.when: unknown answer \"never\"; expected one of: silent, replied, bounced, booked".to_owned()),
        ("[[steps.interest]]\nband = \"huge\"", "2:8: error: steps.interest.0.band: unknown value band \"huge\"; expected one of: small, medium, large".to_owned()),
        ("[cadence]\nhott = 1", "2:1: error: cadence: unknown key \"hott\"; expected one of: hot, warm, cool, first_within, second, minimum_gap, cool_after_touches, stale_after, ceiling_touches, ceiling_within, before_decision".to_owned()),
    ] {
        assert_eq!(found(toml), expected, "{toml}");
    }
}

#[test]
fn every_mistake_is_told_in_the_order_of_the_file() {
    let toml = "# Größe\nnurture = 1\n\n[cadence]\nwarm = 2\nhot = { from = \"?\", to = \"P7D\" }\n";
    assert_eq!(
        found(toml),
        "2:11: error: nurture: expected true or false, found an integer\n\
         5:8: error: cadence.warm: expected a table, found an integer\n\
         6:16: error: cadence.hot.from: invalid span of time \"?\": expected a number and a unit; expected e.g. \
         P14D, P2M, PT72H, \"14 days\" or \"3 open days\""
    );
    let columns = found("name = \"ä\" # ö\nvalues = { small_below = [\"ö\"] }");
    assert!(columns.starts_with("2:27: error: values.small_below.0: "), "{columns}");
}

#[test]
fn not_more_than_a_hundred_mistakes_are_told() {
    let toml = format!("holidays = [{}]", "1, ".repeat(150));
    let error = Playbook::parse(&toml).expect_err("no dates");
    assert_eq!(error.problems().len(), 100);
    assert_eq!(error.problems()[99].setting, "holidays.99");
    assert!(error.source().is_none());
}

#[test]
fn a_mistake_in_the_syntax_is_told_alone() {
    let error = Playbook::parse("nurture = 1\nname = \n").expect_err("no value");
    assert_eq!(error.problems().len(), 1);
    let problem = &error.problems()[0];
    assert_eq!((problem.severity, problem.line, problem.setting.as_str()), (Severity::Error, 2, ""));
    assert_eq!(problem.to_string(), format!("2:{}: error: {}", problem.column, problem.message));
    let large = Playbook::parse(&"#".repeat((1 << 20) + 1)).expect_err("too large");
    assert_eq!(large.to_string(), "1:1: error: the playbook is larger than 1048576 bytes");
    assert!(Playbook::parse(&"#".repeat(1 << 20)).is_ok());
}

#[test]
fn what_cannot_be_meant_together_is_told_where_it_is_said() {
    let days = |count: u64| {
        let first: chrono::NaiveDate = "2026-01-01".parse().expect("a date");
        let dates = (0..count).map(|day| (first + chrono::Days::new(4 * day)).to_string());
        dates.map(|date| format!("{date:?}")).collect::<Vec<_>>().join(", ")
    };
    let many = "[[seasons]]\non = \"12-24\"\n".repeat(101);
    let steps = "[[steps.interest]]\n".repeat(101);
    for (toml, expected) in [
        (
            "[calling_hours]\nfrom = \"18:00\"\nto = \"20:00\"",
            "1:1: error: calling_hours: calls and texts would never be allowed: working hours and calling hours do not overlap",
        ),
        (
            "[calling_hours]\nfrom = \"09:00\"\nto = \"09:00\"",
            "1:1: error: calling_hours: calls and texts would never be allowed: from must be before to, on the same day",
        ),
        (
            &format!("holidays = [{}]", days(367)),
            "1:12: error: holidays: the business is closed for more than a year in a row",
        ),
        (&format!("holidays = [{}]", days(366)), ""),
        ("[chase]\nshare = 0", "2:9: error: chase.share: expected 1 to 36500, found 0"),
        ("personal_one_in = 36501", "1:19: error: personal_one_in: expected 1 to 36500, found 36501"),
        ("personal_one_in = 36500", ""),
        (
            "[rank]\nhot_days = 366",
            "2:12: error: rank.hot_days: expected at most 365, found 366: a longer head start would starve others (E4)",
        ),
        ("[rank]\nhot_days = 365", ""),
        (
            "[later]\nwithin = \"PT72H\"",
            "2:10: error: later.within: expected days, open days, weeks or months",
        ),
        ("[stop]\nsilence = \"3 open days\"", "2:11: error: stop.silence: expected days, weeks or months"),
        (
            "[stop]\nwait = \"P0D\"",
            "2:8: error: stop.wait: expected a span longer than zero: otherwise it would be due again at once",
        ),
        ("channels = []", "1:12: error: channels: expected at least one channel"),
        (
            "[[steps.interest]]\nafter = \"PT5H\"",
            "1:1: error: steps.interest.0: expected days, open days, weeks or months for after and within",
        ),
        (
            "[[steps.interest]]\nwithin = \"PT5H\"",
            "1:1: error: steps.interest.0: expected days, open days, weeks or months for after and within",
        ),
        (
            "[[steps.interest]]\nrepeat = true\nwait_until_done = true",
            "1:1: warning: steps.interest.0: the step repeats, so wait_until_done has no effect",
        ),
        ("[[steps.interest]]\nrepeat = true", ""),
        (
            "[[steps.interest]]\nautomatic = true",
            "1:1: warning: steps.interest.0: an automatic step is always generic; set personal = false (C10)",
        ),
        (&many, "1:1: error: seasons: expected at most 100 seasons, found 101"),
        (&steps, "1:1: error: steps.interest: expected at most 100 steps, found 101"),
        (
            "[channel_kinds]\nphone = \"text\"",
            "2:9: error: channel_kinds.phone: phone is built in and its kind cannot be changed; give your channel another name",
        ),
        (
            "channels = [\"fax\"]",
            "1:12: warning: channels: the kind of fax is not set, so it counts as social; set it in channel_kinds",
        ),
    ] {
        assert_eq!(found(toml), expected, "{}", toml.chars().take(80).collect::<String>());
    }
}

#[test]
fn settings_that_come_from_no_file_have_no_place() {
    let mut settings = Settings::default();
    settings.personal_one_in = 0;
    let error = Playbook::new(settings).expect_err("no personal touch");
    assert_eq!(error.to_string(), "error: personal_one_in: expected 1 to 36500, found 0");
    assert_eq!((error.problems()[0].line, error.problems()[0].column), (0, 0));
}

const EVERY_SORT: &str = r#"
name = "every sort"
version = 0x10
zone = "Europe/Berlin"
off = ["W7"]
holidays = [2026-05-01, "2026-12-24"]
channels = ["phone", "fax"]
cycle = "3 months"
nurture = true
asks = ["close"]

[channel_kinds]
fax = "letter"

[working_hours]
mon = "09:00-12:00"
sat = ["08:30-12:00", "13:00-24:00"]

[calling_hours]
from = "08:30:15"
to = "24:00"

[[seasons]]
on = "02-29"
reason = "anniversary"
channel = "post"
template = "card"

[values]
small_below = ["99.50 USD"]

[reasons]
inform = ["advice"]

[[steps.proposal]]
after = "2 weeks"
within = "1 open day"
cycle_percent = 40
on = "12-24"
when = "silent"
band = "large"
"#;

#[test]
fn every_sort_of_setting_is_written_in_one_form() {
    let playbook = Playbook::parse(EVERY_SORT).expect("a playbook");
    let json = playbook.to_json();
    for (pointer, expected) in [
        ("/name", json!("every sort")),
        ("/version", json!(16)),
        ("/zone", json!("Europe/Berlin")),
        ("/off", json!(["W7"])),
        ("/holidays", json!(["2026-05-01", "2026-12-24"])),
        ("/channels", json!(["phone", "fax"])),
        ("/cycle", json!("P3M")),
        ("/nurture", json!(true)),
        ("/asks", json!(["close"])),
        ("/channel_kinds", json!({ "fax": "letter" })),
        ("/working_hours", json!({ "mon": ["09:00-12:00"], "sat": ["08:30-12:00", "13:00-24:00"] })),
        ("/calling_hours", json!({ "from": "08:30:15", "to": "24:00" })),
        (
            "/seasons",
            json!([{ "on": "02-29", "reason": "anniversary", "channel": "post", "template": "card" }]),
        ),
        ("/values", json!({ "small_below": ["99.50 USD"], "large_from": [] })),
        ("/reasons/inform", json!(["advice"])),
        ("/reasons/propose", json!(["proposal"])),
        (
            "/steps/proposal/0",
            json!({
                "after": "P2W", "cycle_percent": 40, "on": "12-24", "when": "silent", "band": "large",
                "wait_until_done": false, "repeat": false, "within": "1 open day", "purpose": "check_in",
                "personal": true, "automatic": false
            }),
        ),
    ] {
        assert_eq!(json.pointer(pointer), Some(&expected), "{pointer}");
    }
    assert_eq!(playbook.settings().calling_hours.from, Clock(8 * 3600 + 30 * 60 + 15));
}

#[test]
fn a_playbook_that_is_written_reads_back_to_the_same() {
    let shipped = SHIPPED.iter().map(|(_, toml)| *toml);
    for toml in shipped.chain([EVERY_SORT, ""]) {
        let playbook = Playbook::parse(toml).expect("a playbook");
        let again = Playbook::parse(&playbook.to_toml()).expect("what is written can be read");
        assert_eq!(again.to_json(), playbook.to_json());
        assert_eq!((again.hash(), again.id()), (playbook.hash(), playbook.id()));
        assert_eq!(again, playbook);
    }
}

#[test]
fn a_playbook_is_known_by_name_version_and_what_it_says() {
    let playbook = Playbook::parse("name = \"house\"\nversion = 7").expect("a playbook");
    assert_eq!(playbook.id(), format!("house/7/{}", playbook.hash()));
    assert_eq!(format!("{playbook:?}"), format!("Playbook({})", playbook.id()));
    assert_eq!(playbook.hash().len(), 16);
    assert_ne!(playbook.hash(), Playbook::default().hash());
}

/// The defaults that the schema states, gathered; each setting has to say what it is.
fn defaults(schema: &Value, path: &str) -> Value {
    let properties = schema["properties"].as_object().expect("a section");
    let stated = properties.iter().filter(|(_, schema)| schema.get("default").is_some());
    for (name, schema) in properties {
        let said = schema["description"].as_str().unwrap_or_default();
        assert!(said.len() > 5 && said.trim() == said, "{path}.{name}: {said:?}");
    }
    stated.map(|(name, schema)| (name.clone(), schema["default"].clone())).collect()
}

#[test]
fn the_schema_states_each_default() {
    let schema = Playbook::schema();
    let written = Playbook::default().to_json();
    assert_eq!(defaults(&schema, ""), written);
    for section in ["cadence", "answers", "stop", "rank", "kinds", "chase", "values", "batch"] {
        assert_eq!(defaults(&schema["properties"][section], section), written[section], "{section}");
    }
    let without: BTreeSet<_> = schema["properties"]
        .as_object()
        .expect("properties")
        .iter()
        .filter(|(_, schema)| schema.get("default").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(without, BTreeSet::from(["cycle", "zone"]));
}

#[test]
fn the_schema_describes_each_sort_of_setting() {
    let mut schema = Playbook::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "followup playbook");
    assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)));
    let word = json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    let words = json!({ "type": "array", "items": word });
    let span = json!({ "type": "string", "examples": ["P14D", "P2M", "PT72H", "3 open days"] });
    let hours = json!({ "type": "array", "items": { "type": "string", "examples": ["09:00-17:00"] } });
    let kinds = json!({ "enum": ["voice", "text", "mail", "letter", "visit", "social", "web"] });
    let step = "/properties/steps/properties/interest/items/properties";
    let off = json!([
        "P4", "P6", "P7", "P8", "P9", "P10", "P12", "C1", "C2", "C4", "C5", "C7", "C8", "C9", "C10", "C11",
        "C12", "C14", "C16", "C17", "C18", "W1", "W2", "W3", "W4", "W6", "W7", "S1", "S2", "E2"
    ]);
    for (pointer, expected) in [
        ("/properties/name".to_owned(), json!({ "type": "string", "minLength": 1, "maxLength": 200 })),
        ("/properties/version".to_owned(), json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 })),
        ("/properties/nurture".to_owned(), json!({ "type": "boolean" })),
        ("/properties/zone".to_owned(), json!({ "type": "string", "examples": ["Europe/Berlin"] })),
        ("/properties/cycle".to_owned(), span.clone()),
        ("/properties/off".to_owned(), json!({ "type": "array", "items": { "enum": off } })),
        (
            "/properties/holidays".to_owned(),
            json!({ "type": "array", "items": { "type": "string", "format": "date" } }),
        ),
        ("/properties/channels".to_owned(), words.clone()),
        ("/properties/asks".to_owned(), words.clone()),
        (
            "/properties/working_hours".to_owned(),
            json!({
                "type": "object",
                "properties": {
                    "mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours, "sat": hours,
                    "sun": hours
                },
                "additionalProperties": false
            }),
        ),
        (
            "/properties/calling_hours/properties/from".to_owned(),
            json!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$" }),
        ),
        ("/properties/reasons".to_owned(), json!({ "type": "object", "additionalProperties": words })),
        ("/properties/channel_kinds".to_owned(), json!({ "type": "object", "additionalProperties": kinds })),
        (
            "/properties/values/properties/large_from".to_owned(),
            json!({ "type": "array", "items": { "type": "string", "examples": ["12000EUR"] } }),
        ),
        (format!("{step}/after"), span),
        (format!("{step}/on"), json!({ "type": "string", "pattern": "^[01][0-9]-[0-3][0-9]$" })),
        (format!("{step}/when"), json!({ "enum": ["silent", "replied", "bounced", "booked"] })),
        (format!("{step}/band"), json!({ "enum": ["small", "medium", "large"] })),
        (format!("{step}/reason"), word.clone()),
        (format!("{step}/channel"), word.clone()),
        (format!("{step}/purpose"), word),
    ] {
        let found = schema.pointer_mut(&pointer).unwrap_or_else(|| panic!("{pointer}"));
        let found = found.as_object_mut().expect("an object");
        assert!(found.remove("description").is_some_and(|said| said.is_string()), "{pointer}");
        found.remove("default");
        assert_eq!(Value::from(found.clone()), expected, "{pointer}");
    }
}
