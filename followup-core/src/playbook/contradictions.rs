//! Checks for settings that contradict each other or are probably not meant.

use super::check::Severity;
use super::format::WEEKDAYS;
use super::settings::{Interval, Settings, Step};
use crate::channel::Channel;
use crate::purpose::Reason;
use crate::stage::Stage;
use crate::state::TOUCHES_KEPT;
use crate::time::Span;

/// The maximum number of steps of a stage.
const STEPS_MAX: usize = 100;
/// The maximum place of a step, in percent of the sales cycle.
const CYCLE_PERCENT_MAX: u32 = 1_000;
/// The minimum number of follow-ups per first contact (C7).
const FOLLOW_UPS_MIN: usize = 4;

/// A contradiction between settings that are each valid.
pub(super) struct Contradiction {
    pub(super) severity: Severity,
    pub(super) setting: String,
    /// The other setting of the contradiction. Its place is shown if the file does not have the first one.
    pub(super) other: Option<&'static str>,
    pub(super) message: String,
}

/// Returns all contradictions between settings.
pub(super) fn contradictions(settings: &Settings) -> Vec<Contradiction> {
    let mut found = Found(Vec::new());
    found.hours(settings);
    found.intervals(settings);
    found.counts(settings);
    found.spans(settings);
    found.reasons(settings);
    found.steps(settings);
    found.years(settings);
    found.channels(settings);
    found.0
}

struct Found(Vec<Contradiction>);

impl Found {
    fn error(&mut self, setting: &str, message: impl Into<String>) {
        self.0.push(Contradiction {
            severity: Severity::Error,
            setting: setting.to_owned(),
            other: None,
            message: message.into(),
        });
    }

    /// Adds an error between two settings.
    fn clash(&mut self, setting: &str, other: &'static str, message: impl Into<String>) {
        self.error(setting, message);
        if let Some(clash) = self.0.last_mut() {
            clash.other = Some(other);
        }
    }

    fn warning(&mut self, setting: &str, message: impl Into<String>) {
        self.0.push(Contradiction {
            severity: Severity::Warning,
            setting: setting.to_owned(),
            other: None,
            message: message.into(),
        });
    }

    fn hours(&mut self, settings: &Settings) {
        let (from, to) = (settings.calling_hours.from.0, settings.calling_hours.to.0);
        if from >= to {
            self.error(
                "calling_hours",
                "calls and texts would never be allowed: from must be before to, on the same day",
            );
        } else if settings.working_hours.is_closed() {
            self.error(
                "working_hours",
                "no weekday is open; expected hours for at least one weekday, e.g. mon = [\"09:00-17:00\"]",
            );
        } else if settings.working_hours.between(from, to).is_closed() {
            self.error(
                "calling_hours",
                "calls and texts would never be allowed: working hours and calling hours do not overlap",
            );
        }
        let mut days = settings.holidays.clone();
        days.sort_unstable();
        days.dedup();
        let in_a_row = days.windows(2).fold((1, 1), |(longest, run), pair| {
            let run = if (pair[1] - pair[0]).num_days() <= 4 { run + 1 } else { 1 };
            (i64::max(longest, run), run)
        });
        if in_a_row.0 > 366 {
            self.error("holidays", "the business is closed for more than a year in a row");
        }
    }

    fn intervals(&mut self, settings: &Settings) {
        let cadence = &settings.cadence;
        let gap = cadence.minimum_gap.approximate_seconds();
        let intervals: [(&str, &Interval); 7] = [
            ("cadence.hot", &cadence.hot),
            ("cadence.warm", &cadence.warm),
            ("cadence.cool", &cadence.cool),
            ("cadence.second", &cadence.second),
            ("proposal.discuss", &settings.proposal.discuss),
            ("kinds.client", &settings.kinds.client),
            ("kinds.referral_source", &settings.kinds.referral_source),
        ];
        for (name, interval) in intervals {
            let (from, to) = (interval.from.approximate_seconds(), interval.to.approximate_seconds());
            if !interval.from.is_civil() || !interval.to.is_civil() {
                self.error(name, "expected days, weeks or months");
            } else if from > to {
                let (from, to) = (interval.from, interval.to);
                self.error(name, format!("the interval ends ({to}) before it begins ({from})"));
            } else if to == 0 {
                self.error(name, "an empty interval would touch them endlessly; expected at least P1D");
            } else if to < gap {
                let message = format!(
                    "the interval ends ({}) within the minimum gap ({}), which takes precedence",
                    interval.to, cadence.minimum_gap
                );
                self.clash(name, "cadence.minimum_gap", message);
            } else if name != "proposal.discuss" && never_open(settings, interval) {
                self.warning(
                    name,
                    "no day of the interval is open, counted from any open day, so each touch will be late (C6, C16)",
                );
            }
        }
        for pair in
            [("cadence.hot", &cadence.hot, &cadence.warm), ("cadence.warm", &cadence.warm, &cadence.cool)]
        {
            let (name, warmer, cooler) = pair;
            if warmer.to.approximate_seconds() > cooler.to.approximate_seconds() {
                self.warning(name, "the interval is longer than that of the next cooler temperature (C1)");
            }
        }
    }

