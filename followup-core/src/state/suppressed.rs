//! The effect of suppressed addresses on the prospects who have them now (S6).

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{Anchor, Place, ProspectState};
use crate::channel::Channel;
use crate::time::{Micros, to_instant, to_micros};

impl ProspectState {
    /// Returns the state as if they had opted out of channels, each at its instant. Later facts are kept.
    ///
    /// This state is derived whenever a prospect is read and is never stored, so lifting a suppression restores them.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
    /// let suppressed = ada.suppressed(&[(Channel::EMAIL, "2026-03-07T09:00:00Z".parse()?)]);
    /// assert!(!suppressed.consent().allows(Channel::EMAIL));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn suppressed(&self, opted_out: &[(Channel, DateTime<Utc>)]) -> Cow<'_, ProspectState> {
        let opted_out = opted_out.iter().map(|(channel, since)| (*channel, to_micros(*since)));
        let news: Vec<_> = opted_out.filter(|(channel, since)| !self.says_so(*channel, *since)).collect();
        let Some(since) = news.iter().map(|(_, since)| *since).max() else { return Cow::Borrowed(self) };
        let mut state = self.clone();
        news.iter().for_each(|(channel, _)| state.close(*channel));
        // Nothing at the instant of the suppression counts as newer, because the order of the two is unknown.
        let place = Place { at: since, seq: i64::MAX, key: String::new() };
        state.consent.out = state.consent.out.take().max(Some(place));
        if state.consent.is_out_of_all() {
            state.end_before(since);
        }
        Cow::Owned(state)
    }

    /// Returns the instant since which they themselves are out of a channel, by an opt-out or a stop.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::opted_out(at)])?;
    /// assert_eq!(ada.out_since(Channel::EMAIL), Some(at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn out_since(&self, channel: Channel) -> Option<DateTime<Utc>> {
        let stopped = self.stopped.as_ref().filter(|stopped| !stopped.by_us).map(|stopped| stopped.place.at);
        let out = self.consent.out.as_ref().filter(|_| !self.consent.allows(channel)).map(|out| out.at);
        stopped.into_iter().chain(out).min().map(to_instant)
    }

    /// Whether their own journal already says so, so that a suppression adds nothing.
    fn says_so(&self, channel: Channel, since: Micros) -> bool {
        let stopped =
            self.stopped.as_ref().is_some_and(|stopped| !stopped.by_us && stopped.place.at >= since);
        let out = self.consent.out.as_ref().is_some_and(|out| out.at >= since);
        stopped || (out && !self.consent.allows(channel))
    }

    fn close(&mut self, channel: Channel) {
        let consent = &mut self.consent;
        if consent.all_out {
            consent.exceptions.retain(|exception| *exception != channel);
        } else if !consent.exceptions.contains(&channel) {
            consent.exceptions.push(channel);
        }
        if !consent.all_out && consent.is_out_of_all() {
            consent.all_out = true;
            consent.exceptions.clear();
        }
    }

    /// Ends what opting out of every channel ends, as far as it is older.
    fn end_before(&mut self, since: Micros) {
        self.owed.retain(|owed| owed.newest.at > since);
        for owed in self.owed.iter_mut().filter(|owed| owed.first.at <= since) {
            owed.first = Anchor { at: owed.newest.at, key: owed.newest.key.clone() };
        }
        self.agreed = self.agreed.take().filter(|agreed| agreed.place.at > since);
        self.appointment = self.appointment.take().filter(|appointment| appointment.set.at > since);
        self.missed = self.missed.take().filter(|missed| missed.at > since);
    }
}
