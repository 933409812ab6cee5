//! Random histories: the whole vocabulary at awkward instants, in several zones, under several playbooks.
//!
//! A history is lines of text, as the table tests write them, so that what is left of it when a property
//! fails can be read, and copied into a table test.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use followup_core::{Event, Playbook};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{FileFailurePersistence, RngSeed};

use super::{House, utc};

/// The seed of every run that is not given another one (`PROPTEST_RNG_SEED`), so that a failure repeats.
const SEED: u64 = 17;

/// So many cases, or more by the same factor as `PROPTEST_CASES` is more than its default of 256.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let rng_seed = if usual.rng_seed == RngSeed::Random { RngSeed::Fixed(SEED) } else { usual.rng_seed };
    let regressions = FileFailurePersistence::Direct("proptest-regressions/late_facts.txt");
    ProptestConfig {
        cases: cases * usual.cases / 256,
        rng_seed,
        failure_persistence: usual.failure_persistence.is_some().then(|| Box::new(regressions) as _),
        max_shrink_iters: usual.max_shrink_iters.min(20_000),
        ..usual
    }
}

/// Zones with clock changes by an hour, half an hour and two hours, at midnight, in autumn, and with none.
pub(crate) const ZONES: [&str; 11] = [
    "Europe/Berlin",
    "UTC",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Santiago",
    "Africa/Cairo",
    "Antarctica/Troll",
];