    fn counts(&mut self, settings: &Settings) {
        let kept = TOUCHES_KEPT as u32;
        for (name, count) in [
            ("cadence.ceiling_touches", settings.cadence.ceiling_touches),
            ("chase.patience_touches", settings.chase.patience_touches),
        ] {
            if !(1..=kept).contains(&count) {
                let message = format!("expected 1 to {kept}, found {count}; the state keeps {kept} touches");
                self.error(name, message);
            }
        }
        for (name, count) in [
            ("stop.small", settings.stop.small),
            ("stop.medium", settings.stop.medium),
            ("stop.unanswered", settings.stop.unanswered),
            ("chase.share", settings.chase.share),
            ("chase.minimum_days", settings.chase.minimum_days),
            ("chase.without_deadline_days", settings.chase.without_deadline_days),
            ("chase.after_patience_days", settings.chase.after_patience_days),
            ("personal_one_in", settings.personal_one_in),
        ] {
            if count == 0 || count > 36_500 {
                self.error(name, format!("expected 1 to 36500, found {count}"));
            }
        }
        let rank = &settings.rank;
        for (name, days) in [
            ("rank.owed_days", rank.owed_days),
            ("rank.soon_days", rank.soon_days),
            ("rank.hot_days", rank.hot_days),
            ("rank.warm_days", rank.warm_days),
            ("rank.large_days", rank.large_days),
            ("rank.medium_days", rank.medium_days),
        ] {
            if days > 365 {
                let message = format!(
                    "expected at most 365, found {days}: a longer head start would starve others (E4)"
                );
                self.error(name, message);
            }
        }
        if settings.stop.small > settings.stop.medium {
            self.warning("stop.small", "a small value gets more touches than a medium one (S1)");
        }
        if settings.channels.is_empty() {
            self.error("channels", "expected at least one channel");
        }
        if settings.stop.medium < 4 {
            self.warning("stop.medium", "fewer than four follow-ups per first contact (C7)");
        }
    }

    fn spans(&mut self, settings: &Settings) {
        let civil: [(&str, Span); 7] = [
            ("cadence.minimum_gap", settings.cadence.minimum_gap),
            ("cadence.ceiling_within", settings.cadence.ceiling_within),
            ("cadence.before_decision", settings.cadence.before_decision),
            ("stop.silence", settings.stop.silence),
            ("stop.window", settings.stop.window),
            ("keep_in_touch.after", settings.keep_in_touch.after),
            ("keep_in_touch.window", settings.keep_in_touch.window),
        ];
        let cycle = settings.cycle.map(|cycle| ("cycle", cycle));
        for (name, span) in civil.into_iter().chain(cycle) {
            if !span.is_civil() {
                self.error(name, "expected days, weeks or months");
            }
        }
        let at_least_a_minute = [
            ("cadence.stale_after", settings.cadence.stale_after),
            ("stop.wait", settings.stop.wait),
            ("absence.pause", settings.absence.pause),
            ("sending.outcome_within", settings.sending.outcome_within),
            ("keep_in_touch.after", settings.keep_in_touch.after),
            ("answers.acknowledge_within", settings.answers.acknowledge_within),
        ];
        for (name, span) in at_least_a_minute {
            if span.approximate_seconds() == 0 {
                self.error(name, "expected a span longer than zero: otherwise it would be due again at once");
            }
        }
        for (name, span) in [
            ("answers.within", settings.answers.within),
            ("cadence.first_within", settings.cadence.first_within),
            ("appointment.confirm_before", settings.appointment.confirm_before),
            ("appointment.rebook_within", settings.appointment.rebook_within),
            ("proposal.send_within", settings.proposal.send_within),
            ("later.within", settings.later.within),
            ("sending.resolve_within", settings.sending.resolve_within),
        ] {
            if span.is_exact() {
                self.error(name, "expected days, open days, weeks or months");
            }
        }
    }

    fn reasons(&mut self, settings: &Settings) {
        for (purpose, reasons) in &settings.reasons {
            let name = format!("reasons.{purpose}");
            if reasons.is_empty() {
                self.error(&name, "expected at least one reason (W1)");
            } else if reasons.iter().all(|reason| *reason == Reason::ARE_YOU_READY) {
                self.warning(&name, "\"are you ready?\" is never the only reason (W1)");
            }
        }
    }

