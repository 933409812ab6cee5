//! The agenda: who is next.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::book::Book;
use crate::capacity::{Slot, plan_days};
use crate::error::DeskError;
use crate::line::ProspectFields;
use crate::read::View;
use followup_core::channel::Channel;
use followup_core::money::Money;
use followup_core::plan::{Action, ActionId, Needs, ObligationKind, planned_by};
use followup_core::prospect::ProspectId;
use followup_core::rule::RuleSet;
use followup_core::stage::{Stage, Temperature};
use followup_core::state::LastContact;
use followup_core::store::{Due, DueOrder, DueQuery, HeadQuery, Revision, StoreExt};
use followup_core::time::DueState;
use serde::{Serialize, Serializer};

/// A line of the agenda: one action for one prospect.
///
/// Serializes to the JSON that the `followup` command prints.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
/// use followup::agenda::AgendaItem;
/// use followup::time::DueState;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.name("Ada").owner("kim").phone("+49 30 901820"), t).await?;
/// let lines: Vec<AgendaItem> = desk.agenda(t).await?;
/// let line = &lines[0];
/// assert_eq!((line.owner.as_deref(), line.to.as_deref()), (Some("kim"), Some("+49 30 901820")));
/// assert_eq!((line.state, line.due_on.to_string()), (DueState::Due, "2026-03-06".to_owned()));
/// assert_eq!(line.to_string(), "Ada: inform by phone, until Mon 9 Mar 17:00 UTC (due)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct AgendaItem {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision of the journal that the action was planned at.
    pub revision: Revision,
    /// The name of the prospect.
    pub name: Option<String>,
    /// The owner, who follows up.
    pub owner: Option<String>,
    /// The stage.
    pub stage: Stage,
    /// The temperature.
    pub temperature: Temperature,
    /// The action, with its window, channel and reason.
    pub action: Action,
    /// Whether the prospect also has a more urgent line.
    pub also: bool,
    /// Whether the window is overdue, due or upcoming now.
    pub state: DueState,
    /// Whole hours since the latest instant; 0 unless overdue.
    pub hours_late: i64,
    /// The address on the action's channel, if it is known.
    pub to: Option<String>,
    /// The value of the prospect.
    pub value: Option<Money>,
    /// The newest contact.
    pub last_contact: Option<LastContact>,
    /// The newest note.
    pub last_note: Option<String>,
    /// The facts that a person should find out or decide.
    pub needs: Needs,
    /// For a first contact, phone if few first contacts are due for that owner on that day, else email (C3).
    pub batch_channel: Option<Channel>,
    /// Whether the owner is away now, so that a deputy is needed.
    pub owner_away: bool,
    /// The rules that shaped the plan.
    pub rules: RuleSet,
    /// The civil day of the window's earliest instant, in the prospect's zone.
    pub due_on: NaiveDate,
    /// The day on which the owner has capacity for the action; only set with [`Agenda::per_day`].
    pub planned_on: Option<NaiveDate>,
}

/// The JSON fields of a line.
#[derive(Serialize)]
struct Fields<'a> {
    action: ActionId,
    #[serde(flatten)]
    who: ProspectFields<'a>,
    stage: Stage,
    temperature: Temperature,
    #[serde(flatten)]
    next: &'a Action,
    also: bool,
    state: DueState,
    hours_late: i64,
    to: Option<&'a str>,
    needs: Needs,
    batch_channel: Option<Channel>,
    rules: &'a RuleSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_on: Option<NaiveDate>,
}

impl Serialize for AgendaItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields {
            action: ActionId::new(self.prospect.clone(), self.revision),
            who: ProspectFields {
                prospect: &self.prospect,
                name: self.name.as_deref().unwrap_or(self.prospect.as_str()),
                owner: self.owner.as_deref(),
                value: self.value,
                last_contact: self.last_contact,
                last_note: self.last_note.as_deref(),
                owner_away: self.owner_away,
            },
            stage: self.stage,
            temperature: self.temperature,
            next: &self.action,
            also: self.also,
            state: self.state,
            hours_late: self.hours_late,
            to: self.to.as_deref(),
            needs: self.needs,
            batch_channel: self.batch_channel,
            rules: &self.rules,
            planned_on: self.planned_on,
        }
        .serialize(serializer)
    }
}

