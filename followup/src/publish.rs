//! Publishing a playbook, with a choice for the prospects who are on their way under it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::book::Book;
use crate::book::journal::Journal;
use crate::book::policies::{document, published};
use crate::book::record::Manner;
use crate::error::DeskError;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{self, Decided, Decision};
use followup_core::playbook::Playbook;
use followup_core::policy::Policy;
use followup_core::stage::{By, text_enum};
use followup_core::store::{Head, HeadQuery, Store, StoreExt};

text_enum! {
    /// What a new version of a playbook means for the prospects who are on their way under it.
    Moving, "way of moving" {
        /// They stay on the version that they are on.
        Stay = "stay",
        /// They go on under the new one.
        Move = "move",
        /// They go on under the new one, except those whose next action would be late at once under it and is not now.
        MoveUnlessPast = "move_unless_past",
    }
}

/// The result of a publication.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Published {
    /// The name of the playbook.
    #[serde(rename = "playbook")]
    pub name: String,
    /// The version.
    pub version: u32,
    /// Whether the version was published already, so that only the rest was done.
    pub repeated: bool,
    /// Number of prospects that were moved to it now.
    pub moved: u64,
    /// Number of prospects that were given the version that they were on, so that they stay on it.
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

impl Book {
    pub(crate) async fn publish(
        &mut self,
        policy: Policy,
        moving: Moving,
        now: DateTime<Utc>,
    ) -> Result<Published, DeskError> {
        let playbook = policy.playbook();
        let (name, version) = (playbook.name().to_owned(), playbook.settings().version);
        let known = published(&*self.store, Some(&name)).await?;
        let repeated = self.may_be_published(playbook, &known)?;
        let mut policies = (*self.policies).clone();
        known.iter().for_each(|known| policies.put(known.into()));
        policies.put(policy.clone());
        let before = policies.hold_before(&name, version);
        let book = Book { policies: Arc::new(policies.clone()), ..self.clone() };
        let publication = Publication { playbook, key: format!("published-{name}-{version}"), now };
        let mut done = Published { name: name.clone(), version, repeated, moved: 0, stayed: 0 };
        // Once it is saved, whoever has no version may have started under it: nobody is sent back.
        if let Some(before) = before.filter(|_| !repeated) {
            if !known.iter().any(|known| known.settings().version == before.settings().version) {
                self.store.save(document(before.playbook(), now)).await?;
            }
            match moving {
                Moving::Stay => book.set_all(&publication, Step::Stay, &mut done).await?,
                Moving::MoveUnlessPast => book.set_all(&publication, Step::StayIfPast, &mut done).await?,
                Moving::Move => {}
            }
        }
        if !repeated {
            self.store.save(document(playbook, now)).await?;
        }
        match moving {
            Moving::Stay => {}
            Moving::Move => book.set_all(&publication, Step::Move, &mut done).await?,
            Moving::MoveUnlessPast => book.set_all(&publication, Step::MoveUnlessPast, &mut done).await?,
        }
        policies.settle(&name);
        self.policies = Arc::new(policies);
        Ok(done)
    }

    /// Whether it is published already; an error if it cannot be.
    fn may_be_published(&self, playbook: &Playbook, known: &[Playbook]) -> Result<bool, DeskError> {
        let (name, version) = (playbook.name(), playbook.settings().version);
        let given = self.policies.newest(name).map(Policy::playbook);
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
            for journal in self.journals(&heads).await? {
                let Some(version) = self.version_for(&journal, publication, step) else { continue };
                let name = publication.playbook.name().to_owned();
                let set = EventKind::PlaybookSet { name, version: Some(version) };
                let mut event = Event::new(publication.now, set).key(publication.key.clone());
                event.by = Some(By::System);
                self.take(&journal.prospect, event, publication.now, Manner::Observed).await?;
                let moved = version == publication.playbook.settings().version;
                *(if moved { &mut done.moved } else { &mut done.stayed }) += 1;
            }
        }
        Ok(())
    }

    /// The version that somebody is to be given; `None` if nothing is to be said to them.
    fn version_for(&self, journal: &Journal, publication: &Publication<'_>, step: Step) -> Option<u32> {
        if self.policies.name_of(&journal.state) != publication.playbook.name() {
            return None;
        }
        let now = publication.now;
        let (old, new) = (self.policy_of(&journal.state), publication.playbook);
        let new = self.policies.version(new.name(), new.settings().version)?;
        let mut state = journal.state.clone();
        state.wake(old, now);
        let effective = self.effective(journal, &state, now);
        let (before, after) = (plan::decide(&effective, old), plan::decide(&effective, new));
        let idle = rests(&before) && rests(&after);
        let past = is_late(&after, now) && !is_late(&before, now);
        let (given, version) = (journal.state.playbook_version(), new.settings().version);
        // Somebody whose version is on no playbooks has none that they could stay on.
        let stays = Some(old.settings().version).filter(|_| self.policies.of(&journal.state).is_some());
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
    matches!(decided.decision, Decision::Rest { .. })
}

fn is_late(decided: &Decided<'_>, now: DateTime<Utc>) -> bool {
    matches!(&decided.decision, Decision::Act { next, .. } if next.window().latest < now)
}
