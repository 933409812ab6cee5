//! Short words, ids, money, spans and hours: how they read, print and refuse.

use std::collections::HashSet;
use std::error::Error;

use chrono::{DateTime, Utc, Weekday};
use followup_core::channel::ChannelKind;
use followup_core::plan::What;
use followup_core::rule::RuleSet;
use followup_core::stage::{Readiness, Rest, Standing};
use followup_core::state::Breach;
use followup_core::store::StoreErrorKind;
use followup_core::time::{
    DayHours, HoursError, MAX_INSTANT, MIN_INSTANT, WeekHours, Weekdays, clock_text, parse_clock,
};
use followup_core::{
    BookId, Channel, Money, Prospect, ProspectId, Purpose, Reason, Rule, Span, Stage, StoreError,
    Temperature, Zone,
};
use serde_json::json;

fn refused<T: std::fmt::Debug, E: std::fmt::Display>(read: Result<T, E>) -> String {
    read.expect_err("it is refused").to_string()
}

#[test]
fn a_name_is_a_short_word_in_lower_case() {
    let longest = "a23456789_123456789_123";
    assert_eq!(longest.len(), 23);
    for text in ["a", "fax", "x_9", longest] {
        let channel: Channel = text.parse().expect(text);
        assert_eq!((channel.as_str(), channel.to_string()), (text, text.to_owned()));
        assert_eq!(serde_json::to_value(channel).expect("text"), json!(text));
        assert_eq!(serde_json::from_value::<Channel>(json!(text)).expect("a channel"), channel);
    }
    let why = "expected 1 to 23 characters of a-z, 0-9 and _, starting with a letter";
    for text in ["", "9a", "_a", "Fax", "fä", "a b", "a23456789_123456789_1234"] {
        assert_eq!(refused(text.parse::<Channel>()), format!("invalid channel \"{text}\": {why}"));
        assert_eq!(refused(text.parse::<Purpose>()), format!("invalid purpose \"{text}\": {why}"));
        assert_eq!(refused(text.parse::<Reason>()), format!("invalid reason \"{text}\": {why}"));
        let wire = refused(serde_json::from_value::<Channel>(json!(text)));
        assert_eq!(wire, format!("invalid name \"{text}\": {why}"));
    }
    assert_eq!(format!("{:?}", Channel::EMAIL), "Channel(\"email\")");
    assert_eq!(format!("[{:>6}]", Channel::EMAIL), "[ email]");
}

#[test]
fn built_in_channels_have_their_kinds() {
    let kinds: Vec<_> = Channel::BUILT_IN.iter().map(|channel| (channel.as_str(), channel.kind())).collect();
    assert_eq!(
        kinds,
        [
            ("phone", ChannelKind::Voice),
            ("email", ChannelKind::Mail),
            ("post", ChannelKind::Letter),
            ("social", ChannelKind::Social),
            ("text", ChannelKind::Text),
            ("visit", ChannelKind::Visit),
            ("web", ChannelKind::Web),
        ]
    );
}

#[test]
fn standings_and_parts_of_a_plan_have_their_words() {
    assert_eq!(Standing::Active.as_str(), "active");
    assert_eq!(Standing::Waiting.as_str(), "waiting");
    let rests: Vec<_> = Rest::ALL.iter().map(|rest| Standing::Resting(*rest).as_str()).collect();
    assert_eq!(
        rests,
        ["erased", "stopped", "gave_up", "opted_out", "won", "lost", "later", "inputs_complete", "merged"]
    );
    let parts = [
        (What::Next, "next"),
        (What::Purpose, "purpose"),
        (What::Earliest, "earliest"),
        (What::Target, "target"),
        (What::Latest, "latest"),
        (What::Channel, "channel"),
        (What::Reason, "reason"),
        (What::Personal, "personal"),
        (What::Also, "also"),
        (What::WakeAt, "wake_at"),
        (What::Needs, "needs"),
        (What::RankAt, "rank_at"),
        (What::Conflict, "conflict"),
    ];
    for (what, word) in parts {
        assert_eq!(what.as_str(), word);
    }
    let breaches = [
        (Breach::NotReady, "not_ready"),
        (Breach::SkippedStage, "skipped_stage"),
        (Breach::ProposalAsTouch, "proposal_as_touch"),
        (Breach::OptedOut, "opted_out"),
        (Breach::NoAppointment, "no_appointment"),
        (Breach::SecondDecision, "second_decision"),
        (Breach::AtRest, "at_rest"),
        (Breach::InFuture, "in_future"),
        (Breach::NeverOpens, "never_opens"),
        (Breach::NoStrategySession, "no_strategy_session"),
    ];
    for (breach, word) in breaches {
        assert_eq!(breach.as_str(), word);
    }
}

