//! Does the command keep its outer contract: exit codes, messages, JSON, no partial writes?

mod common;

use common::{Called, Office};

fn ada() -> Office {
    let office = Office::new();
    office
        .call("--now 2026-03-02T09:00:00Z add Ada --id p --zone Europe/Berlin --email ada@example.org")
        .line();
    office
}

#[test]
fn the_agenda_has_every_field_of_the_contract() {
    let office = ada();
    office.call("record p valued amount=12000 currency=EUR --at 2026-03-02T09:00:01Z").line();
    office.call("record p inquired channel=phone --at 2026-03-02T10:00:00Z").line();
    office.call("record p noted text=likes-tea --at 2026-03-02T10:00:01Z").line();
    let line = office.call("--now 2026-03-04T09:30:00Z agenda").line();
    for (field, value) in [
        ("action", "p/4"),
        ("prospect", "p"),
        ("name", "Ada"),
        ("stage", "interest"),
        ("temperature", "hot"),
        ("purpose", "discover"),
        ("channel", "phone"),
        ("reason", "asked_for"),
        ("state", "overdue"),
        ("value", "12000 EUR"),
        ("last_note", "likes-tea"),
        ("earliest", "2026-03-02T10:00:00Z"),
        ("target", "2026-03-02T10:00:00Z"),
        ("latest", "2026-03-03T16:00:00Z"),
    ] {
        assert_eq!(line[field], value, "{field}");
    }
    assert_eq!(line["hours_late"], 17);
    assert_eq!(line["last_contact"]["at"], "2026-03-02T10:00:00Z");
    for field in ["personal", "automatic", "also", "owner_away"] {
        assert!(line[field].is_boolean(), "{field}");
    }
    for field in ["needs", "rules"] {
        assert!(line[field].as_array().is_some_and(|list| !list.is_empty()), "{field}");
    }
    for field in ["owner", "to", "batch_channel", "obligation"] {
        assert!(line.get(field).is_some(), "{field}");
    }
}

#[test]
fn a_small_batch_is_phoned_and_a_large_one_mailed() {
    for (people, channel) in [(5, "phone"), (6, "email")] {
        let office = Office::new();
        for n in 0..people {
            office.call(&format!("--now 2026-03-02T09:00:00Z --owner kim add Person{n} --id p{n}")).line();
        }
        let lines = office.call("--now 2026-03-02T10:00:00Z agenda").lines();
        assert_eq!(lines.len(), people);
        assert!(lines.iter().all(|line| line["batch_channel"] == channel), "{people}");
    }
}

#[test]
fn other_obligations_and_appointments_have_their_own_lines() {
    let office = ada();
    office.call("record p appointment_set starts_at=2026-03-20T09:00:00Z minutes=60 --happened --at 2026-03-02T10:00:00Z");
    office.call("record p asked_information channel=email --at 2026-03-03T10:00:00Z").line();
    let lines = office.call("--now 2026-03-03T11:00:00Z agenda --days 30").lines();
    let found: Vec<_> =
        lines.iter().map(|line| (line["purpose"].as_str().unwrap_or(""), line["also"] == true)).collect();
    assert_eq!(found, [("inform", false), ("hold", true), ("confirm", true)]);
}

#[test]
fn usage_errors_exit_with_2_and_say_what_is_expected() {
    let office = ada();
    office.call("record p danced").fails(2, "expected one of: added, valued");
    office.call("record p touched").fails(2, "missing field \"channel\"");
    office.call("record p touched channel=Phone").fails(2, "invalid channel");
    office.call("record p touched channel=phone mood=good").fails(2, "unknown field \"mood\"");
    office.call("record p touched channel").fails(2, "channel=email");
    office.call("record p valued amount=1,5 currency=EUR").fails(2, "12000EUR");
    office.call("record p qualified decides_on=2026-02-30").fails(2, "expected a date");
    office.call("record p appointment_set starts_at=soon minutes=60").fails(2, "expected an instant");
    office.call("record p preferred from=17:00 to=09:00").fails(2, "the end must be after the beginning");
    office.call("record p decided outcome=maybe").fails(2, "won, lost, later");
    office.call("--now yesterday agenda").fails(2, "expected an instant");
    office.call("add Bo --zone Europe/Atlantis").fails(2, "unknown time zone");
    office.call("add Bo --value 12apples").fails(2, "12000EUR");
    office.call("add Bo --email nobody").fails(2, "ada@example.org");
    office.call("add Bo --kind friend").fails(2, "referral_source");
    office.call("import events nowhere.csv").fails(2, "file not found");
    office.call("plan").fails(2, "PROSPECT");
    office.call("frobnicate").fails(2, "frobnicate");
}

