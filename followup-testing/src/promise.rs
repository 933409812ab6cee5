//! Promises of a cadence to the people who are followed up, in a form that can be checked.

use std::cell::Cell;
use std::fmt;

use chrono::{DateTime, Utc};

use super::broken::Broken;
use super::history::History;
use super::invariants::statements;
use super::seen::{Seen, Walk};
use followup_core::plan::{Plan, plan};
use followup_core::policy::Policy;
use followup_core::time::Span;

/// A promise of a cadence to the people who are followed up. Days are civil days where they are.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, History, Promise, play};
///
/// let policy = Policy::default();
/// let added = History::added(policy.zone(), "2026-03-02T09:00:00Z".parse()?);
/// let played = play(&policy, &AnswerModel::silent(), &added, "2027-03-02T09:00:00Z".parse()?);
/// Promise::Gap { days: 2 }.check(played.history(), &policy)?;
/// Promise::Touches { at_most: 5, within_days: 30 }.check(played.history(), &policy)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Promise {
    /// The minimum number of days from an unanswered touch to the next touch (C5).
    ///
    /// Every touch counts. The minimum gap of a playbook does not delay answers, so a prospect who makes two requests at
    /// once breaks this promise although C5 is kept.
    Gap {
        /// The number of days; 1 is the next day.
        days: u32,
    },
    /// The maximum number of unanswered touches in a number of consecutive days (W7).
    Touches {
        /// The maximum number of touches.
        at_most: usize,
        /// The number of days, including the first and the last.
        within_days: u32,
    },
    /// The maximum number of days from the last contact until they hear from us, unless they are away or postponed it
    /// (C6).
    HearsOfUs {
        /// The number of days.
        within_days: u32,
    },
    /// After a number of unanswered touches nothing more is planned (S1, S2).
    Ends {
        /// The number of touches.
        after_touches: usize,
    },
    /// A prospect who is not at rest has a next action in a finite window, or a date at which the pursuit continues.
    NobodyFallsInTheGap,
    /// Planned actions begin and end in open hours (C16).
    OpenHours,
}

impl Promise {
    /// Checks the promise for each event of a history, and for the plan after it. Returns the number of events at which
    /// the promise was put to the test: with 0, the history shows neither that it is kept nor that it is broken.
    ///
    /// [`Pursuits::check`](crate::Pursuits::check) checks many histories, and fails if none of them tests the promise.
    ///
    /// # Errors
    /// [`Broken`], with the history up to the first event at which the promise is broken.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Policy;
    /// use followup_testing::{History, Promise};
    ///
    /// let gap = Promise::Gap { days: 2 };
    /// let one: History = "2026-03-02T09:15Z touched channel=phone".parse()?;
    /// assert_eq!(gap.check(&one, &Policy::default())?, 0);
    /// let two: History = "2026-03-02T09:15Z touched channel=phone\n2026-03-05T09:15Z touched channel=email".parse()?;
    /// assert_eq!(gap.check(&two, &Policy::default())?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(self, history: &History, policy: &Policy) -> Result<u64, Broken> {
        let tests = Cell::new(0);
        each(history, policy, |seen| {
            tests.set(tests.get() + u64::from(self.is_tested(seen)));
            self.holds(seen).map_err(|what| format!("{self}, but {what}"))
        })?;
        Ok(tests.get())
    }

    /// Whether the promise could be broken here.
    fn is_tested(self, seen: &Seen<'_>) -> bool {
        let unanswered = seen.reading.unanswered;
        match self {
            Promise::Gap { .. } => seen.event.is_touch() && unanswered > 1,
            Promise::Touches { .. } => seen.event.is_touch() && unanswered > 0,
            Promise::HearsOfUs { .. } => hearing(seen).is_some(),
            Promise::Ends { after_touches } => unanswered >= after_touches,
            Promise::NobodyFallsInTheGap => true,
            Promise::OpenHours => seen.plan.next().is_some(),
        }
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
                write!(f, "at most {at_most} unanswered touches in {within_days} days")
            }
            Promise::HearsOfUs { within_days } => write!(f, "a touch within {within_days} days"),
            Promise::Ends { after_touches } => {
                write!(f, "an end after {after_touches} unanswered touches")
            }
            Promise::NobodyFallsInTheGap => f.write_str("nobody falls in the gap"),
            Promise::OpenHours => f.write_str("open hours only"),
        }
    }
}

/// Checks the plan after each event of a history.
///
/// # Errors
/// [`Broken`] with the error of the check, and the history up to the first plan that fails it.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{History, check_plans};
///
/// let history: History = "2026-03-02T09:15Z touched channel=phone".parse()?;
/// let broken = check_plans(&history, &Policy::default(), |plan| match plan.next() {
///     Some(next) => Err(format!("{} is planned", next.purpose)),
///     None => Ok(()),
/// });
/// assert_eq!(broken.unwrap_err().what(), "inform is planned");
/// # Ok::<(), followup_testing::HistoryError>(())
/// ```
pub fn check_plans(
    history: &History,
    policy: &Policy,
    check: impl Fn(&Plan) -> Result<(), String>,
) -> Result<(), Broken> {
    each(history, policy, |seen| check(seen.plan))
}

