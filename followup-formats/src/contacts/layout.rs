//! The meaning of the columns in each program's list.

use std::collections::HashMap;
use std::fmt;

use chrono::NaiveDate;
use followup_core::{ProspectId, Zone};

use super::contact::{Contact, fnv1a};
use crate::error::excerpt;
use crate::record::Record;
use crate::row::Reject;

/// The program that a contact list comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ContactSource {
    /// Google Contacts, with the header of 2024 or the older one.
    Google,
    /// Outlook.
    Outlook,
    /// LinkedIn connections.
    LinkedIn,
    /// HubSpot contacts.
    HubSpot,
    /// Salesforce leads or contacts.
    Salesforce,
}

impl fmt::Display for ContactSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ContactSource::Google => "google",
            ContactSource::Outlook => "outlook",
            ContactSource::LinkedIn => "linkedin",
            ContactSource::HubSpot => "hubspot",
            ContactSource::Salesforce => "salesforce",
        })
    }
}

impl ContactSource {
    pub(super) fn of(header: &[String]) -> Option<ContactSource> {
        let has = |names: &[&str]| names.iter().any(|name| header.iter().any(|column| column == name));
        let person = has(&["First Name", "Last Name"]);
        let older = has(&["Given Name", "Family Name"]);
        // Google writes as many numbered columns as the longest contact needs, and none if no contact has a value.
        let numbered = has(&["E-mail 1 - Value", "Phone 1 - Value"]);
        if person && has(&["Connected On"]) {
            Some(ContactSource::LinkedIn)
        } else if has(&["Record ID"]) && (person || has(&["Email"])) {
            Some(ContactSource::HubSpot)
        } else if has(&["Lead ID", "Contact ID"]) && (person || has(&["FirstName", "LastName", "Email"])) {
            Some(ContactSource::Salesforce)
        } else if older && (numbered || has(&["Group Membership", "Yomi Name"]))
            || person && (numbered || has(&["Phonetic First Name", "File As"]))
        {
            Some(ContactSource::Google)
        } else if person && has(&["E-mail Address", "E-mail Display Name", "Business Phone", "Mobile Phone"])
        {
            Some(ContactSource::Outlook)
        } else {
            None
        }
    }
}

/// Returns the message for an unknown header.
pub(super) fn unknown(header: &[String]) -> String {
    let known = "Google (First Name, Labels, E-mail 1 - Value; or Given Name, Group Membership), Outlook (First Name, \
        E-mail Address), LinkedIn (First Name, Connected On), HubSpot (Record ID, Email), Salesforce (Lead ID, LastName)";
    let has = |name: &str| header.iter().any(|column| column == name);
    let hint = if has("Deal Name") {
        "; import deals as events, with the mapping hubspot_deals"
    } else if has("prospect") && has("event") {
        "; this looks like a file of events"
    } else {
        ""
    };
    format!("unknown contact list header; expected one of: {known}{hint}")
}

/// The cells of one row, by column.
pub(super) struct Cells<'r> {
    pub(super) record: &'r Record,
    pub(super) places: &'r HashMap<String, usize>,
}

impl<'r> Cells<'r> {
    fn has(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }

    /// Returns a cell without surrounding blanks, or `None` if it is empty.
    fn get(&self, column: &str) -> Option<&'r str> {
        let cell = self.record.get(*self.places.get(column)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// Returns the first non-empty cell of some columns, with its column.
    fn first<'c>(&self, columns: &[&'c str]) -> Option<(&'c str, &'r str)> {
        columns.iter().find_map(|column| self.get(column).map(|cell| (*column, cell)))
    }

    /// Joins some cells with blanks, skipping empty ones.
    fn joined(&self, columns: &[&str]) -> Option<String> {
        let cells: Vec<&str> = columns.iter().filter_map(|column| self.get(column)).collect();
        (!cells.is_empty()).then(|| cells.join(" "))
    }

    /// Returns the value of Google's numbered columns whose label begins with `* `, which marks the default, or else
    /// the first value. Google separates several values in one cell by ` ::: `.
    fn numbered(&self, kind: &str) -> Option<(String, &'r str)> {
        let mut first = None;
        for number in 1.. {
            let column = format!("{kind} {number} - Value");
            if !self.has(&column) {
                break;
            }
            let Some(value) = self
                .get(&column)
                .and_then(|value| value.split(" ::: ").map(str::trim).find(|v| !v.is_empty()))
            else {
                continue;
            };
            let label =
                ["Label", "Type"].iter().find_map(|word| self.get(&format!("{kind} {number} - {word}")));
            if label.is_some_and(|label| label.starts_with("* ") || label == "*") {
                return Some((column, value));
            }
            first.get_or_insert((column, value));
        }
        first
    }
}

