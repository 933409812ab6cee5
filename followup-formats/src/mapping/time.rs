//! Instants in foreign files: formats and zones.

use std::fmt::Write;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Utc};
use followup_core::time::{MAX_INSTANT, MIN_INSTANT};
use followup_core::{Event, Zone};

use super::mistakes::{Mistakes, Node};
use crate::error::excerpt;

/// Formats of an instant, in chrono's notation. The first that fits a text applies.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Formats {
    formats: Vec<Format>,
    /// Whether an instant is reduced to 0:00 of its day in the zone.
    pub(super) day_only: bool,
}

#[derive(Clone, PartialEq, Debug)]
struct Format {
    text: String,
    items: Vec<Item<'static>>,
}

impl Formats {
    /// Returns the formats of RFC 3339 and ISO 8601, for a mapping without formats.
    pub(super) fn usual() -> Formats {
        let texts = [
            "%+",
            "%Y-%m-%dT%H:%M:%S%.f",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M",
            "%Y-%m-%d",
        ];
        Formats { formats: texts.iter().filter_map(|text| Format::new(text)).collect(), day_only: false }
    }

    /// Creates formats from valid texts.
    #[cfg(test)]
    pub(super) fn all(texts: &[&str]) -> Formats {
        Formats { formats: texts.iter().map(|text| Format::new(text).unwrap()).collect(), day_only: false }
    }

    /// Parses one format or a list of formats.
    pub(super) fn read(node: &Node<'_>, mistakes: &mut Mistakes) -> Option<Formats> {
        let nodes: Vec<&Node<'_>> = match node.get_ref().as_array() {
            Some(items) => items.iter().collect(),
            None => vec![node],
        };
        if nodes.is_empty() {
            mistakes.add(node.span(), "expected at least one format, like \"%Y-%m-%d %H:%M\"");
            return None;
        }
        let mut formats = Vec::new();
        for node in nodes {
            let text = mistakes.text(node, "a format as text, like \"%d/%m/%Y %H:%M\"")?;
            match Format::new(text) {
                Some(format) => formats.push(format),
                None => mistakes.add(
                    node.span(),
                    format!("invalid format \"{}\": it yields no date; expected e.g. \"%d/%m/%Y %H:%M\", in chrono's notation", excerpt(text)),
                ),
            }
        }
        Some(Formats { formats, day_only: false })
    }

    /// Parses an instant. A date alone means 0:00; a time without an offset is a local time in the zone.
    pub(crate) fn instant(&self, text: &str, zone: Zone) -> Result<DateTime<Utc>, String> {
        let mut read = self.formats.iter().find_map(|format| format.instant(text, zone));
        if self.day_only {
            read = read.and_then(|at| in_zone(zone.date_of(at).and_time(NaiveTime::MIN), zone));
        }
        match read {
            Some(at) if (MIN_INSTANT..MAX_INSTANT).contains(&at) => Ok(at),
            Some(_) => Err(format!("the time \"{}\" is outside the years 1900 to 2199", excerpt(text))),
            None => {
                let formats: Vec<String> =
                    self.formats.iter().map(|format| format!("\"{}\"", format.text)).collect();
                Err(format!(
                    "invalid time \"{}\"; expected the format {}",
                    excerpt(text),
                    formats.join(" or ")
                ))
            }
        }
    }
}

impl Format {
    fn new(text: &str) -> Option<Format> {
        let items = StrftimeItems::new(text).parse_to_owned().ok()?;
        let format = Format { text: text.to_owned(), items };
        // A format is valid if parsing what it writes yields the same date.
        let sample = NaiveDate::from_ymd_opt(2024, 10, 23)?.and_hms_opt(16, 5, 7)?.and_utc();
        let mut written = String::new();
        write!(written, "{}", sample.format_with_items(format.items.iter())).ok()?;
        let read = format.instant(&written, Zone::utc())?;
        (read.date_naive() == sample.date_naive()).then_some(format)
    }

