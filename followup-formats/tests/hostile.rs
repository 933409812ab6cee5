//! Reading any file ends without a panic and proceeds from line to line.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test, a panic at the failing line is the clearest report"
)]

use followup_core::Zone;
use followup_formats::{ContactReader, ContactRow, EventReader, Mapping, Row, open, read_events};
use proptest::collection::vec;
use proptest::prelude::*;

/// Generates bytes, with a preference for those that have a meaning to the readers.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let telling = prop::sample::select(b"\",;\t\n\r{}[]: \xffa1\xc3\xbc".to_vec());
    let word = prop::sample::select(vec![
        "2026-03-02",
        "touched",
        "phone",
        "prospect",
        "\"\"",
        "\r\n",
        "a,b,c\n",
        "\"at\":",
        "{\"event\":\"replied\"}",
    ]);
    let piece = prop_oneof![
        telling.prop_map(|byte| vec![byte]),
        any::<u8>().prop_map(|byte| vec![byte]),
        word.prop_map(|word| word.as_bytes().to_vec()),
    ];
    vec(piece, 0..200).prop_map(|pieces| pieces.concat())
}

fn line(row: &Row) -> u64 {
    match row {
        Row::Imported { line, .. } => *line,
        Row::Rejected(reject) => reject.line,
        other => panic!("{other:?}"),
    }
}

fn lines_of(file: &[u8]) -> u64 {
    file.iter().filter(|byte| **byte == b'\n').count() as u64 + 1
}

#[test]
fn a_huge_or_deep_mapping_file_is_refused_quickly() {
    let (long, deep) = (10 << 20, 100_000);
    let texts = [
        "x".repeat(long),
        "[".repeat(long),
        "[[event]]\n".repeat(long / 10),
        format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}{}", "{ a = ".repeat(deep), " }".repeat(deep)),
        format!("{} = 1", vec!["a"; deep].join(".")),
    ];
    for text in texts {
        let head: String = text.chars().take(20).collect();
        let start = std::time::Instant::now();
        assert!(Mapping::parse(&text).is_err(), "{head} is accepted");
        assert!(start.elapsed().as_secs() < 60, "{head} took {:?}", start.elapsed());
    }
}

#[test]
fn a_huge_or_deep_row_is_rejected_and_the_next_one_is_read() {
    let next = "{\"prospect\":\"p\",\"at\":\"2026-03-02\",\"event\":\"replied\"}\n";
    let deep = format!("{{\"prospect\":{}\n", "[".repeat(100_000));
    let huge = format!("{{\"prospect\":\"{}\"}}\n", "x".repeat(10 << 20));
    for row in [deep, huge] {
        let file = [next, &row, next].concat();
        let rows: Vec<Row> =
            read_events(file.as_bytes(), None, Zone::utc()).unwrap().map(Result::unwrap).collect();
        let [Row::Imported { .. }, Row::Rejected(_), Row::Imported { .. }] = &rows[..] else {
            panic!("{rows:?}")
        };
    }
}

proptest! {
    #[test]
    fn any_file_of_events_is_read_to_its_end(
        header in prop::sample::select(vec!["", "prospect,at,event,channel\n", "{\"prospect\":1}\n"]),
        rest in bytes(),
    ) {
        let file = [header.as_bytes(), &rest].concat();
        if let Ok(reader) = read_events(&file[..], None, Zone::utc()) {
            let lines: Vec<u64> = reader.map_while(Result::ok).map(|row| line(&row)).collect();
            prop_assert!(lines.is_sorted_by(|a, b| a < b), "{lines:?}");
            prop_assert!(lines.last().is_none_or(|line| *line <= lines_of(&file)));
        }
    }

    #[test]
    fn any_log_is_read_through_any_shipped_mapping(name in prop::sample::select(Mapping::shipped_names().collect::<Vec<_>>()), rest in bytes()) {
        let mapping = Mapping::shipped(name).unwrap();
        let header = mapping.columns().collect::<Vec<_>>().join(",");
        let file = [header.as_bytes(), b"\n", &rest].concat();
        let mut reader = mapping.reader(&file[..], Zone::utc()).unwrap();
        let lines: Vec<u64> = reader.by_ref().map(|row| line(&row.unwrap())).collect();
        prop_assert!(lines.is_sorted());
        prop_assert!(reader.rows() <= lines_of(&file));
    }

    #[test]
    fn any_list_of_contacts_is_read_to_its_end(rest in bytes()) {
        let file = [&b"First Name,Last Name,E-mail Address\n"[..], &rest].concat();
        for row in ContactReader::new(&file[..]).unwrap() {
            let (ContactRow::Contact(_) | ContactRow::Rejected(_)) = row.unwrap() else { panic!("another row") };
        }
        let _ = ContactReader::new(&rest[..]);
        if let Ok(opened) = open(&rest[..]) {
            let _ = ContactReader::new(opened);
        }
    }

    #[test]
    fn any_mapping_file_is_accepted_or_refused(
        name in prop::sample::select(Mapping::shipped_names().collect::<Vec<_>>()),
        cut in any::<prop::sample::Index>(),
        put in "[\\[\\]{}\"=,.a-z0-9\n#%]{0,12}",
    ) {
        let text = Mapping::shipped_text(name).unwrap();
        let at = text.floor_char_boundary(cut.index(text.len()));
        let until = text.ceil_char_boundary((at + 7).min(text.len()));
        let changed = format!("{}{put}{}", &text[..at], &text[until..]);
        if let Err(error) = Mapping::parse(&changed) {
            prop_assert!(!error.problems().is_empty());
            prop_assert!(error.problems().iter().all(|problem| problem.line >= 1 && problem.column >= 1));
        }
    }

    #[test]
    fn cells_come_back_as_the_csv_crate_writes_them(
        rows in vec(vec("[a\", \r\n;é]{0,6}", 4), 1..20),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["prospect", "at", "event", "text"]).unwrap();
        for row in &rows {
            writer.write_record(["p", "2026-03-02", "noted", &format!("x{}", row.concat())]).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let texts: Vec<String> = EventReader::new(&file[..], Zone::utc())
            .unwrap()
            .map(|row| match row.unwrap() {
                Row::Imported { event, .. } => event.to_fields().as_json()["text"].as_str().unwrap().to_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(texts, rows.iter().map(|row| format!("x{}", row.concat())).collect::<Vec<_>>());
    }
}
