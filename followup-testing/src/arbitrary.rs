//! Events with arbitrary values, within the bounds of their types.
//!
//! The fixed values of the vocabulary meet each other often, which finds most mistakes quickly. These values are those
//! that nobody thought of: text in any script, amounts up to the largest, channels that no playbook knows.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::instants::arb_zone;
use super::vocabulary::DAY;
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind, Request};
use followup_core::money::Money;
use followup_core::purpose::{Purpose, Reason};
use followup_core::stage::{By, Kind, Outcome, Temperature, Who};
use followup_core::time::{Clock, MAX_INSTANT, MIN_INSTANT, Weekdays};

/// The maximum number of characters of a text.
const TEXT_MAX_CHARS: usize = 60;

/// The largest `seq`, either way.
const SEQ_MAX: i64 = 1 << 53;

/// The instant to which the instants in the fields of an event are relative until it is placed.
const ORIGIN: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Returns a strategy for the kinds of events of these names, whose instants are relative to the instant at which they
/// are placed; see [`placed`].
pub(super) fn kinds(names: impl IntoIterator<Item = &'static str>) -> impl Strategy<Value = EventKind> {
    Union::new(names.into_iter().map(kind))
}

/// Returns a strategy for instants of events, from 1900 to 2199, to the microsecond.
pub(super) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (MIN_INSTANT.timestamp_micros()..MAX_INSTANT.timestamp_micros())
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("the instant is in the range"))
}

/// Returns a strategy for the place among events of the same instant; shrinks to 0.
pub(super) fn seq() -> impl Strategy<Value = i64> {
    prop_oneof![30 => Just(0), 4 => -1..=1_i64, 1 => -SEQ_MAX..=SEQ_MAX]
}

/// Sets who did it, unless the kind says so itself.
pub(super) fn done_by(event: Event, by: Option<By>) -> Event {
    match by {
        Some(by) if !matches!(event.kind(), EventKind::AppointmentMissed { .. }) => event.with_by(by),
        _ => event,
    }
}

/// Moves the instants in the fields of a kind from [`ORIGIN`] to an instant, within the range of events.
pub(super) fn placed(mut kind: EventKind, at: DateTime<Utc>) -> EventKind {
    let moved = |instant: DateTime<Utc>| {
        let moved = at.checked_add_signed(instant - ORIGIN).unwrap_or(instant);
        moved.clamp(MIN_INSTANT, MAX_INSTANT - TimeDelta::microseconds(1))
    };
    match &mut kind {
        EventKind::AppointmentSet { starts_at: instant, .. }
        | EventKind::NextStepAgreed { due_at: instant, .. }
        | EventKind::Snoozed { until: instant } => *instant = moved(*instant),
        EventKind::AutoReplied { until: instant }
        | EventKind::Decided { until: instant, .. }
        | EventKind::InputRequested { deadline: instant, .. }
        | EventKind::Paused { until: instant, .. } => *instant = instant.map(moved),
        EventKind::Away { until, from, .. } => {
            *until = moved(*until);
            *from = from.map(moved);
        }
        EventKind::Qualified { decides_on, .. } => {
            *decides_on = decides_on.map(|date| moved(at_midnight(date)).date_naive());
        }
        _ => {}
    }
    kind
}

fn at_midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Returns a strategy for an instant relative to that of the event: mostly within a year, at times centuries away.
fn near() -> impl Strategy<Value = DateTime<Utc>> {
    const SECOND: i64 = 1_000_000;
    let days = |days: i64| -days * DAY * SECOND..=days * DAY * SECOND;
    prop_oneof![8 => 0..=400 * DAY * SECOND, 2 => days(400), 1 => days(110_000)]
        .prop_map(|micros| ORIGIN + TimeDelta::microseconds(micros))
}

/// Returns a strategy for text in any script, never empty.
fn text() -> impl Strategy<Value = String> {
    let plain = select(('a'..='z').collect::<Vec<_>>());
    vec(prop_oneof![3 => plain, 1 => any::<char>()], 1..=TEXT_MAX_CHARS).prop_map(String::from_iter)
}