#[test]
fn failures_exit_with_1_and_name_the_prospect() {
    let office = ada();
    office.call("record nobody touched channel=phone").fails(1, "unknown prospect \"nobody\"");
    office.call("plan nobody").fails(1, "nobody");
    office.call("history nobody").fails(1, "nobody");
    office.call("record p appointment_held").fails(1, "appointment_set first");
    office.call("record p proposal_sent").fails(1, "P2");
    office.call("record p touched channel=phone purpose=propose").fails(1, "proposal_sent");
    office.call("record p touched channel=phone --at 2199-01-01T00:00:00Z").fails(1, "later than now");
    office.call("record p touched channel=phone purpose=ask_appointment").fails(1, "P4");
    office.call("record p preferred from=18:00").fails(1, "never overlap our working hours");
    office.call("record p touched channel=phone --key k").line();
    office.call("record p touched channel=email --key k").fails(1, "the key \"k\"");
    office.call("--now 2026-03-05T09:00:00Z add Ada --id p").fails(1, "already");
    assert_eq!(office.call("history p").lines().len(), 2, "nothing was partially written");
}

#[test]
fn the_same_key_twice_is_one_event() {
    let office = ada();
    let first = office.call("record p replied channel=email --key k --at 2026-03-03T09:00:00Z").line();
    let again = office.call("record p replied channel=email --key k --at 2026-03-03T09:00:00Z").line();
    assert_eq!((first["repeated"].as_bool(), again["repeated"].as_bool()), (Some(false), Some(true)));
    assert_eq!(first["revision"], again["revision"]);
}

#[test]
fn checking_an_event_writes_nothing() {
    let office = ada();
    office.call("record p replied --check").line();
    let refused = office.call("record p proposal_sent --check");
    refused.fails(1, "P2");
    assert!(refused.out.contains("\"ok\":false"));
    assert_eq!(office.call("history p").lines().len(), 1);
}

#[test]
fn bad_rows_are_rejected_with_line_and_reason_and_good_ones_are_imported() {
    let office = Office::new();
    let file = office.write(
        "log.jsonl",
        concat!(
            "{\"prospect\":\"a\",\"at\":\"2026-03-02T09:00:00Z\",\"event\":\"inquired\"}\n",
            "{\"prospect\":\"a\",\"at\":\"tomorrow\",\"event\":\"replied\"}\n",
            "{\"prospect\":\"a\",\"at\":\"2026-03-02T09:00:00Z\",\"event\":\"flew\"}\n",
            "not json\n",
            "{\"prospect\":\"b\",\"at\":\"2026-03-03T09:00:00Z\",\"event\":\"touched\",\"channel\":\"phone\"}\n",
        ),
    );
    let rejects = office.path("rejects.csv");
    let called =
        office.call_with(&["import", "events", &file, "--rejects", rejects.to_str().expect("UTF-8")]);
    assert_eq!(called.code, 3);
    let line = called.line();
    assert_eq!((line["new"].as_u64(), line["rejected"].as_u64()), (Some(2), Some(3)));
    let listed = std::fs::read_to_string(rejects).expect("the rejects are written");
    assert_eq!(listed.lines().count(), 4, "{listed}");
    for part in [",2,at,", ",3,event,", ",4,"] {
        assert!(listed.contains(part), "{part} is not in: {listed}");
    }
    let again = office.call(&format!("import events {file}")).line();
    assert_eq!((again["new"].as_u64(), again["repeated"].as_u64()), (Some(0), Some(2)));
}

#[test]
fn a_file_that_cannot_be_read_changes_nothing() {
    let office = Office::new();
    for (name, text) in [("a.csv", "who,when\nada,now\n"), ("b.csv", ""), ("c.bin", "\u{0}\u{1}\u{2}")] {
        let file = office.write(name, text);
        assert_eq!(office.call(&format!("import events {file}")).code, 1, "{name}");
    }
    let file = office.write("d.csv", "Favourite colour,Shoe size\nblue,42\n");
    assert_eq!(office.call(&format!("import contacts {file}")).code, 1);
    assert_eq!(office.call("report gap").line()["prospects"], 0);
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let lines = include_str!("../data/demo.jsonl");
    let plans = |text: String| {
        let office = Office::new();
        let file = office.write("log.jsonl", text);
        office.call(&format!("--now 2026-03-09T08:00:00Z import events {file}")).line();
        let strip = |mut line: serde_json::Value| {
            line["action"].take();
            line
        };
        office
            .call("--now 2026-03-09T08:00:00Z plan --all --why")
            .lines()
            .into_iter()
            .map(strip)
            .collect::<Vec<_>>()
    };
    let backwards: Vec<_> = lines.lines().rev().collect();
    assert_eq!(plans(lines.to_owned()), plans(backwards.join("\n")));
}

