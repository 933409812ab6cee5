//! What does each rule promise for every history?
//!
//! Each property has the id of its rule, and looks at random histories in many zones under several playbooks. It works
//! out what it expects from the events, not from the state that the planner reads. Those of E3 and E4, of single plans,
//! are in `followup_testing::invariants`.

mod common;

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use common::House;
use common::cases::{Case, cases, cases_of, config};
use followup_core::event::{EventKind, Request, Touch, TouchFacts};
use followup_core::plan::{Action, Decision, ObligationKind};
use followup_core::stage::{Kind, Rest, ValueBand};
use followup_core::time::DueState;
use followup_core::{
    Channel, Event, Outcome, Plan, ProspectState, Purpose, Reason, Rule, Stage, Temperature, plan,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// A history and its plan.
struct Seen {
    house: House,
    events: Vec<Event>,
    state: ProspectState,
    plan: Plan,
}

impl Seen {
    fn of(case: &Case) -> Seen {
        let house = case.house();
        let mut state = ProspectState::new(house.zone);
        let mut held = Vec::new();
        // A wake-up whose premise does not hold changes nothing, so it is left out.
        for event in case.history.in_order() {
            if state.premise_holds(&event) {
                held.push(event.clone());
            }
            state.apply(&event);
        }
        let plan = plan(&state, &house.policy);
        Seen { house, events: held, state, plan }
    }

    /// Returns the same with one more event, a minute after all others.
    fn then(&self, event: impl FnOnce(DateTime<Utc>) -> Event) -> Seen {
        let house = House { policy: self.house.policy.clone(), zone: self.house.zone };
        let event = event(self.after()).with_key("then");
        let (mut events, mut state) = (self.events.clone(), self.state.clone());
        state.apply(&event);
        events.push(event);
        let plan = plan(&state, &house.policy);
        Seen { house, events, state, plan }
    }

    fn after(&self) -> DateTime<Utc> {
        self.state.last_event_at().expect("a history is not empty") + TimeDelta::minutes(1)
    }

    fn has(&self, kind: impl Fn(&EventKind) -> bool) -> bool {
        self.events.iter().any(|event| kind(event.kind()))
    }

    fn acts(&self, kind: ObligationKind) -> Option<&Action> {
        self.plan.actions().find(|action| action.kind == kind)
    }

    fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.state.zone().date_of(at)
    }

    fn last(&self, kind: impl Fn(&Event) -> bool) -> Option<&Event> {
        self.events.iter().rev().find(|event| kind(event))
    }

    /// Returns the touches since their last sign.
    fn unanswered(&self) -> impl Iterator<Item = TouchFacts> {
        let since = self.events.iter().rposition(Event::is_sign).map_or(0, |sign| sign + 1);
        self.events[since..].iter().filter(|event| is_counted(event)).filter_map(Event::touch)
    }

    /// Returns the action of row 13 by the plain rules: for a prospect after the second contact, without a date or
    /// preference of theirs.
    fn plain_cadence(&self) -> Option<&Action> {
        let special = self.has(|kind| {
            matches!(
                kind,
                EventKind::Qualified { .. }
                    | EventKind::Preferred { .. }
                    | EventKind::Reopened
                    | EventKind::Resumed
                    | EventKind::WentStale
            )
        });
        let usual = !special && self.state.kind() == Kind::Prospect && self.state.sign_count() > 0;
        self.acts(ObligationKind::Cadence).filter(|_| usual)
    }
}

/// Whether it is a contact by us. An acknowledgement is not, and a send may be one, as its intent says.
fn is_counted(event: &Event) -> bool {
    let acknowledges = matches!(
        event.kind(),
        EventKind::Touched { purpose: Some(Purpose::ACKNOWLEDGE), .. }
            | EventKind::Sent { purpose: Some(Purpose::ACKNOWLEDGE), .. }
    );
    event.is_touch() && !acknowledges
}

/// Declares properties of rules, each over its cases.
macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident($cases:expr, $seen:ident) $body:block)*) => {
        proptest! {
            #![proptest_config(config(1_000))]
            $($(#[doc = $doc])* #[test]
            fn $name(case in $cases) {
                let $seen = Seen::of(&case);
                $body
            })*
        }
    };
}

const ASKS: [Purpose; 3] = [Purpose::ASK_APPOINTMENT, Purpose::DISCUSS, Purpose::CLOSE];