/// Returns a strategy for the names of channels, purposes and reasons; shrinks to "a".
fn name() -> impl Strategy<Value = String> {
    let first = ('a'..='z').collect::<Vec<_>>();
    let later: Vec<char> = first.iter().copied().chain('0'..='9').chain(['_']).collect();
    (select(first), vec(select(later), 0..=22))
        .prop_map(|(first, later)| std::iter::once(first).chain(later).collect())
}

/// Returns a strategy for channels: the built-in ones, and unusual names.
pub(super) fn channel() -> impl Strategy<Value = Channel> {
    prop_oneof![
        2 => select(Channel::BUILT_IN),
        1 => name().prop_map(|name| Channel::new(&name).expect("the name is valid")),
    ]
}

fn purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        2 => select(Purpose::BUILT_IN),
        1 => name().prop_map(|name| Purpose::new(&name).expect("the name is valid")),
    ]
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![
        2 => select(Reason::BUILT_IN),
        1 => name().prop_map(|name| Reason::new(&name).expect("the name is valid")),
    ]
}

/// Returns a strategy for amounts of every magnitude, in currencies that exist and in others.
fn money() -> impl Strategy<Value = Money> {
    let letters = || (b'A'..=b'Z').prop_map(char::from);
    let any_currency = (letters(), letters(), letters()).prop_map(|(a, b, c)| String::from_iter([a, b, c]));
    let currency =
        prop_oneof![select(vec!["EUR", "USD", "JPY", "KWD"]).prop_map(str::to_owned), any_currency];
    let minor = prop_oneof![
        4 => 0..=100_000_000_i64,
        1 => any::<i64>().prop_map(|minor| minor.max(-i64::MAX)),
    ];
    (minor, currency)
        .prop_map(|(minor, currency)| Money::from_minor(minor, &currency).expect("the currency is valid"))
}

/// Returns a strategy for non-empty sets of weekdays.
pub(super) fn weekdays() -> impl Strategy<Value = Weekdays> {
    (1..128_u8).prop_map(|bits| {
        let chosen = (0..7_u8).filter(|day| bits >> day & 1 == 1);
        chosen.map(|day| Weekday::try_from(day).expect("the index is below 7")).collect()
    })
}

/// Returns a strategy for wishes of hours that open, to the second.
pub(super) fn hours() -> impl Strategy<Value = (Option<Clock>, Option<Clock>)> {
    prop_oneof![
        Just((None, None)),
        (0..86_400_u32).prop_map(|from| (Some(Clock(from)), None)),
        (1..=86_400_u32).prop_map(|to| (None, Some(Clock(to)))),
        (0..86_400_u32, 1..=86_400_u32)
            .prop_map(|(from, length)| (Some(Clock(from)), Some(Clock((from + length).min(86_400))))),
    ]
}