#[test]
fn a_printed_history_can_be_imported() {
    let office = ada();
    office.call("record p inquired --at 2026-03-02T10:00:00Z").line();
    let other = Office::new();
    let history = office.call("history p");
    let file = other.write("p.jsonl", &history.out);
    let imported = other.call(&format!("import events {file}"));
    assert_eq!(imported.line()["new"], 2, "{}", imported.err);
    let view = |office: &Office| {
        let mut line = office.call("--now 2026-03-02T11:00:00Z plan p").line();
        line["action"].take();
        line
    };
    assert_eq!(view(&office), view(&other));
}

#[test]
fn a_view_of_the_past_sees_only_what_was_known() {
    let office = ada();
    office.call("record p inquired --at 2026-03-02T10:00:00Z").line();
    office.call("record p stopped why=asked --at 2026-03-10T10:00:00Z").line();
    assert_eq!(office.call("--now 2026-03-05T10:00:00Z plan p").line()["purpose"], "discover");
    assert_eq!(office.call("--now 2026-03-11T10:00:00Z plan p").line()["plan"], "rest");
    assert_eq!(office.call("--now 2026-03-05T10:00:00Z agenda").lines().len(), 1);
    assert_eq!(office.call("--now 2026-03-11T10:00:00Z agenda").lines().len(), 0);
    assert_eq!(office.call("--now 2026-03-05T10:00:00Z report gap").line()["open"], 1);
    office.call("--now 2026-02-01T10:00:00Z plan p").fails(1, "unknown prospect \"p\"");
}

#[test]
fn waking_daily_gives_the_same_plan_as_waking_once_or_never() {
    let office = |wakes: &[&str]| {
        let office = ada();
        office.call("record p inquired --at 2026-03-02T10:00:00Z").line();
        office.call("record p proposal_sent --at 2026-03-03T10:00:00Z --happened").line();
        for now in wakes {
            office.call(&format!("--now {now} wake")).line();
        }
        let mut line = office.call("--now 2026-06-30T10:00:00Z plan p --why").line();
        line["action"].take();
        line
    };
    let days: Vec<_> =
        (1..=30).flat_map(|day| [4, 5, 6].map(|month| format!("2026-0{month}-{day:02}T10:00:00Z"))).collect();
    let mut days: Vec<_> = days.iter().map(String::as_str).collect();
    days.sort_unstable();
    let never = office(&[]);
    assert_eq!(never["stage"], "interest", "it went stale");
    assert_eq!(office(&["2026-06-30T10:00:00Z"]), never);
    assert_eq!(office(&days), never);
}

#[test]
fn a_broken_playbook_lists_every_mistake_with_its_place() {
    let office = Office::new();
    let file =
        office.write("bad.toml", "zone = \"Mars\"\n[cadence]\nhott = 1\nminimum_gap = \"2 fortnights\"\n");
    let called = office.call(&format!("playbook check {file}"));
    called.fails(1, "cannot be used");
    let places: Vec<_> = called
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .collect();
    let places: Vec<_> =
        places.iter().map(|place| (place["line"].as_u64(), place["column"].as_u64())).collect();
    assert_eq!(places, [(Some(1), Some(8)), (Some(3), Some(1)), (Some(4), Some(15))]);
    office.call(&format!("--playbook-file {file} agenda")).fails(1, "mistakes");
}

#[test]
fn a_shown_playbook_reads_back_as_itself() {
    let office = Office::new();
    let mut command = office.command();
    let shown = Called::of(command.args(["playbook", "show"]).output().expect("it starts"));
    assert_eq!(shown.code, 0);
    let plain =
        std::process::Command::new(env!("CARGO_BIN_EXE_followup")).args(["playbook", "show"]).output();
    let file = office.write("shown.toml", Called::of(plain.expect("it starts")).out);
    assert_eq!(office.call(&format!("playbook check {file}")).code, 0);
    let again = office.call(&format!("--playbook-file {file} playbook show"));
    assert_eq!(again.line(), shown.line());
    let schema = office.call("playbook schema").line();
    assert_eq!(schema["properties"]["cadence"]["properties"]["minimum_gap"]["default"], "P2D");
}

