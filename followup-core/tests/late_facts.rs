//! What holds for every history? Properties of the fold, of plans, of wake-ups and of late facts.
//!
//! A failure prints the history as lines of the table tests; `PROPTEST_CASES` (256 being one) asks for more.

mod common;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use common::House;
use common::histories::{History, Late, config, histories, histories_of, late, waits};
use followup_core::event::EventKind;
use followup_core::plan::{Action, Decision, ObligationKind, WaitFor, what_if};
use followup_core::stage::Rest;
use followup_core::{Channel, Event, Plan, Playbook, Policy, ProspectState, Rule, plan};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

fn fold(house: &House, events: &[Event]) -> ProspectState {
    ProspectState::replay_at(house.zone, events.iter().cloned()).expect("each key stands for one event")
}

/// What a plan says, its explanation aside.
fn said(plan: &Plan) -> impl PartialEq + std::fmt::Debug + use<> {
    let Plan { decision, wake, stage, temperature, band, needs, .. } = plan.clone();
    (decision, wake, stage, temperature, band, needs)
}

fn newest(events: &[Event]) -> DateTime<Utc> {
    events.iter().map(|event| event.at()).max().expect("a history is not empty")
}

// The fold.

proptest! {
    #![proptest_config(config(2_000))]

    /// R7: repeated and reordered input changes nothing.
    #[test]
    fn the_order_in_which_events_come_in_and_their_repetition_change_nothing(
        (history, mixed) in histories(14).prop_flat_map(|history| {
            let events = history.events();
            let mixed = [events.clone(), events].concat();
            (Just(history), Just(mixed).prop_shuffle())
        })
    ) {
        let house = history.house();
        prop_assert_eq!(fold(&house, &mixed), fold(&house, &history.events()));
    }

    #[test]
    fn a_plan_is_a_function_of_state_and_playbook_and_a_stored_state_is_the_same_state(
        history in histories(14),
    ) {
        let house = history.house();
        let state = fold(&house, &history.events());
        let bytes = postcard::to_stdvec(&state).expect("a state can be written");
        let from_bytes: ProspectState = postcard::from_bytes(&bytes).expect("and read");
        prop_assert_eq!(&from_bytes, &state);
        let text = serde_json::to_string(&state).expect("a state can be written");
        let from_text: ProspectState = serde_json::from_str(&text).expect("and read");
        prop_assert_eq!(&from_text, &state);
        let here = plan(&state, &house.policy);
        let playbook = Playbook::parse(&house.policy.playbook().to_toml()).expect("what was written reads back");
        prop_assert_eq!(&plan(&from_bytes, &Policy::from(playbook)), &here);
        // The fold goes on from a stored state as from the state itself.
        let next = house.event("2031-01-01T00:00:00Z touched channel=phone key=next");
        let (mut stored, mut kept) = (from_bytes, state);
        stored.apply(&next);
        kept.apply(&next);
        prop_assert_eq!(stored, kept);
    }
}

// What is planned.

/// The civil date of an instant in the prospect's zone, by jiff.
fn date(rules: &TimeZone, at: DateTime<Utc>) -> NaiveDate {
    let civil = local(rules, at);
    NaiveDate::from_ymd_opt(civil.year().into(), civil.month() as u32, civil.day() as u32).expect("a date")
}

fn local(rules: &TimeZone, at: DateTime<Utc>) -> jiff::civil::DateTime {
    let at = Timestamp::from_microsecond(at.timestamp_micros()).expect("in range");
    rules.to_datetime(at)
}

fn rules_of(state: &ProspectState) -> TimeZone {
    TimeZoneDatabase::bundled().get(state.zone().name()).expect("a zone of the database")
}

/// Open hours where they are, worked out from the events and the playbook's settings alone.
struct Hours<'a> {
    rules: TimeZone,
    policy: &'a Policy,
    weekdays: Option<followup_core::time::Weekdays>,
    times: Option<(u32, u32)>,
}

