//! The premises of wake-ups, and whether they still hold.
//!
//! A wake-up is recorded when it is due, but an earlier fact may be recorded after it. The event therefore names its
//! premise (the key of the contact, message, appointment, pause or intent that it rests on) and a basis (a hash of all
//! parts of the state that planning reads). At the place of the event in the order both must match; otherwise the
//! wake-up changes nothing, and planning makes the one that is due instead.

use super::ProspectState;
use super::Sending;
use crate::event::{Event, EventKind};
use crate::stage::Stage;

/// The prefix of a basis. A basis of another layout is not compared, and the premise alone decides.
const BASIS_LAYOUT: &str = "3-";

impl ProspectState {
    /// Whether the premise of a wake-up holds. An event without a premise holds.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::paused(at, until).with_key("paused-2")])?;
    /// assert!(ada.premise_holds(&Event::resumed(until).with_premise("paused-2")));
    /// assert!(!ada.premise_holds(&Event::resumed(until).with_premise("paused-1")), "that pause was replaced");
    /// assert!(ada.premise_holds(&Event::resumed(until)), "a person may end any pause");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn premise_holds(&self, event: &Event) -> bool {
        let Some(premise) = &event.premise else { return true };
        let basis_holds = match &event.basis {
            Some(basis) if basis.starts_with(BASIS_LAYOUT) => *basis == self.basis(),
            _ => true,
        };
        basis_holds && self.rests_on(&event.kind, premise)
    }

    fn rests_on(&self, kind: &EventKind, premise: &str) -> bool {
        match kind {
            EventKind::WentStale => {
                let contact = self.last_contact.as_ref().map(|contact| contact.key.as_str());
                let restarted = self.restarted.as_ref().map(|anchor| anchor.key.as_str());
                let still = contact == Some(premise) || restarted == Some(premise);
                still && self.stage > Stage::Interest && self.decided.is_none() && self.paused.is_none()
            }
            EventKind::GaveUp => {
                self.last_message.as_ref().is_some_and(|message| message.key == premise)
                    && self.decided.is_none()
            }
            EventKind::Lapsed { .. } => {
                self.appointment.as_ref().is_some_and(|set| set.set.key == premise && !set.confirmed)
            }
            EventKind::Resumed => self.paused.as_ref().is_some_and(|paused| paused.anchor.key == premise),
            EventKind::SendUnknown { .. } => {
                matches!(&self.sending, Sending::Intended { anchor, .. } if anchor.key == premise)
            }
            _ => true,
        }
    }

    /// Returns a hash of all that a plan reads: the whole state except the place of its newest event.
    pub(crate) fn basis(&self) -> String {
        let unplaced = ProspectState { last: None, newest: None, ..self.clone() };
        let mut hasher = blake3::Hasher::new();
        serde_json::to_writer(&mut hasher, &unplaced)
            .expect("a state has no map with invalid keys, and a hasher accepts all bytes");
        let hash = hasher.finalize().to_hex();
        format!("{BASIS_LAYOUT}{}", &hash[..16])
    }
}