#[test]
fn temperatures_warm_by_one_and_cool_by_some() {
    use Temperature::{Cool, Hot, Warm};
    assert_eq!([Cool, Warm, Hot].map(Temperature::warmer), [Warm, Hot, Hot]);
    for (from, steps, to) in [
        (Hot, 0, Hot),
        (Hot, 1, Warm),
        (Hot, 2, Cool),
        (Warm, 0, Warm),
        (Warm, 1, Cool),
        (Cool, 0, Cool),
        (Cool, 9, Cool),
    ] {
        assert_eq!(from.cooler_by(steps), to, "{from} {steps}");
    }
    assert_eq!(
        refused("luke".parse::<Temperature>()),
        "unknown temperature \"luke\"; expected one of: cool, warm, hot"
    );
    assert_eq!("proposal".parse(), Ok(Stage::Proposal));
}

#[test]
fn nothing_is_missing_only_if_they_are_informed_and_familiar() {
    for (informed, familiar) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_eq!(Readiness { informed, familiar }.is_ready(), informed && familiar);
    }
}

#[test]
fn an_id_is_short_text_without_control_characters() {
    let longest = "é".repeat(32);
    for text in ["p", "p 17", longest.as_str()] {
        let id = ProspectId::new(text).expect(text);
        assert_eq!((id.as_str(), id.to_string()), (text, text.to_owned()));
        assert_eq!(text.parse(), Ok(id.clone()));
        assert_eq!(ProspectId::try_from(text), Ok(id.clone()));
        assert_eq!(ProspectId::try_from(text.to_owned()), Ok(id.clone()));
        assert_eq!(ProspectId::from(&id), id);
        assert_eq!(BookId::new(text).expect(text).as_str(), text);
    }
    let long = "é".repeat(33);
    let why = "expected 1 to 64 bytes of text without control characters";
    for text in ["", "a\nb", "\u{7f}", long.as_str()] {
        let expected = format!("invalid prospect id \"{text}\": {why}");
        assert_eq!(refused(ProspectId::new(text)), expected);
        assert_eq!(refused(text.parse::<ProspectId>()), expected);
        assert_eq!(refused(ProspectId::try_from(text.to_owned())), expected);
        assert_eq!(refused(BookId::new(text)), format!("invalid book \"{text}\": {why}"));
    }
    assert_eq!(BookId::default().as_str(), "main");
    assert_eq!(format!("[{:<4}]", ProspectId::new("p").expect("an id")), "[p   ]");
}

#[test]
fn an_address_is_text_an_at_sign_and_text() {
    let ada = || Prospect::new("p").expect("an id");
    let longest = format!("a@{}", "x".repeat(252));
    for email in ["a@b", longest.as_str()] {
        assert!(ada().email(email).is_ok(), "{email}");
    }
    let long = format!("a@{}", "x".repeat(253));
    for email in ["", "a", "@b", "a@", "a b@c", "a@b\u{7}", long.as_str()] {
        assert_eq!(
            refused(ada().email(email)),
            "invalid field \"email\": not an email address (expected e.g. ada@example.org)"
        );
    }
    assert_eq!(ada().id().as_str(), "p");
}

#[test]
fn currencies_have_their_own_smallest_units() {
    for (currency, minor) in [("EUR", 100), ("JPY", 1), ("KWD", 1_000), ("CLF", 10_000), ("UYW", 10_000)] {
        let money = Money::from_decimal("1", currency).expect(currency);
        assert_eq!((money.minor(), money.currency(), money.to_decimal()), (minor, currency, "1".to_owned()));
    }
    let why = "expected e.g. 12000EUR or 99.50 USD";
    for (text, expected) in [
        ("EUR", "invalid amount of money \"EUR\": an amount and a currency are required"),
        ("12 eur", "invalid amount of money \"eur\": the currency must be three capital letters (ISO 4217)"),
        ("1,5 EUR", "invalid amount of money \"1,5\": only digits and one decimal point are allowed"),
        ("1.23456 CLF", "invalid amount of money \"1.23456\": it has more decimals than the currency"),
        ("99999999999999999 EUR", "invalid amount of money \"99999999999999999\": it is too large"),
    ] {
        assert_eq!(refused(text.parse::<Money>()), format!("{expected} ({why})"));
    }
}

#[test]
fn rules_travel_by_their_ids() {
    for rule in Rule::ALL.iter().copied().chain((1..=70).map(Rule::Custom)) {
        assert_eq!(serde_json::to_value(rule).expect("text"), json!(rule.to_string()));
        assert_eq!(serde_json::from_value::<Rule>(json!(rule.to_string())).expect("a rule"), rule);
    }
    let unknown = refused("Z9".parse::<Rule>());
    assert_eq!(refused(serde_json::from_value::<Rule>(json!("Z9"))), unknown);
    assert!(refused(serde_json::from_value::<Rule>(json!(1))).starts_with("invalid type: integer `1`"));
}