/// Asserts a condition of the plan after each event of a history. Panics with the history up to the first plan that
/// does not meet it.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, History, assert_cadence, play};
///
/// let policy = Policy::default();
/// let added = History::added(policy.zone(), "2026-03-02T09:00:00Z".parse()?);
/// let played = play(&policy, &AnswerModel::silent(), &added, "2027-03-02T09:00:00Z".parse()?);
/// assert_cadence!(played.history(), &policy, |plan| plan.actions().all(|action| !action.automatic));
/// # Ok::<(), chrono::ParseError>(())
/// ```
///
/// ```should_panic
/// # use followup_core::Policy;
/// # use followup_testing::{History, assert_cadence};
/// let history: History = "2026-03-02T09:15Z touched channel=phone".parse().expect("one valid event");
/// assert_cadence!(&history, &Policy::default(), |plan| plan.next().is_none());
/// ```
#[macro_export]
macro_rules! assert_cadence {
    ($history:expr, $policy:expr, |$plan:ident| $holds:expr $(,)?) => {
        if let Err(broken) = $crate::check_plans($history, $policy, |$plan| {
            if $holds { Ok(()) } else { Err(concat!("does not hold: ", stringify!($holds)).to_owned()) }
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

/// Returns the instants of the touches since their last sign.
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
    let days = days_between(seen, first, seen.event.at()) + 1;
    if !seen.event.is_touch() || days > within_days.into() {
        return Ok(());
    }
    Err(format!("the last {} are within {days} days", at_most + 1))
}

fn hears_of_us(seen: &Seen<'_>, within_days: u32) -> Result<(), String> {
    let Some((contact, latest)) = hearing(seen) else { return Ok(()) };
    let last = seen.clock.date_after(contact, Span::days(within_days));
    if seen.clock.date(latest) <= last {
        return Ok(());
    }
    Err(format!("the next one may be as late as {}", seen.clock.date(latest)))
}

/// Returns the instant of the last contact and the latest instant of the next action, unless it is put off.
fn hearing(seen: &Seen<'_>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let state = seen.state;
    let put_off = state.snoozed_until().is_some()
        || state.paused().is_some()
        || !state.absences().is_empty()
        || !state.owner_absences().is_empty();
    let (contact, next) = (state.last_contact()?, seen.plan.next()?);
    (!put_off).then_some((contact.at, next.window.latest))
}

fn ends(seen: &Seen<'_>, after_touches: usize) -> Result<(), String> {
    let unanswered = seen.reading.unanswered;
    let goes_on = seen.plan.next().is_some_and(|next| next.kind.is_started_by_us());
    if unanswered < after_touches || !goes_on {
        return Ok(());
    }
    Err(format!("another touch is planned after {unanswered}"))
}

#[cfg(test)]
mod tests {
    use super::super::answers::{AnswerModel, Moment};
    use super::super::play;
    use super::*;
    use followup_core::playbook::Playbook;

    /// Checks a promise against a pursuit that is met with silence, under a playbook.
    fn silence(promise: Promise, toml: &str) -> String {
        let policy = Policy::from(Playbook::parse(toml).unwrap());
        let added = "2026-03-02T09:00Z added".parse().unwrap();
        let answers = AnswerModel::silent().at(Moment::Earliest);
        let played = play(&policy, &answers, &added, "2027-06-02T09:00:00Z".parse().unwrap());
        match promise.check(played.history(), &policy) {
            Ok(tests) => {
                assert!(tests > 0, "{promise} was not put to the test");
                String::new()
            }
            Err(broken) => broken.what().to_owned(),
        }
    }

    #[test]
    fn a_history_that_says_nothing_about_a_promise_does_not_test_it() {
        let tests =
            |promise: Promise, text: &str| promise.check(&text.parse().unwrap(), &Policy::default()).unwrap();
        let (added, stopped) = ("2026-03-02T09:00Z added", "2026-03-02T09:00Z stopped");
        let answered = "2026-03-02T09:00Z touched channel=phone\n2026-03-02T10:00Z replied";
        assert_eq!(tests(Promise::Gap { days: 2 }, answered), 0);
        assert_eq!(tests(Promise::Touches { at_most: 1, within_days: 2 }, added), 0);
        assert_eq!(tests(Promise::Touches { at_most: 1, within_days: 2 }, answered), 1);
        assert_eq!(tests(Promise::HearsOfUs { within_days: 100 }, added), 0);
        assert_eq!(tests(Promise::Ends { after_touches: 2 }, answered), 0);
        assert_eq!(tests(Promise::OpenHours, stopped), 0);
        assert_eq!(tests(Promise::NobodyFallsInTheGap, stopped), 1);
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
        let broken = "at most 2 unanswered touches in 5 days, but the last 3 are within 3 days";
        assert_eq!(silence(touches, IMPATIENT), broken);

        let ends = Promise::Ends { after_touches: 9 };
        assert_eq!(silence(ends, ""), "");
        let broken = "an end after 9 unanswered touches, but another touch is planned after 9";
        assert_eq!(silence(ends, "[stop]\nmedium = 20\n"), broken);

        let hears = Promise::HearsOfUs { within_days: 100 };
        assert_eq!(silence(hears, ""), "");
        assert!(
            silence(hears, "[cadence.cool]\nfrom = \"P6M\"\nto = \"P6M\"\n")
                .starts_with("a touch within 100 days, but the next one may be as late as 2026-")
        );
        for promise in [Promise::NobodyFallsInTheGap, Promise::OpenHours] {
            assert_eq!(silence(promise, IMPATIENT), "");
        }
    }
}
