//! Publishing a playbook, with a choice for those who are on their way.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::log::Log;
use super::shelf::{document, published};
use super::{Desk, DeskError};
use crate::event::{Event, EventKind};
use crate::plan::{self, Decided, Outcome};
use crate::playbook::Playbook;
use crate::stage::{By, words};
use crate::store::{Head, HeadQuery, Store, StoreExt};
use crate::time::to_instant;

words! {
    /// What a new version of a playbook means for those who are on their way under it.
    Moving, "way of moving" {
        /// They stay on the version that they are on.
        Stay = "stay",
        /// They go on under the new one.
        Move = "move",
        /// They go on under the new one, but for those whose next action would be late by it at once, and is not now.
        MoveUnlessPast = "move_unless_past",
    }
}

/// What a publication did.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Published {
    /// The playbook's name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Whether it was published already, so that only what was left to do was done.
    pub repeated: bool,
    /// How many were moved to it now.
    pub moved: u64,
    /// How many were given the version that they were on, so that they stay on it.
    pub stayed: u64,
}

/// A publication under way.
struct Publication<'p> {
    playbook: &'p Playbook,
    /// The key of its event, one for each prospect: whoever has it has been decided on.
    key: String,
    now: DateTime<Utc>,
}

/// What is done with everybody on the playbook.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Before it is saved: whoever was given no version is given the one that holds.
    Stay,
    /// Before it is saved: the same, for those who would be late at once.
    StayIfPast,
    /// After it was saved.
    Move,
    /// After it was saved, all but those who would be late at once.
    MoveUnlessPast,
}

impl Desk {
    /// Publishes a version of a playbook, which never changes from then on, and decides for everybody who is on the
    /// playbook of that name: those who have it by name, and if it is the desk's own those who have no other.
    ///
    /// Each is told by one event, `playbook_set`, under a key of this publication. Whoever is at rest under both stays
    /// as they are, so a stop stays a stop. The version that those who stay are on is published with it, if it
    /// was not.
    ///
    /// A first version is worth publishing too, before it is changed: those who stay can only stay on one that this
    /// desk was given or the book has. Without one, whoever has no version goes on under the new one.
    ///
    /// Interrupted anywhere, it is completed by publishing the same again with the same choice: nobody is told twice
    /// or changes sides. Whoever is taken in meanwhile starts under the new version. Other desks on the store see it
    /// after [`Desk::reload`].
    ///
    /// # Errors
    /// [`DeskError::NotNewer`] unless the version is higher than all that are published under the name;
    /// [`DeskError::PublishedOtherwise`] if the version is there and says something else; [`DeskError::Store`].
    ///
    /// # Source
    /// T3; S3, S6.
    pub async fn publish(
        &mut self,
        playbook: Playbook,
        moving: Moving,
        now: DateTime<Utc>,
    ) -> Result<Published, DeskError> {
        let (name, version) = (playbook.name().to_owned(), playbook.settings().version);
        let known = published(&*self.store, Some(&name)).await?;
        let repeated = self.may_be_published(&playbook, &known)?;
        let mut shelf = (*self.shelf).clone();
        known.iter().for_each(|known| shelf.put(known.clone()));
        shelf.put(playbook.clone());
        let before = shelf.hold_before(&name, version);
        let desk = Desk { shelf: Arc::new(shelf.clone()), ..self.clone() };
        let publication =
            Publication { playbook: &playbook, key: format!("published-{name}-{version}"), now };
        let mut done = Published { name: name.clone(), version, repeated, moved: 0, stayed: 0 };
        // Once it is saved, whoever has no version may have started under it: nobody is sent back.
        if let Some(before) = before.filter(|_| !repeated) {
            if !known.iter().any(|known| known.settings().version == before.settings().version) {
                self.store.save(document(&before, now)).await?;
            }
            match moving {
                Moving::Stay => desk.set_all(&publication, Step::Stay, &mut done).await?,
                Moving::MoveUnlessPast => desk.set_all(&publication, Step::StayIfPast, &mut done).await?,
                Moving::Move => {}
            }
        }
        if !repeated {
            self.store.save(document(&playbook, now)).await?;
        }
        match moving {
            Moving::Stay => {}
            Moving::Move => desk.set_all(&publication, Step::Move, &mut done).await?,
            Moving::MoveUnlessPast => desk.set_all(&publication, Step::MoveUnlessPast, &mut done).await?,
        }
        shelf.settle(&name);
        self.shelf = Arc::new(shelf);
        Ok(done)
    }

