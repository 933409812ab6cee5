//! What a host and custom rules can ask of a state.

use chrono::{DateTime, Utc};

use super::{
    Absence, Addresses, Agreed, Appointment, Consent, Decided, Held, Input, LastContact, Owed, Paused,
    Proposal, ProspectState, Qualification, Sending, Stopped, Touch, Wish,
};
use crate::money::Money;
use crate::stage::{Kind, Outcome, Readiness, Rest, Stage, Temperature};
use crate::time::{Micros, Zone, to_instant};

impl ProspectState {
    /// Whether an action is recorded as being sent.
    pub fn is_sending(&self, action: &str) -> bool {
        matches!(&self.sending, Sending::Intended { intent, .. } if intent.action == action)
    }

    /// The `seq` with which an event at an instant comes after all recorded ones.
    pub fn seq_after(&self, at: DateTime<Utc>) -> i64 {
        let at = crate::time::to_micros(at);
        self.last.as_ref().filter(|last| last.at >= at).map_or(0, |last| last.seq + 1)
    }

    /// The action that was begun to be sent and whose outcome is not known yet.
    pub fn in_flight(&self) -> Option<&str> {
        self.sending.in_flight().map(|intent| intent.action.as_str())
    }

    /// The stage.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether they ever got to a stage.
    pub fn has_reached(&self, stage: Stage) -> bool {
        self.reached[stage as usize]
    }

    /// What sort of contact they are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Their zone, else the home zone.
    pub fn zone(&self) -> Zone {
        self.zone.unwrap_or(self.home)
    }

    /// Who follows up.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// The playbook that was set for them.
    pub fn playbook(&self) -> Option<&str> {
        self.playbook.as_deref()
    }

    /// The version of the playbook that they were given; without one the newest holds.
    pub fn playbook_version(&self) -> Option<u32> {
        self.playbook_version
    }

    /// What they are worth.
    pub fn value(&self) -> Option<Money> {
        self.value
    }

    /// How they decided in this round.
    pub fn outcome(&self) -> Option<Outcome> {
        self.decided.as_ref().map(|decided| decided.outcome)
    }

    /// Number of touches of ours, ever.
    pub fn touch_count(&self) -> u32 {
        self.touches_ever
    }

    /// Number of signs of theirs, ever.
    pub fn sign_count(&self) -> u32 {
        self.signs_ever
    }

    /// Touches since their last sign.
    pub fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// The newest contact of either side: when, on which channel, what for.
    pub fn last_contact(&self) -> Option<LastContact> {
        let contact = self.last_contact.as_ref()?;
        Some(LastContact { at: to_instant(contact.at), channel: contact.channel, purpose: contact.purpose })
    }

    /// The instant of the newest event.
    pub fn last_event_at(&self) -> Option<DateTime<Utc>> {
        self.last.as_ref().map(|place| to_instant(place.at))
    }

    /// When the appointment begins that is set and not over.
    pub fn appointment_at(&self) -> Option<DateTime<Utc>> {
        self.appointment.as_ref().filter(|appointment| !appointment.over).map(|set| to_instant(set.starts_at))
    }

    /// Whether inputs are outstanding.
    pub fn is_owed_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Whether the owner is away at an instant, as far as is known.
    pub fn owner_is_away(&self, now: DateTime<Utc>) -> bool {
        let (now, zone) = (crate::time::to_micros(now), self.zone());
        let ended = |until: Option<Micros>| until.is_some_and(|until| zone.day_of(until) < zone.day_of(now));
        self.owner_absences.iter().any(|away| away.from.is_none_or(|from| from <= now) && !ended(away.until))
    }

    /// What an appointment would want (P4).
    pub fn readiness(&self) -> Readiness {
        let familiar = self.signs_for_readiness >= 1 || self.touches_for_readiness >= 2;
        Readiness { informed: self.informed, familiar }
    }

    /// Why the history alone, whatever the playbook, says that nothing is to be done.
    pub fn at_rest(&self) -> Option<Rest> {
        let decided = self.outcome().and_then(|outcome| match outcome {
            Outcome::Won => Some(Rest::Won),
            Outcome::Lost => Some(Rest::Lost),
            Outcome::Later => None,
        });
        let opted_out = || self.consent.is_out_of_all().then_some(Rest::OptedOut);
        self.merged
            .as_ref()
            .map(|_| Rest::Merged)
            .or(self.erased.then_some(Rest::Erased))
            .or(self.stopped.as_ref().map(|_| Rest::Stopped))
            .or(self.gave_up.as_ref().map(|_| Rest::GaveUp))
            .or(decided)
            .or_else(opted_out)
    }

    /// The zone that applies if they have none of their own.
    pub fn home(&self) -> Zone {
        self.home
    }

    /// When they entered their stage.
    pub fn stage_since(&self) -> DateTime<Utc> {
        to_instant(self.stage_since)
    }

    /// The instant of the newest event that changed something: a wake-up whose premise does not hold does not count.
    pub fn last_change_at(&self) -> Option<DateTime<Utc>> {
        self.newest.map(|(at, _)| to_instant(at))
    }

    /// Which addresses are known.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The channels, weekdays and hours that they prefer (C11).
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// What discovery has found out (W6).
    pub fn qualification(&self) -> &Qualification {
        &self.qualification
    }

    /// Which channels they allow (S6).
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// Their warmth by what happened, before silence cools it; plans have the cooled
    /// [`temperature`](crate::Plan::temperature).
    pub fn warmth(&self) -> Temperature {
        self.warmth
    }

    /// The newest touches of ours, oldest first, at most 32.
    pub fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// Requests that are owed an answer (C4), in the order in which they were first made.
    pub fn owed(&self) -> &[Owed] {
        &self.owed
    }

    /// The next step that was agreed, unless a contact has ended it (P10).
    pub fn agreed_step(&self) -> Option<&Agreed> {
        self.agreed.as_ref()
    }

    /// The appointment that is set (P6).
    pub fn appointment(&self) -> Option<&Appointment> {
        self.appointment.as_ref()
    }

    /// The meeting that was held in this round (P7).
    pub fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// The proposal that was sent in this round (P7).
    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Inputs that are outstanding, in the order in which they were last requested (C17).
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The decision of this round (P9).
    pub fn decided(&self) -> Option<&Decided> {
        self.decided.as_ref()
    }

    /// The stop, if it was stopped (S3).
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Whether the person was erased.
    pub fn is_erased(&self) -> bool {
        self.erased
    }

    /// When we gave up, if we did (S2).
    pub fn gave_up_at(&self) -> Option<DateTime<Utc>> {
        self.gave_up.as_ref().map(|anchor| anchor.instant())
    }

    /// The id of the record that this one was merged into.
    pub fn merged_into(&self) -> Option<&str> {
        self.merged.as_ref().map(|merged| merged.into.as_str())
    }

    /// The pause, if it is paused.
    pub fn paused(&self) -> Option<&Paused> {
        self.paused.as_ref()
    }

    /// The end of the newest snooze, which may have passed.
    pub fn snoozed_until(&self) -> Option<DateTime<Utc>> {
        self.snoozed_until.map(to_instant)
    }

    /// Whether the newest automatic send failed for good, so that a person has to do it (row 2).
    pub fn send_failed(&self) -> bool {
        matches!(self.sending, Sending::Failed { .. })
    }

    /// Their absences that are remembered, oldest first, at most 32 (C14).
    pub fn absences(&self) -> &[Absence] {
        &self.absences
    }

    /// Absences of the owner that are remembered, oldest first, at most 32 (C14).
    pub fn owner_absences(&self) -> &[Absence] {
        &self.owner_absences
    }
}
