//! Views of one prospect as of an instant.

use chrono::{DateTime, Utc};
use followup_core::channel::Channel;
use followup_core::event::Event;
use followup_core::plan::{ActionId, Plan, plan};
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::store::{Head, Revision};
use followup_core::time::DueState;
use serde::{Serialize, Serializer};

use super::journal::Journal;
use super::{Book, codec};
use crate::error::DeskError;
use crate::line::ProspectFields;
use crate::profile::Profile;

/// A prospect as of an instant: state, profile and plan.
///
/// Serializes to the JSON that the `followup` command prints for a plan: the [plan](Plan) with the prospect's name,
/// owner, value and newest contact.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
/// use followup::read::View;
/// use followup::store::Revision;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.name("Ada").owner("kim"), t).await?;
/// let view: View = desk.plan("p-17", t).await?;
/// assert_eq!((view.revision, view.at), (Revision(1), t));
/// assert_eq!((view.profile.name.as_deref(), view.state.owner()), (Some("Ada"), Some("kim")));
/// assert!(view.plan.next().is_some());
/// assert_eq!(serde_json::to_value(&view)?["name"], "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct View {
    /// The prospect.
    pub prospect: ProspectId,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The revision of the whole journal, also in a view of the past.
    pub revision: Revision,
    /// The state, with the suppressions of the prospect's addresses applied.
    pub state: ProspectState,
    /// The personal data, as of the whole journal.
    pub profile: Profile,
    /// The plan.
    pub plan: Plan,
}

/// The JSON fields of a view.
#[derive(Serialize)]
struct Fields<'a> {
    action: ActionId,
    #[serde(flatten)]
    who: ProspectFields<'a>,
    #[serde(flatten)]
    plan: &'a Plan,
    #[serde(flatten)]
    due: Option<Due<'a>>,
}

/// The JSON fields that a view only has with a next action.
#[derive(Serialize)]
struct Due<'a> {
    state: DueState,
    hours_late: i64,
    to: Option<&'a str>,
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state = &self.state;
        let last_note = self.profile.last_note.as_ref().filter(|(at, _)| *at <= self.at);
        let due = self.plan.next().map(|next| Due {
            state: next.window.state(self.at),
            hours_late: next.window.hours_late(self.at),
            to: next.channel.and_then(|channel| self.profile.address(channel)),
        });
        Fields {
            action: ActionId::new(self.prospect.clone(), self.revision),
            who: ProspectFields {
                prospect: &self.prospect,
                name: self.profile.name.as_deref().unwrap_or(self.prospect.as_str()),
                owner: state.owner(),
                value: state.value(),
                last_contact: state.last_contact(),
                last_note: last_note.map(|(_, text)| text.as_str()),
                owner_away: state.owner_is_away(self.at),
            },
            plan: &self.plan,
            due,
        }
        .serialize(serializer)
    }
}

/// An event of a history.
///
/// Serializes to the JSON of the event with the field `recorded_at`, and `voided` if it is true.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
/// use followup::read::HistoryEntry;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let monday = "2026-03-09T09:00:00Z".parse()?;
/// desk.observe_at("p-17", Event::added(t), monday).await?;
/// let entries: Vec<HistoryEntry> = desk.history("p-17").await?;
/// let HistoryEntry { event, recorded_at, voided, .. } = &entries[0];
/// assert_eq!((event.at(), *recorded_at, *voided), (t, monday, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// The prospect.
    pub prospect: ProspectId,
    /// The event.
    pub event: Event,
    /// The time at which the event was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Whether the event is a wake-up whose premise does not hold, so that it changes nothing.
    pub voided: bool,
}

impl Serialize for HistoryEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = self.event.to_json(self.prospect.as_str());
        object.insert("recorded_at".to_owned(), followup_core::event::instant_text(self.recorded_at).into());
        if self.voided {
            object.insert("voided".to_owned(), true.into());
        }
        object.serialize(serializer)
    }
}

/// A prospect as of an instant, with the policy that applies but without a plan.
///
/// # Examples
/// ```
/// use followup::memory::MemoryStore;
/// use followup::plan::plan;
/// use followup::{Desk, Event, Playbook};
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::added(t)).await?;
/// let heads = desk.read().pages().next().await?.expect("one page");
/// for position in desk.read().positions(&heads, t).await? {
///     assert_eq!(desk.read().playbook_name_of(position.state()), "default");
///     let plan = plan(position.state(), position.policy());
///     println!("{}: {plan}", position.prospect());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Position<'a> {
    prospect: ProspectId,
    profile: Profile,
    /// The state without suppressions.
    recorded: ProspectState,
    state: ProspectState,
    policy: &'a Policy,
    opted_out: Vec<(Channel, DateTime<Utc>)>,
}

