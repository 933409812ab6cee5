//! The response report, computed a second time.

use chrono::{DateTime, Days, Months, TimeDelta, Utc};
use followup::{Event, Outcome, Zone};
use followup_insight::report::ResponseReport;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::compare::*;
use super::life::*;

/// The instant that is a span after another, in the zone of the prospect.
pub(crate) fn after(zone: Zone, at: DateTime<Utc>, gap: &str) -> DateTime<Utc> {
    let local = zone.local_time(at);
    match gap {
        "PT36H" => at + TimeDelta::hours(36),
        "P3D" => zone.instant_of(local + Days::new(3)),
        "P1M" => zone.instant_of(local + Months::new(1)),
        _ => panic!("unknown gap {gap}"),
    }
}

pub(crate) fn the_response_is(
    said: &ResponseReport,
    lives: &[Life],
    anchor: &str,
    gap: &str,
) -> TestCaseResult {
    let place = |life: &Life| life.events.iter().position(|event| event.name() == anchor);
    let anchored: Vec<(&Life, usize)> = lives.iter().filter_map(|life| Some((life, place(life)?))).collect();
    let number = |of: &dyn Fn(&Life, usize) -> bool| {
        anchored.iter().filter(|(life, index)| of(life, *index)).count() as u64
    };
    let times = |of: &dyn Fn(&Life, usize) -> Vec<TimeDelta>| -> Vec<TimeDelta> {
        anchored.iter().flat_map(|(life, index)| of(life, *index)).collect()
    };
    let touches = |life: &Life, index: usize| -> Vec<Event> {
        life.events[index + 1..].iter().filter(|event| is_touch(event)).cloned().collect()
    };
    let sign = |life: &Life, index: usize| -> Option<usize> {
        (index + 1..life.events.len()).find(|later| is_sign(&life.events[*later]))
    };
    let since = |life: &Life, index: usize, event: Option<&Event>| {
        event.map(|event| event.at() - life.events[index].at()).into_iter().collect()
    };

    let never = number(&|life, index| touches(life, index).is_empty());
    let in_all = anchored.len() as u64;
    prop_assert_eq!(
        (said.anchored, said.followed_up, said.never_followed_up),
        (in_all, in_all - never, never)
    );
    let first = times(&|life, index| since(life, index, touches(life, index).first()));
    same_spread("first_follow_up", &said.first_follow_up, &first, DAY)?;
    let between = times(&|life, index| steps(&touches(life, index).iter().collect::<Vec<_>>()));
    same_spread("between_follow_ups", &said.between_follow_ups, &between, DAY)?;
    let class = |of: &dyn Fn(&Life) -> bool| {
        classes(anchored.iter().filter(|(life, _)| of(life)).map(|(life, index)| touches(life, *index).len()))
    };
    prop_assert_eq!(values(&said.follow_ups), class(&|_| true).to_vec());
    let (won, decided) = (class(&|life| life.is(Outcome::Won)), class(&|life| life.decision().is_some()));
    prop_assert_eq!(values(&said.won_pct_by_follow_ups), shares(won, decided));

    let answered = number(&|life, index| sign(life, index).is_some());
    prop_assert_eq!((said.answered, said.answered_pct), (answered, percent(answered, in_all)));
    let answer = times(&|life, index| since(life, index, sign(life, index).map(|sign| &life.events[sign])));
    same_spread("answer", &said.answer, &answer, DAY)?;
    let before = anchored.iter().filter_map(|(life, index)| {
        let between = &life.events[index + 1..sign(life, *index)?];
        Some(between.iter().filter(|event| is_touch(event)).count() as f64)
    });
    same_quantiles("touches_before_answer", &said.touches_before_answer, before.collect())?;
    let decided_at = |life: &Life| life.events.iter().position(|event| event.name() == "decided");
    let strays = anchored.iter().filter_map(|(life, _)| {
        let strays = touches(life, decided_at(life)?).len() as u64;
        (strays > 0).then_some(strays)
    });
    let strays: Vec<u64> = strays.collect();
    let said_strays = (said.touches_after_decision.prospects, said.touches_after_decision.touches);
    prop_assert_eq!(said_strays, (strays.len() as u64, strays.iter().sum()));

    let (mut made, mut late, mut unserved) = (0, Vec::new(), 0);
    for (life, index) in &anchored {
        let stop = [sign(life, *index), decided_at(life)].into_iter().flatten().min();
        let newest = life.events.iter().rposition(|event| !event.is_wake_up()).unwrap_or(0);
        let stop = stop.unwrap_or(newest).max(*index);
        let mut contact = &life.events[*index];
        for touch in life.events[index + 1..=stop].iter().filter(|event| is_touch(event)) {
            made += 1;
            let due = after(life.state().zone(), contact.at(), gap);
            late.extend((touch.at() > due).then(|| touch.at() - due));
            contact = touch;
        }
        unserved += u64::from(life.events[stop].at() > after(life.state().zone(), contact.at(), gap));
    }
    let lateness = said.late.as_ref().expect("there is a gap");
    prop_assert_eq!((lateness.made, lateness.late, lateness.unserved), (made, late.len() as u64, unserved));
    same_spread("hours_late", &lateness.hours_late, &late, HOUR)?;

    let open = |life: &Life, index| sign(life, index).is_none() && life.decision().is_none();
    let overdue = |life: &Life, index: usize| {
        let newest = touches(life, index).last().map_or(life.events[index].at(), |touch| touch.at());
        life.now > after(life.state().zone(), newest, gap)
    };
    prop_assert_eq!(said.open, number(&open));
    prop_assert_eq!(
        said.open_overdue,
        Some(number(&|life, index| open(life, index) && overdue(life, index)))
    );
    let alone = number(&|life, index| open(life, index) && touches(life, index).is_empty());
    prop_assert_eq!(said.open_never_followed_up, alone);
    Ok(())
}
