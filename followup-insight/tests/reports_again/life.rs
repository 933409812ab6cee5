//! The history of one prospect, read by the words of the planning rules.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc, Weekday};
use followup::event::{EventKind, Request};
use followup::plan::ObligationKind;
use followup::stage::{Kind, Rest};
use followup::{Channel, Event, Outcome, Plan, ProspectState, Stage, plan};
use pollster::block_on;

use super::book::{HOME, Person, id, policy, woken};

/// The events of one prospect up to an instant, with wake-ups, in the order of the fold.
pub(crate) struct Life {
    pub(crate) events: Vec<Event>,
    /// The state before each event, and at the end.
    pub(crate) states: Vec<ProspectState>,
    pub(crate) plan: Plan,
    pub(crate) now: DateTime<Utc>,
}

pub(crate) fn lives(people: &[Person], now: DateTime<Utc>) -> Vec<Life> {
    let desk = woken(people, now);
    let known = (0..people.len()).filter_map(|index| {
        let history = block_on(desk.history(id(index))).ok()?;
        let events: Vec<_> =
            history.into_iter().filter(|entry| !entry.voided).map(|entry| entry.event).collect();
        let mut states = vec![ProspectState::new(HOME.parse().expect("a zone"))];
        for event in &events {
            let mut state = states[states.len() - 1].clone();
            state.apply(event);
            states.push(state);
        }
        Some(Life { events, states, plan: block_on(desk.plan(id(index), now)).expect("a plan").plan, now })
    });
    known.collect()
}

pub(crate) fn is_conversation(event: &Event) -> bool {
    let names = [
        "appointment_set",
        "appointment_held",
        "proposal_discussed",
        "next_step_agreed",
        "next_step_declined",
    ];
    names.contains(&event.name()) || matches!(event.kind(), EventKind::Touched { reached: true, .. })
}

pub(crate) fn is_touch(event: &Event) -> bool {
    let names = ["touched", "information_sent", "proposal_sent", "input_requested", "sent"];
    names.contains(&event.name()) || is_conversation(event)
}

pub(crate) fn is_request(event: &Event) -> bool {
    let names =
        ["inquired", "replied", "asked_information", "asked_appointment", "asked_proposal", "ready_to_buy"];
    names.contains(&event.name())
}

pub(crate) fn is_sign(event: &Event) -> bool {
    let names = ["appointment_confirmed", "input_received", "decided"];
    names.contains(&event.name()) || is_request(event) || is_conversation(event)
}

pub(crate) fn is_contact(event: &Event) -> bool {
    is_touch(event) || is_sign(event)
}

pub(crate) fn outcome(event: &Event) -> Option<Outcome> {
    match event.kind() {
        EventKind::Decided { outcome, .. } => Some(*outcome),
        _ => None,
    }
}

impl Life {
    pub(crate) fn state(&self) -> &ProspectState {
        &self.states[self.events.len()]
    }

