//! What a cadence promises to those who are followed up, as something that can be checked.

use std::fmt;

use chrono::{DateTime, Utc};

use super::broken::Broken;
use super::history::History;
use super::invariants::statements;
use super::seen::{Seen, Walk};
use followup_core::plan::{Plan, plan};
use followup_core::policy::Policy;
use followup_core::time::Span;

/// What a cadence promises to those who are followed up. Days are civil days where they are.
///
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, Promise, play};
///
/// let policy = Policy::default();
/// let (start, until) = ("2026-03-02T09:00:00Z".parse()?, "2027-03-02T09:00:00Z".parse()?);
/// let played = play(&policy, &AnswerModel::silent(), start, until);
/// Promise::Gap { days: 2 }.check(played.history(), &policy)?;
/// Promise::Touches { at_most: 5, within_days: 30 }.check(played.history(), &policy)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Promise {
    /// From a touch that they have not answered to the next one it is so many days at least (C5).
    Gap {
        /// 1 is the next day.
        days: u32,
    },
    /// There are never more than so many touches without an answer in so many days in a row (W7).
    Touches {
        /// How many there may be.
        at_most: usize,
        /// In how many days, the first and the last included.
        within_days: u32,
    },
    /// Whoever is followed up, is not away and has put nothing off hears of us within so many days of the last
    /// contact (C6).
    HearsOfUs {
        /// How long it may take.
        within_days: u32,
    },
    /// After so many touches without an answer nothing more is planned (S1, S2).
    Ends {
        /// How many there may be.
        after_touches: usize,
    },
    /// Whoever is not at rest has a next action in a finite window, or a date at which it goes on.
    NobodyFallsInTheGap,
    /// What is planned begins and ends in open hours (C16).
    OpenHours,
}

impl Promise {
    /// Checks it for each event of a history, and for what is planned after it.
    ///
    /// # Errors
    /// [`Broken`], with the history up to the first event at which it is broken.
    pub fn check(self, history: &History, policy: &Policy) -> Result<(), Broken> {
        each(history, policy, |seen| self.holds(seen).map_err(|what| format!("{self}, but {what}")))
    }

    fn holds(self, seen: &Seen<'_>) -> Result<(), String> {
        match self {
            Promise::Gap { days } => gap(seen, days),
            Promise::Touches { at_most, within_days } => touches(seen, at_most, within_days),
            Promise::HearsOfUs { within_days } => hears_of_us(seen, within_days),
            Promise::Ends { after_touches } => ends(seen, after_touches),
            Promise::NobodyFallsInTheGap => statements::nobody_falls_in_the_gap(seen),
            Promise::OpenHours => statements::decent_hours(seen),
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Promise::Gap { days } => write!(f, "at least {days} days from one touch to the next"),
            Promise::Touches { at_most, within_days } => {
                write!(f, "at most {at_most} touches without an answer in {within_days} days")
            }
            Promise::HearsOfUs { within_days } => write!(f, "a touch within {within_days} days"),
            Promise::Ends { after_touches } => {
                write!(f, "an end after {after_touches} touches without an answer")
            }
            Promise::NobodyFallsInTheGap => f.write_str("nobody falls in the gap"),
            Promise::OpenHours => f.write_str("open hours only"),
        }
    }
}

/// Checks the plan after each event of a history.
///
/// # Errors
/// [`Broken`] with what the check says, and the history up to the first plan that it refuses.
pub fn check_plans(
    history: &History,
    policy: &Policy,
    check: impl Fn(&Plan) -> Result<(), String>,
) -> Result<(), Broken> {
    each(history, policy, |seen| check(seen.plan))
}

/// Asserts something of the plan after each event of a history, and prints the history up to the first plan of
/// which it is not true.
///
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, assert_cadence, play};
///
/// let policy = Policy::default();
/// let played = play(&policy, &AnswerModel::silent(), "2026-03-02T09:00:00Z".parse()?, "2027-03-02T09:00:00Z".parse()?);
/// assert_cadence!(played.history(), &policy, |plan| plan.actions().all(|action| !action.automatic));
/// # Ok::<(), chrono::ParseError>(())
/// ```
///
/// ```should_panic
/// # use followup_core::Policy;
/// # use followup_testing::{History, assert_cadence};
/// let history: History = "2026-03-02T09:15Z touched channel=phone".parse().expect("it is one event");
/// assert_cadence!(&history, &Policy::default(), |plan| plan.next().is_none());
/// ```
#[macro_export]
macro_rules! assert_cadence {
    ($history:expr, $policy:expr, |$plan:ident| $holds:expr $(,)?) => {
        if let Err(broken) = $crate::check_plans($history, $policy, |$plan| {
            if $holds { Ok(()) } else { Err(concat!("not so: ", stringify!($holds)).to_owned()) }
        }) {
            panic!("{broken}");
        }
    };
}

