//! The response report: touches and signs after an anchor event (T2, T5).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByTouches, Quantiles, Spread, Tally, UnwantedTouches, percent, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::event::Event;
use followup_core::plan::Bounds;
use followup_core::stage::Outcome;
use followup_core::state::ProspectState;
use followup_core::time::{Micros, Span, to_micros};

report! {
    /// The touches and signs after an anchor, the first event of a given name that a prospect has.
    ResponseReport {
        /// Number of prospects with the anchor.
        anchored: u64,
        /// Number of prospects who were touched after the anchor.
        followed_up: u64,
        /// Number of prospects who were not touched after the anchor.
        never_followed_up: u64,
        /// Days from the anchor to the first touch after it.
        first_follow_up: Spread,
        /// Days between one touch after the anchor and the next.
        between_follow_ups: Spread,
        /// Number of prospects by number of touches after the anchor.
        follow_ups: ByTouches<u64>,
        /// Share of the prospects who bought among those who bought or said no, by number of touches after the
        /// anchor, in percent.
        won_pct_by_follow_ups: ByTouches<Option<f64>>,
        /// Number of prospects who gave a sign after the anchor.
        answered: u64,
        /// Share of the prospects with the anchor who gave a sign after it, in percent.
        answered_pct: Option<f64>,
        /// Days from the anchor to the first sign after it.
        answer: Spread,
        /// Touches between the anchor and the first sign after it, without a conversation that is itself the sign.
        touches_before_answer: Quantiles,
        /// Touches of each prospect after their first decision.
        touches_after_decision: UnwantedTouches,
        /// How the maximum gap between contacts was kept; the contacts are the anchor and the touches after it up to
        /// the stop, including the stop if it is a conversation; the stop is the first sign or decision after the
        /// anchor (the anchor itself, if the decision came before it), else the newest event that is not a wake-up;
        /// null without a maximum gap.
        late: Option<Lateness>,
        /// Number of prospects who gave no sign after the anchor and have neither bought nor said no.
        open: u64,
        /// Number of these open prospects whose newest touch after the anchor, else the anchor, is longer ago than the
        /// maximum gap; null without a maximum gap.
        open_overdue: Option<u64>,
        /// Number of these open prospects who were not touched after the anchor.
        open_never_followed_up: u64,
    }
}

/// How a maximum gap between contacts was kept.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook, Span};
/// # use followup_insight::Insight;
/// use followup_insight::report::Lateness;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let called_at = "2026-03-16T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::proposal_sent(t, None, None)).await?;
/// desk.observe("p-17", Event::touched(called_at, Channel::PHONE)).await?;
/// let scope = Scope::at(called_at);
/// let report = Insight::new(&desk).response(&scope, "proposal_sent", Some(Span::days(7))).await?;
/// let Lateness { made, late, hours_late, .. } = report.late.expect("a maximum gap is given");
/// assert_eq!((made, late, hours_late.quantiles.max), (1, 1, 72.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Lateness {
    /// Number of touches after the anchor, up to the stop.
    pub made: u64,
    /// Number of these touches that came later after the previous contact than the gap allows.
    pub late: u64,
    /// Hours by which the late touches exceeded the gap.
    pub hours_late: Spread,
    /// Number of prospects whose newest contact before the stop was longer before it than the gap allows.
    pub unserved: u64,
}

/// The running totals of a response report.
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

/// The touches and signs after the anchor of one prospect.
struct AfterAnchor {
    anchor: Micros,
    /// The touches after the anchor, and whether each came before the stop.
    touches: Vec<(Micros, bool)>,
    sign: Option<Micros>,
    touches_before_sign: u64,
    /// The first sign after the anchor or the first decision.
    stop: Option<Micros>,
    touches_after_decision: u64,
}

impl AfterAnchor {
    fn find(name: &str, past: &Past<'_>) -> Option<AfterAnchor> {
        let mut state = ProspectState::new(past.home);
        let (mut after, mut is_decided, mut after_decision) = (None::<AfterAnchor>, false, 0);
        for event in past.events {
            let holds = state.premise_holds(event);
            let touch = holds && state.touch_by(event).is_some();
            after_decision += u64::from(touch && is_decided);
            if let Some(after) = &mut after {
                after.add(event, touch);
            } else if holds && event.name() == name {
                let anchor = to_micros(event.at());
                after = Some(AfterAnchor {
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
                if let Some(after) = &mut after {
                    after.stop.get_or_insert(to_micros(event.at()));
                }
            }
            state.apply(event);
        }
        after.map(|after| AfterAnchor { touches_after_decision: after_decision, ..after })
    }

    fn add(&mut self, event: &Event, touch: bool) {
        let at = to_micros(event.at());
        if touch {
            self.touches.push((at, self.stop.is_none()));
            // A conversation is a touch and also the sign after the earlier touches.
            self.touches_before_sign += u64::from(self.sign.is_none() && !event.is_sign());
        }
        if event.is_sign() {
            self.sign.get_or_insert(at);
            self.stop.get_or_insert(at);
        }
    }
}

impl ResponseTally {
    fn add(&mut self, past: &Past<'_>, after: &AfterAnchor, scope: &Scope, gap: Option<Span>) {
        let report = &mut self.report;
        let touches = after.touches.len() as u64;
        report.anchored += 1;
        report.followed_up += u64::from(touches > 0);
        report.never_followed_up += u64::from(touches == 0);
        *report.follow_ups.of_mut(touches) += 1;
        if let Some((first, _)) = after.touches.first() {
            self.first.add(first - after.anchor);
        }
        after.touches.windows(2).for_each(|pair| self.between.add(pair[1].0 - pair[0].0));
        let outcome = past.state.outcome();
        *self.won.of_mut(touches) += u64::from(outcome == Some(Outcome::Won));
        *self.decided.of_mut(touches) += u64::from(matches!(outcome, Some(Outcome::Won | Outcome::Lost)));
        if let Some(sign) = after.sign {
            report.answered += 1;
            self.answer.add(sign - after.anchor);
            *self.before_answer.entry(after.touches_before_sign).or_default() += 1;
        }
        report.touches_after_decision.prospects += u64::from(after.touches_after_decision > 0);
        report.touches_after_decision.touches += after.touches_after_decision;
        let open = after.sign.is_none() && !matches!(outcome, Some(Outcome::Won | Outcome::Lost));
        report.open += u64::from(open);
        report.open_never_followed_up += u64::from(open && touches == 0);
        if let Some(gap) = gap {
            self.add_lateness(past, after, scope, gap, open);
        }
    }

    fn add_lateness(&mut self, past: &Past<'_>, after: &AfterAnchor, scope: &Scope, gap: Span, open: bool) {
        let bounds = Bounds::new(past.state, past.policy);
        let due = |contact: Micros| bounds.after(contact, gap);
        let mut contact = after.anchor;
        for (touch, _) in after.touches.iter().filter(|(_, before_stop)| *before_stop) {
            let late_by = touch - due(contact);
            self.late.made += 1;
            if late_by > 0 {
                self.late.late += 1;
                self.hours_late.add(late_by);
            }
            contact = *touch;
        }
        let newest = past.happened().next_back().map_or(after.anchor, Event::at_micros);
        self.late.unserved += u64::from(after.stop.unwrap_or(newest) > due(contact));
        let newest = after.touches.last().map_or(after.anchor, |(touch, _)| *touch);
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
            if let Some(after) = AfterAnchor::find(anchor, past) {
                tally.add(past, &after, scope, max_gap);
            }
        })
        .await?;
    Ok(tally.finish(max_gap))
}
