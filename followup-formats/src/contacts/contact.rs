//! One contact.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use followup_core::{Event, EventKind, Zone};

use super::layout::ContactSource;

/// A person, or a company, of a contact list.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Contact {
    /// The line on which its row begins, from 1.
    pub line: u64,
    /// Whose list it comes from.
    pub source: ContactSource,
    /// The prospect's id: that of the CRM with its name in front (`hubspot-42`, `salesforce-00Q…`). The other lists
    /// have none; there it is `contact-` and sixteen hexadecimal digits, a hash (FNV-1a, 64 bits) of the first of
    /// these that the row has: the email in lower case, LinkedIn's URL, the digits of the phone, name and company
    /// in lower case. So the id holds no personal data, and is the same each time the list is imported.
    pub id: String,
    /// What to call them; the company if no person is named.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The phone number, as it is written there.
    pub phone: Option<String>,
    /// Who looks after them.
    pub owner: Option<String>,
    /// Their time zone.
    pub zone: Option<Zone>,
    /// Since when they have been there: LinkedIn's *Connected On*, HubSpot's *Create Date*.
    pub connected_on: Option<NaiveDate>,
    /// Their company.
    pub label: Option<String>,
}

impl Contact {
    /// The id of the prospect, and the event that takes them in.
    ///
    /// It happened on the day that the list states (at 0:00 UTC), else `now`. Its key is made of what the row says:
    /// a row that has not changed has the same key each time, one that has changed gives a further event. So a
    /// repeat is known by its key alone; its instant is another one where the list states no day, and a caller
    /// who compares whole events has to look for the key first.
    ///
    /// The company is kept beside the event's own fields, as `label`.
    pub fn to_event(&self, now: DateTime<Utc>) -> (String, Event) {
        let at = self.connected_on.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc());
        let mut event = Event::added(at).key(format!("import-contacts/{}/{:016x}", self.source, self.hash()));
        if let EventKind::Added { name, email, phone, zone, owner, .. } = &mut event.kind {
            name.clone_from(&self.name);
            email.clone_from(&self.email);
            phone.clone_from(&self.phone);
            owner.clone_from(&self.owner);
            *zone = self.zone;
        }
        if let Some(label) = &self.label {
            event.extra.set("label", label.as_str());
        }
        (self.id.clone(), event)
    }

    fn hash(&self) -> u64 {
        let zone = self.zone.map(|zone| zone.name());
        let texts = [
            self.name.as_deref(),
            self.email.as_deref(),
            self.phone.as_deref(),
            self.owner.as_deref(),
            zone,
            self.label.as_deref(),
        ];
        // A separator that no cell holds keeps what is absent apart from what is empty or stands elsewhere.
        fnv1a(&texts.map(|text| text.unwrap_or("\u{1}")).join("\0"))
    }
}

/// The FNV-1a hash of 64 bits: part of ids and keys that are stored, so that it must never change.
pub(super) fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }
}