impl AgendaItem {
    /// Returns the position in the agenda.
    fn position(&self) -> (DateTime<Utc>, &ProspectId) {
        (self.action.rank_at, &self.prospect)
    }
}

impl fmt::Display for AgendaItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.name.as_deref().unwrap_or(self.prospect.as_str());
        let what = self.action.purpose.as_str().replace('_', " ");
        write!(f, "{who}: {what}")?;
        if let Some(channel) = self.action.channel {
            write!(f, " by {channel}")?;
        }
        let latest = self.action.window.latest.format("%a %-d %b %H:%M UTC");
        write!(f, ", until {latest} ({})", self.state.as_str())
    }
}

/// A query for the agenda: await it, or narrow it first. See [`Desk::agenda`](crate::Desk::agenda).
///
/// # Examples
/// ```
/// use followup::memory::MemoryStore;
/// use followup::{Desk, Playbook, Prospect};
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// for id in ["p-17", "p-18"] {
///     desk.add(Prospect::new(id)?.owner("kim").phone("+49 30 901820"), t).await?;
/// }
/// let today = desk.agenda(t).within_days(1).owner("kim").limit(1).await?;
/// assert_eq!(today.len(), 1);
/// assert!(today[0].to_string().starts_with("p-17: inform by phone"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use]
pub struct Agenda<'a> {
    book: &'a Book,
    now: DateTime<Utc>,
    days: u32,
    owner: Option<String>,
    limit: usize,
    per_day: Option<usize>,
}

/// The number of due entries that are read at a time.
const PAGE: usize = 256;

impl<'a> IntoFuture for Agenda<'a> {
    type Output = Result<Vec<AgendaItem>, DeskError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.items())
    }
}

impl fmt::Debug for Agenda<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Agenda { now, days, owner, limit, per_day, book: _ } = self;
        f.debug_struct("Agenda")
            .field("now", now)
            .field("days", days)
            .field("owner", owner)
            .field("limit", limit)
            .field("per_day", per_day)
            .finish_non_exhaustive()
    }
}

