//! Does the command simulate the future, with the same result each time?

mod common;

use common::Office;

const NOW: &str = "--now 2026-03-09T08:00:00Z";

fn demo() -> Office {
    let office = Office::new();
    office.call("demo").lines();
    office
}

#[test]
fn the_same_seed_prints_the_same_bytes_and_another_seed_others() {
    let office = demo();
    let print = |seed: u32| office.call(&format!("{NOW} simulate --days 90 --seed {seed}"));
    let first = print(7);
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(first.out, print(7).out);
    assert_ne!(first.line()["load"], print(8).line()["load"]);
}

#[test]
fn a_future_has_load_stops_and_conversions() {
    let office = demo();
    let line = office.call(&format!("{NOW} simulate --days 60 --capacity 1")).line();
    assert_eq!(line["prospects"], 12);
    assert_eq!(
        (line["from"].as_str(), line["until"].as_str()),
        (Some("2026-03-09T08:00:00Z"), Some("2026-05-08T08:00:00Z"))
    );
    let load = line["load"].as_array().expect("days");
    assert!(load.len() > 10 && load[0]["on"] == "2026-03-09", "{load:?}");
    let by_hand: u64 = load.iter().map(|day| day["by_hand"].as_u64().expect("a number")).sum();
    assert_eq!(line["by_hand"], by_hand);
    assert!(line["overflow"]["moved"].is_u64() && line["expected_won"].is_f64());
    assert!(line["by_standing"].is_object() && line["stops"].is_object() && line["responses"].is_object());
    assert_eq!(line["answers"]["given"], false);
    assert!(line["plans_per_prospect_day"].as_f64().is_some_and(|plans| plans < 2.0));
}

#[test]
fn two_playbooks_are_shown_side_by_side() {
    let office = demo();
    let slow = office.write("slow.toml", "version = 2\n[cadence.hot]\nfrom = \"P30D\"\nto = \"P30D\"\n");
    let line = office.call(&format!("{NOW} simulate --days 60 --playbook {slow}")).line();
    let by_hand = |of: &str| line[of]["by_hand"].as_i64().expect("a number");
    assert_eq!(by_hand("difference"), by_hand("then") - by_hand("now"));
    assert!(by_hand("difference") < 0);
    assert_eq!(line["playbook"], "default 2");
}

#[test]
fn an_empty_response_model_gives_no_responses() {
    let office = demo();
    for (name, text) in [("silent.toml", ""), ("silent.json", "{}")] {
        let silent = office.write(name, text);
        let line = office.call(&format!("{NOW} simulate --days 60 --responses {silent}")).line();
        assert_eq!(line["responses"], serde_json::json!({}), "{name}");
        assert_eq!(line["expected_won"], 0.0, "{name}");
        assert_eq!(line["answers"]["given"], true, "{name}");
    }
}

#[test]
fn invalid_arguments_are_usage_errors() {
    let office = demo();
    let wrong = office.write("wrong.toml", "[cadence.hot]\nfrom = \"soon\"\n");
    office.call(&format!("{NOW} simulate --days 30 --playbook {wrong}")).fails(2, "2:8: error");
    let wrong = office.write("answers.toml", "[all]\nwon = { probability = 2, delay_hours = [1] }\n");
    office
        .call(&format!("{NOW} simulate --days 30 --responses {wrong}"))
        .fails(2, "all.won: invalid probability 2; expected a number from 0 to 1");
    office.call(&format!("{NOW} simulate --days 0")).fails(2, "0 is not in 1..=3660");
    office.call(&format!("{NOW} simulate --days 30 --capacity 0")).fails(2, "--capacity");
    office
        .call(&format!("{NOW} simulate --days 30 --responses nowhere.toml"))
        .fails(1, "cannot read the responses");
}

#[test]
fn without_json_there_are_tables() {
    let office = demo();
    let table = |more: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_followup"));
        command.env_remove("FOLLOWUP_DB").env_remove("FOLLOWUP_PLAYBOOK");
        command.arg("--db").arg(office.path("followup.db"));
        command.args(format!("{NOW} simulate --days 40 {more}").split_whitespace());
        common::Called::of(command.output().expect("the command starts"))
    };
    let one = table("--capacity 1");
    assert!(
        one.out.starts_with("12 prospects for 40 days from Mon 9 Mar 2026 08:00 UTC; seed 1, answers as in "),
        "{}",
        one.out
    );
    for part in ["done by hand", "come to rest:", "won (expected value ", "with 1 per day", "left over"] {
        assert!(one.out.contains(part), "{part}: {}", one.out);
    }
    let slow = office.write("slow.toml", "version = 2\n[cadence.hot]\nfrom = \"P30D\"\nto = \"P30D\"\n");
    let two = table(&format!("--playbook {slow}"));
    for part in ["default 2", "difference", "by hand, change"] {
        assert!(two.out.contains(part), "{part}: {}", two.out);
    }
    assert!(two.out.lines().all(|line| line.chars().count() <= 110), "{}", two.out);
}
