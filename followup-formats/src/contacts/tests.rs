//! Tests with small made-up lists of every program.

use chrono::{DateTime, NaiveDate, Utc};
use followup_core::event::EventKind;

use super::*;

fn read(file: &str) -> Vec<ContactRow> {
    ContactReader::new(file.as_bytes()).unwrap().map(Result::unwrap).collect()
}

fn contacts(file: &str) -> Vec<Contact> {
    let contacts = read(file).into_iter().map(|row| match row {
        ContactRow::Contact(contact) => contact,
        ContactRow::Rejected(reject) => panic!("{reject}"),
    });
    contacts.collect()
}

/// Returns name, email, phone and company, each `-` if absent.
fn outline(contact: &Contact) -> [&str; 4] {
    [&contact.name, &contact.email, &contact.phone, &contact.label].map(|cell| cell.as_deref().unwrap_or("-"))
}

#[test]
fn google_lists_are_read_with_either_header() {
    let file = "First Name,Middle Name,Last Name,Name Prefix,File As,Organization Name,Labels,E-mail 1 - Label,\
        E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value\n\
        Ada,,Byron,Dr,,,* myContacts,Home,ada@example.org ::: a.b@example.org,* Work,work@example.org,Mobile,+44 20 1\n\
        ,,,,,\"Looms, Ltd\",,,,,,,555\n";
    let list = contacts(file);
    assert_eq!(outline(&list[0]), ["Dr Ada Byron", "work@example.org", "+44 20 1", "-"]);
    assert_eq!(outline(&list[1]), ["Looms, Ltd", "-", "555", "Looms, Ltd"]);
    assert_eq!((list[0].line, list[1].line), (2, 3));

    let file = "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,\
        Phone 1 - Type,Phone 1 - Value,Organization 1 - Name\n\
        Grace Hopper,Grace,,Hopper,* myContacts,* Home,grace@example.org,,,\n\
        ,Alan,M,Turing,,,,,020 ::: 030,A ::: B\n";
    let list = contacts(file);
    assert_eq!(outline(&list[0]), ["Grace Hopper", "grace@example.org", "-", "-"]);
    assert_eq!(outline(&list[1]), ["Alan M Turing", "-", "020", "A"]);
}

#[test]
fn outlook_lists_are_read_without_exchange_addresses() {
    let file = "Title,First Name,Middle Name,Last Name,Suffix,Company,Business Phone,Mobile Phone,E-mail Address,\
        E-mail Type,E-mail 2 Address,E-mail 2 Type,Notes\n\
        Ms,Ada,,Byron,,Looms,1,2,/o=Looms/cn=ada,EX,ada@example.org,SMTP,\"two\nlines\"\n\
        ,Bea,,,,,1,,bea@example.org,SMTP,,,\n";
    let list = contacts(file);
    assert_eq!(outline(&list[0]), ["Ada Byron", "ada@example.org", "2", "Looms"]);
    assert_eq!(outline(&list[1]), ["Bea", "bea@example.org", "1", "-"]);
    assert_eq!(list[1].line, 4);
    // Spreadsheets write semicolons in locales with decimal commas.
    assert_eq!(
        outline(&contacts("First Name;Last Name;E-mail Address\nAda;Byron;ada@example.org\n")[0])[0],
        "Ada Byron"
    );
}

#[test]
fn linkedin_lists_are_read_after_their_preamble() {
    let file = "Notes:\n\"When exporting, addresses may be \"\"missing\"\".\"\n\n\
        First Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
        Ada,Byron,https://example.org/in/ada,,Looms,Analyst,12 Mar 2024\n\
        Bea,,,,,,soon\n";
    let rows = read(file);
    let ContactRow::Contact(ada) = &rows[0] else { panic!("{rows:?}") };
    assert_eq!(outline(ada), ["Ada Byron", "-", "-", "Looms"]);
    assert_eq!((ada.line, ada.connected_on), (5, NaiveDate::from_ymd_opt(2024, 3, 12)));
    let ContactRow::Rejected(reject) = &rows[1] else { panic!("{rows:?}") };
    assert_eq!((reject.line, reject.column.as_deref()), (6, Some("Connected On")));
}

