//! Conversions between events and records, states and snapshots, plans and due entries.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::error::DeskError;
use crate::profile::Profile;
use followup_core::channel::Channel;
use followup_core::event::{Event, Fields};
use followup_core::plan::{self, Act, Decision};
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::state::{FOLD_VERSION, ProspectState};
use followup_core::store::{AddressHash, Due, Head, Record, Revision, Snapshot};
use followup_core::time::Zone;

/// A maker of keyed hashes of events and addresses.
#[derive(Clone)]
pub(crate) struct Hasher {
    secret: [u8; 32],
}

impl Hasher {
    pub(crate) fn new(secret: [u8; 32]) -> Hasher {
        Hasher { secret }
    }

    /// Returns the hash of an event without its key and `seq`, since a repeated import may number rows differently.
    pub(crate) fn of(&self, prospect: &ProspectId, event: &Event) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        let body = event.to_fields().into_json();
        let parts =
            [prospect.as_str(), event.name(), &event.at_micros().to_string(), &Value::from(body).to_string()];
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        first_16(&hasher)
    }

    /// Returns the hash of an address, under which the book stores that some channel is suppressed for it.
    pub(crate) fn address(&self, kind: Channel, address: &str) -> AddressHash {
        self.of_address(&[kind.as_str(), &normalized(kind, address)])
    }

    /// Returns the hash of an address and a channel, under which the book stores that the channel is suppressed.
    pub(crate) fn address_and_channel(&self, kind: Channel, address: &str, channel: Channel) -> AddressHash {
        self.of_address(&[kind.as_str(), &normalized(kind, address), channel.as_str()])
    }

    fn of_address(&self, parts: &[&str]) -> AddressHash {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(b"address");
        for part in parts {
            hasher.update(part.as_bytes());
            hasher.update(&[0]);
        }
        AddressHash(first_16(&hasher))
    }

    /// Returns the key of an event: the caller's, or one made of the hash and `seq`.
    pub(crate) fn key(&self, event: &Event, hash: &[u8; 16]) -> String {
        if !event.key().is_empty() {
            return event.key().to_owned();
        }
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        if event.seq() == 0 { hex } else { format!("{hex}-{}", event.seq()) }
    }
}

/// Returns the normal form of an address, for comparison: email in lower case, phone numbers as digits with an
/// international prefix of `+`.
fn normalized(kind: Channel, address: &str) -> String {
    if kind != Channel::PHONE {
        return address.trim().to_lowercase();
    }
    let dialled = |text: &str| text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
    let number = dialled(address);
    match number.strip_prefix("00") {
        Some(abroad) => format!("+{abroad}"),
        None if number.starts_with('+') => dialled(&address.replace("(0)", "")),
        None => number,
    }
}

fn first_16(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut hash = [0; 16];
    hasher.finalize_xof().fill(&mut hash);
    hash
}

/// Returns the event without personal data and its record. The personal data goes to the profile.
pub(crate) fn record(
    mut event: Event,
    hash: [u8; 16],
    now: DateTime<Utc>,
    profile: &mut Profile,
) -> (Event, Record) {
    profile.withhold(&mut event);
    let body = Value::from(event.to_fields().into_json()).to_string();
    let mut record = Record::new(event.key().to_owned(), event.at(), event.name(), body);
    record.seq = event.seq();
    record.hash = hash;
    record.recorded_at = now;
    (event, record)
}

pub(crate) fn event(prospect: &ProspectId, record: &Record) -> Result<Event, DeskError> {
    let corrupt = |why: String| DeskError::Corrupt { prospect: prospect.clone(), what: "event", why };
    let body: Value = serde_json::from_str(&record.body).map_err(|error| corrupt(error.to_string()))?;
    let Value::Object(body) = body else { return Err(corrupt("the body is not an object".to_owned())) };
    let mut fields: Fields = body.into_iter().collect();
    fields.set("at", followup_core::event::instant_text(record.at));
    fields.set("key", record.key.as_str());
    fields.set("seq", record.seq);
    Event::from_fields(&record.kind, fields, Zone::utc()).map_err(|error| corrupt(error.to_string()))
}

pub(crate) fn snapshot(state: &ProspectState) -> Snapshot {
    let bytes = postcard::to_stdvec(state).expect("a state can be encoded");
    Snapshot::new(FOLD_VERSION, bytes)
}

/// Returns the state of a head; `None` if it was folded by another version or with another home zone.
pub(crate) fn state(head: &Head, home: Zone) -> Result<Option<ProspectState>, DeskError> {
    if head.snapshot.fold_version != FOLD_VERSION {
        return Ok(None);
    }
    let state: ProspectState = postcard::from_bytes(&head.snapshot.bytes).map_err(|error| {
        DeskError::Corrupt { prospect: head.prospect.clone(), what: "snapshot", why: error.to_string() }
    })?;
    Ok((state.home() == home).then_some(state))
}

pub(crate) fn profile(head: &Head) -> Result<Profile, DeskError> {
    let Some(json) = &head.profile else { return Ok(Profile::default()) };
    serde_json::from_str(json).map_err(|error| DeskError::Corrupt {
        prospect: head.prospect.clone(),
        what: "profile",
        why: error.to_string(),
    })
}

/// Returns the due entry of a state, ranked by the first of its actions; `None` at rest.
pub(crate) fn due(
    prospect: &ProspectId,
    revision: Revision,
    state: &ProspectState,
    policy: &Policy,
    planned_by: &str,
) -> Option<Due> {
    let decided = plan::decide(state, policy);
    let mut due = Due::new(prospect.clone(), revision);
    due.owner = state.owner().map(str::to_owned);
    due.planned_by = planned_by.to_owned();
    due.wake_at = decided.wake.as_ref().map(plan::WakeUp::at);
    due.appointment_at = state.appointment_at();
    match &decided.decision {
        Decision::Act { next, also } => {
            let all = || std::iter::once(next).chain(also);
            let window = next.window();
            due.earliest = all().map(|act| act.window().earliest).min();
            due.rank_at = all().map(Act::rank_at).min();
            due.automatic = next.form.automatic;
            due.target = Some(window.target);
            due.latest = Some(window.latest);
            due.obligation = next.obligation().to_string();
        }
        Decision::Wait { .. } => {}
        Decision::Rest { .. } => return None,
    }
    // A set appointment is on the agenda beside the next action, from the moment it is set.
    if let Some(appointment) = due.appointment_at.and_then(|_| plan::appointment(state, policy)) {
        due.earliest = due.earliest.into_iter().chain([appointment.window.earliest]).min();
        due.rank_at = due.rank_at.into_iter().chain([appointment.rank_at]).min();
    }
    Some(due)
}
