//! Absences of owners.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Book;
use super::record::Mode;
use crate::error::DeskError;
use followup_core::event::{Event, EventKind};
use followup_core::stage::{By, Who};
use followup_core::store::{Document, DocumentKind, DocumentQuery, Head, StoreErrorKind, StoreExt};

/// An absence as stored in the book.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Absence {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// The number of attempts to save an absence under the next version number.
const ATTEMPTS_MAX: usize = 64;

/// The absences in the book, with their versions, by owner.
pub(crate) type OwnerAbsences = BTreeMap<String, Vec<(u64, Absence)>>;

impl Book {
    pub(crate) async fn owner_away(
        &self,
        owner: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize, DeskError> {
        let absence = Absence { from, until };
        let version = self.save_absence(owner, &absence, now).await?;
        let mut recorded = 0;
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for head in &page {
                recorded += usize::from(self.record_absence(head, owner, version, &absence, now).await?);
            }
        }
        Ok(recorded)
    }

    /// Stores an absence in the book unless it is stored, and returns its version.
    async fn save_absence(
        &self,
        owner: &str,
        absence: &Absence,
        now: DateTime<Utc>,
    ) -> Result<u64, DeskError> {
        let body = serde_json::to_string(absence).expect("an absence can be written as JSON");
        let mut attempts = 0;
        loop {
            let query = DocumentQuery::new(DocumentKind::OwnerAway).named(owner);
            let known = self.store.documents(query).await?;
            if let Some(known) = known.iter().find(|known| known.body == body) {
                return Ok(known.version);
            }
            let version = known.last().map_or(1, |last| last.version + 1);
            let document = Document::new(DocumentKind::OwnerAway, owner, version, body.clone(), now);
            attempts += 1;
            match self.store.save(document).await {
                Err(error) if error.kind() == StoreErrorKind::Conflict && attempts < ATTEMPTS_MAX => {}
                saved => return Ok(saved.map(|()| version)?),
            }
        }
    }

    /// Records an absence for one prospect if the owner is theirs. Returns whether it was new.
    async fn record_absence(
        &self,
        head: &Head,
        owner: &str,
        version: u64,
        absence: &Absence,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskError> {
        let journal = self.journal(head).await?;
        if journal.state.owner() != Some(owner) {
            return Ok(false);
        }
        let event = away(absence, now).with_key(format!("owner-away:{owner}:{version}"));
        Ok(!self.record(&head.prospect, event, now, Mode::Observed).await?.repeated)
    }

    /// Returns the absences that follow from an event because it assigns a prospect to an owner who is away.
    pub(crate) async fn owner_absences(&self, event: &Event) -> Result<Vec<Event>, DeskError> {
        let Some(owner) = assigned_to(event) else { return Ok(Vec::new()) };
        let query = DocumentQuery::new(DocumentKind::OwnerAway).named(owner);
        Ok(following(event, &read(self.store.documents(query).await?)?))
    }

    /// Returns the absences of all owners, or none if no event assigns a prospect.
    pub(crate) async fn all_owner_absences<'e>(
        &self,
        mut events: impl Iterator<Item = &'e Event>,
    ) -> Result<OwnerAbsences, DeskError> {
        match events.any(|event| assigned_to(event).is_some()) {
            true => read(self.store.documents(DocumentQuery::new(DocumentKind::OwnerAway)).await?),
            false => Ok(OwnerAbsences::new()),
        }
    }
}

/// Returns the owner that an event assigns a prospect to.
fn assigned_to(event: &Event) -> Option<&str> {
    match event.kind() {
        EventKind::Assigned { owner } => Some(owner),
        EventKind::Added { owner, .. } => owner.as_deref(),
        _ => None,
    }
}

/// Returns the absences that follow from an event: those of its owner that are not over.
pub(crate) fn following(event: &Event, absences: &OwnerAbsences) -> Vec<Event> {
    let owner = assigned_to(event);
    let known = owner.and_then(|owner| absences.get(owner)).into_iter().flatten();
    known
        .filter(|(_, absence)| absence.until > event.at())
        .map(|(version, absence)| {
            let key = format!("owner-away:{version}:{}", event.key());
            away(absence, event.at()).with_key(key).with_seq(event.seq() + 1)
        })
        .collect()
}

fn away(absence: &Absence, at: DateTime<Utc>) -> Event {
    Event::away(at, Who::Owner, absence.from, absence.until).with_by(By::System)
}

fn read(documents: Vec<Document>) -> Result<OwnerAbsences, DeskError> {
    let mut absences = OwnerAbsences::new();
    for Document { name, version, body, .. } in documents {
        let absence = serde_json::from_str(&body).map_err(|error| DeskError::Document {
            kind: DocumentKind::OwnerAway,
            name: name.clone(),
            why: error.to_string(),
        })?;
        absences.entry(name).or_default().push((version, absence));
    }
    Ok(absences)
}