    /// Whether it is published already; an error if it cannot be.
    fn may_be_published(&self, playbook: &Playbook, known: &[Playbook]) -> Result<bool, DeskError> {
        let (name, version) = (playbook.name(), playbook.settings().version);
        let given = self.shelf.newest(name).map(Arc::as_ref);
        let newest = known.iter().chain(given).map(|known| known.settings().version).max();
        match newest {
            Some(newest) if newest > version => {
                Err(DeskError::NotNewer { name: name.to_owned(), version, newest })
            }
            _ => {
                let mut same = known.iter().chain(given).filter(|known| known.settings().version == version);
                if same.any(|known| known.settings() != playbook.settings()) {
                    return Err(DeskError::PublishedOtherwise { name: name.to_owned(), version });
                }
                Ok(known.iter().any(|known| known.settings().version == version))
            }
        }
    }

    /// Decides for everybody on the playbook who has not been decided on.
    async fn set_all(
        &self,
        publication: &Publication<'_>,
        step: Step,
        done: &mut Published,
    ) -> Result<(), DeskError> {
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            let wanted = page
                .iter()
                .map(|head| HeadQuery::new(head.prospect.clone(), vec![publication.key.clone()]))
                .collect();
            let undecided = |head: &Head| head.known.first().copied().flatten().is_none();
            let heads: Vec<_> =
                self.store.head(wanted).await?.into_iter().flatten().filter(undecided).collect();
            for log in self.logs(&heads).await? {
                let Some(version) = self.version_for(&log, publication, step) else { continue };
                let name = publication.playbook.name().to_owned();
                let set = EventKind::PlaybookSet { name, version: Some(version) };
                let mut event = Event::new(publication.now, set).key(publication.key.clone());
                event.by = Some(By::System);
                self.observe_at(&log.prospect, event, publication.now).await?;
                let moved = version == publication.playbook.settings().version;
                *(if moved { &mut done.moved } else { &mut done.stayed }) += 1;
            }
        }
        Ok(())
    }

    /// The version that somebody is to be given; `None` if nothing is to be said to them.
    fn version_for(&self, log: &Log, publication: &Publication<'_>, step: Step) -> Option<u32> {
        if self.shelf.name_of(&log.state) != publication.playbook.name() {
            return None;
        }
        let now = publication.now;
        let (old, new) = (self.playbook_of(&log.state), publication.playbook);
        let new = self.shelf.version(new.name(), new.settings().version)?;
        let mut state = log.state.clone();
        state.wake(old, now);
        let seen = self.seen(log, &state, now);
        let (before, after) = (plan::decide(&seen, old), plan::decide(&seen, new));
        let idle = rests(&before) && rests(&after);
        let past = is_late(&after, now) && !is_late(&before, now);
        let (given, version) = (log.state.playbook_version(), new.settings().version);
        // Somebody whose version is on no shelf has none that they could stay on.
        let stays = Some(old.settings().version).filter(|_| self.shelf.of(&log.state).is_some());
        match step {
            Step::Stay => stays.filter(|_| !idle && given.is_none()),
            Step::StayIfPast => stays.filter(|_| !idle && past),
            Step::MoveUnlessPast if !idle && past && stays.is_some() => stays,
            // Whoever is at rest and was given an older version comes back under the new one.
            Step::Move | Step::MoveUnlessPast => {
                (given != Some(version) && (!idle || given.is_some())).then_some(version)
            }
        }
    }
}

fn rests(decided: &Decided<'_>) -> bool {
    matches!(decided.outcome, Outcome::Rest { .. })
}

fn is_late(decided: &Decided<'_>, now: DateTime<Utc>) -> bool {
    matches!(&decided.outcome, Outcome::Act { next, .. } if to_instant(next.when.latest) < now)
}