/// The column of a mistake in a row, and the message.
type Wrong = (String, String);

/// Reads a row and checks every cell that it uses.
pub(super) fn read(source: ContactSource, cells: &Cells<'_>, line: u64) -> Result<Contact, Reject> {
    let contact = match source {
        ContactSource::Google => google(cells),
        ContactSource::Outlook => outlook(cells),
        ContactSource::LinkedIn => linked_in(cells),
        ContactSource::HubSpot => hubspot(cells),
        ContactSource::Salesforce => salesforce(cells),
    };
    let draft = contact.map_err(|(column, why)| Reject::new(line, why).at(column))?;
    if let Some((column, email)) = &draft.email
        && !is_address(email)
    {
        return Err(
            Reject::new(line, "invalid email address; expected e.g. name@example.org").at(column.as_str())
        );
    }
    let email = draft.email.map(|(_, email)| email.to_owned());
    let phone = draft.phone.map(|(_, phone)| phone.to_owned());
    let name = draft.name.or_else(|| draft.label.clone());
    if name.is_none() && email.is_none() && phone.is_none() {
        return Err(Reject::new(
            line,
            "the row has no name, no email and no phone; expected at least one of them",
        ));
    }
    let id = match draft.id {
        Some((_, id)) => format!("{source}-{id}"),
        None => {
            derived_id(email.as_deref(), draft.url, phone.as_deref(), name.as_deref(), draft.label.as_deref())
        }
    };
    if let Err(error) = ProspectId::new(&id) {
        return Err(Reject::new(line, error.to_string()).at(draft.id.map_or("id", |(column, _)| column)));
    }
    let (owner, zone) = (draft.owner.map(str::to_owned), draft.zone);
    Ok(Contact {
        line,
        source,
        id,
        name,
        email,
        phone,
        owner,
        zone,
        connected_on: draft.connected_on,
        label: draft.label,
    })
}

/// The content of a row, before it is checked.
#[derive(Default)]
struct Draft<'r> {
    id: Option<(&'static str, &'r str)>,
    url: Option<&'r str>,
    name: Option<String>,
    email: Option<(String, &'r str)>,
    phone: Option<(String, &'r str)>,
    owner: Option<&'r str>,
    zone: Option<Zone>,
    connected_on: Option<NaiveDate>,
    label: Option<String>,
}

fn google<'r>(cells: &Cells<'r>) -> Result<Draft<'r>, Wrong> {
    let parts = ["Name Prefix", "First Name", "Middle Name", "Last Name", "Name Suffix"];
    let older_parts = ["Name Prefix", "Given Name", "Additional Name", "Family Name", "Name Suffix"];
    let whole = || cells.get("Name").map(str::to_owned);
    let other = || cells.first(&["File As", "Nickname"]).map(|(_, name)| name.to_owned());
    let parts = if cells.has("Given Name") { older_parts } else { parts };
    let label = cells.first(&["Organization Name", "Organization 1 - Name"]);
    Ok(Draft {
        name: whole().or_else(|| cells.joined(&parts)).or_else(other),
        email: cells.numbered("E-mail"),
        phone: cells.numbered("Phone"),
        label: label.and_then(|(_, label)| label.split(" ::: ").next()).map(str::to_owned),
        ..Draft::default()
    })
}

fn outlook<'r>(cells: &Cells<'r>) -> Result<Draft<'r>, Wrong> {
    // An address of type EX is a path in an Exchange directory, not an email address.
    let addresses = [
        ("E-mail Address", "E-mail Type"),
        ("E-mail 2 Address", "E-mail 2 Type"),
        ("E-mail 3 Address", "E-mail 3 Type"),
    ];
    let mut emails = addresses.iter().filter(|(_, kind)| cells.get(kind) != Some("EX"));
    let phones = [
        "Mobile Phone",
        "Business Phone",
        "Primary Phone",
        "Home Phone",
        "Business Phone 2",
        "Home Phone 2",
        "Company Main Phone",
        "Other Phone",
        "Car Phone",
    ];
    Ok(Draft {
        name: cells.joined(&["First Name", "Middle Name", "Last Name", "Suffix"]),
        email: emails.find_map(|(column, _)| cells.get(column).map(|email| ((*column).to_owned(), email))),
        phone: cells.first(&phones).map(|(column, phone)| (column.to_owned(), phone)),
        label: cells.get("Company").map(str::to_owned),
        ..Draft::default()
    })
}