    fn instant(&self, text: &str, zone: Zone) -> Option<DateTime<Utc>> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        let at = if parsed.timestamp().is_some() {
            parsed.to_datetime_with_timezone(&Utc).ok()?
        } else if parsed.offset().is_some() {
            parsed.to_datetime().ok()?.to_utc()
        } else if parsed.hour_mod_12().is_some() {
            in_zone(parsed.to_naive_datetime_with_offset(0).ok()?, zone)?
        } else {
            in_zone(parsed.to_naive_date().ok()?.and_time(NaiveTime::MIN), zone)?
        };
        Some(at.trunc_subsecs(6))
    }
}

/// Returns the instant of a local time; see [`Zone`] for gaps and overlaps.
fn in_zone(local: NaiveDateTime, zone: Zone) -> Option<DateTime<Utc>> {
    if zone == Zone::utc() {
        return Some(local.and_utc());
    }
    // Core parses local times from text only.
    let text = local.format("%Y-%m-%dT%H:%M:%S%.f").to_string();
    Event::parse_instant("at", &text, zone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_format_that_fits_reads_the_text() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (texts, zone, text, at) in [
            (&["%d/%m/%Y %H:%M"][..], Zone::utc(), "1/3/2016 09:52", "2016-03-01T09:52:00Z"),
            (&["%d/%m/%Y %H:%M"], berlin, "1/7/2016 9:05", "2016-07-01T07:05:00Z"),
            (&["%d-%m-%Y %H:%M:%S", "%d-%m-%Y"], berlin, "05-12-2017", "2017-12-04T23:00:00Z"),
            (&["%d %b %Y"], Zone::utc(), "5 may 2008", "2008-05-05T00:00:00Z"),
            (&["%m/%d/%Y %I:%M %p"], Zone::utc(), "03/12/2024 2:05 PM", "2024-03-12T14:05:00Z"),
            (&["%+"], berlin, "2024-03-12T14:05:00.1234567+09:00", "2024-03-12T05:05:00.123456Z"),
            (&["%s"], berlin, "1710252300", "2024-03-12T14:05:00Z"),
            (&["%Y-%m-%d %H:%M"], berlin, "2024-03-31 02:30", "2024-03-31T01:30:00Z"),
        ] {
            let at: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(Formats::all(texts).instant(text, zone), Ok(at), "{text}");
        }
    }

    #[test]
    fn a_time_that_counts_by_its_day_has_no_time_of_day() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let formats = Formats { day_only: true, ..Formats::all(&["%d-%m-%Y %H:%M", "%+"]) };
        for (zone, text, at) in [
            (Zone::utc(), "26-03-2018 19:58", "2018-03-26T00:00:00Z"),
            (berlin, "26-03-2018 00:00", "2018-03-25T22:00:00Z"),
            (berlin, "2018-03-26T23:30:00Z", "2018-03-26T22:00:00Z"),
        ] {
            let at: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(formats.instant(text, zone), Ok(at), "{text}");
        }
        assert!(formats.instant("26-03-2018", berlin).is_err());
    }

    #[test]
    fn without_formats_the_usual_ones_are_read() {
        for text in
            ["2024-03-12T14:05:00Z", "2024-03-12T15:05:00+01:00", "2024-03-12 14:05", "2024-03-12T14:05:00.0"]
        {
            let at = Formats::usual().instant(text, Zone::utc());
            assert_eq!(at.unwrap().to_rfc3339(), "2024-03-12T14:05:00+00:00", "{text}");
        }
        assert_eq!(Formats::usual().formats.len(), 6);
    }

    #[test]
    fn a_time_that_fits_no_format_is_an_error_that_names_the_formats() {
        let formats = Formats::all(&["%d/%m/%Y %H:%M", "%Y-%m-%d"]);
        for text in ["", "31/2/2016 10:00", "2016-03-01 10:00", "1/3/2016", "99999-01-01"] {
            assert!(formats.instant(text, Zone::utc()).unwrap_err().contains("\"%Y-%m-%d\""), "{text}");
        }
        assert!(formats.instant("1850-01-01", Zone::utc()).unwrap_err().contains("1900 to 2199"));
    }

    #[test]
    fn a_format_that_gives_no_date_is_refused() {
        for text in ["", "%d %b", "%H:%M", "%Q", "2016", "%Y-%m-%d %"] {
            assert_eq!(Format::new(text), None, "{text}");
        }
    }
}