impl<'a> Agenda<'a> {
    pub(crate) fn new(book: &'a Book, now: DateTime<Utc>) -> Agenda<'a> {
        Agenda { book, now, days: 7, owner: None, limit: usize::MAX, per_day: None }
    }
}

impl Agenda<'_> {
    /// Limits the agenda to actions that open within a number of days of 24 hours, or are late. The default is 7.
    pub fn within_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Limits the agenda to one owner's prospects.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Sets the number of actions that each owner can do in a day. Each line is then planned on a day with capacity
    /// left, in the zone and on the open days of the default playbook (E4); see [`AgendaItem::planned_on`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// for id in ["p-17", "p-18"] {
    ///     desk.add(Prospect::new(id)?.owner("kim"), t).await?;
    /// }
    /// let lines = desk.agenda(t).per_day(1).await?;
    /// let days: Vec<_> = lines.iter().flat_map(|line| line.planned_on).map(|day| day.to_string()).collect();
    /// assert_eq!(days, ["2026-03-06", "2026-03-09"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn per_day(mut self, lines: usize) -> Self {
        self.per_day = Some(lines);
        self
    }

    /// Limits the number of lines. The default is unlimited.
    pub fn limit(mut self, lines: usize) -> Self {
        self.limit = lines;
        self
    }

    async fn items(self) -> Result<Vec<AgendaItem>, DeskError> {
        let mut query = DueQuery::new(DueOrder::Rank, 1);
        query.owner.clone_from(&self.owner);
        let first = self.book.store.due(query).await?;
        let past = first.newest_event_at.is_some_and(|newest| newest > self.now);
        let mut lines = Lines::new(&self);
        // The first entry shows whether the stored entries were planned as this desk plans, even if none of them is
        // open.
        let fresh = !past
            && self.add_entries(first.entries, &mut Lines::new(&self)).await?
            && self.add_woken(&mut lines).await?
            && self.add_ranked(&mut lines).await?;
        if !fresh {
            lines = Lines::new(&self);
            self.add_all(&mut lines).await?;
        }
        Ok(lines.finish(self.book, self.limit, self.per_day))
    }

    fn horizon(&self) -> DateTime<Utc> {
        let days = TimeDelta::days(i64::from(self.days));
        self.now.checked_add_signed(days).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Adds the lines of all prospects, planned here. Needed for a view of the past, and if the stored entries were
    /// planned by another playbook, planner or zone database.
    async fn add_all(&self, lines: &mut Lines) -> Result<(), DeskError> {
        let mut pages = self.book.store.pages();
        while let Some(page) = pages.next().await? {
            for view in self.book.views(&page, self.now).await?.into_iter().flatten() {
                lines.add(view, self.book);
            }
        }
        Ok(())
    }

    /// Adds the lines of prospects with a wake-up that is due but not recorded. Their stored entries are out of date.
    async fn add_woken(&self, lines: &mut Lines) -> Result<bool, DeskError> {
        let mut query = DueQuery::new(DueOrder::WakeAt, PAGE);
        query.owner.clone_from(&self.owner);
        query.before = Some(self.just_after_now());
        loop {
            let entries = self.book.store.due(query.clone()).await?.entries;
            let Some(last) = entries.last() else { return Ok(true) };
            query.after = last.wake_at.map(|at| (at, last.prospect.clone()));
            if !self.add_entries(entries, lines).await? {
                return Ok(false);
            }
        }
    }

    /// Adds lines in rank order, until the limit is reached and no later entry can come before the lines found.
    async fn add_ranked(&self, lines: &mut Lines) -> Result<bool, DeskError> {
        let mut query = DueQuery::new(DueOrder::Rank, PAGE.min(self.limit.saturating_add(1)));
        query.owner.clone_from(&self.owner);
        query.opens_before = Some(self.horizon());
        loop {
            let entries = self.book.store.due(query.clone()).await?.entries;
            let Some(last) = entries.last() else { return Ok(true) };
            let reached = last.rank_at.map(|at| (at, last.prospect.clone()));
            let more = entries.len() == query.limit;
            let unwoken = entries.into_iter().filter(|due| due.wake_at.is_none_or(|at| at > self.now));
            if !self.add_entries(unwoken.collect(), lines).await? {
                return Ok(false);
            }
            if !more || reached.as_ref().is_some_and(|reached| lines.count_up_to(reached) >= self.limit) {
                return Ok(true);
            }
            query.after = reached;
        }
    }

    /// Plans the prospects of due entries and adds their lines. Returns false as soon as one entry was planned by
    /// another playbook, planner or zone database than this desk has.
    async fn add_entries(&self, entries: Vec<Due>, lines: &mut Lines) -> Result<bool, DeskError> {
        let queries = entries.iter().map(|due| HeadQuery::new(due.prospect.clone(), Vec::new())).collect();
        let heads = self.book.store.head(queries).await?;
        let existing = entries.into_iter().zip(heads).filter_map(|(due, head)| Some((due, head?)));
        let (entries, heads): (Vec<_>, Vec<_>) = existing.unzip();
        let views = self.book.views(&heads, self.now).await?;
        for (due, view) in entries.into_iter().zip(views) {
            if let Some(view) = view {
                if due.planned_by != planned_by(self.book.policy_of(&view.state)) {
                    return Ok(false);
                }
                lines.add(view, self.book);
            }
        }
        Ok(true)
    }

    fn just_after_now(&self) -> DateTime<Utc> {
        self.now.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(self.now)
    }
}

/// The lines found so far.
struct Lines {
    now: DateTime<Utc>,
    horizon: DateTime<Utc>,
    owner: Option<String>,
    limit: usize,
    lines: Vec<AgendaItem>,
}

impl Lines {
    fn new(agenda: &Agenda<'_>) -> Lines {
        let (now, horizon) = (agenda.now, agenda.horizon());
        Lines { now, horizon, owner: agenda.owner.clone(), limit: agenda.limit, lines: Vec::new() }
    }

