//! Is the page of the gap report complete, self-contained, safe, and consistent with the JSON report?

mod common;

use common::Office;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

const MONDAY: &str = "2026-03-09T08:00:00Z";
const HOSTILE: &str = "<img src=x onerror=alert(1)>";

fn demo() -> Office {
    let office = Office::new();
    assert_eq!(office.call("demo").code, 0);
    office
}

/// Returns the page and the JSON report of the same call.
#[track_caller]
fn report(office: &Office, options: &[&str]) -> (String, Value) {
    let file = office.path("page.html");
    let file = file.to_str().expect("the path is UTF-8");
    let words = [&["--now", MONDAY, "report", "gap", "--html", file], options].concat();
    let json = office.call_with(&words).line();
    (std::fs::read_to_string(file).expect("the page exists"), json)
}

/// Parses the page as XML. The page is well-formed XML, too, so no browser has to guess.
#[track_caller]
fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).expect("the page is well-formed")
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn section<'d>(page: &'d Document<'_>, id: &str) -> Node<'d, 'd> {
    let found = page.descendants().find(|node| node.attribute("id") == Some(id));
    found.unwrap_or_else(|| panic!("missing element {id}"))
}

fn elements<'d>(of: Node<'d, 'd>, name: &'static str) -> impl Iterator<Item = Node<'d, 'd>> {
    of.descendants().filter(move |node| node.has_tag_name(name))
}

/// Rounds a value, because a fast JSON parser may be off by the last bit.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Returns the values of the rows of a section's table, in order; null if not a number.
fn rows(page: &Document<'_>, id: &str, table: usize) -> Vec<Vec<Value>> {
    let table = elements(section(page, id), "tbody").nth(table).expect("the table exists");
    let value = |cell: Node<'_, '_>| {
        let data = cell.descendants().find_map(|node| node.attribute("value"));
        data.map_or(Value::Null, |data| rounded(data.parse().expect("a number")).into())
    };
    elements(table, "tr").map(|row| elements(row, "td").map(value).collect()).collect()
}

fn numbers<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<Value> {
    values
        .into_iter()
        .map(|value| value.as_f64().map_or(Value::Null, |value| rounded(value).into()))
        .collect()
}

