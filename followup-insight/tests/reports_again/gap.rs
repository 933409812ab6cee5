//! The gap report, computed a second time.

use std::collections::BTreeMap;

use chrono::Datelike;
use followup::stage::Rest;
use followup::{Event, Outcome, Stage};
use followup_insight::report::{GapReport, PlaybookOutcome, Spread, wilson};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::compare::*;
use super::life::*;

pub(crate) fn the_gap_is(said: &GapReport, lives: &[Life]) -> TestCaseResult {
    let prospects = lives.len() as u64;
    let (won, lost) =
        (number(lives, |life| life.is(Outcome::Won)), number(lives, |life| life.is(Outcome::Lost)));
    prop_assert_eq!(said.prospects, prospects);
    prop_assert_eq!(nonzero(&said.by_stage), count(lives.iter().map(|life| life.state().stage())));
    let standing = lives.iter().map(|life| life.plan.standing().as_str());
    prop_assert_eq!(nonzero(&said.by_standing), count(standing));
    let reached = Stage::ALL
        .iter()
        .map(|stage| (*stage, number(lives, |life| life.states.iter().any(|state| state.stage() == *stage))));
    prop_assert_eq!(nonzero(&said.reached), nonzero(&reached.collect()));
    prop_assert_eq!((said.won, said.lost), (won, lost));
    prop_assert_eq!(said.open, number(lives, Life::is_open));
    prop_assert_eq!(said.conversion_pct, percent(won, won + lost));
    prop_assert_eq!(said.won_pct, percent(won, prospects));

    let mut worth: BTreeMap<String, i64> = BTreeMap::new();
    for value in lives.iter().filter(|life| life.is(Outcome::Won)).filter_map(|life| life.state().value()) {
        *worth.entry(value.currency().to_owned()).or_default() += value.minor();
    }
    let major = |(currency, minor): (String, i64)| match currency.as_str() {
        "EUR" => (currency, format!("{}.{:02}", minor / 100, minor % 100)),
        _ => (currency, minor.to_string()),
    };
    prop_assert_eq!(&said.won_value, &worth.into_iter().map(major).collect());

    let first_touch = |life: &Life| {
        let inquiry = life.events.iter().position(|event| event.name() == "inquired");
        let touch = |index: usize| life.events[index..].iter().find(|event| is_touch(event));
        let time = inquiry.and_then(|index| Some(touch(index)?.at() - life.events[index].at()));
        time.into_iter().collect()
    };
    same_spread("first_touch", &said.first_touch, &times(lives, first_touch), DAY)?;
    prop_assert_eq!(said.never_touched, number(lives, |life| life.touches().is_empty()));
    let touches: Vec<usize> = lives.iter().map(|life| life.touches().len()).collect();
    same_quantiles("touches", &said.touches, touches.iter().map(|n| *n as f64).collect())?;
    let all: usize = touches.iter().sum();
    let met = number(lives, |life| !life.contacts().is_empty());
    prop_assert_eq!(said.touches_per_first_contact, (met > 0).then(|| all as f64 / met as f64));
    let between = times(lives, |life| steps(&life.touches()));
    same_spread("between_touches", &said.between_touches, &between, DAY)?;
    let response = |life: &Life| {
        let waits =
            life.events.iter().enumerate().filter(|(_, event)| is_touch(event) && !is_conversation(event));
        let sign = |index: usize| life.events[index..].iter().find(|event| is_sign(event));
        waits.filter_map(|(index, touch)| Some(sign(index)?.at() - touch.at())).collect()
    };
    same_spread("response", &said.response, &times(lives, response), DAY)?;
    let none = Spread::default();
    for stage in Stage::ALL {
        let stays =
            |life: &Life| life.stays().into_iter().filter(|(there, _)| there == stage).map(|stay| stay.1);
        let stays = times(lives, |life| stays(life).collect());
        same_spread(stage.as_str(), said.time_in_stage.get(stage).unwrap_or(&none), &stays, DAY)?;
    }
    let sum = |index: usize| lives.iter().map(|life| life.follow_ups().0[index]).sum::<u64>();
    let follow_ups = &said.follow_ups;
    let numbers = [follow_ups.too_soon, follow_ups.on_time, follow_ups.too_late, follow_ups.never];
    prop_assert_eq!(numbers, [sum(0), sum(1), sum(2), sum(3)]);
    same_spread("hours_late", &follow_ups.hours_late, &times(lives, |life| life.follow_ups().1), HOUR)?;
    let of_won = lives.iter().zip(&touches).filter(|(life, _)| life.is(Outcome::Won)).map(|(_, n)| *n);
    let (by_touches, won_by_touches) = (classes(touches.iter().copied()), classes(of_won));
    prop_assert_eq!(values(&said.prospects_by_touches), by_touches.to_vec());
    prop_assert_eq!(values(&said.won_by_touches), won_by_touches.to_vec());
    prop_assert_eq!(values(&said.won_pct_by_touches), shares(won_by_touches, by_touches));
    let strays: Vec<u64> = lives.iter().map(Life::strays).filter(|strays| *strays > 0).collect();
    let said_strays = (said.touches_after_stop.prospects, said.touches_after_stop.touches);
    prop_assert_eq!(said_strays, (strays.len() as u64, strays.iter().sum()));
    let weekday = |life: &Life, event: &Event| life.local(event.at()).weekday().number_from_monday();
    let weekdays = lives.iter().flat_map(|life| life.touches().into_iter().map(|event| weekday(life, event)));
    prop_assert_eq!(nonzero(&said.by_weekday), count(weekdays));
    let outside = |life: &Life| {
        // The hour of a call was our choice, also if they were reached.
        let by_us = |index: &usize| {
            let event = &life.events[*index];
            is_touch(event) && (!is_conversation(event) || event.name() == "touched")
        };
        (0..life.events.len()).filter(by_us).filter(|index| !life.is_open_hour(*index)).count() as u64
    };
    prop_assert_eq!(said.outside_hours, lives.iter().map(outside).sum::<u64>());
    prop_assert_eq!(said.open_without_next_action, 0);

    // Without any contact, the time counts from the first event.
    let of_open = |which: fn(&Life) -> Option<&Event>| {
        let open = lives.iter().filter(|life| life.is_open());
        let times: Vec<_> = open.map(|life| life.now - which(life).unwrap_or(&life.events[0]).at()).collect();
        times
    };
    let age = of_open(|life| life.contacts().first().copied());
    same_spread("open_age", &said.open_age, &age, DAY)?;
    let silence = of_open(|life| life.contacts().last().copied());
    same_spread("open_silence", &said.open_silence, &silence, DAY)?;
    same_spread("cycle_days", &said.cycle_days, &times(lives, |life| life.cycle(Outcome::Won)), DAY)?;
    same_spread(
        "lost_cycle_days",
        &said.lost_cycle_days,
        &times(lives, |life| life.cycle(Outcome::Lost)),
        DAY,
    )?;
    let asked = |life: &Life| life.events.iter().any(|event| event.name() == "input_requested");
    prop_assert_eq!(said.inputs.prospects, number(lives, asked));
    same_spread("inputs", &said.inputs.days, &times(lives, |life| life.inputs().0), DAY)?;
    prop_assert_eq!(said.inputs.outstanding, lives.iter().map(|life| life.inputs().1 as u64).sum::<u64>());

    let mut months: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for life in lives {
        let contact = life.contacts().first().map(|event| (0, event.at()));
        let touches = life.touches().into_iter().map(|event| (1, event.at()));
        let decided = life.decision().map(|(outcome, at)| (if outcome == Outcome::Won { 2 } else { 3 }, at));
        for (what, at) in contact.into_iter().chain(touches).chain(decided) {
            months.entry(life.month(at)).or_default()[what] += 1;
        }
    }
    let said_months = said
        .by_month
        .iter()
        .map(|(name, month)| (name.clone(), [month.first_contacts, month.touches, month.won, month.lost]));
    prop_assert_eq!(said_months.collect::<BTreeMap<_, _>>(), months);
    let happened = || lives.iter().flat_map(|life| &life.events).filter(|event| !event.is_wake_up());
    let at = || happened().map(|event| event.at());
    prop_assert_eq!((said.first_event, said.last_event), (at().min(), at().max()));
    Ok(())
}

