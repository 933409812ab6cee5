//! Memory use: 1.4 million rows are read through a mapping in bounded memory.
//!
//! This is the only test of its process, because it measures the peak memory of the process.
#![allow(clippy::unwrap_used, reason = "in a test, a panic at the failing line is the clearest report")]

use std::io::{BufRead, BufReader, Read, Write};

use followup_core::Zone;
use followup_formats::{EventReader, Mapping, Row};

/// A log whose rows are generated while it is read.
struct Log {
    rows: std::ops::Range<u64>,
    rows_per_case: u64,
    line: Vec<u8>,
    at: usize,
    write: fn(u64, u64, &mut Vec<u8>),
}

impl Read for Log {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.line.len() {
            let Some(row) = self.rows.next() else { return Ok(0) };
            self.line.clear();
            self.at = 0;
            (self.write)(row / self.rows_per_case, row % self.rows_per_case, &mut self.line);
        }
        let count = buffer.len().min(self.line.len() - self.at);
        buffer[..count].copy_from_slice(&self.line[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn log(header: &str, rows: u64, rows_per_case: u64, write: fn(u64, u64, &mut Vec<u8>)) -> impl BufRead {
    BufReader::new(Log { rows: 0..rows, rows_per_case, line: header.as_bytes().to_vec(), at: 0, write })
}

fn mapped(case: u64, nth: u64, line: &mut Vec<u8>) {
    let state = ["New", "Active", "Waiting", "Active", "Done"][(nth % 5) as usize];
    let (day, hour) = (1 + case % 28, 8 + nth % 10);
    let filler =
        "some words that the mapping does not look at,and more of them,some words again,and still more";
    writeln!(line, "CASE{case:08},{state},{day}/3/2026 {hour}:15,{filler}").unwrap();
}

fn native(case: u64, nth: u64, line: &mut Vec<u8>) {
    writeln!(line, "p-{case},2026-03-02T{:02}:15:00Z,touched,phone", 8 + nth % 10).unwrap();
}

const MAPPING: &str = r#"
    prospect = "case"
    state = "state"
    zone = "UTC"
    time = { column = "at", formats = "%d/%m/%Y %H:%M" }
    [[event]]
    event = "inquired"
    when = { first = true }
    [[event]]
    event = "input_requested"
    when = { into = "Waiting" }
    fields = { input = "answer" }
    [[event]]
    event = "touched"
    unless = { into = "Waiting" }
    fields = { channel = "phone" }
    [[event]]
    event = "decided"
    when = { into = "Done" }
    fields = { outcome = "won" }
"#;

fn counted_row(case: u64, _: u64, line: &mut Vec<u8>) {
    writeln!(line, "CASE{case:08},2026-03-02,1000").unwrap();
}

const COUNTED: &str = "prospect = \"case\"\ntime = \"at\"\n";
const COUNTED_RULE: &str =
    "[[event]]\nevent = \"touched\"\ntimes = \"calls\"\nfields = { channel = \"phone\" }\n";

#[cfg(target_os = "linux")]
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

#[cfg(not(target_os = "linux"))]
fn peak_kib() -> Option<u64> {
    None
}

#[test]
fn a_million_and_a_half_rows_need_less_than_64_mib() {
    let rows = 1_400_000;
    let mapping = Mapping::parse(MAPPING).unwrap();
    // The worst case for memory is one case per row; usually a case has a few rows.
    for (rows_per_case, events) in [(1, 2 * rows), (7, rows / 7 * 9)] {
        let header = "case,state,at,words,more,words again,more again\n";
        let mut reader = mapping.reader(log(header, rows, rows_per_case, mapped), Zone::utc()).unwrap();
        let count = reader.by_ref().filter(|row| matches!(row, Ok(Row::Imported { .. }))).count() as u64;
        assert_eq!((reader.rows(), count), (rows, events), "{rows_per_case} rows a case");
    }
    // The events of a row are not all in memory at once, whatever their number.
    let counted = format!("{COUNTED}{}", COUNTED_RULE.repeat(90));
    let counted = Mapping::parse(&counted).unwrap();
    let reader = counted.reader(log("case,at,calls\n", 10, 1, counted_row), Zone::utc()).unwrap();
    assert_eq!(reader.filter(|row| matches!(row, Ok(Row::Imported { .. }))).count(), 900_000);
    let reader = EventReader::new(log("prospect,at,event,channel\n", rows, 5, native), Zone::utc()).unwrap();
    assert_eq!(reader.filter(|row| matches!(row, Ok(Row::Imported { .. }))).count() as u64, rows);
    let peak = peak_kib();
    assert!(peak.is_none_or(|peak| peak < 64 << 10), "{peak:?} KiB");
    println!("peak {peak:?} KiB");
}
