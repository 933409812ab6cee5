//! The facts about one prospect that the gap report counts.

use chrono::{DateTime, Datelike, Utc};

use super::follow_up::{FollowUp, Moment, Visitor};
use followup_core::channel::Channel;
use followup_core::event::{EventKind, Request};
use followup_core::plan::Bounds;
use followup_core::rule::Rule;
use followup_core::stage::Stage;
use followup_core::state::ProspectState;
use followup_core::time::{Micros, Zone, to_instant, to_micros};

/// The facts about one prospect. Instants and durations are in microseconds.
pub(super) struct Facts {
    /// The prospect's zone, as known at the end.
    zone: Zone,
    pub(super) first_contact: Option<Micros>,
    inquired: Option<Micros>,
    /// The duration from the first inquiry to our first touch.
    pub(super) first_touch: Option<Micros>,
    pub(super) touched_at: Vec<Micros>,
    pub(super) between_touches: Vec<Micros>,
    /// Touches that have not been followed by a sign yet.
    unanswered: Vec<Micros>,
    pub(super) responses: Vec<Micros>,
    pub(super) by_weekday: [u64; 7],
    pub(super) outside_hours: u64,
    pub(super) touches_after_stop: u64,
    pub(super) follow_ups: Vec<FollowUp>,
    /// The current stage and the time of entering it; `None` at rest.
    stay: Option<(Stage, Micros)>,
    pub(super) stays: Vec<(Stage, Micros)>,
    /// The outstanding inputs, with the time of asking for each.
    asked_for: Vec<(String, Micros)>,
    pub(super) was_asked_for_inputs: bool,
    /// The duration from asking for each input to receiving it.
    pub(super) inputs: Vec<Micros>,
}

impl Facts {
    pub(super) fn new(zone: Zone) -> Facts {
        Facts {
            zone,
            first_contact: None,
            inquired: None,
            first_touch: None,
            touched_at: Vec::new(),
            between_touches: Vec::new(),
            unanswered: Vec::new(),
            responses: Vec::new(),
            by_weekday: [0; 7],
            outside_hours: 0,
            touches_after_stop: 0,
            follow_ups: Vec::new(),
            stay: None,
            stays: Vec::new(),
            asked_for: Vec::new(),
            was_asked_for_inputs: false,
            inputs: Vec::new(),
        }
    }

    /// Returns the month of an instant in the prospect's zone.
    pub(super) fn month_of(&self, at: Micros) -> String {
        let date = self.zone.date_of(to_instant(at));
        format!("{}-{:02}", date.year(), date.month())
    }

    /// Ends the stay in the current stage at `now`.
    pub(super) fn end(&mut self, state: &ProspectState, now: DateTime<Utc>) {
        self.update_stage(state);
        if let Some((stage, since)) = self.stay.take() {
            self.stays.push((stage, to_micros(now) - since));
        }
    }

    /// Updates the current stage after the newest event.
    fn update_stage(&mut self, state: &ProspectState) {
        let Some(newest) = state.last_change_at().map(to_micros) else { return };
        let (rests, since) = (state.at_rest().is_some(), to_micros(state.stage_since()));
        match self.stay {
            Some(stay) if !rests && stay == (state.stage(), since.max(stay.1)) => {}
            Some((stage, entered)) => {
                let until = if rests { newest } else { since };
                self.stays.push((stage, until - entered));
                self.stay = (!rests).then_some((state.stage(), since));
            }
            // A prospect who comes back from rest enters the stage then.
            None => self.stay = (!rests).then_some((state.stage(), since.max(newest))),
        }
    }

    fn touch(&mut self, moment: &Moment<'_>, channel: Option<Channel>) {
        let (event, before) = (moment.event, moment.before);
        let at = event.at_micros();
        if let Some(last) = self.touched_at.last() {
            self.between_touches.push(at - last);
        }
        self.touched_at.push(at);
        if let Some(inquired) = self.inquired.filter(|_| self.first_touch.is_none()) {
            self.first_touch = Some(at - inquired);
        }
        self.by_weekday[self.zone.day_of(at).weekday_index()] += 1;
        let stopped = |rule: Rule| matches!(rule, Rule::S2 | Rule::S3 | Rule::S6);
        let findings = before.check(event, event.at());
        self.touches_after_stop += u64::from(findings.iter().any(|finding| stopped(finding.rule)));
        let open = || Bounds::new(before, moment.policy).is_open(channel, at);
        self.outside_hours += u64::from(moment.is_ours_to_time() && !open());
    }
}

impl Visitor for Facts {
    fn event(&mut self, moment: &Moment<'_>) {
        self.update_stage(moment.before);
        let event = moment.event;
        let at = event.at_micros();
        if moment.touch.is_some() || event.is_sign() {
            self.first_contact.get_or_insert(at);
        }
        if matches!(event.kind(), EventKind::Requested { request: Request::Inquired, .. }) {
            self.inquired.get_or_insert(at);
        }
        if event.is_sign() {
            self.responses.extend(self.unanswered.drain(..).map(|touched| at - touched));
        }
        if let Some(touch) = moment.touch {
            self.touch(moment, touch.channel);
            if !event.is_sign() {
                self.unanswered.push(at);
            }
        }
        match event.kind() {
            EventKind::InputRequested { input, .. } => {
                self.was_asked_for_inputs = true;
                if !self.asked_for.iter().any(|(asked, _)| asked == input) {
                    self.asked_for.push((input.clone(), at));
                }
            }
            EventKind::InputReceived { input } | EventKind::InputWaived { input } => {
                if let Some(place) = self.asked_for.iter().position(|(asked, _)| asked == input) {
                    self.inputs.push(at - self.asked_for.remove(place).1);
                }
            }
            _ => {}
        }
    }

    fn follow_up(&mut self, follow_up: FollowUp) {
        self.follow_ups.push(follow_up);
    }
}