/// All prospects are on the only version of the only playbook.
pub(crate) fn the_outcomes_are(said: &[PlaybookOutcome], lives: &[Life]) -> TestCaseResult {
    prop_assert_eq!(said.len(), usize::from(!lives.is_empty()));
    let Some(said) = said.first() else { return Ok(()) };
    let (won, lost) =
        (number(lives, |life| life.is(Outcome::Won)), number(lives, |life| life.is(Outcome::Lost)));
    prop_assert_eq!((said.playbook.as_str(), said.version, said.compared.is_none()), ("default", 1, true));
    prop_assert_eq!((said.prospects, said.won, said.lost), (lives.len() as u64, won, lost));
    let rests =
        |rests: &[Rest]| number(lives, |life| life.state().at_rest().is_some_and(|why| rests.contains(&why)));
    prop_assert_eq!(said.stopped, rests(&[Rest::Stopped, Rest::OptedOut]));
    prop_assert_eq!(said.gave_up, rests(&[Rest::GaveUp]));
    prop_assert_eq!(said.conversion_pct, percent(won, won + lost));
    prop_assert_eq!(said.conversion_interval, wilson(won, won + lost));
    same_quantiles("touches", &said.touches, lives.iter().map(|life| life.touches().len() as f64).collect())?;
    same_spread("cycle_days", &said.cycle_days, &times(lives, |life| life.cycle(Outcome::Won)), DAY)
}
