//! Do custom mapping files read the logs for which they were written?

use followup::Zone;
use followup_formats::{Mapping, Row};

/// Returns instant and key of each event that a mapping in `tests/mappings` yields for made-up rows.
fn outline(name: &str, log: &str) -> Vec<String> {
    let path = format!("{}/tests/mappings/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the mapping exists");
    let mapping = Mapping::parse(&text).unwrap_or_else(|error| panic!("{name}:\n{error}"));
    let mut rows = mapping.reader(log.as_bytes(), Zone::utc()).expect("the header has every column");
    let outline = rows.by_ref().map(|row| match row.expect("the log is in memory") {
        Row::Imported { event, .. } => format!("{} {}", event.at().format("%d.%m. %H:%M"), event.key()),
        other => panic!("{other:?}"),
    });
    let outline = outline.collect();
    assert!(rows.unmapped().is_empty(), "{:?}", rows.unmapped());
    outline
}

const INCIDENT: &str = "number,incident_state,opened_at,sys_updated_at,resolved_at\n\
    I1,New,1/3/2026 09:00,1/3/2026 09:05,4/3/2026 11:00\n\
    I1,Awaiting User Info,1/3/2026 09:00,2/3/2026 10:00,4/3/2026 11:00\n\
    I1,Resolved,1/3/2026 09:00,4/3/2026 12:00,4/3/2026 11:00\n\
    I1,Active,1/3/2026 09:00,4/3/2026 12:00,4/3/2026 11:00\n\
    I1,Closed,1/3/2026 09:00,9/3/2026 12:00,4/3/2026 11:00\n\
    I2,Closed,2/3/2026 09:00,2/3/2026 09:05,?\n";

#[test]
fn an_incident_without_a_resolution_time_stays_open() {
    let expected =
        ["01.03. 09:00 I1/1/1-inquired", "04.03. 11:00 I1/5/2-decided", "02.03. 09:00 I2/1/1-inquired"];
    assert_eq!(outline("incident_resolution", INCIDENT), expected);
}

#[test]
fn every_row_of_an_incident_is_a_touch_and_the_first_that_resolves_it_decides() {
    let expected = [
        "01.03. 09:05 I1/1/1-touched",
        "02.03. 10:00 I1/2/1-touched",
        "04.03. 12:00 I1/3/1-touched",
        "04.03. 12:00 I1/3/2-decided",
        "04.03. 12:00 I1/4/1-touched",
        "09.03. 12:00 I1/5/1-touched",
        "02.03. 09:05 I2/1/1-touched",
        "02.03. 09:05 I2/1/2-decided",
    ];
    assert_eq!(outline("incident_rows", INCIDENT), expected);
}

#[test]
fn a_deal_is_won_on_its_day_whatever_the_time_of_day() {
    let deals = "mql_id,won_date\na,26-03-2018 19:58\nb,26-03-2018 00:00:01\n";
    let expected = ["26.03. 00:00 2-closed/1/1-decided", "26.03. 00:00 2-closed/1/1-decided"];
    assert_eq!(outline("funnel_days", deals), expected);
}