impl<'a> Position<'a> {
    /// Returns the prospect.
    pub fn prospect(&self) -> &ProspectId {
        &self.prospect
    }

    /// Returns the personal data.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the state, with the suppressions of the prospect's addresses applied.
    pub fn state(&self) -> &ProspectState {
        &self.state
    }

    /// Returns the policy that applies to the prospect.
    pub fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// Returns the state with the wake-ups applied that are due up to `now` under another policy.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Policy};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let heads = desk.read().pages().next().await?.expect("one page");
    /// let positions = desk.read().positions(&heads, t).await?;
    /// let services = Policy::from(Playbook::shipped("services").expect("the playbook ships with the library"));
    /// assert_eq!(&positions[0].state_under(&services, t), positions[0].state());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn state_under(&self, policy: &Policy, now: DateTime<Utc>) -> ProspectState {
        let mut state = self.recorded.clone();
        state.wake(policy, now);
        state.suppressed(&self.opted_out).into_owned()
    }
}

impl Book {
    pub(crate) async fn stored_view(&self, head: &Head, now: DateTime<Utc>) -> Result<View, DeskError> {
        let journal = self.with_suppressed(self.journal(head).await?).await?;
        let state = journal.state.clone();
        // All suppressions count, however late: the stored plan has no date of its own.
        let state = self.effective(&journal, &state, DateTime::<Utc>::MAX_UTC).into_owned();
        Ok(self.view_of(journal, state, now))
    }

    pub(crate) async fn views(
        &self,
        heads: &[Head],
        now: DateTime<Utc>,
    ) -> Result<Vec<Option<View>>, DeskError> {
        let mut views = Vec::with_capacity(heads.len());
        for journal in self.journals(heads).await? {
            views.push(self.state_at(journal, now).await?.map(|(journal, state, _)| {
                let state = self.effective(&journal, &state, now).into_owned();
                self.view_of(journal, state, now)
            }));
        }
        Ok(views)
    }

    pub(crate) async fn positions(
        &self,
        heads: &[Head],
        now: DateTime<Utc>,
    ) -> Result<Vec<Position<'_>>, DeskError> {
        let mut positions = Vec::with_capacity(heads.len());
        for journal in self.journals(heads).await? {
            let Some((journal, recorded, _)) = self.state_at(journal, now).await? else { continue };
            let opted_out = self.suppressed_channels(&journal.suppressed, &journal.profile, now);
            let state = recorded.suppressed(&opted_out).into_owned();
            let policy = self.policy_of(&state);
            let Journal { prospect, profile, .. } = journal;
            positions.push(Position { prospect, profile, recorded, state, policy, opted_out });
        }
        Ok(positions)
    }

    /// Returns the state of a journal at an instant with the wake-ups applied that are due by then, and the events that
    /// record them; `None` if nothing had happened by then.
    pub(crate) async fn state_at(
        &self,
        journal: Journal,
        now: DateTime<Utc>,
    ) -> Result<Option<(Journal, ProspectState, Vec<Event>)>, DeskError> {
        let newest = journal.state.last_event_at();
        let (journal, state) = if newest.is_some_and(|newest| newest <= now) {
            let state = journal.state.clone();
            (journal, Some(state))
        } else {
            let journal = self.with_events(journal).await?;
            let state = journal.state_at(now);
            (journal, state)
        };
        let Some(state) = state.filter(|state| state.last_event_at().is_some()) else { return Ok(None) };
        self.woken(journal, state, now).await.map(Some)
    }

    /// Returns the view of an effective state.
    fn view_of(&self, journal: Journal, state: ProspectState, at: DateTime<Utc>) -> View {
        let plan = plan(&state, self.policy_of(&state));
        let Journal { prospect, revision, profile, .. } = journal;
        View { prospect, at, revision, state, profile, plan }
    }

    pub(crate) async fn history(&self, id: &ProspectId) -> Result<Vec<HistoryEntry>, DeskError> {
        let head = self.head(id).await?;
        let profile = codec::profile(&head)?;
        let mut state = ProspectState::new(self.policy().zone());
        let mut entries = Vec::new();
        for record in self.store.history(id).await? {
            let mut event = codec::event(id, &record)?;
            let voided = !state.premise_holds(&event);
            state.apply(&event);
            profile.restore(&mut event);
            entries.push(HistoryEntry {
                prospect: id.clone(),
                event,
                recorded_at: record.recorded_at,
                voided,
            });
        }
        Ok(entries)
    }
}
