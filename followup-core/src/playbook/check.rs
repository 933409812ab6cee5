//! Checking a playbook: all mistakes at once, each at its place.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::{Reader, Setting};
use super::settings::{Interval, Settings};
use crate::purpose::Reason;
use crate::stage::Stage;
use crate::state::TOUCHES_KEPT;
use crate::time::Span;

/// The largest playbook that is read, in bytes.
const BYTES_MAX: usize = 1 << 20;
/// The most steps that a stage may have.
const STEPS_MAX: usize = 100;

/// Something that is wrong with a playbook, or may be.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Problem {
    /// Whether the playbook can be used nevertheless.
    pub severity: Severity,
    /// The line, from 1; 0 if the playbook does not come from a file or does not say it.
    pub line: usize,
    /// The column in characters, from 1; 0 likewise.
    pub column: usize,
    /// The setting, such as `cadence.hot.from`.
    pub setting: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Whether a playbook can be used nevertheless.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can.
    Warning,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        let word = if self.severity == Severity::Error { "error" } else { "warning" };
        match self.setting.as_str() {
            "" => write!(f, "{word}: {}", self.message),
            setting => write!(f, "{word}: {setting}: {}", self.message),
        }
    }
}

/// A playbook that cannot be used, with every mistake in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaybookError {
    problems: Vec<Problem>,
}

impl PlaybookError {
    /// Every mistake and every warning, by line and column.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn unless_fine(problems: Vec<Problem>) -> Result<Vec<Problem>, PlaybookError> {
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            Err(PlaybookError { problems })
        } else {
            Ok(problems)
        }
    }
}

impl fmt::Display for PlaybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for PlaybookError {}

/// A contradiction between settings that are each fine by themselves.
pub(super) struct Contradiction {
    severity: Severity,
    setting: String,
    message: String,
}

