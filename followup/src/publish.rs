//! Publication of playbooks, with a choice for the prospects who are on an older version.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::book::Book;
use crate::book::journal::Journal;
use crate::book::policies::{document, published};
use crate::book::record::Mode;
use crate::error::DeskError;
use followup_core::event::Event;
use followup_core::plan::{self, Decided, Decision};
use followup_core::playbook::Playbook;
use followup_core::policy::Policy;
use followup_core::stage::{By, text_enum};
use followup_core::store::{Head, HeadQuery, Store, StoreExt};

text_enum! {
    /// The choice whether prospects stay on their version of a playbook or move to the new one.
    Moving, "publication mode" {
        /// All prospects stay on their version.
        Stay = "stay",
        /// All prospects move to the new version.
        Move = "move",
        /// Prospects move to the new version unless their next action would be late under it and is not late now.
        MoveUnlessPast = "move_unless_past",
    }
}

/// The result of a publication.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
/// use followup::publish::{Moving, Published};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let mut desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::added(t)).await?;
/// let published: Published = desk.publish(Playbook::parse("version = 2\n")?, Moving::Move, t).await?;
/// assert_eq!((published.name.as_str(), published.version, published.repeated), ("default", 2, false));
/// assert_eq!((published.moved, published.stayed), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Published {
    /// The name of the playbook.
    #[serde(rename = "playbook")]
    pub name: String,
    /// The version.
    pub version: u32,
    /// Whether the version was already published, so that the publication was only completed.
    pub repeated: bool,
    /// Number of prospects that were moved to the version now.
    pub moved: u64,
    /// Number of prospects that were pinned to their old version now.
    pub stayed: u64,
}

/// A publication in progress.
struct Publication<'p> {
    playbook: &'p Playbook,
    /// The key of the event for each prospect. A prospect with this key has been decided on.
    key: String,
    now: DateTime<Utc>,
}

/// A step of a publication, taken for each prospect on the playbook.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Before the version is saved, pins prospects without a version of their own to the current one.
    Stay,
    /// Before the version is saved, pins prospects whose next action would be late.
    StayIfPast,
    /// After the version is saved, moves all prospects.
    Move,
    /// After the version is saved, moves all prospects except those whose next action would be late.
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
        let repeated = self.is_published(playbook, &known)?;
        let mut policies = (*self.policies).clone();
        known.iter().for_each(|known| policies.put(known.into()));
        policies.put(policy.clone());
        let before = policies.use_version_before(&name, version);
        let book = Book { policies: Arc::new(policies.clone()), ..self.clone() };
        let publication = Publication { playbook, key: format!("published-{name}-{version}"), now };
        let mut done = Published { name: name.clone(), version, repeated, moved: 0, stayed: 0 };
        // Once the version is saved, prospects without a version may have started under it and are not sent back.
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
        policies.use_newest(&name);
        self.policies = Arc::new(policies);
        Ok(done)
    }

    /// Whether the version is already published.
    ///
    /// # Errors
    /// [`DeskError::NotNewer`] and [`DeskError::PublishedOtherwise`] if it cannot be published.
    fn is_published(&self, playbook: &Playbook, known: &[Playbook]) -> Result<bool, DeskError> {
        let (name, version) = (playbook.name(), playbook.settings().version);
        let given = self.policies.current(name).map(Policy::playbook);
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

    /// Decides for each prospect on the playbook who has not been decided on.
    async fn set_all(
        &self,
        publication: &Publication<'_>,
        step: Step,
        done: &mut Published,
    ) -> Result<(), DeskError> {
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            let queries = page
                .iter()
                .map(|head| HeadQuery::new(head.prospect.clone(), vec![publication.key.clone()]))
                .collect();
            let undecided = |head: &Head| head.known.first().copied().flatten().is_none();
            let heads: Vec<_> =
                self.store.head(queries).await?.into_iter().flatten().filter(undecided).collect();
            for journal in self.journals(&heads).await? {
                let Some(version) = self.version_for(&journal, publication, step) else { continue };
                let name = publication.playbook.name();
                let set = Event::playbook_set(publication.now, name, version);
                let event = set.with_key(publication.key.clone()).with_by(By::System);
                self.record(&journal.prospect, event, publication.now, Mode::Observed).await?;
                let moved = version == publication.playbook.settings().version;
                *(if moved { &mut done.moved } else { &mut done.stayed }) += 1;
            }
        }
        Ok(())
    }

    /// Returns the version to record for a prospect; `None` to record nothing.
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
        let idle = is_at_rest(&before) && is_at_rest(&after);
        let past = is_late(&after, now) && !is_late(&before, now);
        let (given, version) = (journal.state.playbook_version(), new.settings().version);
        // Prospects whose version this desk does not have cannot stay on it.
        let stays = Some(old.settings().version).filter(|_| self.policies.of(&journal.state).is_some());
        match step {
            Step::Stay => stays.filter(|_| !idle && given.is_none()),
            Step::StayIfPast => stays.filter(|_| !idle && past),
            Step::MoveUnlessPast if !idle && past && stays.is_some() => stays,
            // Prospects at rest on an older version of their own come back under the new one.
            Step::Move | Step::MoveUnlessPast => {
                (given != Some(version) && (!idle || given.is_some())).then_some(version)
            }
        }
    }
}

fn is_at_rest(decided: &Decided<'_>) -> bool {
    matches!(decided.decision, Decision::Rest { .. })
}

fn is_late(decided: &Decided<'_>, now: DateTime<Utc>) -> bool {
    matches!(&decided.decision, Decision::Act { next, .. } if next.window().latest < now)
}