fn each(
    history: &History,
    policy: &Policy,
    check: impl Fn(&Seen<'_>) -> Result<(), String>,
) -> Result<(), Broken> {
    let mut walk = Walk::new(history, policy);
    while walk.next() {
        let plan = plan(walk.state(), policy);
        walk.look(&plan, |seen| check(seen).map_err(|what| (None, what)))?;
    }
    Ok(())
}

/// The instants of the touches since their last sign.
fn unanswered(seen: &Seen<'_>) -> Vec<DateTime<Utc>> {
    seen.last_touches(seen.reading.unanswered).iter().map(|touch| touch.at).collect()
}

fn days_between(seen: &Seen<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    let days = seen.clock.date(from).until(seen.clock.date(to));
    days.map_or(0, |days| days.get_days().into())
}

fn gap(seen: &Seen<'_>, days: u32) -> Result<(), String> {
    let touches = unanswered(seen);
    let [.., before, last] = touches.as_slice() else { return Ok(()) };
    let between = days_between(seen, *before, *last);
    if !seen.event.is_touch() || between >= days.into() {
        return Ok(());
    }
    Err(format!("the last two are {between} days apart"))
}

fn touches(seen: &Seen<'_>, at_most: usize, within_days: u32) -> Result<(), String> {
    let touches = unanswered(seen);
    let Some(first) = touches.len().checked_sub(at_most + 1).map(|index| touches[index]) else {
        return Ok(());
    };
    let days = days_between(seen, first, seen.event.at) + 1;
    if !seen.event.is_touch() || days > within_days.into() {
        return Ok(());
    }
    Err(format!("the last {} fall into {days}", at_most + 1))
}

fn hears_of_us(seen: &Seen<'_>, within_days: u32) -> Result<(), String> {
    let state = seen.state;
    let put_off = state.snoozed_until().is_some()
        || state.paused().is_some()
        || !state.absences().is_empty()
        || !state.owner_absences().is_empty();
    let (Some(contact), Some(next)) = (state.last_contact(), seen.plan.next()) else { return Ok(()) };
    let last = seen.clock.date_after(contact.at, Span::days(within_days));
    if put_off || seen.clock.date(next.window.latest) <= last {
        return Ok(());
    }
    Err(format!("the next may come as late as {}", seen.clock.date(next.window.latest)))
}

fn ends(seen: &Seen<'_>, after_touches: usize) -> Result<(), String> {
    let unanswered = seen.reading.unanswered;
    let goes_on = seen.plan.next().is_some_and(|next| next.kind.is_started_by_us());
    if unanswered < after_touches || !goes_on {
        return Ok(());
    }
    Err(format!("after {unanswered} it goes on"))
}

#[cfg(test)]
mod tests {
    use super::super::answers::{AnswerModel, Moment};
    use super::super::play;
    use super::*;
    use followup_core::playbook::Playbook;

    /// What a promise says of a pursuit that meets with silence, under a playbook.
    fn silence(promise: Promise, toml: &str) -> String {
        let policy = Policy::from(Playbook::parse(toml).unwrap());
        let (start, until) =
            ("2026-03-02T09:00:00Z".parse().unwrap(), "2027-06-02T09:00:00Z".parse().unwrap());
        let answers = AnswerModel::silent().at(Moment::Earliest);
        let played = play(&policy, &answers, start, until);
        promise
            .check(played.history(), &policy)
            .map_or_else(|broken| broken.what().to_owned(), |()| String::new())
    }

    const IMPATIENT: &str = "[cadence]\nminimum_gap = \"P1D\"\n[cadence.second]\nfrom = \"P1D\"\nto = \"P1D\"\n\
                             [cadence.warm]\nfrom = \"P1D\"\nto = \"P2D\"\n";

    #[test]
    fn each_promise_is_kept_by_one_cadence_and_broken_by_another() {
        let gap = Promise::Gap { days: 2 };
        assert_eq!(silence(gap, ""), "");
        let broken = "at least 2 days from one touch to the next, but the last two are 1 days apart";
        assert_eq!(silence(gap, IMPATIENT), broken);

        let touches = Promise::Touches { at_most: 2, within_days: 5 };
        assert_eq!(silence(touches, ""), "");
        let broken = "at most 2 touches without an answer in 5 days, but the last 3 fall into 3";
        assert_eq!(silence(touches, IMPATIENT), broken);

        let ends = Promise::Ends { after_touches: 9 };
        assert_eq!(silence(ends, ""), "");
        let broken = "an end after 9 touches without an answer, but after 9 it goes on";
        assert_eq!(silence(ends, "[stop]\nmedium = 20\n"), broken);

        let hears = Promise::HearsOfUs { within_days: 100 };
        assert_eq!(silence(hears, ""), "");
        assert!(
            silence(hears, "[cadence.cool]\nfrom = \"P6M\"\nto = \"P6M\"\n")
                .starts_with("a touch within 100 days, but the next may come as late as 2026-")
        );
        for promise in [Promise::NobodyFallsInTheGap, Promise::OpenHours] {
            assert_eq!(silence(promise, IMPATIENT), "");
        }
    }
}