/// Reads settings from TOML, with all that is wrong with them.
pub(super) fn read(toml: &str) -> (Settings, Vec<Problem>) {
    let mut reader = Reader::new(toml);
    if toml.len() > BYTES_MAX {
        reader.mistake(0..0, format!("the file is larger than {BYTES_MAX} bytes"));
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let (table, syntax) = DeTable::parse_recoverable(toml);
    for error in &syntax {
        reader.mistake(error.span().unwrap_or(0..0), error.message().to_owned());
    }
    // After a mistake in the syntax the rest of the file may read as something that was not meant.
    if !syntax.is_empty() {
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let span = table.span();
    let root = Spanned::new(span, DeValue::Table(table.into_inner()));
    let settings = Settings::read(&root, &mut reader).unwrap_or_default();
    let contradictions = contradictions(&settings);
    (settings, located(contradictions, Some(reader)))
}

/// Gives each contradiction the place of the setting that it names.
pub(super) fn located(contradictions: Vec<Contradiction>, reader: Option<Reader<'_>>) -> Vec<Problem> {
    let (source, mistakes, places) = match reader {
        Some(reader) => (reader.source, reader.mistakes, reader.places),
        None => ("", Vec::new(), BTreeMap::new()),
    };
    let mistakes = mistakes.into_iter().map(|(span, setting, message)| {
        let (line, column) = line_and_column(source, &span);
        Problem { severity: Severity::Error, line, column, setting, message }
    });
    let contradictions = contradictions.into_iter().map(|contradiction| {
        let Contradiction { severity, setting, message } = contradiction;
        let (line, column) = nearest(&places, &setting).map_or((0, 0), |span| line_and_column(source, span));
        Problem { severity, line, column, setting, message }
    });
    let mut problems: Vec<Problem> = mistakes.chain(contradictions).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The place of a setting, or of the nearest section around it that the file has.
fn nearest<'p>(places: &'p BTreeMap<String, Range<usize>>, setting: &str) -> Option<&'p Range<usize>> {
    let mut path = setting;
    loop {
        if let Some(place) = places.get(path) {
            return Some(place);
        }
        path = path.rsplit_once('.')?.0;
    }
}

fn line_and_column(source: &str, span: &Range<usize>) -> (usize, usize) {
    let before = source.get(..span.start).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// What settings say that cannot be meant together.
pub(super) fn contradictions(settings: &Settings) -> Vec<Contradiction> {
    let mut found = Found(Vec::new());
    found.hours(settings);
    found.intervals(settings);
    found.counts(settings);
    found.spans(settings);
    found.reasons(settings);
    found.steps(settings);
    found.0
}

struct Found(Vec<Contradiction>);

impl Found {
    fn error(&mut self, setting: &str, message: impl Into<String>) {
        self.0.push(Contradiction {
            severity: Severity::Error,
            setting: setting.to_owned(),
            message: message.into(),
        });
    }

    fn warning(&mut self, setting: &str, message: impl Into<String>) {
        self.0.push(Contradiction {
            severity: Severity::Warning,
            setting: setting.to_owned(),
            message: message.into(),
        });
    }

    fn hours(&mut self, settings: &Settings) {
        let (from, to) = (settings.calling_hours.from.0, settings.calling_hours.to.0);
        if from >= to {
            self.error(
                "calling_hours",
                "calls and texts would never be allowed: from comes before to, on the same day",
            );
        } else if settings.working_hours.is_closed() {
            self.error(
                "working_hours",
                "it never opens: give at least one weekday hours, like mon = [\"09:00-17:00\"]",
            );
        } else if settings.working_hours.between(from, to).is_closed() {
            self.error(
                "calling_hours",
                "calls and texts would never be allowed: no working hour lies in calling hours",
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
            self.error("holidays", "it stays closed for more than a year");
        }
    }

    fn intervals(&mut self, settings: &Settings) {
        let cadence = &settings.cadence;
        let gap = cadence.minimum_gap.approximate_seconds();
        let intervals: [(&str, &Interval); 5] = [
            ("cadence.hot", &cadence.hot),
            ("cadence.warm", &cadence.warm),
            ("cadence.cool", &cadence.cool),
            ("cadence.second", &cadence.second),
            ("proposal.discuss", &settings.proposal.discuss),
        ];
        for (name, interval) in intervals {
            let (from, to) = (interval.from.approximate_seconds(), interval.to.approximate_seconds());
            if !interval.from.is_civil() || !interval.to.is_civil() {
                self.error(name, "it takes days, weeks or months");
            } else if from > to {
                self.error(name, format!("it ends ({}) before it begins ({})", interval.to, interval.from));
            } else if to == 0 {
                self.error(
                    name,
                    "a cadence of no time at all would touch them without end; say at least P1D",
                );
            } else if to < gap {
                let message = format!(
                    "it ends ({}) within the minimum gap ({}), which wins",
                    interval.to, cadence.minimum_gap
                );
                self.error(name, message);
            }
        }
        for pair in
            [("cadence.hot", &cadence.hot, &cadence.warm), ("cadence.warm", &cadence.warm, &cadence.cool)]
        {
            let (name, warmer, cooler) = pair;
            if warmer.to.approximate_seconds() > cooler.to.approximate_seconds() {
                self.warning(name, "the warmer temperature has the longer interval (C1)");
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
                self.error(name, format!("it takes 1 to {kept}: so many touches are looked back on"));
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
                self.error(name, "it takes 1 to 36500");
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
                self.error(name, "a head start is at most 365 days, or others would starve (E4)");
            }
        }
        if settings.stop.small > settings.stop.medium {
            self.warning("stop.small", "a small value gets more effort than a medium one (S1)");
        }
        if settings.channels.is_empty() {
            self.error("channels", "without a channel nobody can be reached");
        }
        if settings.stop.medium < 4 {
            self.warning("stop.medium", "fewer than four follow-ups for each first contact (C7)");
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
        for (name, span) in civil {
            if !span.is_civil() {
                self.error(name, "it takes days, weeks or months");
            }
        }
        let at_least_a_minute = [
            ("cadence.stale_after", settings.cadence.stale_after),
            ("stop.wait", settings.stop.wait),
            ("absence.pause", settings.absence.pause),
            ("sending.outcome_within", settings.sending.outcome_within),
            ("keep_in_touch.after", settings.keep_in_touch.after),
        ];
        for (name, span) in at_least_a_minute {
            if span.approximate_seconds() == 0 {
                self.error(name, "it takes some time: what it waits for would come at once, again and again");
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
                self.error(name, "it takes days or open days");
            }
        }
    }

    fn reasons(&mut self, settings: &Settings) {
        for (purpose, reasons) in &settings.reasons {
            let name = format!("reasons.{purpose}");
            if reasons.is_empty() {
                self.error(&name, "a touch needs a reason (W1)");
            } else if reasons.iter().all(|reason| *reason == Reason::ARE_YOU_READY) {
                self.warning(&name, "\"are you ready?\" is never the only reason (W1)");
            }
        }
    }

    fn steps(&mut self, settings: &Settings) {
        for stage in Stage::ALL {
            let steps = settings.steps(*stage);
            if steps.len() > STEPS_MAX {
                self.error(&format!("steps.{stage}"), format!("a stage has at most {STEPS_MAX} steps"));
                continue;
            }
            for (index, step) in steps.iter().enumerate() {
                let name = format!("steps.{stage}.{index}");
                if step.after.is_exact() || step.within.is_exact() {
                    self.error(&name, "after and within take days, open days, weeks or months");
                }
                if step.automatic && step.personal {
                    self.warning(&name, "an automatic step is generic, whatever it says (C10)");
                }
            }
        }
    }
}
