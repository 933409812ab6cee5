//! Whatever is handed to what reads text: it ends soon, with a value or an error, and never with a panic.

use std::time::{Duration, Instant};

use followup_core::{Event, Money, Playbook, Span, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Nothing takes longer, in a build without optimisation and on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(60);

const PLAYBOOK: &str = include_str!("../playbooks/sales_cycle.toml");
const EVENT: &str =
    r#"{"prospect":"p","at":"2026-03-02T09:15:00Z","event":"touched","channel":"email","key":"k"}"#;

#[expect(
    clippy::disallowed_methods,
    reason = "how long reading takes is what is tested; no value depends on it"
)]
fn in_time<T>(what: &str, read: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let read = read();
    assert!(start.elapsed() < LONGEST, "{what} took {:?}", start.elapsed());
    read
}

fn event(text: &str) -> Option<Event> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    Event::from_json(object, Zone::utc()).ok().map(|(_, event)| event)
}

#[test]
fn a_playbook_of_ten_megabytes_is_refused() {
    let texts = [
        "x".repeat(10 << 20),
        "[".repeat(10 << 20),
        "a = 1\n".repeat((10 << 20) / 6),
        format!("name = \"{}\"", "x".repeat(10 << 20)),
        "[[steps.interest]]\n".repeat((10 << 20) / 19),
        format!("holidays = [{}]", "2026-13-99, ".repeat((10 << 20) / 12)),
    ];
    for text in texts {
        let start: String = text.chars().take(20).collect();
        let refused = in_time(&start, || Playbook::parse_with_warnings(&text));
        assert!(refused.is_err(), "{start} is taken");
    }
}

#[test]
fn a_playbook_that_is_nested_a_hundred_thousand_deep_is_refused() {
    let deep = 100_000;
    let texts = [
        format!("holidays = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("steps = {}{}", "{ a = ".repeat(deep), " }".repeat(deep)),
        format!("{} = 1", vec!["a"; deep].join(".")),
        format!("[{}]", vec!["a"; deep].join(".")),
    ];
    for text in texts {
        let start: String = text.chars().take(20).collect();
        assert!(in_time(&start, || Playbook::parse_with_warnings(&text)).is_err(), "{start} is taken");
    }
}

#[test]
fn numbers_at_the_ends_of_their_range_are_refused() {
    for number in
        ["-1", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e400", "nan"]
    {
        let texts = [
            format!("version = {number}"),
            format!("personal_one_in = {number}"),
            format!("[cadence]\nceiling_touches = {number}"),
            format!("[cadence]\nminimum_gap = \"P{number}D\""),
        ];
        for text in texts {
            assert!(Playbook::parse(&text).is_err(), "{text} is taken");
        }
    }
}

#[test]
fn an_event_that_is_huge_or_deep_or_of_the_wrong_shape_is_refused() {
    let long = "x".repeat(10 << 20);
    let wrong = [
        format!(r#"{{"at":"{long}","event":"touched"}}"#),
        format!(r#"{{"at":"2026-03-02","event":"{long}"}}"#),
        format!(r#"{{"at":"2026-03-02","event":"touched","key":"{long}"}}"#),
        format!(r#"{{"at":"2026-03-02","event":"touched","channel":"{long}"}}"#),
        format!(r#"{{"at":"2026-03-02","event":"touched","seq":{}}}"#, "9".repeat(1 << 20)),
        format!(r#"{{"at":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000)),
        r#"{"at":"9999-12-31T23:59:60Z","event":"touched"}"#.to_owned(),
        r#"{"at":"2026-03-02","event":["touched"]}"#.to_owned(),
        r#"{"at":"2026-03-02","event":"proposal_sent","amount":"99999999999999999999EUR"}"#.to_owned(),
    ];
    for text in wrong {
        let start: String = text.chars().take(50).collect();
        assert_eq!(in_time(&start, || event(&text)), None, "{start} is taken");
    }
    assert!(event(EVENT).is_some());
}

#[test]
fn a_long_span_and_a_long_amount_are_refused() {
    let nines = "9".repeat(10 << 20);
    for text in [format!("P{nines}D"), format!("{nines} days"), "P".repeat(10 << 20), format!("PT{nines}H")] {
        assert!(in_time("a span", || text.parse::<Span>()).is_err());
    }
    for text in [format!("{nines}EUR"), format!("1.{nines}EUR"), "-".repeat(10 << 20), format!("1{nines}")] {
        assert!(in_time("an amount", || text.parse::<Money>()).is_err());
    }
}

/// A text with some of its bytes replaced, removed or put in, as far as it is text then.
fn changed(text: &'static str) -> impl Strategy<Value = String> {
    let put = vec(any::<u8>(), 0..4);
    vec((any::<prop::sample::Index>(), 0_usize..4, put), 1..8).prop_map(move |changes| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, removed, put) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, put);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

proptest! {
    #[test]
    fn a_changed_playbook_is_refused_or_reads_back_as_itself(text in changed(PLAYBOOK)) {
        if let Ok((playbook, _)) = Playbook::parse_with_warnings(&text) {
            let again = Playbook::parse(&playbook.to_toml());
            prop_assert_eq!(again.map(|again| again.hash().to_owned()).ok(), Some(playbook.hash().to_owned()));
        }
    }

    #[test]
    fn a_changed_event_is_refused_or_reads_back_as_itself(text in changed(EVENT)) {
        if let Some(event) = event(&text) {
            let again = Event::from_json(event.to_json("p"), Zone::utc()).map(|(_, again)| again);
            prop_assert_eq!(again.ok(), Some(event));
        }
    }

    #[test]
    fn random_text_is_refused_or_reads_back_as_itself(text in "\\PC{0,40}|-?[0-9.]{1,20} ?[A-Z]{3}|P?T?[0-9]{1,12} ?[A-Za-z]{1,6}") {
        if let Ok(span) = text.parse::<Span>() {
            prop_assert_eq!(span.to_string().parse::<Span>().ok(), Some(span));
        }
        if let Ok(money) = text.parse::<Money>() {
            prop_assert_eq!(money.to_string().parse::<Money>().ok(), Some(money));
        }
        let _ = Playbook::parse_with_warnings(&text);
    }
}