/// Checks what must hold for every page.
#[track_caller]
fn is_sound(page: &str) {
    let document = parsed(page);
    for node in document.descendants().filter(Node::is_element) {
        assert!(!["script", "img", "iframe", "object"].contains(&node.tag_name().name()), "{node:?}");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            if ["src", "href"].contains(&name) {
                assert!(value.starts_with('#') || value.starts_with("data:"), "{name}={value}");
            }
            assert!(!name.starts_with("on"), "{name}={value}");
            assert!(!["NaN", "NaN%", "inf", "inf%", "-inf"].contains(&value), "{name}={value}");
        }
        let words = node.text().unwrap_or_default();
        assert!(!words.split_whitespace().any(|word| word.contains("NaN") || word == "inf"), "{words}");
    }
    let style = text(document.descendants().find(|node| node.has_tag_name("style")).expect("it has a style"));
    assert!(!style.contains("url(") && !style.contains("@import"), "the style loads something");
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn the_page_of_the_demo_is_one_file_that_loads_nothing_else() {
    let office = demo();
    let before = std::fs::read_dir(office.path(".")).expect("a folder").count();
    let (page, _) = report(&office, &[]);
    is_sound(&page);
    let after = std::fs::read_dir(office.path(".")).expect("a folder").count();
    assert_eq!(after, before + 1, "the page is one file, and no other file remains");
    let document = parsed(&page);
    for id in ["figures", "funnel", "stays", "lateness", "touches", "load", "months", "definitions"] {
        section(&document, id);
    }
    let says = text(section(&document, "funnel"));
    assert!(
        says.contains("Of 12 who were interested, 3 got as far as an appointment, and 1 person bought."),
        "{says}"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let office = demo();
    assert_eq!(report(&office, &["--by", "owner"]).0, report(&office, &["--by", "owner"]).0);
}

#[test]
fn the_page_of_an_empty_book_says_so() {
    let (page, json) = report(&Office::new(), &[]);
    is_sound(&page);
    assert_eq!(json["prospects"], 0);
    let document = parsed(&page);
    assert!(text(section(&document, "empty")).contains("nothing to show"));
    assert!(!document.descendants().any(|node| node.has_tag_name("table")));
}

#[test]
fn a_book_with_few_events_has_a_page() {
    let office = Office::new();
    office.call("--now 2026-03-02T09:00:00Z add Ada --id p").line();
    let (page, _) = report(&office, &["--by", "channel"]);
    is_sound(&page);
    let says = text(parsed(&page).root_element());
    assert!(
        says.contains("Of 1 who was interested, nobody got as far as an appointment, and nobody bought.")
    );
}

#[test]
fn names_from_the_data_are_never_markup() {
    let office = Office::new();
    let add = ["--now", "2026-03-02T09:00:00Z", "--owner", HOSTILE, "add", "Ada", "--id", "p"];
    office.call_with(&add).line();
    let origin = format!(
        r#"{{"key":"a","prospect":"q","at":"2026-03-02T09:00:00Z","event":"inquired","channel":"carrier_pigeons_at_noon","origin":"{HOSTILE}"}}"#
    );
    let file = office.write("origin.jsonl", origin);
    office.call(&format!("import events {file}")).line();
    for options in [&["--by", "owner"][..], &["--by", "origin"], &["--by", "channel"], &["--owner", HOSTILE]]
    {
        let (page, _) = report(&office, options);
        is_sound(&page);
        let document = parsed(&page);
        let said = text(document.root_element());
        assert!(said.contains(HOSTILE) || options == ["--by", "channel"], "{options:?}");
        assert!(options != ["--by", "channel"] || said.contains("carrier_pigeons_at_noon"));
    }
}

#[test]
fn the_numbers_of_the_page_match_the_json() {
    let office = demo();
    let (page, json) = report(&office, &["--by", "owner"]);
    let document = parsed(&page);

    let figures = elements(section(&document, "figures"), "data").map(|data| data.attribute("value"));
    let figures: Vec<_> =
        figures.map(|value| value.and_then(|value| value.parse().ok()).map(rounded)).collect();
    let expected = [
        &json["open"],
        &json["conversion_pct"],
        &json["touches_per_first_contact"],
        &json["open_without_next_action"],
        &json["never_touched"],
        &json["touches_after_stop"]["touches"],
        &json["outside_hours"],
    ];
    assert_eq!(figures, expected.map(|value| value.as_f64().map(rounded)));

    let stages = ["interest", "information", "appointment", "proposal", "decision"];
    let all = json["prospects"].as_f64().expect("a number");
    for (row, stage) in rows(&document, "funnel", 0).iter().zip(stages) {
        let reached = json["reached"][stage].as_f64().expect("a number");
        let count = json["by_stage"][stage].as_f64().unwrap_or(0.0);
        assert_eq!(
            (row[0].as_f64(), row[1].as_f64()),
            (Some(reached), Some(rounded(reached * 100.0 / all))),
            "{stage}"
        );
        assert_eq!(row[3].as_f64(), Some(count), "{stage}");
    }

    let over = ["1", "2", "7", "14", "30", "60", "90", "180", "365"];
    for (row, stage) in rows(&document, "stays", 0).iter().zip(stages) {
        let stay = &json["time_in_stage"][stage];
        let over = over.map(|days| &stay["over_days"][days]);
        assert_eq!(
            *row,
            numbers([&stay["n"], &stay["median"], &stay["p90"]].into_iter().chain(over)),
            "{stage}"
        );
    }
    let times =
        ["first_touch", "between_touches", "response", "open_silence", "cycle_days", "lost_cycle_days"];
    for (row, field) in rows(&document, "stays", 1).iter().zip(times) {
        assert_eq!(*row, numbers(["n", "median", "p90"].map(|name| &json[field][name])), "{field}");
    }

    let follow_ups = &json["follow_ups"];
    for (row, field) in
        rows(&document, "lateness", 0).iter().zip(["too_soon", "on_time", "too_late", "never"])
    {
        assert_eq!(row[0].as_f64(), follow_ups[field].as_f64(), "{field}");
    }
    for (row, days) in rows(&document, "lateness", 2).iter().zip(over) {
        assert_eq!(row[0].as_f64(), follow_ups["hours_late"]["over_days"][days].as_f64(), "{days}");
    }

    let classes = ["0", "1", "2", "3", "4", "5", "6-10", "11+"];
    for (row, class) in rows(&document, "touches", 0).iter().zip(classes) {
        let fields = ["prospects_by_touches", "won_by_touches", "won_pct_by_touches"];
        assert_eq!(row[..3], numbers(fields.map(|field| &json[field][class])), "{class}");
    }

    let months = rows(&document, "months", 0);
    for (nth, field) in ["first_contacts", "touches", "won", "lost"].into_iter().enumerate() {
        let page: f64 = months.iter().filter_map(|row| row[nth].as_f64()).sum();
        let months = json["by_month"].as_object().expect("an object").values();
        let json: f64 = months.filter_map(|month| month[field].as_f64()).sum();
        assert_eq!(page, json, "{field}");
    }

    let load = office.call_with(&["--now", MONDAY, "report", "load", "--days", "28"]).line();
    let days = rows(&document, "load", 0);
    assert_eq!(days.len(), 28);
    for (row, day) in days.iter().zip(load["days"].as_array().expect("a list")) {
        assert_eq!(row[..2], numbers([&day["actions"], &day["automatic"]]));
        let channels: f64 = row[2..].iter().filter_map(Value::as_f64).sum();
        assert_eq!(Some(channels), day["actions"].as_f64());
    }

    for (row, group) in
        rows(&document, "groups", 0).iter().zip(json["groups"].as_object().expect("an object"))
    {
        assert_eq!(row[0].as_f64(), group.1["prospects"].as_f64());
    }
}

#[test]
fn printed_numbers_are_rounded_from_their_values() {
    let (page, _) = report(&demo(), &[]);
    let document = parsed(&page);
    let mut compared = 0;
    for data in document.descendants().filter(|node| node.has_tag_name("data")) {
        let written = text(data);
        let Some(number) = written.strip_suffix('%').map(|text| text.replace('\u{202f}', "")) else {
            continue;
        };
        let (Ok(number), Some(value)) = (number.parse::<f64>(), data.attribute("value")) else { continue };
        let value: f64 = value.parse().expect("a number");
        assert!((number - value).abs() <= if value < 9.95 { 0.0501 } else { 0.501 }, "{written} of {value}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn every_definition_matches_the_library() {
    let office = demo();
    let (page, json) = report(&office, &[]);
    let load = office.call_with(&["--now", MONDAY, "report", "load", "--days", "28"]).line();
    let document = parsed(&page);
    let defined = elements(section(&document, "definitions"), "div");
    let mut count = 0;
    for entry in defined {
        let field = text(elements(entry, "code").next().expect("a field"));
        let says = text(elements(entry, "dd").next().expect("a definition"));
        let known = [&json["definitions"][&field], &load["definitions"][&field]];
        assert!(known.iter().any(|known| known.as_str() == Some(says.as_str())), "{field}: {says}");
        count += 1;
    }
    assert_eq!(count, 31, "the shown fields of the gap report, and all four of the load");
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_and_leaves_no_file() {
    let office = demo();
    let nowhere = office.path("nowhere/page.html");
    let nowhere = nowhere.to_str().expect("the path is UTF-8");
    office.call_with(&["report", "gap", "--html", nowhere]).fails(1, "cannot write the page");
    let folder = office.path("folder");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let taken = folder.to_str().expect("the path is UTF-8");
    office.call_with(&["report", "gap", "--html", taken]).fails(1, "cannot write the page");
    let left = std::fs::read_dir(office.path(".")).expect("a folder");
    let left =
        left.filter_map(Result::ok).filter(|entry| entry.file_name().to_string_lossy().ends_with(".new"));
    assert_eq!(left.count(), 0, "no partial file remains");
}
