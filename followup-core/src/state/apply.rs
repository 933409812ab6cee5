//! The fold: the changes that each event makes. It records and decides nothing.

use std::cmp::Ordering;

use super::{
    ABSENCES_KEPT, Absence, Agreed, Anchor, Appointment, AskedFor, Contact, Decided, ERASED, Held,
    INPUTS_KEPT, Input, Intended, Merged, Owed, Paused, Place, Proposal, ProspectState, Sending, Stopped,
    TOUCHES_KEPT, Touch,
};
use crate::channel::Channel;
use crate::event::{Event, EventKind, Request, TouchFacts};
use crate::purpose::Purpose;
use crate::stage::{By, LastAnswer, Outcome, Stage, Temperature, Who};
use crate::time::{DAY, Day, Micros, to_micros};

/// The `seq` of wake-ups. In [`Event::order`] they come after all other events at their instant, so that a contact at
/// the same instant counts as being in time. A caller's `seq` must be smaller.
pub const WAKE_UP_SEQ: i64 = 1 << 52;

impl Event {
    /// Compares events by the order of the fold: `at`, then `seq`, then `key`.
    ///
    /// # Examples
    /// ```
    /// use std::cmp::Ordering;
    ///
    /// use followup_core::Event;
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-07T14:00:00Z".parse()?);
    /// assert_eq!(Event::added(at).order(&Event::added(later)), Ordering::Less);
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn order(&self, other: &Event) -> Ordering {
        (self.at, self.seq, &self.key).cmp(&(other.at, other.seq, &other.key))
    }
}