#[test]
fn a_set_of_rules_holds_each_once_in_the_order_of_the_book() {
    assert!(RuleSet::EMPTY.is_empty());
    let set: RuleSet = [Rule::S3, Rule::C1, Rule::S3].into_iter().collect();
    assert!(!set.is_empty());
    assert_eq!(set.iter().collect::<Vec<_>>(), [Rule::C1, Rule::S3]);
    assert_eq!(format!("{set:?}"), "{C1, S3}");
    assert_eq!((set.contains(Rule::C1), set.contains(Rule::C2)), (true, false));
    assert_eq!(set.clone().with(Rule::C1), set);
    assert_ne!(set.clone().with(Rule::C2), set);
}

#[test]
fn an_error_of_a_store_says_its_kind_and_where_it_comes_from() {
    let kinds = [
        (StoreErrorKind::Conflict, false),
        (StoreErrorKind::Fenced, false),
        (StoreErrorKind::Corrupt, false),
        (StoreErrorKind::Busy, true),
        (StoreErrorKind::Full, false),
        (StoreErrorKind::Unavailable, true),
        (StoreErrorKind::Unknown, false),
        (StoreErrorKind::Unsupported, false),
        (StoreErrorKind::Other, false),
    ];
    for (kind, retryable) in kinds {
        let error = StoreError::new(kind, "appending to p-1: try again");
        assert_eq!((error.kind(), error.is_retryable()), (kind, retryable));
        assert_eq!(error.to_string(), "appending to p-1: try again");
        assert!(error.source().is_none());
        let caused = error.caused_by("the disk");
        assert_eq!((caused.kind(), caused.to_string()), (kind, "appending to p-1: try again".to_owned()));
        assert_eq!(caused.source().expect("a source").to_string(), "the disk");
    }
}

#[test]
fn a_time_of_day_reads_to_the_second() {
    for (text, second) in [("00:00", 0), ("09:05", 32_700), ("23:59:59", 86_399), ("24:00", 86_400)] {
        assert_eq!((parse_clock(text), clock_text(second).as_str()), (Ok(second), text));
    }
    for text in ["", "9", "24:01", "09:60", "09:00:61", "noon"] {
        assert_eq!(parse_clock(text), Err(HoursError::Clock(text.to_owned())));
    }
}

#[test]
fn the_hours_of_a_day_are_in_order_and_apart() {
    let day = DayHours::parse(["01:00-02:00", "03:00 - 04:00", "05:00-06:00", "07:00-24:00"]).expect("a day");
    assert_eq!(day.intervals(), [(3_600, 7_200), (10_800, 14_400), (18_000, 21_600), (25_200, 86_400)]);
    assert!(!day.is_closed() && DayHours::CLOSED.is_closed());
    let four = DayHours::parse(["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00"]).expect("a day");
    let nine = DayHours::from_to(32_400, 61_200).expect("nine to five");
    let never = |from: &str, to: &str| HoursError::NeverOpens { from: from.to_owned(), to: to.to_owned() };
    assert_eq!(four.and(32_400, 36_000), Err(HoursError::Intervals));
    assert_eq!(nine.and(61_200, 64_800), Err(HoursError::Intervals));
    assert_eq!(nine.and(61_201, 64_800).map(|day| day.intervals().len()), Ok(2));
    assert_eq!(nine.and(64_800, 64_800), Err(never("18:00", "18:00")));
    assert_eq!(DayHours::from_to(0, 86_401), Err(never("00:00", "24:00:01")));
    assert_eq!(DayHours::parse(["9"]), Err(HoursError::Interval("9".to_owned())));
    let week = WeekHours::default().with(Weekday::Sat, nine);
    assert_eq!((week.of(Weekday::Sat), week.of(Weekday::Fri)), (&nine, &DayHours::CLOSED));
    assert!(!week.is_closed() && WeekHours::default().is_closed());
    assert_eq!(WeekHours::always().of(Weekday::Sun).intervals(), [(0, 86_400)]);
    assert_eq!(WeekHours::on(Weekdays::WORKING, nine).of(Weekday::Fri), &nine);
    assert!(WeekHours::on(Weekdays::WORKING, nine).of(Weekday::Sat).is_closed());
}