fn linked_in<'r>(cells: &Cells<'r>) -> Result<Draft<'r>, Wrong> {
    let connected_on = match cells.get("Connected On") {
        None => None,
        Some(text) => Some(NaiveDate::parse_from_str(text, "%d %b %Y").map_err(|_| {
            let why = format!("invalid date \"{}\"; expected e.g. 12 Mar 2024", excerpt(text));
            ("Connected On".to_owned(), why)
        })?),
    };
    Ok(Draft {
        url: cells.get("URL"),
        name: cells.joined(&["First Name", "Last Name"]),
        email: cells.get("Email Address").map(|email| ("Email Address".to_owned(), email)),
        connected_on,
        label: cells.get("Company").map(str::to_owned),
        ..Draft::default()
    })
}

fn hubspot<'r>(cells: &Cells<'r>) -> Result<Draft<'r>, Wrong> {
    let zone = match cells.get("Time Zone") {
        None => None,
        // HubSpot's zone names have "_slash_" where IANA's have "/".
        Some(text) => {
            let zone = Zone::named(&text.replace("_slash_", "/"));
            Some(zone.map_err(|error| ("Time Zone".to_owned(), error.to_string()))?)
        }
    };
    let phone = cells.first(&["Phone Number", "Mobile Phone Number"]);
    let label = cells.first(&["Company name", "Company Name", "Associated Company"]);
    // The date format depends on the account; a date that is not ISO 8601 is ambiguous and ignored.
    let created = cells.get("Create Date").and_then(|text| text.get(..10));
    Ok(Draft {
        id: Some(("Record ID", needed(cells, "Record ID")?)),
        name: cells.joined(&["First Name", "Last Name"]),
        email: cells.get("Email").map(|email| ("Email".to_owned(), email)),
        phone: phone.map(|(column, phone)| (column.to_owned(), phone)),
        owner: cells.first(&["Contact owner", "Contact Owner"]).map(|(_, owner)| owner),
        zone,
        connected_on: created.and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()),
        label: label.map(|(_, label)| label.to_owned()),
        ..Draft::default()
    })
}

fn salesforce<'r>(cells: &Cells<'r>) -> Result<Draft<'r>, Wrong> {
    let id_column = if cells.has("Lead ID") { "Lead ID" } else { "Contact ID" };
    let first = cells.first(&["FirstName", "First Name"]).map(|(_, name)| name);
    let last = cells.first(&["LastName", "Last Name"]).map(|(_, name)| name);
    let names: Vec<&str> = first.into_iter().chain(last).collect();
    let phone = cells.first(&["Phone", "MobilePhone", "Mobile Phone", "Mobile"]);
    Ok(Draft {
        id: Some((id_column, needed(cells, id_column)?)),
        name: (!names.is_empty()).then(|| names.join(" ")),
        email: cells.get("Email").map(|email| ("Email".to_owned(), email)),
        phone: phone.map(|(column, phone)| (column.to_owned(), phone)),
        owner: cells.first(&["OwnerId", "Owner ID", "Lead Owner", "Contact Owner"]).map(|(_, owner)| owner),
        label: cells.first(&["Company", "Account Name"]).map(|(_, label)| label.to_owned()),
        ..Draft::default()
    })
}

fn needed<'r>(cells: &Cells<'r>, column: &str) -> Result<&'r str, Wrong> {
    cells
        .get(column)
        .ok_or_else(|| (column.to_owned(), "the cell is empty; expected the id of the record".to_owned()))
}

/// Returns true if a text looks like an email address: text before and after a single `@`, and no blanks.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let whole =
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    whole && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn derived_id(
    email: Option<&str>,
    url: Option<&str>,
    phone: Option<&str>,
    name: Option<&str>,
    label: Option<&str>,
) -> String {
    let digits = |phone: &str| phone.chars().filter(char::is_ascii_digit).collect::<String>();
    let phone = phone.map(digits).filter(|digits| !digits.is_empty());
    let identity = if let Some(email) = email {
        format!("email:{}", email.to_lowercase())
    } else if let Some(url) = url {
        format!("url:{url}")
    } else if let Some(phone) = phone {
        format!("phone:{phone}")
    } else {
        format!("name:{}\0{}", name.unwrap_or_default(), label.unwrap_or_default()).to_lowercase()
    };
    format!("contact-{:016x}", fnv1a(&identity))
}