    fn steps(&mut self, settings: &Settings) {
        for stage in Stage::ALL {
            let steps = settings.steps(*stage);
            if steps.len() > STEPS_MAX {
                let message = format!("expected at most {STEPS_MAX} steps, found {}", steps.len());
                self.error(&format!("steps.{stage}"), message);
                continue;
            }
            for (index, step) in steps.iter().enumerate() {
                let name = format!("steps.{stage}.{index}");
                if step.after.is_exact() || step.within.is_exact() {
                    self.error(&name, "expected days, open days, weeks or months for after and within");
                }
                self.step(settings, steps, index, &name);
                if step.automatic && step.personal {
                    self.warning(&name, "an automatic step is always generic; set personal = false (C10)");
                }
            }
        }
    }

    /// Checks one step.
    fn step(&mut self, settings: &Settings, steps: &[Step], index: usize, name: &str) {
        let step = &steps[index];
        let is_last = index + 1 == steps.len();
        let looks_closer = step.when.is_some()
            || step.band.is_some()
            || step.cycle_percent.is_some()
            || step.wait_until_done
            || step.repeat;
        if looks_closer && steps.len() > TOUCHES_KEPT {
            let message = format!(
                "expected at most {TOUCHES_KEPT} steps in a stage whose steps depend on touches and answers, found {}; \
                 the state keeps {TOUCHES_KEPT} touches",
                steps.len()
            );
            self.error(name, message);
        }
        match step.cycle_percent {
            Some(_) if settings.cycle.is_none() => {
                self.error(
                    name,
                    "cycle_percent needs the length of the sales cycle; set e.g. cycle = \"P90D\" (C7)",
                );
            }
            Some(percent) if percent > CYCLE_PERCENT_MAX => {
                let message = format!("expected 0 to {CYCLE_PERCENT_MAX} for cycle_percent, found {percent}");
                self.error(name, message);
            }
            _ => {}
        }
        if step.repeat && step.when.is_none() && step.band.is_none() && !is_last {
            self.warning(name, "the step repeats without a condition, so the steps after it are never taken");
        }
        let asks = |step: &Step| settings.is_ask(step.purpose);
        if asks(step) && (step.repeat || steps.get(index + 1).is_some_and(asks)) {
            self.warning(name, "one ask follows another; put something of value between them (W3)");
        }
        if step.repeat && step.wait_until_done {
            self.warning(name, "the step repeats, so wait_until_done has no effect");
        }
        if step.reason == Some(Reason::ARE_YOU_READY) && (index == 0 || is_last) {
            self.warning(name, "\"are you ready?\" is never the first, the last or the only reason (W1)");
        }
    }

    fn years(&mut self, settings: &Settings) {
        if settings.seasons.len() > STEPS_MAX {
            let message = format!("expected at most {STEPS_MAX} seasons, found {}", settings.seasons.len());
            self.error("seasons", message);
        }
        for (index, season) in settings.seasons.iter().enumerate() {
            if season.reason == Reason::ARE_YOU_READY {
                let message = "\"are you ready?\" is never the reason of a season (W1)";
                self.warning(&format!("seasons.{index}"), message);
            }
        }
        let in_cycle = Stage::ALL.iter().flat_map(|stage| settings.steps(*stage));
        let in_cycle = in_cycle.filter(|step| step.cycle_percent.is_some()).count();
        if settings.cycle.is_some() && in_cycle < FOLLOW_UPS_MIN {
            self.warning("cycle", "fewer than four steps have a place in the sales cycle (C7)");
        }
    }

    fn channels(&mut self, settings: &Settings) {
        for channel in settings.channel_kinds.keys().filter(|channel| Channel::BUILT_IN.contains(channel)) {
            let message = format!(
                "{channel} is built in and its kind cannot be changed; give your channel another name"
            );
            self.error(&format!("channel_kinds.{channel}"), message);
        }
        let doubled = |(index, channel): &(usize, &Channel)| settings.channels[..*index].contains(channel);
        for (_, channel) in settings.channels.iter().enumerate().filter(doubled) {
            let message = format!("{channel} is listed twice; channels take turns, so list each once (C9)");
            self.error("channels", message);
        }
        let own = |channel: &&Channel| {
            !Channel::BUILT_IN.contains(channel) && !settings.channel_kinds.contains_key(channel)
        };
        for channel in settings.channels.iter().filter(own) {
            let message =
                format!("the kind of {channel} is not set, so it counts as social; set it in channel_kinds");
            self.warning("channels", message);
        }
    }
}

/// Whether every day of the interval is closed, counted from any open weekday.
fn never_open(settings: &Settings, interval: &Interval) -> bool {
    let days = |span: Span| (span.approximate_seconds() / 86_400) as usize;
    let (from, to) = (days(interval.from), days(interval.to));
    let opens = |day: usize| !settings.working_hours.of(WEEKDAYS[day % 7]).is_closed();
    to < from + 7 && (0..7).filter(|day| opens(*day)).all(|day| !(from..=to).any(|n| opens(day + n)))
}