impl ProspectState {
    /// Whether this event comes after all folded events, so that it can be applied.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, earlier) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-05T14:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::added(at)])?;
    /// assert!(!ada.is_next(&Event::noted(earlier, "recorded late")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_next(&self, event: &Event) -> bool {
        self.last.as_ref().is_none_or(|last| *last < Place::of(event))
    }

    /// Applies one event. Events must come in the order of [`Event::order`]. A wake-up whose premise does not hold
    /// changes nothing.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState, Stage, Zone};
    ///
    /// let mut ada = ProspectState::new(Zone::utc());
    /// ada.apply(&Event::proposal_discussed("2026-03-06T14:00:00Z".parse()?));
    /// assert_eq!((ada.touch_count(), ada.stage()), (1, Stage::Interest));
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn apply(&mut self, event: &Event) {
        let holds = self.premise_holds(event);
        // A replacement of a wake-up may come before one that no longer holds.
        self.last = self.last.take().max(Some(Place::of(event)));
        if self.first_event.is_none() {
            self.first_event = Some(Anchor::of(event));
            self.stage_since = event.at_micros();
        }
        if !holds {
            return;
        }
        self.newest = Some((event.at_micros(), event.seq));
        self.begin_round(event);
        let stage_before = self.stage;
        self.profile(event);
        self.control(event);
        let touch = self.settle(event);
        // The effects of a contact come before the contact's own change: "since" means after.
        if touch.is_some() || event.is_sign() {
            self.contact_follows(event);
        }
        if let Some(touch) = touch {
            self.touch(event, touch);
        }
        if event.is_sign() {
            self.sign(event);
        }
        if touch.is_some() || event.is_sign() {
            self.last_contact = Some(contact(event, touch));
        }
        self.progress(event);
        if self.stage != stage_before {
            self.stage_since = event.at_micros();
            self.touches_in_stage = 0;
        }
    }

    /// Begins a new round if they come back, we reopen, or the date of a "later" has come.
    fn begin_round(&mut self, event: &Event) {
        let request = matches!(event.kind, EventKind::Requested { .. });
        let ended = self.stopped.is_some() || self.gave_up.is_some();
        let comes_back = request && (ended || self.decided.is_some());
        let talks_again = ended && event.is_conversation();
        let reopened = matches!(event.kind, EventKind::Reopened);
        if !(comes_back || talks_again || reopened || self.later_has_come(event)) {
            return;
        }
        self.decided = None;
        self.stopped = None;
        self.erased = false;
        self.gave_up = None;
        self.forget_pursuit();
        self.enter(Stage::Interest, event.at_micros());
        if reopened {
            self.restarted = Some(Anchor::of(event));
        }
    }

    /// Whether this is a touch at or after the date of a "later" while not at rest (row 14).
    fn later_has_come(&self, event: &Event) -> bool {
        let Some(decided) = self.decided.as_ref().filter(|decided| decided.outcome == Outcome::Later) else {
            return false;
        };
        event.is_touch() && self.at_rest().is_none() && event.at_micros() >= self.later_until(decided)
    }

    /// Returns the date of a "later": the stated one, otherwise 0:00 of the 90th day after it was said.
    pub(crate) fn later_until(&self, decided: &Decided) -> Micros {
        decided.until.unwrap_or_else(|| {
            let zone = self.zone();
            let Day(day) = zone.day_of(decided.anchor.at).plus(LATER_DEFAULT_DAYS);
            zone.instant(Micros::from(day) * DAY)
        })
    }

    /// Forgets appointment, proposal, agreed step and last message, for a new round and for going stale.
    fn forget_pursuit(&mut self) {
        self.appointment = None;
        self.missed = None;
        self.held = None;
        self.proposal = None;
        self.agreed = None;
        self.last_message = None;
        self.asked_for = AskedFor::default();
    }

    fn enter(&mut self, stage: Stage, at: Micros) {
        self.stage = stage;
        self.stage_since = at;
        self.touches_in_stage = 0;
    }

    fn profile(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Added { kind, email, phone, zone, owner, playbook, .. } => {
                self.added.get_or_insert_with(|| Anchor::of(event));
                self.kind = *kind;
                // The journal of a store has only the fact that there is an address, not the address.
                self.addresses.email |= email.is_some();
                self.addresses.phone |= phone.is_some();
                if zone.is_some() {
                    self.zone = *zone;
                }
                if owner.is_some() {
                    self.owner.clone_from(owner);
                }
                if playbook.is_some() {
                    self.playbook.clone_from(playbook);
                    self.playbook_version = None;
                }
            }
            EventKind::Valued { value } => self.value = Some(*value),
            EventKind::TemperatureSet { temperature } => {
                self.warmth = *temperature;
                self.warmth_is_held = true;
            }
            EventKind::Assigned { owner } => {
                self.owner = Some(owner.clone());
                self.owner_absences.clear();
            }
            EventKind::Preferred { channel, weekdays, from, to } => {
                self.wish.channel = channel.or(self.wish.channel);
                self.wish.weekdays = weekdays.or(self.wish.weekdays);
                self.wish.from = from.map(|from| from.0).or(self.wish.from);
                self.wish.to = to.map(|to| to.0).or(self.wish.to);
            }
            EventKind::Qualified { needs, decides_how, decides_on, ready, knows_us, minutes } => {
                let known = &mut self.qualification;
                known.needs |= needs.is_some();
                known.decides_how |= decides_how.is_some();
                known.decides_on = decides_on.or(known.decides_on);
                known.ready = ready.or(known.ready);
                known.knows_us = knows_us.or(known.knows_us);
                known.minutes = minutes.or(known.minutes);
            }
            EventKind::PlaybookSet { name, version } => {
                self.playbook = Some(name.clone());
                self.playbook_version = *version;
            }
            _ => {}
        }
    }

    fn control(&mut self, event: &Event) {
        let at = event.at_micros();
        match &event.kind {
            EventKind::OptedOut { channels } => self.opt_out(event, channels),
            EventKind::OptedIn { channels } => self.opt_in(channels),
            EventKind::AutoReplied { until } => {
                keep(&mut self.absences, Absence { at, from: None, until: until.map(to_micros) });
            }
            EventKind::Away { who, until, from } => {
                let list = match who {
                    Who::Prospect => &mut self.absences,
                    Who::Owner => &mut self.owner_absences,
                };
                keep(list, Absence { at, from: from.map(to_micros), until: Some(to_micros(*until)) });
            }
            EventKind::Bounced { permanent, .. } => {
                self.addresses.email_bounces |= *permanent;
                if self.last_answer == LastAnswer::Silent {
                    self.last_answer = LastAnswer::Bounced;
                }
            }
            EventKind::Snoozed { until } => self.snoozed_until = Some(to_micros(*until)),
            EventKind::Paused { until, .. } => {
                self.paused = Some(Paused { until: until.map(to_micros), anchor: Anchor::of(event) });
            }
            EventKind::Resumed => {
                self.paused = None;
                self.restarted = Some(Anchor::of(event));
            }
            EventKind::Stopped { why } => {
                let by_us = matches!(event.by, Some(By::Us | By::System));
                self.stopped = Some(Stopped { place: Place::of(event), by_us });
                self.erased |= why.as_deref() == Some(ERASED);
                self.owed.clear();
            }
            EventKind::GaveUp => {
                self.gave_up = Some(Anchor::of(event));
                self.owed.clear();
            }
            EventKind::Merged { into } => {
                self.merged = Some(Merged { into: into.clone() });
                self.owed.clear();
            }
            EventKind::WentStale => {
                self.forget_pursuit();
                self.owed.clear();
                self.informed = false;
                self.touches_for_readiness = 0;
                self.signs_for_readiness = 0;
                self.enter(Stage::Interest, at);
                self.restarted = Some(Anchor::of(event));
            }
            EventKind::Lapsed { .. } => {
                if let Some(appointment) = &mut self.appointment {
                    appointment.lapsed = true;
                }
            }
            EventKind::SendIntended { action, channel, purpose, reason } => {
                self.send_is_for_what_is_owed();
                let (action, channel, purpose, reason) = (action.clone(), *channel, *purpose, *reason);
                let intent = Intended { action, channel, purpose, reason };
                self.sending = Sending::Intended { anchor: Anchor::of(event), intent };
            }
            EventKind::SendUnknown { action } => {
                let known = self.sending.in_flight().filter(|intent| intent.action == *action);
                let unheard_of = || Intended { action: action.clone(), ..Intended::default() };
                let intent = known.cloned().unwrap_or_else(unheard_of);
                self.sending = Sending::Unknown { anchor: Anchor::of(event), intent };
            }
            EventKind::SendFailed { permanent, .. } => {
                let channel = self.sending.in_flight().and_then(|intent| intent.channel);
                self.sending = if *permanent { Sending::Failed { channel } } else { Sending::Nothing };
            }
            _ => {}
        }
    }

    fn opt_out(&mut self, event: &Event, channels: &[Channel]) {
        let consent = &mut self.consent;
        if channels.is_empty() {
            consent.all_out = true;
            consent.exceptions.clear();
        }
        for channel in channels {
            exclude(&mut consent.exceptions, *channel, consent.all_out);
        }
        consent.out = Some(Place::of(event));
        if consent.is_out_of_all() {
            self.owed.clear();
            self.agreed = None;
            self.appointment = None;
            self.missed = None;
        }
    }

    fn opt_in(&mut self, channels: &[Channel]) {
        let consent = &mut self.consent;
        if channels.is_empty() {
            consent.all_out = false;
            consent.exceptions.clear();
        }
        for channel in channels {
            exclude(&mut consent.exceptions, *channel, !consent.all_out);
        }
    }

    /// Ends what any later contact ends.
    fn contact_follows(&mut self, event: &Event) {
        let at = event.at_micros();
        if let Some(agreed) = &mut self.agreed {
            if at >= agreed.due_at {
                self.agreed = None;
            } else {
                agreed.contact_before = agreed.contact_before.max(Some(at));
            }
        }
        if let Some(appointment) = &mut self.appointment {
            let about_it = matches!(
                event.kind,
                EventKind::AppointmentConfirmed
                    | EventKind::AppointmentHeld
                    | EventKind::AppointmentMissed { .. }
            );
            appointment.over |= !about_it && at >= appointment.ends_at();
        }
        if let Some(proposal) = &mut self.proposal {
            proposal.contact_since = true;
        }
        self.missed = None;
    }

    /// Returns the touch that an event records, completed by its intent. An acknowledgement is not a touch: it only
    /// says that a request has arrived.
    ///
    /// # Examples
    /// ```
    /// use followup_core::event::{EventKind, Touch};
    /// use followup_core::{Channel, Event, ProspectState, Purpose};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let intent = EventKind::SendIntended {
    ///     action: "p-17/1".to_owned(),
    ///     channel: Some(Channel::EMAIL),
    ///     purpose: Some(Purpose::CHECK_IN),
    ///     reason: None,
    /// };
    /// let ada = ProspectState::replay([Event::new(at, intent)])?;
    /// let action = "p-17/1".to_owned();
    /// let sent = EventKind::Sent { action, message_id: None, channel: None, purpose: None, reason: None };
    /// let touch = ada.touch_by(&Event::new(at, sent)).expect("a sent message is a touch");
    /// assert_eq!((touch.channel, touch.purpose), (Some(Channel::EMAIL), Some(Purpose::CHECK_IN)));
    ///
    /// let acknowledged = Touch::on(Channel::EMAIL).purpose(Purpose::ACKNOWLEDGE);
    /// assert_eq!(ada.touch_by(&Event::touched(at, acknowledged)), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn touch_by(&self, event: &Event) -> Option<TouchFacts> {
        self.made_contact(event).filter(|touch| touch.purpose != Some(Purpose::ACKNOWLEDGE))
    }

    /// As [`ProspectState::touch_by`], but including acknowledgements.
    pub(super) fn made_contact(&self, event: &Event) -> Option<TouchFacts> {
        let mut touch = event.touch()?;
        let sent = matches!(event.kind, EventKind::Sent { .. });
        if let Some(intent) = self.sending.in_flight().filter(|_| sent) {
            touch.channel = touch.channel.or(intent.channel);
            touch.purpose = touch.purpose.or(intent.purpose);
            touch.reason = touch.reason.or(intent.reason);
        }
        Some(touch)
    }

    /// Returns the touch that this event records, and settles the send in flight.
    fn settle(&mut self, event: &Event) -> Option<TouchFacts> {
        let touch = self.made_contact(event)?;
        let sent = matches!(event.kind, EventKind::Sent { .. });
        // Without an intent the purpose of the send is unknown: it counts for all that was owed.
        if sent && matches!(self.sending, Sending::Nothing | Sending::Failed { .. }) {
            self.send_is_for_what_is_owed();
        }
        // A touch by a person settles a failed or unknown send; a send in flight waits for its own outcome.
        if sent || !matches!(self.sending, Sending::Intended { .. }) {
            self.sending = Sending::Nothing;
        }
        if touch.purpose == Some(Purpose::ACKNOWLEDGE) {
            self.owed.iter_mut().for_each(|owed| owed.acknowledged = true);
            return None;
        }
        Some(touch)
    }

    fn send_is_for_what_is_owed(&mut self) {
        for owed in &mut self.owed {
            owed.send_intended = true;
        }
    }

    fn touch(&mut self, event: &Event, touch: TouchFacts) {
        let at = event.at_micros();
        let informs = touch.purpose == Some(Purpose::INFORM);
        let proposes = matches!(event.kind, EventKind::ProposalSent { .. });
        let sent = matches!(event.kind, EventKind::Sent { .. });
        self.owed.retain(|owed| match owed.request {
            Request::AskedInformation => !informs,
            Request::AskedProposal => !proposes,
            _ => touch.automatic && !(sent && owed.send_intended),
        });
        if self.touches.len() == TOUCHES_KEPT {
            self.touches.remove(0);
        }
        self.touches.push(Touch {
            at,
            channel: touch.channel,
            purpose: touch.purpose,
            reason: touch.reason,
            personal: touch.personal,
            after: self.last_answer,
        });
        self.last_answer = LastAnswer::Silent;
        self.first_touch_at.get_or_insert(at);
        self.touches_ever += 1;
        self.touches_in_stage += 1;
        self.touches_for_readiness += 1;
        self.unanswered += 1;
        self.unanswered_personal += u32::from(touch.personal);
        if touch.purpose == Some(Purpose::LAST_MESSAGE) {
            self.last_message = Some(Anchor::of(event));
        }
        self.informed |= informs;
        self.rise_to(if informs { Stage::Information } else { Stage::Interest });
    }

    fn sign(&mut self, event: &Event) {
        self.signs_ever += 1;
        self.signs_for_readiness += 1;
        self.unanswered = 0;
        self.unanswered_personal = 0;
        self.last_message = None;
        self.last_sign = Some(contact(event, None));
        self.last_answer = match event.kind {
            EventKind::AppointmentSet { .. } => LastAnswer::Booked,
            _ => LastAnswer::Replied,
        };
        self.snoozed_until = None;
        self.absences.clear();
        self.warmth_is_held = false;
        self.warmth = match &event.kind {
            EventKind::Requested { request: Request::Replied, .. } => self.warmth.warmer(),
            EventKind::Requested { .. }
            | EventKind::NextStepAgreed { .. }
            | EventKind::AppointmentSet { .. }
            | EventKind::AppointmentHeld => Temperature::Hot,
            EventKind::NextStepDeclined => self.warmth.cooler_by(1),
            _ => self.warmth,
        };
    }

    /// Begins or ends what the event itself does.
    fn progress(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Requested { request, channel } => {
                self.asked_for.appointment |= *request == Request::AskedAppointment;
                self.asked_for.proposal |= *request == Request::AskedProposal;
                self.owe(event, *request, *channel);
                self.rise_to(request.stage());
            }
            EventKind::ProposalSent { .. } => {
                if let Some(held) = &mut self.held {
                    held.proposed = true;
                }
                self.proposal = Some(Proposal { sent: Anchor::of(event), contact_since: false });
                self.rise_to(Stage::Proposal);
            }
            EventKind::AppointmentSet { starts_at, minutes } => {
                self.owed.clear();
                self.agreed = None;
                self.missed = None;
                self.appointment = Some(Appointment {
                    set: Anchor::of(event),
                    starts_at: to_micros(*starts_at),
                    minutes: *minutes,
                    confirmed: false,
                    lapsed: false,
                    over: false,
                });
                self.rise_to(Stage::Appointment);
            }
            EventKind::AppointmentConfirmed => {
                if let Some(appointment) = &mut self.appointment {
                    appointment.confirmed = true;
                }
            }
            EventKind::AppointmentHeld => {
                self.appointment = None;
                self.held = Some(Held { place: Place::of(event), proposed: false });
            }
            EventKind::AppointmentMissed { .. } => {
                self.appointment = None;
                self.missed = Some(Anchor::of(event));
            }
            EventKind::NextStepAgreed { due_at, channel, purpose } => {
                self.owed.clear();
                self.agreed = Some(Agreed {
                    place: Place::of(event),
                    due_at: to_micros(*due_at),
                    channel: *channel,
                    purpose: *purpose,
                    contact_before: None,
                });
            }
            EventKind::NextStepDeclined => self.agreed = None,
            EventKind::Decided { outcome, until, .. } => {
                self.owed.clear();
                let until = until.map(to_micros);
                self.decided = Some(Decided { outcome: *outcome, until, anchor: Anchor::of(event) });
                self.rise_to(Stage::Decision);
            }
            EventKind::InputRequested { input, deadline } => {
                self.had_inputs = true;
                self.inputs.retain(|known| known.name != *input);
                if self.inputs.len() == INPUTS_KEPT {
                    self.inputs.remove(0);
                }
                let deadline = deadline.map(to_micros);
                self.inputs.push(Input { name: input.clone(), requested: Anchor::of(event), deadline });
            }
            EventKind::InputReceived { input } | EventKind::InputWaived { input } => {
                self.inputs.retain(|known| known.name != *input);
            }
            _ => {}
        }
    }

    fn owe(&mut self, event: &Event, request: Request, channel: Option<Channel>) {
        let newest = Place::of(event);
        match self.owed.iter_mut().find(|owed| owed.request == request) {
            Some(owed) => {
                owed.newest = newest;
                owed.channel = channel.or(owed.channel);
            }
            None => {
                let first = Anchor::of(event);
                self.owed.push(Owed {
                    request,
                    first,
                    newest,
                    channel,
                    acknowledged: false,
                    send_intended: false,
                });
            }
        }
    }

    /// Raises the stage. Only a new round and going stale move it back.
    fn rise_to(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
        self.furthest = self.furthest.max(self.stage);
        self.reached[self.stage as usize] = true;
    }
}

/// The length of a "later" without a date (P9, row 14). The fold needs it, so no playbook can change it.
pub(crate) const LATER_DEFAULT_DAYS: i32 = 90;

fn contact(event: &Event, touch: Option<TouchFacts>) -> Contact {
    let channel = touch.map_or_else(|| event.channel(), |touch| touch.channel);
    let purpose = touch.and_then(|touch| touch.purpose);
    Contact { at: event.at_micros(), key: event.key.clone(), channel, purpose }
}

fn keep(list: &mut Vec<Absence>, absence: Absence) {
    if list.len() == ABSENCES_KEPT {
        list.remove(0);
    }
    list.push(absence);
}

/// Adds a channel to the exceptions or removes it from them.
fn exclude(exceptions: &mut Vec<Channel>, channel: Channel, is_default: bool) {
    if is_default {
        exceptions.retain(|exception| *exception != channel);
    } else if !exceptions.contains(&channel) {
        exceptions.push(channel);
    }
}
