//! Prospects in different states, for benches that plan and replay without a store.

use anyhow::Result;
use chrono::TimeDelta;
use followup::event::EventKind;
use followup::time::Zone;
use followup::{Channel, Event, Policy, ProspectState, Rule};

use crate::people::{ZONES, start};

/// Makes the given number of events of a prospect who is added and then called repeatedly.
///
/// # Errors
/// If the zone is unknown.
pub fn called(events: u64, zone: &str) -> Result<Vec<Event>> {
    let mut history = vec![added(zone)?];
    for number in 1..events {
        let at = start() + TimeDelta::days(5 * number as i64);
        let event =
            if number % 5 == 4 { Event::replied(at, None) } else { Event::touched(at, Channel::PHONE) };
        history.push(event.with_key(format!("call-{number:03}")));
    }
    Ok(history)
}

fn added(zone: &str) -> Result<Event> {
    let mut event = Event::added(start()).with_key("crm-1");
    if let EventKind::Added { owner, zone: theirs, .. } = event.kind_mut() {
        *owner = Some("owner-1".to_owned());
        *theirs = Some(Zone::named(zone)?);
    }
    Ok(event)
}

/// Makes the states of six people in each of eight zones: just added, asking for information, with an appointment, with
/// a proposal, called once, and called for a long time.
///
/// # Errors
/// Never: the zones are known and the events are consistent.
pub fn many() -> Result<Vec<ProspectState>> {
    let day = |days| start() + TimeDelta::days(days);
    let mut states = Vec::new();
    for zone in ZONES {
        let asking = Event::asked_information(day(1), Channel::EMAIL);
        let meeting = Event::appointment_set(day(2), day(9), 60);
        let held = Event::appointment_held(day(9));
        let happened: [Vec<Event>; 4] = [
            vec![],
            vec![asking.clone()],
            vec![asking.clone(), meeting.clone()],
            vec![asking, meeting, held, Event::proposal_sent(day(10), None, None)],
        ];
        for events in happened {
            let keyed = events.into_iter().enumerate().map(|(n, event)| event.with_key(format!("e-{n}")));
            states.push(ProspectState::replay([added(zone)?].into_iter().chain(keyed))?);
        }
        states.push(ProspectState::replay(called(2, zone)?)?);
        states.push(ProspectState::replay(called(10, zone)?)?);
    }
    Ok(states)
}

/// The default playbook without the rules that a plan quotes. Its plans have nothing to explain, which is the closest
/// approximation of a decision alone in the public API.
pub fn unexplained() -> Policy {
    let quoted = Rule::SWITCHABLE.iter().chain(&[Rule::S3, Rule::S6]);
    quoted.fold(Policy::default(), |policy, rule| policy.without(*rule))
}