/// Returns a strategy for the kinds of events of a name.
fn kind(event: &'static str) -> BoxedStrategy<EventKind> {
    if let Some(request) = Request::ALL.iter().copied().find(|request| request.as_str() == event) {
        let requested = move |channel| EventKind::Requested { request, channel };
        return option::of(channel()).prop_map(requested).boxed();
    }
    match event {
        "added" => added().boxed(),
        "valued" => money().prop_map(|value| EventKind::Valued { value }).boxed(),
        "temperature_set" => {
            select(Temperature::ALL).prop_map(|temperature| EventKind::TemperatureSet { temperature }).boxed()
        }
        "assigned" => text().prop_map(|owner| EventKind::Assigned { owner }).boxed(),
        "preferred" => (option::of(channel()), option::of(weekdays()), hours())
            .prop_map(|(channel, weekdays, (from, to))| EventKind::Preferred { channel, weekdays, from, to })
            .boxed(),
        "qualified" => qualified().boxed(),
        "auto_replied" => option::of(near()).prop_map(|until| EventKind::AutoReplied { until }).boxed(),
        "bounced" => (any::<bool>(), option::of(text()))
            .prop_map(|(permanent, address)| EventKind::Bounced { permanent, address })
            .boxed(),
        "opted_out" => vec(channel(), 0..4).prop_map(|channels| EventKind::OptedOut { channels }).boxed(),
        "opted_in" => vec(channel(), 0..4).prop_map(|channels| EventKind::OptedIn { channels }).boxed(),
        "touched" => touched().boxed(),
        "information_sent" => {
            option::of(channel()).prop_map(|channel| EventKind::InformationSent { channel }).boxed()
        }
        "proposal_sent" => (option::of(money()), option::of(channel()))
            .prop_map(|(amount, channel)| EventKind::ProposalSent { amount, channel })
            .boxed(),
        "proposal_discussed" => Just(EventKind::ProposalDiscussed).boxed(),
        "appointment_set" => (near(), 1..=100_000_u32)
            .prop_map(|(starts_at, minutes)| EventKind::AppointmentSet { starts_at, minutes })
            .boxed(),
        "appointment_confirmed" => Just(EventKind::AppointmentConfirmed).boxed(),
        "appointment_held" => Just(EventKind::AppointmentHeld).boxed(),
        "appointment_missed" => {
            option::of(select(By::ALL)).prop_map(|by| EventKind::AppointmentMissed { by }).boxed()
        }
        "next_step_agreed" => (near(), option::of(channel()), option::of(purpose()))
            .prop_map(|(due_at, channel, purpose)| EventKind::NextStepAgreed { due_at, channel, purpose })
            .boxed(),
        "next_step_declined" => Just(EventKind::NextStepDeclined).boxed(),
        "decided" => (select(Outcome::ALL), option::of(near()), option::of(text()))
            .prop_map(|(outcome, until, why)| EventKind::Decided { outcome, until, why })
            .boxed(),
        "input_requested" => (text(), option::of(near()))
            .prop_map(|(input, deadline)| EventKind::InputRequested { input, deadline })
            .boxed(),
        "input_received" => text().prop_map(|input| EventKind::InputReceived { input }).boxed(),
        "input_waived" => text().prop_map(|input| EventKind::InputWaived { input }).boxed(),
        "snoozed" => near().prop_map(|until| EventKind::Snoozed { until }).boxed(),
        "paused" => (option::of(near()), option::of(text()))
            .prop_map(|(until, why)| EventKind::Paused { until, why })
            .boxed(),
        "resumed" => Just(EventKind::Resumed).boxed(),
        "stopped" => option::of(text()).prop_map(|why| EventKind::Stopped { why }).boxed(),
        "reopened" => Just(EventKind::Reopened).boxed(),
        "away" => (select(Who::ALL), near(), option::of(near()))
            .prop_map(|(who, until, from)| EventKind::Away { who, until, from })
            .boxed(),
        "playbook_set" => (text(), option::of(any::<u32>()))
            .prop_map(|(name, version)| EventKind::PlaybookSet { name, version })
            .boxed(),
        "replanned" => option::of(text()).prop_map(|planned_by| EventKind::Replanned { planned_by }).boxed(),
        "merged" => text().prop_map(|into| EventKind::Merged { into }).boxed(),
        "went_stale" => Just(EventKind::WentStale).boxed(),
        "gave_up" => Just(EventKind::GaveUp).boxed(),
        "lapsed" => option::of(text()).prop_map(|action| EventKind::Lapsed { action }).boxed(),
        "send_intended" => (text(), option::of(channel()), option::of(purpose()), option::of(reason()))
            .prop_map(|(action, channel, purpose, reason)| EventKind::SendIntended {
                action,
                channel,
                purpose,
                reason,
            })
            .boxed(),
        "sent" => sent().boxed(),
        "send_failed" => (text(), option::of(text()), any::<bool>())
            .prop_map(|(action, why, permanent)| EventKind::SendFailed { action, why, permanent })
            .boxed(),
        "send_unknown" => text().prop_map(|action| EventKind::SendUnknown { action }).boxed(),
        // The tests make sure that this is a note and no other event.
        _ => text().prop_map(|text| EventKind::Noted { text }).boxed(),
    }
}

