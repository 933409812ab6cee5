//! What followed on something: how often, how fast and how late we followed up, and what came of it (T2, T5).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByTouches, Quantiles, Spread, Strays, Tally, percent, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::event::Event;
use followup_core::plan::Bounds;
use followup_core::stage::Outcome;
use followup_core::state::ProspectState;
use followup_core::time::{Micros, Span, to_micros};

report! {
    /// What followed on an event, the first of its name that a prospect has: the anchor.
    ResponseReport {
        /// Who has the anchor.
        anchored: u64,
        /// Who was touched after it.
        followed_up: u64,
        /// Who was not.
        never_followed_up: u64,
        /// Days from the anchor to the first touch after it.
        first_follow_up: Spread,
        /// Days from one touch after it to the next.
        between_follow_ups: Spread,
        /// How many were touched so often after it.
        follow_ups: ByTouches<u64>,
        /// Of those touched so often after it who decided, who bought, in percent.
        won_pct_by_follow_ups: ByTouches<Option<f64>>,
        /// Who gave a sign after it.
        answered: u64,
        /// Their share, in percent.
        answered_pct: Option<f64>,
        /// Days from the anchor to the first sign after it.
        answer: Spread,
        /// Touches after the anchor and before that sign; a conversation that is itself the sign is none of them.
        touches_before_answer: Quantiles,
        /// Touches after their first decision.
        touches_after_decision: Strays,
        /// How the maximum gap was kept: contacts are the anchor and the touches after it, up to the stop and with it, if it
        /// is a conversation. The stop is the first sign after the anchor or the first decision (the anchor, if that came
        /// before), else the newest event but for what time alone did. Null without a maximum gap.
        late: Option<Lateness>,
        /// Who gave no sign since the anchor and has not decided.
        open: u64,
        /// Of these, whose newest contact is longer ago than the maximum gap. Null without a maximum gap.
        open_overdue: Option<u64>,
        /// Of these, who was not touched since the anchor.
        open_never_followed_up: u64,
    }
}

/// How a maximum gap was kept.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Lateness {
    /// Touches after the anchor, up to the stop.
    pub made: u64,
    /// Those that came later than the gap after the contact before them.
    pub late: u64,
    /// By how many hours they were.
    pub hours_late: Spread,
    /// Whose newest contact before the stop was longer ago than the gap.
    pub unserved: u64,
}

/// A report that is being counted.
#[derive(Default)]
struct ResponseTally {
    report: ResponseReport,
    decided: ByTouches<u64>,
    won: ByTouches<u64>,
    first: Tally,
    between: Tally,
    answer: Tally,
    before_answer: BTreeMap<u64, u64>,
    hours_late: Tally,
    late: Lateness,
    overdue: u64,
}

/// What followed on the anchor of one prospect.
struct Followed {
    anchor: Micros,
    /// Touches after it, each with whether it came before the stop.
    touches: Vec<(Micros, bool)>,
    sign: Option<Micros>,
    touches_before_sign: u64,
    /// The first sign after the anchor or the first decision.
    stop: Option<Micros>,
    touches_after_decision: u64,
}

impl Followed {
    fn on(name: &str, past: &Past<'_>) -> Option<Followed> {
        let mut state = ProspectState::new(past.home);
        let (mut followed, mut is_decided, mut after_decision) = (None::<Followed>, false, 0);
        for event in past.events {
            let holds = state.premise_holds(event);
            let touch = holds && state.touch_by(event).is_some();
            after_decision += u64::from(touch && is_decided);
            if let Some(followed) = &mut followed {
                followed.take(event, touch);
            } else if holds && event.name() == name {
                let anchor = to_micros(event.at);
                followed = Some(Followed {
                    anchor,
                    touches: Vec::new(),
                    sign: None,
                    touches_before_sign: 0,
                    stop: is_decided.then_some(anchor),
                    touches_after_decision: 0,
                });
            }
            if event.name() == "decided" {
                is_decided = true;
                if let Some(followed) = &mut followed {
                    followed.stop.get_or_insert(to_micros(event.at));
                }
            }
            state.apply(event);
        }
        followed.map(|followed| Followed { touches_after_decision: after_decision, ..followed })
    }