#[test]
fn books_are_kept_apart() {
    let office = ada();
    assert_eq!(office.call("--book other report gap").line()["prospects"], 0);
    assert_eq!(office.call("report gap").line()["prospects"], 1);
}

#[test]
fn a_file_of_another_program_is_left_unchanged() {
    let office = Office::new();
    let file = office.write(
        "followup.db",
        "this is a letter, not a database; it is long enough to be looked at twice or more",
    );
    let called = office.call("agenda");
    assert_eq!(called.code, 1, "{}", called.err);
    assert!(std::fs::read_to_string(file).expect("it is still there").starts_with("this is a letter"));
}

#[test]
fn an_erased_person_leaves_the_statistics_and_no_name() {
    let office = ada();
    office.call("record p noted text=secret --at 2026-03-02T10:00:00Z").line();
    office.call("record p inquired --at 2026-03-02T10:00:00Z").line();
    office.call("--now 2026-03-03T10:00:00Z erase p").line();
    let history = office.call("history p");
    assert_eq!(history.code, 0);
    for word in ["Ada", "ada@example.org", "secret"] {
        assert!(!history.out.contains(word), "{word}");
    }
    let plan = office.call("--now 2026-03-04T10:00:00Z plan p").line();
    assert_eq!((plan["plan"].as_str(), plan["because_of"].as_str()), (Some("rest"), Some("erased")));
    assert_eq!(office.call("report gap").line()["by_standing"]["erased"], 1);
}

#[test]
fn tables_are_at_most_a_hundred_columns_wide() {
    let office = Office::new();
    let demo = std::process::Command::new(env!("CARGO_BIN_EXE_followup"))
        .arg("--db")
        .arg(office.path("demo.db"))
        .arg("demo")
        .output()
        .expect("it starts");
    let called = Called::of(demo);
    assert_eq!(called.code, 0, "{}", called.err);
    for line in called.out.lines().filter(|line| !line.starts_with("Next:")) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    for word in ["Ada Lindqvist", "twelve invented people", "S2", "open"] {
        assert!(called.out.contains(word), "{word} is not in:\n{}", called.out);
    }
}

#[test]
fn the_agenda_follows_another_playbook_at_once() {
    let office = ada();
    office.call("record p touched channel=phone --at 2026-03-02T10:00:00Z").line();
    let playbook = office.write("fast.toml", "[cadence.second]\nfrom = \"P3D\"\nto = \"P3D\"\n");
    assert_eq!(office.call("--now 2026-03-02T11:00:00Z agenda --days 4").lines().len(), 0);
    let line =
        office.call(&format!("--now 2026-03-02T11:00:00Z --playbook-file {playbook} agenda --days 4")).line();
    assert_eq!(line["latest"], "2026-03-05T16:00:00Z");
}

#[test]
fn contacts_of_a_crm_are_added_once_and_updated_when_they_change() {
    let office = Office::new();
    let header = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Company name\n";
    let file =
        office.write("c.csv", format!("{header}42,Ada,Byron,ada@example.org,,kim,Analytical\n43,,,,,kim,\n"));
    let first = office.call(&format!("--now 2026-03-02T09:00:00Z import contacts {file}"));
    assert_eq!(
        (first.code, first.line()["new"].as_u64(), first.line()["rejected"].as_u64()),
        (3, Some(1), Some(1))
    );
    let again = office.call(&format!("--now 2026-03-03T09:00:00Z import contacts {file}")).line();
    assert_eq!((again["new"].as_u64(), again["repeated"].as_u64()), (Some(0), Some(1)));
    let file = office.write("c.csv", format!("{header}42,Ada,Lovelace,ada@example.org,,kim,Analytical\n"));
    assert_eq!(office.call(&format!("--now 2026-03-04T09:00:00Z import contacts {file}")).line()["new"], 1);
    let line = office.call("--now 2026-03-05T09:00:00Z agenda").line();
    let parts = [&line["name"], &line["owner"], &line["prospect"]].map(|part| part.as_str().unwrap_or(""));
    assert_eq!(parts, ["Ada Lovelace", "kim", "hubspot-42"]);
    assert_eq!(
        line["latest"], "2026-03-03T17:00:00Z",
        "the first contact is due counted from the first import"
    );
}

/// Writes a playbook file of this version, with the second touch after `days` days.
fn version(office: &Office, version: u32, days: u32) -> String {
    let text = format!("version = {version}\n[cadence.second]\nfrom = \"P{days}D\"\nto = \"P{days}D\"\n");
    office.write(&format!("v{version}-{days}.toml"), text)
}