fn added() -> impl Strategy<Value = EventKind> {
    let reach = (option::of(name().prop_map(|name| format!("{name}@example.org"))), option::of(text()));
    let who = (option::of(text()), select(Kind::ALL), option::of(arb_zone()));
    let ours = (option::of(text()), option::of(text()), option::of(name()));
    (who, reach, ours).prop_map(|((name, kind, zone), (email, phone), (owner, referrer, playbook))| {
        EventKind::Added { name, kind, email, phone, zone, owner, referrer, playbook }
    })
}

fn qualified() -> impl Strategy<Value = EventKind> {
    let decides = (option::of(text()), option::of(near().prop_map(|at| at.date_naive())));
    let flags = (option::of(any::<bool>()), option::of(any::<bool>()), option::of(any::<u32>()));
    (option::of(text()), decides, flags).prop_map(
        |(needs, (decides_how, decides_on), (ready, knows_us, minutes))| EventKind::Qualified {
            needs,
            decides_how,
            decides_on,
            ready,
            knows_us,
            minutes,
        },
    )
}

fn touched() -> impl Strategy<Value = EventKind> {
    let why = (option::of(purpose()), option::of(reason()));
    let manner = (option::of(any::<bool>()), any::<bool>(), any::<bool>());
    (channel(), why, manner).prop_map(|(channel, (purpose, reason), (personal, automatic, reached))| {
        EventKind::Touched { channel, purpose, reason, personal, automatic, reached }
    })
}

fn sent() -> impl Strategy<Value = EventKind> {
    let says = (option::of(channel()), option::of(purpose()), option::of(reason()));
    (text(), option::of(text()), says).prop_map(|(action, message_id, (channel, purpose, reason))| {
        EventKind::Sent { action, message_id, channel, purpose, reason }
    })
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn values<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
        let mut runner = TestRunner::deterministic();
        (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
    }

    #[test]
    fn every_name_gives_its_own_kind() {
        for name in Event::NAMES {
            for made in values(kind(name), 10) {
                assert_eq!(made.name(), *name);
            }
        }
    }

    #[test]
    fn the_values_go_beyond_those_of_the_vocabulary_and_are_valid() {
        let strategy = (kinds(Event::NAMES.iter().copied()), instant(), seq(), option::of(select(By::ALL)));
        let events = values(strategy, 20_000).into_iter().map(|(kind, at, seq, by)| {
            let event = Event::new(at, placed(kind, at)).with_seq(seq).with_key("k");
            done_by(event, by)
        });
        let (mut texts, mut channels, mut amounts, mut minutes, mut versions, mut years) =
            (0, 0, 0, 0, 0, std::collections::BTreeSet::new());
        for event in events {
            let (_, read) = Event::from_json(event.to_json("p-1"), followup_core::Zone::utc()).unwrap();
            assert_eq!(read, event);
            years.insert(event.at().format("%Y").to_string());
            match event.kind() {
                EventKind::Noted { text } => texts += u32::from(!text.is_ascii()),
                EventKind::Touched { channel, .. } => {
                    channels += u32::from(!Channel::BUILT_IN.contains(channel));
                }
                EventKind::Valued { value } => amounts += u32::from(value.minor() > 1 << 40),
                EventKind::AppointmentSet { minutes: long, .. } => minutes += u32::from(*long > 600),
                EventKind::PlaybookSet { version, .. } => {
                    versions += u32::from(version.is_some_and(|version| version > 9));
                }
                _ => {}
            }
        }
        assert_eq!(years.len(), 300);
        for (what, count) in [
            ("text", texts),
            ("channels", channels),
            ("money", amounts),
            ("minutes", minutes),
            ("version", versions),
        ] {
            assert!(count > 20, "{what}: {count}");
        }
    }
}