const PURSUIT: [&str; 14] = [
    "touched",
    "touched",
    "information_sent",
    "replied",
    "asked_appointment",
    "appointment_set",
    "appointment_held",
    "appointment_missed",
    "proposal_sent",
    "next_step_agreed",
    "next_step_declined",
    "asked_proposal",
    "noted",
    "proposal_discussed",
];
const CONTACTS: [&str; 6] = ["touched", "touched", "replied", "inquired", "information_sent", "noted"];
const QUIET: [&str; 6] = ["added", "noted", "valued", "assigned", "temperature_set", "qualified"];
const TOUCHES: [&str; 5] = ["touched", "touched", "touched", "valued", "noted"];
const INPUTS: [&str; 5] = ["input_requested", "input_received", "input_waived", "touched", "added"];
const DATED: [&str; 5] = ["touched", "replied", "qualified", "qualified", "information_sent"];
const WISHES: [&str; 5] = ["touched", "replied", "preferred", "preferred", "information_sent"];

rules! {
    p1_a_stage_is_left_backwards_only_by_going_stale_and_in_a_new_round(cases(), seen) {
        let mut state = ProspectState::new(seen.house.zone);
        for event in &seen.events {
            let before = state.stage();
            state.apply(event);
            let begins_again = matches!(
                event.kind(),
                EventKind::WentStale | EventKind::Reopened | EventKind::Requested { .. }
            ) || event.is_touch();
            prop_assert!(state.stage() >= before || begins_again, "{}", event.name());
            prop_assert!(state.stage() >= before || before > Stage::Interest);
        }
    }

    p2_a_proposal_of_ours_takes_a_meeting_or_their_word(cases_of(&PURSUIT, 0..4), seen) {
        let basis = seen.has(|kind| matches!(kind, EventKind::AppointmentHeld
            | EventKind::Requested { request: Request::AskedProposal, .. }));
        let proposal = Event::proposal_sent(seen.after(), None, None);
        let refused = seen.state.check(&proposal, proposal.at()).iter().any(|finding| finding.rule == Rule::P2);
        prop_assert!(basis || refused);
        let asked = seen.then(|at| Event::asked_proposal(at, None));
        let proposal = Event::proposal_sent(asked.after(), None, None);
        prop_assert!(!asked.state.check(&proposal, proposal.at()).iter().any(|finding| finding.rule == Rule::P2));
    }

    p3_what_they_ask_for_is_never_refused_and_moves_them_there(cases(), seen) {
        for request in Request::ALL {
            let event = Event::requested(seen.after(), *request, None);
            prop_assert_eq!(seen.state.check(&event, event.at()), Vec::new());
            let then = seen.then(|at| Event::requested(at, *request, None));
            prop_assert!(then.state.stage() >= request.stage());
        }
    }

    p4_nobody_is_asked_for_an_appointment_before_they_are_ready(cases(), seen) {
        let informed = seen.has(|kind| matches!(kind, EventKind::InformationSent { .. }
            | EventKind::Touched { purpose: Some(Purpose::INFORM), .. }
            | EventKind::Sent { .. } | EventKind::SendIntended { .. }));
        let asked = seen.acts(ObligationKind::Cadence).is_some_and(|next| next.purpose == Purpose::ASK_APPOINTMENT);
        prop_assert!(!asked || informed || seen.plan.stage >= Stage::Appointment);
    }

    p5_a_meeting_that_is_no_strategy_session_is_a_finding_and_never_a_refusal(cases(), seen) {
        for minutes in [30, 59, 60, 90] {
            let (at, starts_at) = (seen.after(), seen.after() + TimeDelta::days(3));
            let found = seen.state.check(&Event::appointment_set(at, starts_at, minutes), at);
            let short = found.iter().find(|finding| finding.rule == Rule::P5);
            prop_assert!(minutes >= 60 || short.is_some());
            prop_assert!(short.is_none_or(|finding| !finding.is_refusal()));
        }
    }

    p6_an_appointment_that_is_set_is_confirmed_or_held(cases_of(&PURSUIT, 0..4), seen) {
        let then = seen.then(|at| Event::appointment_set(at, at + TimeDelta::days(9), 60));
        let upkeep = then.acts(ObligationKind::Confirm).or(then.acts(ObligationKind::Hold));
        prop_assert!(upkeep.is_some(), "{}", then.plan);
        prop_assert!(upkeep.is_some_and(|action| action.window.latest <= then.after() + TimeDelta::days(10)));
    }

    p7_after_a_meeting_the_proposal_is_owed_by_the_next_open_day(cases_of(&PURSUIT, 0..4), seen) {
        let then = seen.then(Event::appointment_held);
        let agreed_later = then.acts(ObligationKind::AgreedStep).is_some();
        let owed = then.acts(ObligationKind::Propose);
        prop_assert!(owed.is_some() || agreed_later, "{}", then.plan);
        // Two weeks hold an open day in each of these houses.
        prop_assert!(owed.is_none_or(|action| action.window.latest <= then.after() + TimeDelta::days(14)));
    }

    p8_going_stale_leads_to_interest_and_loses_nothing_of_the_history(cases(), seen) {
        let mut woken = seen.state.clone();
        for event in woken.wake(&seen.house.policy, seen.after() + TimeDelta::days(2_000)) {
            if matches!(event.kind(), EventKind::WentStale) {
                prop_assert!(seen.plan.stage > Stage::Interest || seen.plan.wake.is_some());
            }
        }
        prop_assert_eq!((woken.touch_count(), woken.sign_count()), (seen.state.touch_count(), seen.state.sign_count()));
    }

    p9_later_is_never_a_rest(cases_of(&CONTACTS, 0..4), seen) {
        let then = seen.then(|at| Event::decided(at, Outcome::Later));
        prop_assert!(then.plan.next().is_some(), "{}", then.plan);
        let date = then.plan.next().map(|next| next.window.latest);
        prop_assert!(date.is_some_and(|latest| latest <= then.after() + TimeDelta::days(200)));
    }

    p10_an_agreed_step_is_what_is_owed_at_its_date(cases_of(&PURSUIT, 0..4), seen) {
        let due = seen.after() + TimeDelta::days(4);
        let then = seen.then(|at| Event::next_step_agreed(at, due));
        let step = then.acts(ObligationKind::AgreedStep).expect("it is owed");
        prop_assert!(step.window.earliest >= due && then.date(step.window.latest) >= then.date(due));
    }

    p11_who_agrees_on_a_next_step_is_hot_and_who_declines_cools(cases(), seen) {
        let agreed = seen.then(|at| Event::next_step_agreed(at, at + TimeDelta::days(4)));
        prop_assert_eq!(agreed.plan.temperature, Temperature::Hot);
        let declined = agreed.then(|at| Event::new(at, EventKind::NextStepDeclined));
        prop_assert_eq!(declined.plan.temperature, Temperature::Warm);
    }

    p12_won_and_lost_rest_or_are_kept_in_touch_with(cases_of(&CONTACTS, 0..4), seen) {
        for (outcome, rest) in [(Outcome::Won, Rest::Won), (Outcome::Lost, Rest::Lost)] {
            let then = seen.then(|at| Event::decided(at, outcome));
            let keep = &seen.house.policy.settings().keep_in_touch;
            if keep.won {
                prop_assert!(then.acts(ObligationKind::KeepInTouch).is_some(), "{}", then.plan);
            } else {
                prop_assert_eq!(&then.plan.decision, &Decision::Rest { why: rest });
            }
        }
    }

    c1_the_cadence_never_comes_before_the_interval_of_the_temperature(cases_of(&CONTACTS, 0..2), seen) {
        if let Some(next) = seen.plain_cadence() {
            let contact = seen.last(|event| is_counted(event) || event.is_sign()).expect("there was a sign");
            let base = seen.date(contact.at());
            let from = match seen.plan.temperature {
                Temperature::Hot => base + Days::new(7),
                Temperature::Warm => base + Days::new(14),
                Temperature::Cool => base + chrono::Months::new(2),
            };
            prop_assert!(seen.date(next.window.earliest) >= from);
        }
    }

    c2_before_any_contact_the_first_one_is_owed_from_when_they_were_added(cases_of(&QUIET, 0..4), seen) {
        let added = seen.events.iter().find(|event| matches!(event.kind(), EventKind::Added { .. }));
        let first = added.or(seen.events.first()).expect("a history is not empty");
        match seen.acts(ObligationKind::Cadence) {
            Some(next) => prop_assert!(
                next.window.earliest >= first.at() && next.window.latest <= first.at() + TimeDelta::days(14)
            ),
            None => prop_assert!(seen.state.kind() == Kind::Stakeholder || seen.acts(ObligationKind::Step).is_some()),
        }
    }

    c4_what_they_ask_for_is_owed_until_it_is_done(cases(), seen) {
        for request in Request::ALL {
            let then = seen.then(|at| Event::requested(at, *request, Channel::WEB));
            let owed = then.acts(ObligationKind::Answer).or(then.acts(ObligationKind::Resolve));
            let held_back = matches!(then.plan.decision, Decision::Wait { .. } | Decision::Rest { why: Rest::Merged });
            prop_assert!(owed.is_some() || held_back, "{}", then.plan);
        }
    }

    c6_a_window_that_ends_later_than_its_rule_says_names_both_rules(cases(), seen) {
        for action in seen.plan.actions() {
            if let Some(conflict) = &action.conflict {
                prop_assert!(conflict.latest > conflict.own_latest && conflict.latest == action.window.latest);
                prop_assert!(conflict.rules.iter().count() >= 2, "{:?}", conflict.rules);
                prop_assert!(action.kind != ObligationKind::Cadence || conflict.rules.contains(Rule::C6));
            }
        }
    }

    c7_w5_a_step_is_taken_as_the_playbook_says_it(cases_of(&CONTACTS, 3..4), seen) {
        let steps = seen.house.policy.settings().steps(seen.plan.stage);
        if let Some(action) = seen.acts(ObligationKind::Step) {
            let fits = |step: &&followup_core::playbook::Step| {
                step.purpose == action.purpose && step.reason.is_none_or(|reason| reason == action.reason)
            };
            prop_assert!(steps.iter().any(|step| fits(&step)));
        }
        let without = plan(&seen.state, &seen.house.policy.without(Rule::C7));
        prop_assert!(without.actions().all(|action| action.kind != ObligationKind::Step));
    }

    c8_the_second_contact_comes_after_a_week(cases_of(&TOUCHES, 0..2), seen) {
        if let (1, 0, Some(next)) = (seen.state.touch_count(), seen.state.sign_count(), seen.acts(ObligationKind::Cadence)) {
            let touch = seen.last(is_counted).expect("there was one");
            prop_assert!(seen.date(next.window.earliest) >= seen.date(touch.at()) + Days::new(7));
            prop_assert!(next.conflict.is_some() || seen.date(next.window.latest) <= seen.date(touch.at()) + Days::new(10));
        }
    }

    c9_no_channel_comes_twice_in_a_row_where_there_is_another(cases_of(&TOUCHES, 0..2), seen) {
        let last = seen.last(is_counted).and_then(Event::channel);
        if let (Some(next), Some(last)) = (seen.acts(ObligationKind::Cadence), last) {
            prop_assert_ne!(next.channel, Some(last), "no address is known, so phone and email both are there");
        }
    }

    c10_to_large_value_every_touch_is_personal(cases(), seen) {
        if seen.plan.band == ValueBand::Large {
            for action in seen.plan.actions() {
                prop_assert!(action.personal || action.automatic);
            }
        }
    }

    c11_the_channel_that_they_wish_is_taken_for_all_that_we_start(cases_of(&WISHES, 0..4), seen) {
        let wish = seen.events.iter().rev().find_map(|event| match event.kind() {
            EventKind::Preferred { channel, .. } => *channel,
            _ => None,
        });
        for action in seen.plan.actions().filter(|action| action.kind.is_started_by_us()) {
            prop_assert!(wish.is_none_or(|wish| action.channel == Some(wish)));
        }
    }

    c12_a_near_decision_is_not_slept_through(cases_of(&DATED, 0..2), seen) {
        let decides_on = seen.events.iter().rev().find_map(|event| match event.kind() {
            EventKind::Qualified { decides_on, .. } => *decides_on,
            _ => None,
        });
        let contact = seen.last(|event| is_counted(event) || event.is_sign());
        // After enough personal touches to a medium value, nurture has an interval of its own (S1).
        let settings = seen.house.policy.settings();
        let personal = seen.unanswered().filter(|touch| touch.personal).count();
        let is_nurtured = settings.nurture && personal >= settings.stop.medium as usize;
        let is_usual = seen.state.kind() == Kind::Prospect && !is_nurtured;
        if let (Some(date), Some(contact), Some(next), true) =
            (decides_on, contact, seen.acts(ObligationKind::Cadence), is_usual)
            && date > seen.date(contact.at()) + Days::new(3)
            && next.conflict.is_none()
        {
            prop_assert!(seen.date(next.window.latest) < date, "{} {}", seen.plan, date);
        }
    }

    c13_silence_is_no_answer(cases_of(&TOUCHES, 0..4), seen) {
        prop_assert_eq!(seen.state.outcome(), None);
        let mut woken = seen.state.clone();
        woken.wake(&seen.house.policy, seen.after() + TimeDelta::days(3_000));
        let gave_up = matches!(plan(&woken, &seen.house.policy).decision, Decision::Rest { .. });
        let last_message = seen.has(|kind| matches!(kind, EventKind::Touched { purpose: Some(Purpose::LAST_MESSAGE), .. }));
        prop_assert!(!gave_up || last_message, "only a last message ends a silent pursuit");
    }

    c17_s4_inputs_are_chased_until_none_is_missing(cases_of(&INPUTS, 0..4), seen) {
        let mut missing = BTreeSet::new();
        for event in &seen.events {
            match event.kind() {
                EventKind::InputRequested { input, .. } => missing.insert(input.clone()),
                EventKind::InputReceived { input } | EventKind::InputWaived { input } => missing.remove(input),
                _ => false,
            };
        }
        prop_assert_eq!(seen.acts(ObligationKind::Chase).is_some(), !missing.is_empty());
        let rests = matches!(seen.plan.decision, Decision::Rest { .. });
        prop_assert!(missing.is_empty() || !rests);
    }

    c18_silence_cools_by_one_for_every_three_touches(cases_of(&TOUCHES, 0..4), seen) {
        let cooled = match seen.unanswered().count() / 3 {
            0 => Temperature::Warm,
            _ => Temperature::Cool,
        };
        prop_assert_eq!(seen.plan.temperature, cooled);
    }

    c15_what_is_late_is_called_late_and_by_how_much(cases(), seen) {
        for action in seen.plan.actions() {
            let window = action.window;
            for (now, state, hours) in [
                (window.earliest - TimeDelta::microseconds(1), DueState::Upcoming, 0),
                (window.earliest, DueState::Due, 0),
                (window.latest, DueState::Due, 0),
                (window.latest + TimeDelta::microseconds(1), DueState::Overdue, 0),
                (window.latest + TimeDelta::hours(30), DueState::Overdue, 30),
            ] {
                prop_assert_eq!((window.state(now), window.hours_late(now)), (state, hours));
            }
        }
    }

    w1_are_you_ready_is_never_the_first_the_last_or_asked_twice(cases_of(&TOUCHES, 0..3), seen) {
        let asks = |event: &Event| is_counted(event)
            && event.touch().is_some_and(|touch| touch.reason == Some(Reason::ARE_YOU_READY));
        let asked_before = seen.last(asks).is_some();
        for action in seen.plan.actions().filter(|action| action.reason == Reason::ARE_YOU_READY) {
            prop_assert!(!asked_before && seen.state.touch_count() > 0 && action.kind != ObligationKind::LastMessage);
        }
    }

    w2_a_cool_prospect_is_not_asked(cases(), seen) {
        let cool = seen.plan.temperature == Temperature::Cool;
        if let Some(next) = seen.acts(ObligationKind::Cadence).filter(|_| cool) {
            prop_assert!(!ASKS.contains(&next.purpose), "{}", seen.plan);
        }
    }

    w3_one_ask_does_not_follow_another(cases_of(&PURSUIT, 0..3), seen) {
        let last = seen.last(is_counted).map(|event| event.kind().clone());
        if let (Some(EventKind::Touched { purpose: Some(purpose), .. }), Some(next)) =
            (last, seen.acts(ObligationKind::Cadence))
        {
            prop_assert!(!(ASKS.contains(&purpose) && ASKS.contains(&next.purpose)), "{}", seen.plan);
        }
    }

    w4_a_reason_rests_for_three_touches(cases_of(&TOUCHES, 0..3), seen) {
        let reason = |event: &Event| match event.kind() {
            EventKind::Touched { reason, .. } => *reason,
            _ => None,
        };
        let recent: Vec<_> = seen.events.iter().rev().filter(|event| is_counted(event)).take(3).filter_map(reason).collect();
        if let Some(next) = seen.acts(ObligationKind::Cadence) {
            prop_assert!(!recent.contains(&next.reason), "{:?}", next.reason);
        }
    }

    w6_what_is_not_known_is_a_next_step(cases(), seen) {
        let known = |field: fn(&EventKind) -> bool| seen.has(field);
        let needs = known(|kind| matches!(kind, EventKind::Qualified { needs: Some(_), .. }));
        let how = known(|kind| matches!(kind, EventKind::Qualified { decides_how: Some(_), .. }));
        let on = known(|kind| matches!(kind, EventKind::Qualified { decides_on: Some(_), .. }));
        let asks = seen.plan.next().is_some_and(|next| next.kind != ObligationKind::Resolve)
            && seen.state.outcome().is_none() && seen.state.kind() != Kind::Stakeholder;
        for (known, need) in [(needs, "needs"), (how, "decides_how"), (on, "decides_on")] {
            prop_assert_eq!(seen.plan.needs.iter().any(|said| said.as_str() == need), asks && !known, "{}", need);
        }
    }

    s1_a_large_value_is_never_given_up_by_itself(cases(), seen) {
        if seen.plan.band == ValueBand::Large {
            prop_assert!(seen.acts(ObligationKind::LastMessage).is_none());
        }
    }

    s2_the_last_message_follows_a_pursuit_and_comes_once(cases(), seen) {
        if seen.acts(ObligationKind::LastMessage).is_some() {
            let stop = &seen.house.policy.settings().stop;
            let fewest = stop.small.min(stop.medium).min(stop.unanswered) as usize;
            prop_assert!(seen.unanswered().count() >= fewest, "{}", seen.plan);
            let sent = seen.then(|at| Event::touched(at, Touch::on(Channel::PHONE).purpose(Purpose::LAST_MESSAGE)));
            prop_assert!(sent.acts(ObligationKind::LastMessage).is_none());
            prop_assert!(sent.plan.wake.is_some());
        }
    }

    s5_whoever_comes_back_is_welcome(cases(), seen) {
        for ended in [Event::stopped, |at| Event::new(at, EventKind::GaveUp)] {
            let rests = seen.then(ended);
            let back = rests.then(|at| Event::inquired(at, Channel::WEB));
            let held_back = matches!(back.plan.decision, Decision::Wait { .. } | Decision::Rest { why: Rest::Merged });
            prop_assert!(back.plan.next().is_some() || held_back, "{}", back.plan);
        }
    }

    e1_whoever_there_was_contact_with_is_followed_up(cases_of(&CONTACTS, 0..4), seen) {
        let waits = matches!(seen.plan.decision, Decision::Wait { .. });
        prop_assert!(seen.plan.next().is_some() || waits, "{}", seen.plan);
    }

    e2_a_referral_source_is_followed_up_and_not_asked(cases_of(&CONTACTS, 0..2), seen) {
        let source = seen.then(|at| {
            let mut added = Event::added(at);
            if let EventKind::Added { kind, .. } = added.kind_mut() {
                *kind = Kind::ReferralSource;
            }
            added
        });
        let next = source.plan.next().expect("nobody falls in the gap");
        prop_assert!(!ASKS.contains(&next.purpose) && next.purpose != Purpose::LAST_MESSAGE, "{}", source.plan);
    }
}

#[test]
fn the_histories_reach_every_row() {
    // A property that looks at nothing says nothing.
    let mut runner = TestRunner::new(ProptestConfig { cases: 256, ..config(1) });
    let met = RefCell::new(BTreeSet::new());
    for cases in [cases().boxed(), cases_of(&PURSUIT, 0..4).boxed(), cases_of(&CONTACTS, 3..4).boxed()] {
        let looked = runner.run(&cases, |case| {
            met.borrow_mut().extend(Seen::of(&case).plan.actions().map(|action| action.kind));
            Ok(())
        });
        looked.expect("looking never fails");
    }
    let without_row = [ObligationKind::Acknowledge, ObligationKind::Custom];
    let met = met.into_inner().into_iter().filter(|kind| !without_row.contains(kind));
    let met: BTreeSet<u8> = met.map(ObligationKind::row).collect();
    for row in (1..=15).filter(|row| *row != 2) {
        assert!(met.contains(&row), "no history reaches row {row}");
    }
}