/// The default, and houses that switch on what it leaves out.
pub(crate) const PLAYBOOKS: [&str; 4] = [
    "",
    "
    holidays = [2026-03-30, 2026-03-31, 2026-04-03, 2026-04-06, 2026-10-26]
    nurture = true
    [values]
    small_below = [\"1000EUR\"]
    large_from = [\"10000EUR\"]
    [keep_in_touch]
    won = true
    lost = true
    ",
    "
    personal_one_in = 2
    channels = [\"email\", \"phone\", \"text\"]
    [values]
    small_below = [\"1000EUR\"]
    large_from = [\"10000EUR\"]
    [working_hours]
    mon = [\"06:00-12:00\", \"13:00-23:00\"]
    tue = [\"06:00-12:00\", \"13:00-23:00\"]
    thu = [\"10:30-24:00\"]
    sat = [\"00:00-02:30\", \"22:00-24:00\"]
    ",
    "
    [[steps.interest]]
    after = \"P1D\"
    within = \"P1D\"
    channel = \"email\"
    automatic = true
    personal = false
    [[steps.interest]]
    after = \"2 open days\"
    within = \"1 open day\"
    purpose = \"inform\"
    [[steps.information]]
    after = \"P0D\"
    within = \"P0D\"
    personal = false
    [[steps.information]]
    after = \"P1M\"
    within = \"P1W\"
    reason = \"are_you_ready\"
    [stop]
    medium = 4
    wait = \"P3D\"
    [cadence]
    stale_after = \"PT36H\"
    [cadence.warm]
    from = \"P2D\"
    to = \"P4D\"
    [cadence.hot]
    from = \"P2D\"
    to = \"P2D\"
    [absence]
    pause = \"P2D\"
    ",
];

/// Instants beside clock changes, month ends and holidays, from which histories start.
const STARTS: [&str; 12] = [
    "2026-03-27T15:59:59Z",
    "2026-03-29T00:30:00Z",
    "2026-03-29T01:00:00Z",
    "2026-03-08T06:59:59.999999Z",
    "2026-04-04T15:00:00Z",
    "2026-10-23T16:00:00Z",
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2025-12-31T10:00:00Z",
    "2027-11-30T23:30:00Z",
    "2028-02-29T12:00:00Z",
    "2026-03-02T09:00:00Z",
];

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Seconds between an event and the next.
const GAPS: [i64; 18] = [
    0,
    0,
    0,
    1,
    MINUTE,
    HOUR,
    3 * HOUR,
    9 * HOUR,
    15 * HOUR,
    DAY,
    DAY,
    2 * DAY,
    3 * DAY,
    4 * DAY + HOUR,
    9 * DAY,
    16 * DAY,
    33 * DAY,
    95 * DAY,
];

/// Seconds from an event to the instants that it names.
const AHEAD: [i64; 12] = [
    -DAY,
    0,
    HOUR,
    5 * HOUR,
    20 * HOUR,
    DAY,
    2 * DAY + HOUR,
    3 * DAY,
    7 * DAY,
    16 * DAY,
    40 * DAY,
    130 * DAY,
];

/// Names of events, those more often that are more often.
const KINDS: [&str; 79] = [
    "added",
    "valued",
    "temperature_set",
    "assigned",
    "preferred",
    "qualified",
    "inquired",
    "replied",
    "asked_information",
    "asked_appointment",
    "asked_proposal",
    "ready_to_buy",
    "auto_replied",
    "bounced",
    "opted_out",
    "opted_in",
    "touched",
    "information_sent",
    "proposal_sent",
    "proposal_discussed",
    "appointment_set",
    "appointment_confirmed",
    "appointment_held",
    "appointment_missed",
    "next_step_agreed",
    "next_step_declined",
    "decided",
    "input_requested",
    "input_received",
    "input_waived",
    "snoozed",
    "paused",
    "resumed",
    "stopped",
    "reopened",
    "away",
    "playbook_set",
    "replanned",
    "merged",
    "noted",
    "went_stale",
    "gave_up",
    "lapsed",
    "send_intended",
    "sent",
    "send_failed",
    "send_unknown",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "information_sent",
    "information_sent",
    "proposal_sent",
    "proposal_sent",
    "replied",
    "inquired",
    "asked_information",
    "appointment_set",
    "appointment_set",
    "appointment_held",
    "next_step_agreed",
    "qualified",
    "preferred",
    "preferred",
    "away",
    "away",
    "snoozed",
    "temperature_set",
    "temperature_set",
    "paused",
    "input_requested",
];

/// Names of events of a pursuit that is met with silence.
const SILENCE: [&str; 16] = [
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "valued",
    "proposal_sent",
    "information_sent",
    "temperature_set",
    "qualified",
    "replied",
    "away",
];

/// Names of events around a decision.
const DECISIONS: [&str; 10] = [
    "decided",
    "decided",
    "touched",
    "touched",
    "added",
    "away",
    "snoozed",
    "proposal_sent",
    "replied",
    "reopened",
];

/// What an event says beside its name and instant, chosen by three dials.
pub(crate) type Dials = [u8; 3];

fn one_of<T: Copy>(choices: &[T], dial: u8) -> T {
    choices[usize::from(dial) % choices.len()]
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One event as a line; see [`House::event`].
pub(crate) fn line(kind: &str, at: DateTime<Utc>, dials: Dials) -> String {
    let [a, b, c] = dials;
    let then = |dial: u8| stamp(at + TimeDelta::seconds(one_of(&AHEAD, dial)));
    let channel = |dial: u8| one_of(&["phone", "email", "text", "post", "web"], dial);
    let maybe = |field: &str, value: String, dial: u8| match dial % 3 {
        0 => String::new(),
        _ => format!(" {field}={value}"),
    };
    let purpose = one_of(
        &[
            "",
            " purpose=inform",
            " purpose=ask_appointment",
            " purpose=last_message",
            " purpose=check_in",
            " purpose=close",
        ],
        b,
    );
    let rest = match kind {
        "added" => {
            let zone = maybe("zone", one_of(&ZONES, a).to_owned(), b);
            let kind = one_of(&["", "", "", " kind=stakeholder", " kind=referral_source"], c);
            let reach =
                one_of(&["", " email=a@example.org", " phone=+491", " email=a@example.org phone=+491"], b);
            format!("{zone}{kind}{reach}")
        }
        "valued" => format!(" amount={} currency=EUR", one_of(&[500, 5_000, 50_000], a)),
        "temperature_set" => format!(" temperature={}", one_of(&["cool", "warm", "hot"], a)),
        "assigned" => format!(" owner={}", one_of(&["ann", "bo"], a)),
        "preferred" => {
            let hours =
                one_of(&["", " from=10:00 to=11:30", " from=18:00 to=22:00", " from=01:30 to=20:30"], a);
            let days =
                one_of(&["", " weekdays=tue,thu", " weekdays=sun", " weekdays=mon,tue,wed,thu,fri"], b);
            format!("{hours}{days}{}", maybe("channel", channel(c).to_owned(), c))
        }
        "qualified" => {
            let date = (at + TimeDelta::seconds(one_of(&AHEAD, a))).date_naive();
            let more = one_of(&["", " needs=roof", " decides_how=board", " needs=roof decides_how=board"], c);
            format!("{}{more}", maybe("decides_on", date.to_string(), b))
        }
        "auto_replied" => maybe("until", then(a), b),
        "bounced" => one_of(&["", " permanent=true"], a).to_owned(),
        "opted_out" | "opted_in" => one_of(
            &[
                "",
                " channels=email",
                " channels=phone,text",
                " channels=phone,email,post,social,text,visit,web",
            ],
            a,
        )
        .to_owned(),
        "touched" => {
            let manner = one_of(&["", "", "", " personal=false", " automatic=true", " reached=true"], c);
            let reason = one_of(&["", " reason=article", " reason=advice", " reason=are_you_ready"], a / 8);
            format!(" channel={}{purpose}{manner}{reason}", channel(a))
        }
        "appointment_set" => format!(" starts_at={} minutes={}", then(a), one_of(&[30, 60, 600], b)),
        "appointment_missed" => " by=prospect".to_owned(),
        "next_step_agreed" => {
            format!(" due_at={}{purpose}{}", then(a), maybe("channel", channel(c).to_owned(), c))
        }
        "decided" => {
            format!(
                " outcome={}{}",
                one_of(&["won", "lost", "later", "later"], a),
                maybe("until", then(b), c)
            )
        }
        "input_requested" => {
            format!(" input={}{}", one_of(&["logo", "texts"], a), maybe("deadline", then(b), c))
        }
        "input_received" | "input_waived" => format!(" input={}", one_of(&["logo", "texts"], a)),
        "snoozed" => format!(" until={}", then(a)),
        "paused" => maybe("until", then(a), b),
        "away" => {
            format!(
                " who={} until={}{}",
                one_of(&["prospect", "owner"], c),
                then(a),
                maybe("from", then(b), c / 2)
            )
        }
        "playbook_set" => " name=default".to_owned(),
        "merged" => " into=p-2".to_owned(),
        "noted" => " text=x".to_owned(),
        "send_intended" | "sent" => {
            format!(" action=p/1{purpose}{}", maybe("channel", channel(c).to_owned(), c))
        }
        "send_failed" => format!(" action=p/1{}", one_of(&["", " permanent=true"], a)),
        "send_unknown" => " action=p/1".to_owned(),
        "inquired" | "replied" | "asked_information" | "asked_appointment" | "asked_proposal"
        | "ready_to_buy" | "information_sent" | "proposal_sent" => maybe("channel", channel(a).to_owned(), b),
        _ => String::new(),
    };
    format!("{} {kind}{rest}", stamp(at))
}

/// A house, by number, and what happened there.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) zone: &'static str,
    pub(crate) playbook: usize,
    pub(crate) lines: Vec<String>,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, playbook {}:", self.zone, self.playbook)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n        {line}"))
    }
}

impl History {
    pub(crate) fn house(&self) -> House {
        let playbook = Playbook::parse(PLAYBOOKS[self.playbook]).expect("a playbook without mistakes");
        House { policy: playbook.into(), zone: self.zone.parse().expect("a zone of the database") }
    }

    /// Its events in the order of the fold.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = self.house().events(&self.lines.join("\n"));
        events.sort_by(Event::order);
        events
    }
}

fn dials() -> impl Strategy<Value = Dials> {
    any::<Dials>()
}

/// Histories of at most so many events, some of them at one instant, under any of the playbooks; some are met
/// with silence, and some are about decisions.
pub(crate) fn histories(length: usize) -> impl Strategy<Value = History> {
    let playbooks = 0..PLAYBOOKS.len();
    prop_oneof![
        4 => histories_of(&KINDS, length, playbooks.clone()),
        1 => histories_of(&SILENCE, length, playbooks.clone()),
        1 => histories_of(&DECISIONS, length, playbooks),
    ]
}

/// The same, of certain kinds of events and under certain playbooks.
pub(crate) fn histories_of(
    kinds: &'static [&'static str],
    length: usize,
    playbooks: std::ops::Range<usize>,
) -> impl Strategy<Value = History> {
    let step = (select(&GAPS[..]), select(kinds), dials(), -1..=1_i64);
    let steps = prop::collection::vec(step, 1..=length);
    (select(&ZONES[..]), playbooks, select(&STARTS[..]), steps).prop_map(|(zone, playbook, start, steps)| {
        let mut at = utc(start);
        let lines = steps.into_iter().enumerate().map(|(index, (gap, kind, dials, seq))| {
            at += TimeDelta::seconds(gap);
            let seq = if seq == 0 { String::new() } else { format!(" seq={seq}") };
            format!("{} key=k{index:02}{seq}", line(kind, at, dials))
        });
        History { zone, playbook, lines: lines.collect() }
    })
}

/// An event that becomes known late: its kind, what it says, and where it belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    kind: &'static str,
    dials: Dials,
    beside: Index,
    micros: i64,
    seq: i64,
}

impl Late {
    /// The event, beside one of these instants and not after `now`.
    pub(crate) fn event(&self, house: &House, instants: &[DateTime<Utc>], now: DateTime<Utc>) -> Event {
        let at =
            (instants[self.beside.index(instants.len())] + TimeDelta::microseconds(self.micros)).min(now);
        house.event(&format!("{} key=late seq={}", line(self.kind, at, self.dials), self.seq))
    }
}

/// Late events of a kind.
pub(crate) fn late(kind: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Late> {
    let second = 1_000_000;
    let micros =
        select(vec![-DAY * second, -HOUR * second, -1, 0, 1, HOUR * second, DAY * second, 5 * DAY * second]);
    (kind, dials(), any::<Index>(), micros, -1..=1_i64).prop_map(|(kind, dials, beside, micros, seq)| Late {
        kind,
        dials,
        beside,
        micros,
        seq,
    })
}

/// How long after the newest event somebody looks.
pub(crate) fn waits() -> impl Strategy<Value = TimeDelta> {
    select(vec![0, HOUR, 3 * DAY, 20 * DAY, 70 * DAY, 400 * DAY]).prop_map(TimeDelta::seconds)
}
