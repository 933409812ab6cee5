//! A single contact.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use followup_core::event::EventKind;
use followup_core::{Event, Zone};

use super::layout::ContactSource;

/// A person or company in a contact list.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Contact {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The program that exported the list.
    pub source: ContactSource,
    /// The prospect's id. For a CRM it is the CRM's name and its own id (`hubspot-42`, `salesforce-00Q…`). The other
    /// lists have no ids; for them it is `contact-` and sixteen hexadecimal digits, the FNV-1a hash (64 bits) of the
    /// first of these that the row has: the email in lower case, the LinkedIn URL, the digits of the phone number,
    /// name and company in lower case. The id therefore contains no personal data and is the same in every import.
    pub id: String,
    /// The name of the person, or of the company if the row names no person.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The phone number, as written in the list.
    pub phone: Option<String>,
    /// The owner: the person of ours who follows up.
    pub owner: Option<String>,
    /// The time zone.
    pub zone: Option<Zone>,
    /// The day from which the contact exists: LinkedIn's *Connected On*, HubSpot's *Create Date*.
    pub connected_on: Option<NaiveDate>,
    /// The company.
    pub label: Option<String>,
}

impl Contact {
    /// Returns the prospect's id and the `added` event of this contact.
    ///
    /// The event is dated to 0:00 UTC of the day in the list, or to `now` if the list has no day. Its key is derived
    /// from the content of the row: an unchanged row has the same key in every import, and a changed row yields
    /// another event. A repeat is recognized by its key alone: without a day in the list its instant differs from
    /// import to import, so a caller that compares whole events has to look up the key first.
    ///
    /// The company is stored beside the event's own fields, as `label`.
    ///
    /// # Examples
    /// ```
    /// use followup_formats::{ContactReader, ContactRow};
    ///
    /// let list = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
    ///             Ada,Lovelace,https://www.linkedin.com/in/ada,ada@example.org,Looms,,05 Mar 2026\n";
    /// let now = "2026-03-06T14:00:00Z".parse()?;
    /// for row in ContactReader::new(list.as_bytes())? {
    ///     let ContactRow::Contact(contact) = row? else { panic!("the row is valid") };
    ///     let (id, event) = contact.to_event(now);
    ///     assert!(id.starts_with("contact-"));
    ///     assert_eq!(event.at().to_rfc3339(), "2026-03-05T00:00:00+00:00");
    ///     assert_eq!(contact.to_event(now).1.key(), event.key(), "an unchanged row has the same key");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_event(&self, now: DateTime<Utc>) -> (String, Event) {
        let at = self.connected_on.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc());
        let mut event =
            Event::added(at).with_key(format!("import-contacts/{}/{:016x}", self.source, self.hash()));
        if let EventKind::Added { name, email, phone, zone, owner, .. } = event.kind_mut() {
            name.clone_from(&self.name);
            email.clone_from(&self.email);
            phone.clone_from(&self.phone);
            owner.clone_from(&self.owner);
            *zone = self.zone;
        }
        if let Some(label) = &self.label {
            event.extra_mut().set("label", label.as_str());
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
        // A separator that no cell contains distinguishes an absent value from an empty one or one in another place.
        fnv1a(&texts.map(|text| text.unwrap_or("\u{1}")).join("\0"))
    }
}

/// Returns the 64-bit FNV-1a hash. It is part of stored ids and keys, so it must never change.
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