impl<'a> Hours<'a> {
    fn of(house: &'a House, state: &ProspectState, events: &[Event]) -> Hours<'a> {
        let mut hours = Hours { rules: rules_of(state), policy: &house.policy, weekdays: None, times: None };
        for event in events {
            if let EventKind::Preferred { weekdays, from, to, .. } = event.kind() {
                hours.weekdays = weekdays.or(hours.weekdays);
                // The histories state both times or none.
                hours.times = from.zip(*to).map(|(from, to)| (from.0, to.0)).or(hours.times);
            }
        }
        hours
    }

    fn is_open(&self, action: &Action, at: DateTime<Utc>) -> bool {
        let civil = local(&self.rules, at);
        let second = civil.hour() as u32 * 3600 + civil.minute() as u32 * 60 + civil.second() as u32;
        let calls = matches!(action.channel, Some(Channel::PHONE | Channel::TEXT));
        if calls && !(8 * 3600..21 * 3600).contains(&second) {
            return false;
        }
        let settings = self.policy.settings();
        let wished = self.weekdays.is_some() || self.times.is_some();
        let by_working_hours =
            matches!(action.kind, ObligationKind::Answer | ObligationKind::Confirm | ObligationKind::Rebook);
        let weekday = weekday(civil.weekday());
        let usual = settings.working_hours.of(weekday);
        if by_working_hours || !wished {
            let holiday = settings.holidays.contains(&date(&self.rules, at));
            return !holiday && usual.intervals().iter().any(|(from, to)| (*from..*to).contains(&second));
        }
        if !self.weekdays.map_or(!usual.is_closed(), |weekdays| weekdays.contains(weekday)) {
            return false;
        }
        if let Some((from, to)) = self.times {
            return (from..to).contains(&second);
        }
        // A wished weekday on which we are closed has the hours of the first day on which we are open.
        let week =
            [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let first = week
            .into_iter()
            .map(|day| settings.working_hours.of(self::weekday(day)))
            .find(|day| !day.is_closed());
        let hours = if usual.is_closed() { first.expect("a house opens") } else { usual };
        hours.intervals().iter().any(|(from, to)| (*from..*to).contains(&second))
    }
}

fn weekday(weekday: Weekday) -> chrono::Weekday {
    chrono::Weekday::try_from(weekday.to_monday_zero_offset() as u8).expect("seven days")
}

/// Our touches in the order of the fold.
fn touches(events: &[Event]) -> Vec<DateTime<Utc>> {
    events.iter().filter(|event| event.is_touch()).map(|event| event.at()).collect()
}

proptest! {
    #![proptest_config(config(6_000))]

    /// S3's invariant: no one falls in the gap.
    #[test]
    fn whoever_is_not_at_rest_has_one_next_action_in_a_finite_window_or_a_wait_that_ends(
        history in histories(16),
    ) {
        let house = history.house();
        let state = fold(&house, &history.events());
        let plan = plan(&state, &house.policy);
        let far = TimeDelta::days(400 * 365);
        match &plan.decision {
            Decision::Act { next, also } => {
                for action in plan.actions() {
                    let window = action.window;
                    let in_order = window.earliest <= window.target && window.target <= window.latest;
                    prop_assert!(in_order, "{action:?}");
                    prop_assert!(window.latest - newest(&history.events()) < far, "{action:?}");
                    let head_start = window.latest - action.rank_at;
                    let bounds = TimeDelta::zero()..=TimeDelta::days(20);
                    prop_assert!(bounds.contains(&head_start), "{action:?}");
                }
                prop_assert!(also.iter().all(|other| (3..=9).contains(&other.kind.row())));
                prop_assert!(also.iter().all(|other| next.window.latest <= other.window.latest));
                let mut obligations: Vec<_> = plan.actions().map(|action| &action.obligation).collect();
                obligations.sort();
                obligations.dedup();
                prop_assert_eq!(obligations.len(), 1 + also.len());
            }
            Decision::Wait { until, .. } => {
                prop_assert_eq!(Some(*until), plan.wake.as_ref().map(|wake| wake.at()));
            }
            Decision::Rest { .. } => prop_assert_eq!(&plan.wake, &None),
        }
    }

    /// C5, W7 and C16, in the prospect's zone, by jiff.
    #[test]
    fn c5_w7_c16_no_touch_comes_too_soon_or_at_an_indecent_hour(history in histories(16)) {
        let house = history.house();
        let events = history.events();
        let state = fold(&house, &events);
        let (rules, touches) = (rules_of(&state), touches(&events));
        let hours = Hours::of(&house, &state, &events);
        let agreed = events.iter().rev().find_map(|event| match event.kind() {
            EventKind::NextStepAgreed { due_at, .. } => Some(*due_at),
            _ => None,
        });
        for action in plan(&state, &house.policy).actions() {
            let (row, window) = (action.kind.row(), action.window);
            let earliest = date(&rules, window.earliest);
            if matches!(row, 10..=13 | 15) {
                if let Some(last) = touches.last() {
                    prop_assert!(earliest >= date(&rules, *last) + TimeDelta::days(2), "C5: {action:?}");
                }
                if state.unanswered() >= 5 {
                    let fifth_last = touches[touches.len() - 5];
                    let opens = date(&rules, fifth_last) + TimeDelta::days(30);
                    prop_assert!(earliest >= opens, "W7: {action:?}");
                }
            }
            // An agreed step stands at its instant, open or not.
            let as_agreed = row == 3 && agreed == Some(window.earliest);
            if row != 5 && !as_agreed {
                prop_assert!(hours.is_open(action, window.earliest), "C16, earliest: {action:?}");
                prop_assert!(hours.is_open(action, window.target), "C16, target: {action:?}");
            }
            if !matches!(row, 3 | 5 | 6) {
                let just_before = window.latest - TimeDelta::microseconds(1);
                let decent = hours.is_open(action, window.latest) || hours.is_open(action, just_before);
                prop_assert!(decent, "C16, latest: {action:?}");
            }
        }
    }

    /// C14: what they asked for or agreed on is never moved by an absence or a snooze.
    #[test]
    fn c14_an_absence_moves_nothing_that_they_asked_for(history in histories(14), absence in 0..4_usize) {
        let house = history.house();
        let events = history.events();
        let state = fold(&house, &events);
        let at = newest(&events);
        let until = at + TimeDelta::days(60);
        let line = [
            format!("away who=owner until={}", until.to_rfc3339()),
            format!("away who=prospect until={}", until.to_rfc3339()),
            format!("snoozed until={}", until.to_rfc3339()),
            "auto_replied".to_owned(),
        ];
        let mut away = state.clone();
        away.apply(&house.event(&format!("{} {} key=zz seq=9", at.to_rfc3339(), line[absence])));
        // Which of them is next may change, as the chase among them is ours.
        let owed = |state: &ProspectState| -> Vec<Action> {
            let plan = plan(state, &house.policy);
            let theirs = plan.actions().filter(|action| (3..=8).contains(&action.kind.row()));
            let mut theirs: Vec<Action> = theirs.cloned().collect();
            theirs.sort_by(|a, b| a.obligation.cmp(&b.obligation));
            theirs
        };
        prop_assert_eq!(owed(&away), owed(&state));
    }
}

/// What may follow a stop without bringing anybody back: no request, no conversation, no opting in, no
/// reopening, and no send under way, which is waited for whatever was said.
const AFTER_A_STOP: [&str; 26] = [
    "valued",
    "temperature_set",
    "assigned",
    "preferred",
    "qualified",
    "auto_replied",
    "bounced",
    "information_sent",
    "proposal_sent",
    "appointment_confirmed",
    "appointment_missed",
    "input_requested",
    "input_received",
    "input_waived",
    "snoozed",
    "paused",
    "resumed",
    "away",
    "playbook_set",
    "replanned",
    "noted",
    "went_stale",
    "lapsed",
    "opted_out",
    "stopped",
    "information_sent",
];

const BEFORE_A_STOP: [&str; 11] = [
    "touched",
    "replied",
    "asked_proposal",
    "appointment_set",
    "appointment_held",
    "next_step_agreed",
    "input_requested",
    "proposal_sent",
    "paused",
    "away",
    "added",
];

const STOPS: [&str; 5] = ["stopped", "opted_out", "gave_up", "decided outcome=won", "decided outcome=lost"];

proptest! {
    #![proptest_config(config(2_500))]

    /// S3, S6: a stop is final until they come back themselves.
    #[test]
    fn s3_s6_after_a_stop_there_is_nothing_of_ours_to_do(
        history in histories_of(&BEFORE_A_STOP, 8, 0..1),
        stop in select(&STOPS[..]),
        tail in histories_of(&AFTER_A_STOP, 8, 0..1),
    ) {
        let house = history.house();
        let mut events = history.events();
        let stopped_at = newest(&events);
        events.push(house.event(&format!("{} {stop} key=stop seq=9", stopped_at.to_rfc3339())));
        let start = tail.events()[0].at();
        for event in tail.events() {
            let key = format!("tail-{}", event.key());
            let at = stopped_at + TimeDelta::microseconds(1) + (event.at() - start);
            events.push(event.with_at(at).with_key(key));
        }
        let mut state = fold(&house, &events);
        let plan_at_once = plan(&state, &house.policy);
        prop_assert!(matches!(plan_at_once.decision, Decision::Rest { .. }), "{plan_at_once}");
        // Time alone brings nobody back.
        prop_assert_eq!(state.wake(&house.policy, newest(&events) + TimeDelta::days(1_000)), vec![]);
        // Their own request does; to whoever opted out of everything it brings an answer, and nothing else.
        let then = newest(&events) + TimeDelta::seconds(1);
        state.apply(&house.event(&format!("{} replied channel=email key=back", then.to_rfc3339())));
        let rows: Vec<u8> = plan(&state, &house.policy).actions().map(|action| action.kind.row()).collect();
        prop_assert!(rows.contains(&4), "{rows:?}");
        if state.at_rest() == Some(Rest::OptedOut) {
            prop_assert!(rows.iter().all(|row| (3..=6).contains(row)), "{rows:?}");
        }
    }

    /// Whoever rests by what happened, whatever the playbook, has no action but to resolve a send.
    #[test]
    fn s3_whoever_is_at_rest_has_no_action(history in histories(14)) {
        let house = history.house();
        let state = fold(&house, &history.events());
        let plan = plan(&state, &house.policy);
        let rows: Vec<u8> = plan.actions().map(|action| action.kind.row()).filter(|row| *row != 1).collect();
        match state.at_rest() {
            Some(Rest::OptedOut) => prop_assert!(rows.iter().all(|row| (3..=6).contains(row)), "{rows:?}"),
            // With keeping in touch switched on, the decided go on.
            Some(Rest::Won | Rest::Lost) if house.policy.settings().keep_in_touch.won => {
                prop_assert!(rows.iter().all(|row| (3..=9).contains(row) || *row == 15), "{rows:?}");
            }
            Some(_) => prop_assert_eq!(rows, Vec::<u8>::new()),
            None => {}
        }
    }

    /// For every answer that can come next there is a plan.
    #[test]
    fn every_answer_leads_to_a_plan(history in histories(12)) {
        let house = history.house();
        let state = fold(&house, &history.events());
        for answer in what_if(&state, &house.policy) {
            for action in answer.plan.actions() {
                prop_assert!(action.window.earliest <= action.window.latest, "{}: {action:?}", answer.name);
            }
        }
    }
}

// Why.

/// Every rule that can be taken away.
fn removable() -> impl Iterator<Item = Rule> {
    Rule::SWITCHABLE.iter().copied().chain([Rule::S3, Rule::S6])
}

/// A rule, and the events that give it something to say.
type Cause = (Rule, fn(&Event) -> bool);

/// The plan of what is left of a history without some of its events.
fn without(house: &House, events: &[Event], gone: impl Fn(&Event) -> bool) -> Plan {
    let left: Vec<Event> = events.iter().filter(|event| !gone(event)).cloned().collect();
    plan(&fold(house, &left), &house.policy)
}

proptest! {
    #![proptest_config(config(2_500))]

    #[test]
    fn a_rule_is_named_if_and_only_if_the_plan_is_another_without_it(history in histories(14)) {
        let house = history.house();
        let state = fold(&house, &history.events());
        let with = plan(&state, &house.policy);
        for rule in removable() {
            let differs = said(&plan(&state, &house.policy.without(rule))) != said(&with);
            prop_assert_eq!(differs, with.rules().contains(rule), "{}: {:?}", rule, with.because);
        }
    }

    /// The same for what the rules rest on.
    #[test]
    fn a_rule_is_named_only_if_the_plan_is_another_without_its_cause(history in histories(14)) {
        let house = history.house();
        // Whatever is left out, the base of a first contact stays.
        let added = house.event("2025-01-01T00:00:00Z added key=added");
        let events: Vec<Event> = [added].into_iter().chain(history.events()).collect();
        let with = plan(&fold(&house, &events), &house.policy);
        let differs = |gone: &dyn Fn(&Event) -> bool| said(&without(&house, &events, gone)) != said(&with);
        let wish = differs(&|event| matches!(event.kind(), EventKind::Preferred { .. }));
        let absence = differs(&|event| {
            use EventKind::{AutoReplied, Away, Snoozed};
            matches!(event.kind(), Away { .. } | AutoReplied { .. } | Snoozed { .. })
        });
        prop_assert_eq!(wish, with.rules().contains(Rule::C11), "C11: {:?}", with.because);
        prop_assert_eq!(absence, with.rules().contains(Rule::C14), "C14: {:?}", with.because);
        let causes: [Cause; 7] = [
            (Rule::S3, |event| matches!(event.kind(), EventKind::Stopped { .. })),
            (Rule::S6, |event| matches!(event.kind(), EventKind::OptedOut { .. })),
            (Rule::C12, |event| matches!(event.kind(), EventKind::Qualified { .. })),
            (Rule::C17, |event| matches!(event.kind(), EventKind::InputRequested { .. })),
            (Rule::C4, |event| matches!(event.kind(), EventKind::Requested { .. })),
            (Rule::P10, |event| matches!(event.kind(), EventKind::NextStepAgreed { .. })),
            (Rule::W7, |event| event.is_touch()),
        ];
        for (rule, cause) in causes {
            prop_assert!(!with.rules().contains(rule) || differs(&cause), "{}: {:?}", rule, with.because);
        }
    }
}

// Wake-ups and late facts.

/// Folds in one event, and before it what was due by then, as somebody would who looks all the time. A
/// wake-up that names its premise was recorded by somebody who looked.
fn take(house: &House, state: &mut ProspectState, event: &Event) -> Vec<Event> {
    let woken = match event.premise() {
        Some(_) => Vec::new(),
        None => state.wake(&house.policy, event.at() - TimeDelta::microseconds(1)),
    };
    state.apply(event);
    woken
}

/// The journal of somebody who was looked at all the time, and where they stand at the end.
fn live(house: &House, events: &[Event], now: DateTime<Utc>) -> (Vec<Event>, ProspectState) {
    let mut state = ProspectState::new(house.zone);
    let mut journal = Vec::new();
    for event in events {
        journal.extend(take(house, &mut state, event));
        journal.push(event.clone());
    }
    journal.extend(state.wake(&house.policy, now));
    (journal, state)
}

fn in_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(Event::order);
    events
}

/// The same events, and one late one, in the order of the fold.
fn with(events: &[Event], late: &Event) -> Vec<Event> {
    in_order([events, std::slice::from_ref(late)].concat())
}

fn instants(events: &[Event]) -> Vec<DateTime<Utc>> {
    events.iter().map(|event| event.at()).collect()
}

/// The journal is folded again with a late fact in its place; where the wake-ups after it no longer hold,
/// those that are due instead are made. It must lead to where the fact leads that comes in time.
fn check_late_fact(history: &History, late: Late, wait: TimeDelta) -> Result<(), TestCaseError> {
    let house = history.house();
    let events = history.events();
    let now = newest(&events) + wait;
    let (journal, _) = live(&house, &events, now);
    let fact = late.event(&house, &instants(&journal), now);
    let (_, in_time) = live(&house, &with(&events, &fact), now);

    let refolded = with(&journal, &fact);
    let place = refolded.iter().position(|event| event.key() == fact.key()).expect("it was put in");
    let mut state = ProspectState::new(house.zone);
    for event in &refolded[..place] {
        state.apply(event);
    }
    for event in &refolded[place..] {
        take(&house, &mut state, event);
    }
    state.wake(&house.policy, now);
    let (late, in_time) = (plan(&state, &house.policy), plan(&in_time, &house.policy));
    prop_assert_eq!(said(&late), said(&in_time), "{} at {}", fact.name(), fact.at());
    Ok(())
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn waking_daily_gives_what_waking_monthly_and_what_waking_at_once_gives(
        history in histories(12), wait in waits(),
    ) {
        let house = history.house();
        let events = history.events();
        let state = fold(&house, &events);
        let now = newest(&events) + wait;
        let woken_every = |days: i64| {
            let (mut state, mut at, mut recorded) = (state.clone(), newest(&events), Vec::new());
            while at < now {
                recorded.extend(state.wake(&house.policy, at));
                at += TimeDelta::days(days);
            }
            recorded.extend(state.wake(&house.policy, now));
            (state, recorded)
        };
        let at_once = woken_every(10_000);
        prop_assert_eq!(&woken_every(1), &at_once);
        prop_assert_eq!(&woken_every(30), &at_once);
        // Nothing is left that is due, and what was recorded folds to the same state.
        let (mut woken, recorded) = at_once;
        prop_assert_eq!(woken.clone().wake(&house.policy, now), vec![]);
        let journal = [recorded.clone(), events].concat();
        prop_assert_eq!(&fold(&house, &journal), &woken);
        prop_assert!(recorded.windows(2).all(|pair| pair[0].order(&pair[1]).is_lt()), "{:?}", recorded);
        // Each wake-up leads to a rest or to a strictly later one.
        for _ in 0..100 {
            let Some(wake) = plan(&woken, &house.policy).wake else { break };
            let recorded = woken.wake(&house.policy, wake.at());
            prop_assert!(!recorded.is_empty(), "{wake:?} is not recorded when it is due");
            let later = plan(&woken, &house.policy).wake.is_none_or(|next| next.at() > wake.at());
            prop_assert!(later, "{wake:?}");
        }
        prop_assert!(plan(&woken, &house.policy).wake.is_none(), "wake-ups without end");
    }

    #[test]
    fn a_wake_up_is_due_at_its_instant_and_not_a_microsecond_before(history in histories(12)) {
        let house = history.house();
        let events = history.events();
        let state = fold(&house, &events);
        let before = plan(&state, &house.policy);
        if let Some(wake) = before.wake.clone() {
            let due_at = wake.at().max(newest(&events));
            prop_assert_eq!(state.clone().wake(&house.policy, due_at - TimeDelta::microseconds(1)), vec![]);
            let mut woken = state.clone();
            let recorded = woken.wake(&house.policy, due_at);
            let first = recorded.first().map(|event| (event.name(), event.at()));
            prop_assert_eq!(first, Some((wake.kind.as_str(), due_at)));
            prop_assert_ne!(said(&plan(&woken, &house.policy)), said(&before));
            if let Decision::Wait { why, .. } = before.decision {
                let waits_for = match why {
                    WaitFor::Outcome => "send_unknown",
                    WaitFor::LastAnswer => "gave_up",
                    WaitFor::PauseEnd => "resumed",
                    _ => "?",
                };
                prop_assert_eq!(wake.kind.as_str(), waits_for);
            }
        }
    }

    /// After the last event time alone went on, and then an earlier fact became known.
    #[test]
    fn a_fact_that_comes_after_the_wake_ups_gives_the_plan_as_if_it_had_come_in_time(
        history in histories(12), late in late(select(Event::NAMES)), wait in waits(),
    ) {
        let house = history.house();
        let events = history.events();
        let now = newest(&events) + wait;
        let mut woken = fold(&house, &events);
        let journal = [events.clone(), woken.wake(&house.policy, now)].concat();
        // A fact from before the newest event, so that nobody could have looked in between.
        let fact = late.event(&house, &instants(&events), newest(&events));
        let mut in_time = fold(&house, &with(&events, &fact));
        in_time.wake(&house.policy, now);
        let mut too_late = fold(&house, &with(&journal, &fact));
        let again = too_late.wake(&house.policy, now);
        // What has lost its effect is still in the journal: an event before it is late.
        let all = [&journal[..], std::slice::from_ref(&fact), &again].concat();
        prop_assert_eq!(too_late.last_event_at(), Some(newest(&all)));
        let (too_late, in_time) = (plan(&too_late, &house.policy), plan(&in_time, &house.policy));
        prop_assert_eq!(said(&too_late), said(&in_time), "{} at {}", fact.name(), fact.at());
    }
}

#[test]
fn a_late_fact_of_every_kind_gives_the_plan_as_if_it_had_come_in_time() {
    for kind in Event::NAMES {
        let mut runner = TestRunner::new(config(300));
        let cases = (histories(12), late(Just(*kind)), waits());
        let checked = runner.run(&cases, |(history, late, wait)| check_late_fact(&history, late, wait));
        checked.unwrap_or_else(|failure| panic!("{kind}: {failure}"));
    }
}

#[test]
fn the_histories_reach_every_row_and_every_wake_up() {
    // A count of what chance brings: always of the same chance, so that it cannot fail by another.
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig { cases: 256, ..config(1) }, chance);
    let (rows, wakes) = (std::cell::RefCell::default(), std::cell::RefCell::default());
    let (rows, wakes): (
        &std::cell::RefCell<[u32; 16]>,
        &std::cell::RefCell<std::collections::BTreeMap<_, u32>>,
    ) = (&rows, &wakes);
    let cases = prop::collection::vec(histories(14), 16);
    let counted = runner.run(&cases, |histories| {
        for history in histories {
            let house = history.house();
            let plan = plan(&fold(&house, &history.events()), &house.policy);
            plan.actions().for_each(|action| rows.borrow_mut()[usize::from(action.kind.row())] += 1);
            if let Some(wake) = plan.wake {
                *wakes.borrow_mut().entry(wake.kind).or_default() += 1;
            }
        }
        Ok(())
    });
    counted.expect("nothing is asserted");
    for (row, count) in rows.borrow().iter().enumerate().skip(1).filter(|(row, _)| *row != 2) {
        assert!(*count >= 10, "row {row} came {count} times");
    }
    assert_eq!(wakes.borrow().len(), 5, "{wakes:?}");
    assert!(wakes.borrow().values().all(|count| *count >= 10), "{wakes:?}");
}