#[test]
fn weekdays_print_from_monday() {
    let days = Weekdays::parse([" Sunday", "mon", "WED", "mon"]).expect("weekdays");
    assert_eq!(days.to_string(), "mon,wed,sun");
    assert_eq!(days.iter().collect::<Vec<_>>(), [Weekday::Mon, Weekday::Wed, Weekday::Sun]);
    assert_eq!((days.contains(Weekday::Sun), days.contains(Weekday::Sat)), (true, false));
    assert_eq!(Weekdays::WORKING.to_string(), "mon,tue,wed,thu,fri");
    assert!(Weekdays::default().is_empty() && !days.is_empty());
    assert_eq!(Weekdays::parse(["fun"]), Err(HoursError::Weekday("fun".to_owned())));
}

#[test]
fn a_span_says_why_it_is_none() {
    let like = "expected e.g. P14D, P2M, PT72H, \"14 days\" or \"3 open days\"";
    for (text, why) in [
        ("PXD", "expected one number and one unit"),
        ("PD", "the number must be whole and without a sign"),
        ("-1 days", "the number must be whole and without a sign"),
        ("14", "expected a number and a unit"),
        ("3 fortnights", "the unit is unknown"),
        ("99999999999 days", "the number is too large"),
        ("P36001D", "the maximum is 1200 months or 36000 days"),
    ] {
        assert_eq!(refused(text.parse::<Span>()), format!("invalid span of time \"{text}\": {why}; {like}"));
    }
    for (text, seconds, civil, exact) in [
        ("P2M", 5_184_000, true, false),
        ("2 weeks", 1_209_600, true, false),
        ("P36000D", 3_110_400_000, true, false),
        ("3 working days", 259_200, false, false),
        ("PT2H", 7_200, false, true),
        ("2 minutes", 120, false, true),
        ("1 year", 31_104_000, true, false),
    ] {
        let span: Span = text.parse().expect(text);
        assert_eq!((span.approximate_seconds(), span.is_civil(), span.is_exact()), (seconds, civil, exact));
    }
}

#[test]
fn a_zone_is_known_by_its_name_in_any_letter_case() {
    let berlin: Zone = "europe/berlin".parse().expect("a zone");
    let utc = Zone::utc();
    assert_eq!((berlin.name(), format!("{berlin:?}")), ("Europe/Berlin", "Zone(Europe/Berlin)".to_owned()));
    assert_eq!(format!("[{utc:>4}]"), "[ UTC]");
    let zones = HashSet::from([berlin, utc, Zone::named("Europe/Berlin").expect("a zone")]);
    assert_eq!(zones.len(), 2);
    let at: DateTime<Utc> = "2026-07-06T23:30:00Z".parse().expect("an instant");
    assert_eq!(berlin.local_time(at).to_string(), "2026-07-07 01:30:00");
    assert_eq!(berlin.instant_of(berlin.local_time(at)), at);
    assert_eq!(
        (berlin.date_of(at).to_string(), utc.date_of(at).to_string()),
        ("2026-07-07".into(), "2026-07-06".into())
    );
    assert_eq!(serde_json::from_value::<Zone>(json!("UTC")).expect("a zone"), utc);
    assert_eq!(refused("Moon".parse::<Zone>()), refused(serde_json::from_value::<Zone>(json!("Moon"))));
}

#[test]
fn events_lie_between_1900_and_2200() {
    assert_eq!(MIN_INSTANT.to_rfc3339(), "1900-01-01T00:00:00+00:00");
    assert_eq!(MAX_INSTANT.to_rfc3339(), "2200-01-01T00:00:00+00:00");
}

#[test]
fn every_unit_of_a_span_is_known_by_its_one_and_its_many() {
    for (one, many, iso) in [
        ("1 year", "2 years", "P12M"),
        ("1 month", "2 months", "P1M"),
        ("1 week", "2 weeks", "P1W"),
        ("1 day", "2 days", "P1D"),
        ("1 hour", "2 hours", "PT1H"),
        ("1 minute", "2 minutes", "PT1M"),
    ] {
        let span: Span = one.parse().expect(one);
        assert_eq!(Ok(span), iso.parse(), "{one}");
        let twice: Span = many.parse().expect(many);
        assert_eq!(twice.approximate_seconds(), 2 * span.approximate_seconds(), "{many}");
    }
    for text in ["1 open day", "1 working day", "3 open days"] {
        let span: Span = text.parse().expect(text);
        assert!(!span.is_civil() && !span.is_exact(), "{text}");
    }
}

#[test]
fn the_shortest_amount_of_money_is_one_digit() {
    assert_eq!("1EUR".parse::<Money>().expect("an amount").minor(), 100);
    assert!("EUR".parse::<Money>().is_err());
}

#[test]
fn a_fence_is_printed_as_its_number() {
    assert_eq!(format!("[{:>3}]", followup_core::store::Fence(7)), "[  7]");
}