    fn add(&mut self, view: View, book: &Book) {
        if self.owner.as_deref().is_some_and(|owner| view.state.owner() != Some(owner)) {
            return;
        }
        let lines = lines(&view, book, self.now);
        self.lines.extend(lines.filter(|line| line.action.window.earliest < self.horizon));
        // Lines that cannot be among the first `limit` ones are dropped, so memory stays bounded.
        if self.limit < usize::MAX / 4 && self.lines.len() > 2 * self.limit + PAGE {
            self.sort();
            self.lines.truncate(self.limit);
        }
    }

    fn sort(&mut self) {
        self.lines.sort_by(|a, b| a.position().cmp(&b.position()).then(a.also.cmp(&b.also)));
    }

    /// Returns the number of lines at or before a position.
    fn count_up_to(&self, (at, prospect): &(DateTime<Utc>, ProspectId)) -> usize {
        self.lines.iter().filter(|line| line.position() <= (*at, prospect)).count()
    }

    fn finish(mut self, book: &Book, limit: usize, per_day: Option<usize>) -> Vec<AgendaItem> {
        self.sort();
        let mut batches: HashMap<(Option<String>, NaiveDate), u32> = HashMap::new();
        let batch = |line: &AgendaItem| (line.owner.clone(), line.due_on);
        for line in self.lines.iter().filter(|line| is_first_contact(line)) {
            *batches.entry(batch(line)).or_default() += 1;
        }
        let at_most = book.policy().settings().batch.phone_at_most;
        for line in &mut self.lines {
            if is_first_contact(line) {
                let few = batches.get(&batch(line)).is_none_or(|count| *count <= at_most);
                line.batch_channel = Some(if few { Channel::PHONE } else { Channel::EMAIL });
            }
        }
        if let Some(per_day) = per_day {
            self.plan_days(per_day, book);
        }
        self.lines.truncate(limit);
        self.lines
    }
}

impl Lines {
    /// Sets the day on which the owner has capacity for each line (E4).
    fn plan_days(&mut self, per_day: usize, book: &Book) {
        let slots: Vec<_> = self
            .lines
            .iter()
            .map(|line| Slot {
                owner: line.owner.as_deref(),
                opens_at: line.action.window.earliest,
                is_fixed: line.action.kind == ObligationKind::Hold,
            })
            .collect();
        let days = plan_days(&slots, per_day, self.now, &book.policy().playbook().calendar());
        for (line, day) in self.lines.iter_mut().zip(days) {
            line.planned_on = Some(day);
        }
    }
}

fn is_first_contact(line: &AgendaItem) -> bool {
    line.last_contact.is_none() && line.action.kind == ObligationKind::Cadence
}

/// Returns the lines of one prospect: the next action, other owed actions, and an appointment that is set.
fn lines<'v>(view: &'v View, book: &'v Book, now: DateTime<Utc>) -> impl Iterator<Item = AgendaItem> + 'v {
    let policy = book.policy_of(&view.state);
    let owed = view.plan.actions().cloned();
    let appointment = followup_core::plan::appointment(&view.state, policy)
        .filter(|_| !view.plan.actions().any(|action| action.kind == ObligationKind::Hold));
    let owner_away = view.state.owner_is_away(now);
    owed.chain(appointment).enumerate().map(move |(index, action)| {
        let state = &view.state;
        let window = action.window;
        AgendaItem {
            prospect: view.prospect.clone(),
            revision: view.revision,
            name: view.profile.name.clone(),
            owner: state.owner().map(str::to_owned),
            stage: view.plan.stage,
            temperature: view.plan.temperature,
            also: index > 0 || view.plan.next().is_none(),
            state: window.state(now),
            hours_late: window.hours_late(now),
            to: action.channel.and_then(|channel| view.profile.address(channel)).map(str::to_owned),
            value: state.value(),
            last_contact: state.last_contact(),
            last_note: view
                .profile
                .last_note
                .as_ref()
                .filter(|(at, _)| *at <= now)
                .map(|(_, text)| text.clone()),
            needs: view.plan.needs,
            batch_channel: None,
            owner_away,
            rules: view.plan.rules(),
            planned_on: None,
            due_on: state.zone().date_of(window.earliest),
            action,
        }
    })
}
