//! Accessors of a state, for hosts and custom rules.

use chrono::{DateTime, Utc};

use super::{
    Absence, Addresses, Agreed, Appointment, Consent, Decided, Held, Input, LastContact, Owed, Paused,
    Proposal, ProspectState, Qualification, Sending, Stopped, Touch, Wish,
};
use crate::money::Money;
use crate::stage::{Kind, Outcome, Readiness, Rest, Stage, Temperature};
use crate::time::{Micros, Zone, to_instant};

impl ProspectState {
    /// Whether an action is being sent: its intent is recorded and its outcome is not.
    ///
    /// # Examples
    /// ```
    /// use followup_core::event::EventKind;
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-06T14:01:00Z".parse()?);
    /// let action = "p-17/1".to_owned();
    /// let intent =
    ///     EventKind::SendIntended { action, channel: Some(Channel::EMAIL), purpose: None, reason: None };
    /// let mut ada = ProspectState::replay([Event::new(at, intent)])?;
    /// assert!(ada.is_sending("p-17/1") && !ada.is_sending("p-17/2"));
    /// assert_eq!(ada.in_flight(), Some("p-17/1"));
    ///
    /// let failed = EventKind::SendFailed { action: "p-17/1".to_owned(), why: None, permanent: true };
    /// ada.apply(&Event::new(later, failed));
    /// assert_eq!(ada.in_flight(), None);
    /// assert!(ada.send_failed(), "a person has to do it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_sending(&self, action: &str) -> bool {
        matches!(&self.sending, Sending::Intended { intent, .. } if intent.action == action)
    }

    /// Returns the `seq` with which an event at an instant comes after all recorded ones.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::added(at)])?;
    /// assert_eq!(ada.seq_after(at), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seq_after(&self, at: DateTime<Utc>) -> i64 {
        let at = crate::time::to_micros(at);
        self.last.as_ref().filter(|last| last.at >= at).map_or(0, |last| last.seq + 1)
    }

    /// Returns the action that is being sent and whose outcome is not known yet.
    pub fn in_flight(&self) -> Option<&str> {
        self.sending.in_flight().map(|intent| intent.action.as_str())
    }

    /// Returns the stage.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether they ever reached a stage.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState, Stage};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-09T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::added(at), Event::asked_proposal(later, Channel::EMAIL)])?;
    /// assert!(ada.has_reached(Stage::Proposal));
    /// assert!(!ada.has_reached(Stage::Appointment), "they skipped it");
    /// assert_eq!((ada.stage(), ada.stage_since()), (Stage::Proposal, later));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_reached(&self, stage: Stage) -> bool {
        self.reached[stage as usize]
    }

    /// Returns the kind of contact.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns their zone, or the home zone if it is unknown.
    pub fn zone(&self) -> Zone {
        self.zone.unwrap_or(self.home)
    }

    /// Returns the owner, who follows up.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// Returns the name of the playbook that was set for them.
    pub fn playbook(&self) -> Option<&str> {
        self.playbook.as_deref()
    }

    /// Returns the version of the playbook that was set for them; without one, the newest version applies.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let ada = ProspectState::replay([Event::playbook_set("2026-03-06T14:00:00Z".parse()?, "trades", 3)])?;
    /// assert_eq!((ada.playbook(), ada.playbook_version()), (Some("trades"), Some(3)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn playbook_version(&self) -> Option<u32> {
        self.playbook_version
    }

    /// Returns the value of the business with them.
    pub fn value(&self) -> Option<Money> {
        self.value
    }

    /// Returns the outcome of their decision in this round.
    pub fn outcome(&self) -> Option<Outcome> {
        self.decided.as_ref().map(|decided| decided.outcome)
    }

    /// Returns the number of our touches, ever.
    pub fn touch_count(&self) -> u32 {
        self.touches_ever
    }

    /// Returns the number of their signs, ever.
    pub fn sign_count(&self) -> u32 {
        self.signs_ever
    }

    /// Returns the number of touches since their last sign.
    pub fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// Returns the newest contact of either side.
    pub fn last_contact(&self) -> Option<LastContact> {
        let contact = self.last_contact.as_ref()?;
        Some(LastContact { at: to_instant(contact.at), channel: contact.channel, purpose: contact.purpose })
    }

    /// Returns the instant of the newest event.
    pub fn last_event_at(&self) -> Option<DateTime<Utc>> {
        self.last.as_ref().map(|place| to_instant(place.at))
    }

    /// Returns the beginning of the appointment that is set and not over.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::By;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, starts_at) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-12T10:00:00Z".parse()?);
    /// let mut ada = ProspectState::replay([Event::appointment_set(at, starts_at, 60)])?;
    /// assert_eq!(ada.appointment_at(), Some(starts_at));
    /// ada.apply(&Event::appointment_missed("2026-03-12T10:30:00Z".parse()?, By::Prospect));
    /// assert_eq!(ada.appointment_at(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn appointment_at(&self) -> Option<DateTime<Utc>> {
        self.appointment.as_ref().filter(|appointment| !appointment.over).map(|set| to_instant(set.starts_at))
    }

    /// Whether inputs are outstanding.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-09T09:00:00Z".parse()?);
    /// let mut ada = ProspectState::replay([Event::input_requested(at, "logo", None)])?;
    /// assert!(ada.is_owed_inputs());
    /// ada.apply(&Event::input_received(later, "logo"));
    /// assert!(!ada.is_owed_inputs());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_owed_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Whether the owner is away at an instant, as far as is known.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::Who;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T14:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::away(at, Who::Owner, None, until)])?;
    /// assert!(ada.owner_is_away("2026-03-20T18:00:00Z".parse()?));
    /// assert!(!ada.owner_is_away("2026-03-21T08:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn owner_is_away(&self, now: DateTime<Utc>) -> bool {
        let (now, zone) = (crate::time::to_micros(now), self.zone());
        let ended = |until: Option<Micros>| until.is_some_and(|until| zone.day_of(until) < zone.day_of(now));
        self.owner_absences.iter().any(|away| away.from.is_none_or(|from| from <= now) && !ended(away.until))
    }

    /// Returns the conditions for asking for an appointment (P4).
    pub fn readiness(&self) -> Readiness {
        let familiar = self.signs_for_readiness >= 1 || self.touches_for_readiness >= 2;
        Readiness { informed: self.informed, familiar }
    }

    /// Returns the reason to rest that follows from the history alone, whatever the playbook.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::Rest;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let ada = ProspectState::replay([Event::opted_out("2026-03-06T14:00:00Z".parse()?)])?;
    /// assert_eq!(ada.at_rest(), Some(Rest::OptedOut));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Returns the zone that applies if theirs is unknown.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, Prospect, ProspectState, Zone};
    ///
    /// let (home, at) = (Zone::named("Europe/Berlin")?, "2026-03-06T14:00:00Z".parse()?);
    /// let events = Prospect::new("p-17")?.zone("America/New_York")?.into_events(at);
    /// let ada = ProspectState::replay_at(home, events)?;
    /// assert_eq!((ada.home().name(), ada.zone().name()), ("Europe/Berlin", "America/New_York"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn home(&self) -> Zone {
        self.home
    }

    /// Returns the instant at which they entered their stage.
    pub fn stage_since(&self) -> DateTime<Utc> {
        to_instant(self.stage_since)
    }

    /// Returns the instant of the newest event that changed something. A wake-up whose premise does not hold does not
    /// count.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
    /// let resumed = Event::resumed(later).with_premise("paused-1");
    /// let ada = ProspectState::replay([Event::added(at), resumed])?;
    /// assert_eq!(ada.last_event_at(), Some(later));
    /// assert_eq!(ada.last_change_at(), Some(at), "there was no such pause");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn last_change_at(&self) -> Option<DateTime<Utc>> {
        self.newest.map(|(at, _)| to_instant(at))
    }

    /// Returns the kinds of addresses that are known.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Returns the channels, weekdays and hours that they prefer (C11).
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// Returns the results of discovery (W6).
    pub fn qualification(&self) -> &Qualification {
        &self.qualification
    }

    /// Returns the channels that they allow (S6).
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// Returns their warmth before silence cools it. A plan has the cooled
    /// [`temperature`](crate::Plan::temperature).
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState, Temperature};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-09T09:00:00Z".parse()?);
    /// let mut ada = ProspectState::replay([Event::temperature_set(at, Temperature::Cool)])?;
    /// assert_eq!(ada.warmth(), Temperature::Cool);
    /// ada.apply(&Event::replied(later, Channel::EMAIL));
    /// assert_eq!(ada.warmth(), Temperature::Warm, "a reply warms by one step");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn warmth(&self) -> Temperature {
        self.warmth
    }

    /// Returns our newest touches, oldest first, at most 32.
    pub fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// Returns the requests that are owed an answer (C4), in the order in which they were first made.
    pub fn owed(&self) -> &[Owed] {
        &self.owed
    }

    /// Returns the agreed next step, unless a contact has ended it (P10).
    pub fn agreed_step(&self) -> Option<&Agreed> {
        self.agreed.as_ref()
    }

    /// Returns the appointment that is set (P6).
    pub fn appointment(&self) -> Option<&Appointment> {
        self.appointment.as_ref()
    }

    /// Returns the meeting that was held in this round (P7).
    pub fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// Returns the proposal that was sent in this round (P7).
    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Returns the outstanding inputs, in the order in which they were last requested (C17).
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Returns the decision of this round (P9).
    pub fn decided(&self) -> Option<&Decided> {
        self.decided.as_ref()
    }

    /// Returns the stop, if there was one (S3).
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Whether the person was erased.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::Rest;
    /// use followup_core::state::ERASED;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::stopped_because(at, ERASED)])?;
    /// assert!(ada.is_erased());
    /// assert_eq!(ada.at_rest(), Some(Rest::Erased));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_erased(&self) -> bool {
        self.erased
    }

    /// Returns the instant at which we gave up, if we did (S2).
    ///
    /// # Examples
    /// ```
    /// use followup_core::event::EventKind;
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-04-01T09:00:00Z".parse()?);
    /// let mut ada = ProspectState::replay([Event::new(at, EventKind::GaveUp)])?;
    /// assert_eq!(ada.gave_up_at(), Some(at));
    /// ada.apply(&Event::inquired(later, Channel::WEB));
    /// assert_eq!(ada.gave_up_at(), None, "they came back");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gave_up_at(&self) -> Option<DateTime<Utc>> {
        self.gave_up.as_ref().map(|anchor| anchor.instant())
    }

    /// Returns the id of the record that this one was merged into.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let ada = ProspectState::replay([Event::merged("2026-03-06T14:00:00Z".parse()?, "p-18")])?;
    /// assert_eq!(ada.merged_into(), Some("p-18"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merged_into(&self) -> Option<&str> {
        self.merged.as_ref().map(|merged| merged.into.as_str())
    }

    /// Returns the pause, if the prospect is paused.
    pub fn paused(&self) -> Option<&Paused> {
        self.paused.as_ref()
    }

    /// Returns the end of the newest snooze, which may be in the past.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
    /// let mut ada = ProspectState::replay([Event::snoozed(at, until)])?;
    /// assert_eq!(ada.snoozed_until(), Some(until));
    /// ada.apply(&Event::replied("2026-03-09T09:00:00Z".parse()?, Channel::EMAIL));
    /// assert_eq!(ada.snoozed_until(), None, "a sign from them ends it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snoozed_until(&self) -> Option<DateTime<Utc>> {
        self.snoozed_until.map(to_instant)
    }

    /// Whether the newest automatic send failed permanently, so that a person has to do it (row 2).
    pub fn send_failed(&self) -> bool {
        matches!(self.sending, Sending::Failed { .. })
    }

    /// Returns their newest absences, oldest first, at most 32 (C14).
    pub fn absences(&self) -> &[Absence] {
        &self.absences
    }

    /// Returns the newest absences of the owner, oldest first, at most 32 (C14).
    pub fn owner_absences(&self) -> &[Absence] {
        &self.owner_absences
    }
}