    pub(crate) fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        self.state().zone().local_time(at)
    }

    pub(crate) fn month(&self, at: DateTime<Utc>) -> String {
        self.local(at).format("%Y-%m").to_string()
    }

    pub(crate) fn contacts(&self) -> Vec<&Event> {
        self.events.iter().filter(|event| is_contact(event)).collect()
    }

    pub(crate) fn touches(&self) -> Vec<&Event> {
        self.events.iter().filter(|event| is_touch(event)).collect()
    }

    /// The decision in force, if it is final.
    pub(crate) fn decision(&self) -> Option<(Outcome, DateTime<Utc>)> {
        let outcome_now = self.state().outcome().filter(|outcome| *outcome != Outcome::Later)?;
        let decided = self.events.iter().rev().find(|event| outcome(event).is_some())?;
        Some((outcome_now, decided.at()))
    }

    pub(crate) fn is(&self, outcome: Outcome) -> bool {
        self.decision().is_some_and(|(decided, _)| decided == outcome)
    }

    /// The time from the first contact to that decision.
    pub(crate) fn cycle(&self, wanted: Outcome) -> Vec<TimeDelta> {
        let decision = self.decision().filter(|(outcome, _)| *outcome == wanted);
        decision.map(|(_, at)| at - self.contacts()[0].at()).into_iter().collect()
    }

    pub(crate) fn is_open(&self) -> bool {
        let complete = self.state().kind() == Kind::Stakeholder && self.inputs().1 == 0;
        let rest = self.state().at_rest();
        // A prospect who asks again is owed an answer nevertheless.
        let asks_again = self.plan.next().is_some() && (rest == Some(Rest::OptedOut) || complete);
        asks_again && rest.is_none_or(|rest| rest == Rest::OptedOut) || rest.is_none() && !complete
    }

    /// The stays in stages, with their lengths.
    pub(crate) fn stays(&self) -> Vec<(Stage, TimeDelta)> {
        let mut stays = Vec::new();
        let mut stay: Option<(Stage, DateTime<Utc>)> = None;
        for (event, states) in self.events.iter().zip(self.states.windows(2)) {
            let (before, after) = (&states[0], &states[1]);
            let there = after.at_rest().is_none().then(|| after.stage());
            // A new round begins a new stay, also in the same stage.
            let comes_back = before.outcome().is_some() && after.outcome().is_none();
            let begins_again = comes_back || ["went_stale", "reopened"].contains(&event.name());
            let longer = stay.is_some_and(|(_, since)| since < event.at());
            if begins_again && longer || stay.map(|(stage, _)| stage) != there {
                stays.extend(stay.map(|(stage, since)| (stage, event.at() - since)));
                stay = there.map(|stage| (stage, event.at()));
            }
        }
        stays.extend(stay.map(|(stage, since)| (stage, self.now - since)));
        stays
    }

    /// The channel of an event. A sent message without a channel has that of its intent.
    pub(crate) fn channel(&self, index: usize) -> Option<Channel> {
        let event = &self.events[index];
        let is_meant = event.name() == "sent" && self.states[index].in_flight().is_some();
        let meant = self.events[..index].iter().rev().find_map(|event| match event.kind() {
            EventKind::SendIntended { channel, .. } => channel.filter(|_| is_meant),
            _ => None,
        });
        event.channel().or(meant)
    }

    /// Whether the hours are open where they are, as far as is known by then.
    pub(crate) fn is_open_hour(&self, index: usize) -> bool {
        let event = &self.events[index];
        let local = self.states[index].zone().local_time(event.at());
        let wished = self.events[..index].iter().any(|event| event.name() == "preferred");
        let (from, to) = if wished { (18, 22) } else { (9, 17) };
        let day = match local.weekday() {
            Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Sat if wished => true,
            Weekday::Sat | Weekday::Sun => false,
            _ => !wished,
        };
        let calls = self.channel(index).is_some_and(|channel| ["phone", "text"].contains(&channel.as_str()));
        let decent = !calls || (8..21).contains(&local.hour());
        day && decent && (from..to).contains(&local.hour())
    }

    /// The number of touches after a stop that were not allowed.
    pub(crate) fn strays(&self) -> u64 {
        let mut out: Vec<&str> = Vec::new();
        let all = ["phone", "email", "post", "social", "text", "visit", "web"];
        let (mut strays, mut said_out) = (0, 0);
        for (index, (event, before)) in self.events.iter().zip(&self.states).enumerate() {
            said_out = if event.name() == "opted_out" { index } else { said_out };
            match &event.kind() {
                EventKind::OptedOut { channels } if channels.is_empty() => out = all.to_vec(),
                EventKind::OptedOut { channels } => {
                    out.extend(channels.iter().map(|channel| channel.as_str()))
                }
                EventKind::OptedIn { channels } if channels.is_empty() => out.clear(),
                EventKind::OptedIn { channels } => {
                    out.retain(|name| channels.iter().all(|channel| channel.as_str() != *name))
                }
                _ => {}
            }
            let is_out = match self.channel(index) {
                Some(channel) => out.contains(&channel.as_str()),
                None => all.iter().all(|name| out.contains(name)),
            };
            let ended = matches!(before.at_rest(), Some(Rest::Stopped | Rest::GaveUp));
            // A new request may be answered on its channel, if it has named one since the answer is owed.
            let may_answer = Request::ALL.iter().filter(|request| before.owes(**request)).any(|request| {
                let free = (0..index).rev().find(|earlier| !self.states[*earlier].owes(*request));
                let asked = self.events[free.unwrap_or(0).max(said_out)..index]
                    .iter()
                    .rev()
                    .filter(|asked| asked.name() == request.as_str());
                let theirs = asked.clone().find_map(Event::channel);
                let ours = self.channel(index);
                asked.count() > 0 && (theirs.is_none() || ours.is_none() || theirs == ours)
            });
            // An agreement shows that they came back; a call that reached them was our touch.
            let came_back = is_conversation(event) && event.name() != "touched";
            strays += u64::from(is_touch(event) && (ended && !came_back || is_out && !may_answer));
        }
        strays
    }

    /// The numbers of touches that came too soon, on time and too late and of actions that were never done, and the
    /// delays of the late touches.
    pub(crate) fn follow_ups(&self) -> ([u64; 4], Vec<TimeDelta>) {
        let policy = policy();
        let (mut numbers, mut late) = ([0; 4], Vec::new());
        for (index, event) in self.events.iter().enumerate().skip(1) {
            let before = plan(&self.states[index], &policy);
            let Some(next) = before.next() else { continue };
            if is_touch(event) {
                // A conversation in which they take part cannot come too soon; a call is our touch.
                let with_them = is_conversation(event) && event.name() != "touched";
                let by_us = next.kind.is_started_by_us() && !with_them;
                match event.at() {
                    _ if [ObligationKind::Hold, ObligationKind::Resolve].contains(&next.kind) => {}
                    at if at > next.window.latest => {
                        numbers[2] += 1;
                        late.push(at - next.window.latest);
                    }
                    at if at >= next.window.earliest => numbers[1] += 1,
                    _ => numbers[0] += u64::from(by_us),
                }
            } else if next.window.latest < event.at() && next.kind != ObligationKind::Resolve {
                let by_time = ["went_stale", "gave_up", "lapsed", "send_unknown"].contains(&event.name());
                let ends = by_time || is_sign(event) || ["stopped", "opted_out"].contains(&event.name());
                let after = plan(&self.states[index + 1], &policy);
                let owed = after.actions().any(|action| action.obligation == next.obligation);
                numbers[3] += u64::from(ends && !owed);
            }
        }
        let next = self.plan.next().filter(|next| next.kind != ObligationKind::Resolve);
        numbers[3] += u64::from(next.is_some_and(|next| next.window.latest < self.now));
        (numbers, late)
    }

    /// The time that each input took, and the number of outstanding ones.
    pub(crate) fn inputs(&self) -> (Vec<TimeDelta>, usize) {
        let mut asked = BTreeMap::new();
        let mut took = Vec::new();
        for event in &self.events {
            match &event.kind() {
                EventKind::InputRequested { input, .. } => {
                    asked.entry(input).or_insert(event.at());
                }
                EventKind::InputReceived { input } | EventKind::InputWaived { input } => {
                    took.extend(asked.remove(input).map(|since| event.at() - since));
                }
                _ => {}
            }
        }
        (took, asked.len())
    }
}
