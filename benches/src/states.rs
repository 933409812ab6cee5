//! People at different places of the way, for what plans and folds without a store.

use anyhow::Result;
use chrono::TimeDelta;
use followup_core::time::Zone;
use followup_core::{Channel, Event, EventKind, Playbook, ProspectState, Rule};

use crate::people::{ZONES, start};

/// The events of somebody who is called again and again, so many with the first.
///
/// # Errors
/// None: the zone is one.
pub fn called(events: u64, zone: &str) -> Result<Vec<Event>> {
    let mut history = vec![added(zone)?];
    for number in 1..events {
        let at = start() + TimeDelta::days(5 * number as i64);
        let event = if number % 5 == 4 { Event::replied(at) } else { Event::touched(at, Channel::PHONE) };
        history.push(event.key(format!("call-{number:03}")));
    }
    Ok(history)
}

fn added(zone: &str) -> Result<Event> {
    let mut event = Event::added(start()).key("crm-1");
    if let EventKind::Added { owner, zone: theirs, .. } = &mut event.kind {
        *owner = Some("owner-1".to_owned());
        *theirs = Some(Zone::named(zone)?);
    }
    Ok(event)
}

/// Six people in each of eight zones: just taken in, called, asking, with an appointment, with a proposal, and known for
/// long.
///
/// # Errors
/// None: what happened to each fits together.
pub fn many() -> Result<Vec<ProspectState>> {
    let day = |days| start() + TimeDelta::days(days);
    let mut states = Vec::new();
    for zone in ZONES {
        let asking = Event::asked_information(day(1)).via(Channel::EMAIL);
        let meeting = Event::appointment_set(day(2), day(9), 60);
        let held = Event::appointment_held(day(9));
        let happened: [Vec<Event>; 4] = [
            vec![],
            vec![asking.clone()],
            vec![asking.clone(), meeting.clone()],
            vec![asking, meeting, held, Event::proposal_sent(day(10))],
        ];
        for events in happened {
            let keyed = events.into_iter().enumerate().map(|(n, event)| event.key(format!("e-{n}")));
            states.push(ProspectState::replay([added(zone)?].into_iter().chain(keyed))?);
        }
        states.push(ProspectState::replay(called(2, zone)?)?);
        states.push(ProspectState::replay(called(10, zone)?)?);
    }
    Ok(states)
}

/// The default playbook without the rules that a plan quotes: nothing is to be explained, which is as near as the public
/// interface comes to a decision alone.
pub fn unexplained() -> Playbook {
    let quoted = Rule::SWITCHABLE.iter().chain(&[Rule::S3, Rule::S6]);
    quoted.fold(Playbook::default(), |playbook, rule| playbook.without(*rule))
}