#[test]
fn lists_of_crms_keep_their_ids_and_owners() {
    let file = "\u{feff}Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Create Date,Time Zone\n\
        42,Ada,Byron,ada@example.org,,grace,2024-03-12 14:05,europe_slash_london\n\
        43,Bea,,,1,,03/12/2024,\n";
    let opened = crate::open(file.as_bytes()).unwrap();
    let rows: Vec<ContactRow> = ContactReader::new(opened).unwrap().map(Result::unwrap).collect();
    let ContactRow::Contact(ada) = &rows[0] else { panic!("{rows:?}") };
    assert_eq!((ada.id.as_str(), ada.owner.as_deref()), ("hubspot-42", Some("grace")));
    assert_eq!(ada.zone.map(|zone| zone.name()), Some("Europe/London"));
    assert_eq!(ada.connected_on, NaiveDate::from_ymd_opt(2024, 3, 12));
    assert!(matches!(&rows[1], ContactRow::Contact(bea) if bea.connected_on.is_none()));

    let file = "Lead ID,FirstName,LastName,Email,Phone,Company,LeadSource,Status,OwnerId\n\
        00Q1,Ada,Byron,,1,Looms,Web,Open,005A\n";
    let list = contacts(file);
    assert_eq!((list[0].id.as_str(), list[0].owner.as_deref()), ("salesforce-00Q1", Some("005A")));
    assert_eq!(outline(&list[0]), ["Ada Byron", "-", "1", "Looms"]);
}

#[test]
fn an_invalid_row_is_rejected_without_personal_data() {
    let file = "Record ID,First Name,Email,Phone Number\n,Ada,,\n7,,,\n8,Ada,at home,\n9,Ada\n10,Ada,a@b,1\n";
    let rows = read(file);
    let found: Vec<(u64, Option<&str>)> = rows[..4]
        .iter()
        .map(|row| match row {
            ContactRow::Rejected(reject) => (reject.line, reject.column.as_deref()),
            ContactRow::Contact(contact) => panic!("{contact:?}"),
        })
        .collect();
    assert_eq!(found, [(2, Some("Record ID")), (3, None), (4, Some("Email")), (5, None)]);
    assert!(matches!(&rows[4], ContactRow::Contact(_)));
    assert!(!format!("{rows:?}").contains("at home"));
}

#[test]
fn an_id_derived_from_a_row_is_stable_and_has_no_personal_data() {
    let id = |row: &str| {
        let file = format!("First Name,Last Name,Company,Mobile Phone,E-mail Address\n{row}\n");
        contacts(&file).remove(0).id
    };
    let email = id("Ada,Byron,,,Ada@Example.org");
    assert_eq!(email, "contact-9460703d8dfb6823");
    assert_eq!(email, id("A.,Byron,Looms,5,ada@example.org"));
    assert_eq!(id("Ada,Byron,,+44 (20) 1,"), id("Ada,,,44-201,"));
    assert_eq!(id("Ada,Byron,Looms,,"), id("ADA,Byron,looms,n/a,"));
    assert_ne!(id("Ada,Byron,Looms,,"), id("Ada,Byron,Mills,,"));
}

#[test]
fn the_event_has_the_same_key_until_the_row_changes() {
    let now: DateTime<Utc> = "2026-03-06T14:00:00Z".parse().unwrap();
    let later: DateTime<Utc> = "2026-04-06T14:00:00Z".parse().unwrap();
    let contact = |phone: &str| {
        contacts(&format!("Record ID,First Name,Last Name,Email,Phone Number,Company name\n7,Ada,Byron,a@b.org,{phone},Looms\n"))
            .remove(0)
    };
    let (id, event) = contact("1").to_event(now);
    assert_eq!((id.as_str(), event.at()), ("hubspot-7", now));
    assert!(matches!(event.kind(), EventKind::Added { name: Some(name), .. } if name == "Ada Byron"));
    assert_eq!(event.extra().as_json()["label"], "Looms");
    assert!(event.key().starts_with("import-contacts/hubspot/"));
    assert_eq!(event.key(), contact("1").to_event(later).1.key());
    assert_ne!(event.key(), contact("2").to_event(now).1.key());
}

#[test]
fn an_unknown_list_is_an_error_that_names_the_known_ones() {
    for (file, part) in [
        ("", "empty"),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", "vCard"),
        ("name,surname\nAda,Byron\n", "expected one of: Google"),
        ("Record ID,Deal Name,Deal Stage,Amount\n1,x,y,2\n", "hubspot_deals"),
        ("prospect,at,event\n", "file of events"),
    ] {
        let error = ContactReader::new(file.as_bytes()).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}