    fn take(&mut self, event: &Event, touch: bool) {
        let at = to_micros(event.at);
        if touch {
            self.touches.push((at, self.stop.is_none()));
            // A conversation is a touch, and then an answer to those before it.
            self.touches_before_sign += u64::from(self.sign.is_none() && !event.is_sign());
        }
        if event.is_sign() {
            self.sign.get_or_insert(at);
            self.stop.get_or_insert(at);
        }
    }
}

impl ResponseTally {
    fn add(&mut self, past: &Past<'_>, followed: &Followed, scope: &Scope, gap: Option<Span>) {
        let report = &mut self.report;
        let touches = followed.touches.len() as u64;
        report.anchored += 1;
        report.followed_up += u64::from(touches > 0);
        report.never_followed_up += u64::from(touches == 0);
        *report.follow_ups.of_mut(touches) += 1;
        if let Some((first, _)) = followed.touches.first() {
            self.first.add(first - followed.anchor);
        }
        followed.touches.windows(2).for_each(|pair| self.between.add(pair[1].0 - pair[0].0));
        let outcome = past.state.outcome();
        *self.won.of_mut(touches) += u64::from(outcome == Some(Outcome::Won));
        *self.decided.of_mut(touches) += u64::from(matches!(outcome, Some(Outcome::Won | Outcome::Lost)));
        if let Some(sign) = followed.sign {
            report.answered += 1;
            self.answer.add(sign - followed.anchor);
            *self.before_answer.entry(followed.touches_before_sign).or_default() += 1;
        }
        report.touches_after_decision.prospects += u64::from(followed.touches_after_decision > 0);
        report.touches_after_decision.touches += followed.touches_after_decision;
        let open = followed.sign.is_none() && !matches!(outcome, Some(Outcome::Won | Outcome::Lost));
        report.open += u64::from(open);
        report.open_never_followed_up += u64::from(open && touches == 0);
        if let Some(gap) = gap {
            self.add_lateness(past, followed, scope, gap, open);
        }
    }

    fn add_lateness(&mut self, past: &Past<'_>, followed: &Followed, scope: &Scope, gap: Span, open: bool) {
        let bounds = Bounds::new(past.state, past.policy);
        let due = |contact: Micros| bounds.after(contact, gap);
        let mut contact = followed.anchor;
        for (touch, _) in followed.touches.iter().filter(|(_, before_stop)| *before_stop) {
            let late_by = touch - due(contact);
            self.late.made += 1;
            if late_by > 0 {
                self.late.late += 1;
                self.hours_late.add(late_by);
            }
            contact = *touch;
        }
        let newest = past.happened().next_back().map_or(followed.anchor, Event::at_micros);
        self.late.unserved += u64::from(followed.stop.unwrap_or(newest) > due(contact));
        let newest = followed.touches.last().map_or(followed.anchor, |(touch, _)| *touch);
        self.overdue += u64::from(open && to_micros(scope.now) > due(newest));
    }

    fn finish(mut self, gap: Option<Span>) -> ResponseReport {
        let mut report = self.report;
        report.first_follow_up = self.first.in_days();
        report.between_follow_ups = self.between.in_days();
        report.won_pct_by_follow_ups = self.decided.percent_of(&self.won);
        report.answered_pct = percent(report.answered, report.anchored);
        report.answer = self.answer.in_days();
        report.touches_before_answer = Quantiles::of_counts(&self.before_answer);
        self.late.hours_late = self.hours_late.in_hours();
        report.late = gap.map(|_| self.late);
        report.open_overdue = gap.map(|_| self.overdue);
        report
    }
}

pub(crate) async fn response(
    desk: &Desk,
    scope: &Scope,
    anchor: &str,
    max_gap: Option<Span>,
) -> Result<ResponseReport, DeskError> {
    let mut tally = ResponseTally::default();
    desk.read()
        .each_past(scope, |past| {
            if let Some(followed) = Followed::on(anchor, past) {
                tally.add(past, &followed, scope, max_gap);
            }
        })
        .await?;
    Ok(tally.finish(max_gap))
}