#[test]
fn a_playbook_is_compared_published_and_shown() {
    let office = ada();
    office.call("record p touched channel=phone --at 2026-03-02T10:00:00Z").line();
    let file = version(&office, 2, 3);
    let at = "--now 2026-03-02T11:00:00Z";
    let latest = |office: &Office| office.call(&format!("{at} plan p")).line()["latest"].clone();
    let before = latest(&office);

    let diff = office.call(&format!("{at} playbook diff {file}")).line();
    assert_eq!((diff["prospects"].as_u64(), diff["changed"].as_u64()), (Some(1), Some(1)));
    assert_eq!((&diff["changes"][0]["prospect"], &diff["earlier"]), (&"p".into(), &1.into()));
    assert_eq!(latest(&office), before, "a diff changes nothing");

    let stay = office.call(&format!("{at} playbook publish {file} --moving stay")).line();
    assert_eq!((&stay["version"], &stay["moved"], &stay["stayed"]), (&2.into(), &0.into(), &1.into()));
    assert_eq!(latest(&office), before);
    let shown = office.call("playbook show").line();
    assert_eq!((&shown["version"], &shown["cadence"]["second"]["to"]), (&2.into(), &"P3D".into()));
    assert_eq!(office.call("playbook show default/1").line()["version"], 1);
    office.call("playbook show default/9").fails(2, "unknown playbook \"default/9\"");

    let again = office.call(&format!("{at} playbook publish {file} --moving stay")).line();
    assert_eq!(again["repeated"], true);
    let other = version(&office, 2, 4);
    office
        .call(&format!("{at} playbook publish {other} --moving move"))
        .fails(1, "already exists with other settings; use version 3");
    office
        .call(&format!("--playbook-file {other} agenda"))
        .fails(1, "already exists with other settings; use version 3");
    office.call(&format!("{at} playbook publish {file} --moving away")).fails(2, "move_unless_past");

    let file = version(&office, 3, 4);
    let moved = office.call(&format!("{at} playbook publish {file} --moving move")).line();
    assert_eq!((&moved["moved"], &moved["stayed"]), (&1.into(), &0.into()));
    assert_eq!(latest(&office), "2026-03-06T16:00:00Z", "the close of the fourth day in Berlin");
    let agenda = office.call("--now 2026-03-05T11:00:00Z agenda").line();
    assert_eq!(agenda["latest"], "2026-03-06T16:00:00Z");
}

#[test]
fn a_preview_needs_no_database() {
    let office = Office::new();
    let file = version(&office, 2, 3);
    let previews = office.call(&format!("playbook preview {file} --start 2026-03-02T09:00:00Z")).lines();
    let names: Vec<_> = previews.iter().map(|preview| preview["prospect"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["silent", "answering", "buying"]);
    let second = &previews[0]["steps"][1];
    assert_eq!((&second["at"], &second["channel"]), (&"2026-03-05T09:00:00Z".into(), &"email".into()));
    assert!(!office.path("followup.db").exists());
}

#[test]
fn a_shipped_playbook_is_shown_with_its_comments_and_used_by_name() {
    let office = Office::new();
    let mut plain = std::process::Command::new(env!("CARGO_BIN_EXE_followup"));
    let text = Called::of(plain.args(["playbook", "show", "services"]).output().expect("it starts")).out;
    assert!(text.contains("# The agreement is out (P7)"), "{text}");
    let file = office.write("services.toml", &text);
    let checked = office.call(&format!("playbook check {file}"));
    assert_eq!((checked.code, checked.out.as_str()), (0, ""));
    let at = "--now 2026-03-02T09:00:00Z";
    office.call(&format!("{at} add Ada --id p --email ada@example.org --playbook services")).line();
    let plan = office.call(&format!("{at} plan p")).line();
    assert_eq!((&plan["template"], &plan["automatic"]), (&"services_link".into(), &true.into()));
}

#[test]
fn actions_beyond_the_capacity_move_to_the_next_day() {
    let office = Office::new();
    for n in 0..5 {
        office.call(&format!("--now 2026-03-02T09:00:00Z --owner kim add Person{n} --id p{n}")).line();
    }
    let lines = office.call("--now 2026-03-02T10:00:00Z agenda --per-day 2").lines();
    let days: Vec<_> = lines.iter().map(|line| line["planned_on"].as_str().expect("a day")).collect();
    assert_eq!(days, ["2026-03-02", "2026-03-02", "2026-03-03", "2026-03-03", "2026-03-04"]);
    assert!(office.call("--now 2026-03-02T10:00:00Z agenda").lines()[0].get("planned_on").is_none());
}
