//! Who is next.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::book::Book;
use crate::capacity::{Slot, plan_days};
use crate::error::DeskError;
use crate::line::Who;
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

/// A line of the agenda.
///
/// Serializes to the JSON that the command prints for it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct AgendaItem {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision that was decided on.
    pub revision: Revision,
    /// Their name.
    pub name: Option<String>,
    /// The owner: who follows up.
    pub owner: Option<String>,
    /// The stage.
    pub stage: Stage,
    /// The temperature.
    pub temperature: Temperature,
    /// What is to be done, when and how.
    pub action: Action,
    /// Whether the prospect has a more urgent line too.
    pub also: bool,
    /// Whether the window is overdue, due or upcoming now.
    pub state: DueState,
    /// Whole hours since the latest instant; 0 unless overdue.
    pub hours_late: i64,
    /// The address on the action's channel.
    pub to: Option<String>,
    /// Their value.
    pub value: Option<Money>,
    /// The newest contact.
    pub last_contact: Option<LastContact>,
    /// The newest note.
    pub last_note: Option<String>,
    /// What somebody should find out or decide.
    pub needs: Needs,
    /// For a first contact: by phone if few are due for that owner that day, else by email (C3).
    pub batch_channel: Option<Channel>,
    /// Whether the owner is away now, so that a deputy is wanted.
    pub owner_away: bool,
    /// The rules that shaped the plan.
    pub rules: RuleSet,
    /// The civil day on which it is due, in the prospect's zone.
    pub due_on: NaiveDate,
    /// The day on which its owner has room for it, if the agenda was asked for with [`Agenda::per_day`].
    pub planned_on: Option<NaiveDate>,
}

/// The fields of a line as JSON.
#[derive(Serialize)]
struct Fields<'a> {
    action: ActionId,
    #[serde(flatten)]
    who: Who<'a>,
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
            who: Who {
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
    /// Its place in the agenda.
    fn place(&self) -> (DateTime<Utc>, &ProspectId) {
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

/// A question about who is next: await it, or narrow it first. See [`Desk::agenda`](crate::Desk::agenda).
#[must_use]
pub struct Agenda<'a> {
    book: &'a Book,
    now: DateTime<Utc>,
    days: u32,
    owner: Option<String>,
    limit: usize,
    per_day: Option<usize>,
}

/// How many due entries are read at a time.
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
    /// Limits it to what opens within a number of days (of 24 hours), or is late. Seven unless it is set.
    pub fn within_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Limits it to one owner's prospects.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Sets how many lines a day each owner has room for: each line then says on which day there is room for it, in the
    /// zone and on the open days of the default playbook (E4).
    pub fn per_day(mut self, lines: usize) -> Self {
        self.per_day = Some(lines);
        self
    }

    /// Limits the number of lines; unlimited unless it is set.
    pub fn limit(mut self, lines: usize) -> Self {
        self.limit = lines;
        self
    }

    async fn items(self) -> Result<Vec<AgendaItem>, DeskError> {
        let mut query = DueQuery::new(DueOrder::Rank, 1);
        query.owner.clone_from(&self.owner);
        let foremost = self.book.store.due(query).await?;
        let past = foremost.newest_event_at.is_some_and(|newest| newest > self.now);
        let mut gathered = Gathered::new(&self);
        // The foremost entry tells whether this desk plans as what is stored was planned, also where none is open.
        let fresh = !past
            && self.gather(foremost.entries, &mut Gathered::new(&self)).await?
            && self.gather_woken(&mut gathered).await?
            && self.gather_ranked(&mut gathered).await?;
        if !fresh {
            gathered = Gathered::new(&self);
            self.gather_all(&mut gathered).await?;
        }
        Ok(gathered.finish(self.book, self.limit, self.per_day))
    }

    fn horizon(&self) -> DateTime<Utc> {
        let days = TimeDelta::days(i64::from(self.days));
        self.now.checked_add_signed(days).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Everybody, planned here and now: before recorded events, and where stored entries were planned by another
    /// playbook, planner or zone database, nothing that is stored can be gone by.
    async fn gather_all(&self, gathered: &mut Gathered) -> Result<(), DeskError> {
        let mut pages = self.book.store.pages();
        while let Some(page) = pages.next().await? {
            for view in self.book.views(&page, self.now).await?.into_iter().flatten() {
                gathered.take(view, self.book);
            }
        }
        Ok(())
    }

    /// Those whom time alone has changed since they were stored: so nobody is hidden when nobody woke them.
    async fn gather_woken(&self, gathered: &mut Gathered) -> Result<bool, DeskError> {
        let mut query = DueQuery::new(DueOrder::WakeAt, PAGE);
        query.owner.clone_from(&self.owner);
        query.before = Some(self.just_after_now());
        loop {
            let entries = self.book.store.due(query.clone()).await?.entries;
            let Some(last) = entries.last() else { return Ok(true) };
            query.after = last.wake_at.map(|at| (at, last.prospect.clone()));
            if !self.gather(entries, gathered).await? {
                return Ok(false);
            }
        }
    }

    /// In rank order, until enough lines come before all that could still follow.
    async fn gather_ranked(&self, gathered: &mut Gathered) -> Result<bool, DeskError> {
        let mut query = DueQuery::new(DueOrder::Rank, PAGE.min(self.limit.saturating_add(1)));
        query.owner.clone_from(&self.owner);
        query.opens_before = Some(self.horizon());
        loop {
            let entries = self.book.store.due(query.clone()).await?.entries;
            let Some(last) = entries.last() else { return Ok(true) };
            let reached = last.rank_at.map(|at| (at, last.prospect.clone()));
            let more = entries.len() == query.limit;
            let unwoken = entries.into_iter().filter(|due| due.wake_at.is_none_or(|at| at > self.now));
            if !self.gather(unwoken.collect(), gathered).await? {
                return Ok(false);
            }
            if !more || reached.as_ref().is_some_and(|reached| gathered.up_to(reached) >= self.limit) {
                return Ok(true);
            }
            query.after = reached;
        }
    }

    /// Plans the prospects of due entries; `false` as soon as one was planned by something else than this desk.
    async fn gather(&self, entries: Vec<Due>, gathered: &mut Gathered) -> Result<bool, DeskError> {
        let wanted = entries.iter().map(|due| HeadQuery::new(due.prospect.clone(), Vec::new())).collect();
        let heads = self.book.store.head(wanted).await?;
        let there = entries.into_iter().zip(heads).filter_map(|(due, head)| Some((due, head?)));
        let (entries, heads): (Vec<_>, Vec<_>) = there.unzip();
        let views = self.book.views(&heads, self.now).await?;
        for (due, view) in entries.into_iter().zip(views) {
            if let Some(view) = view {
                if due.planned_by != planned_by(self.book.policy_of(&view.state)) {
                    return Ok(false);
                }
                gathered.take(view, self.book);
            }
        }
        Ok(true)
    }

    fn just_after_now(&self) -> DateTime<Utc> {
        self.now.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(self.now)
    }
}

/// Lines as they are found.
struct Gathered {
    now: DateTime<Utc>,
    horizon: DateTime<Utc>,
    owner: Option<String>,
    limit: usize,
    lines: Vec<AgendaItem>,
}

impl Gathered {
    fn new(agenda: &Agenda<'_>) -> Gathered {
        let (now, horizon) = (agenda.now, agenda.horizon());
        Gathered { now, horizon, owner: agenda.owner.clone(), limit: agenda.limit, lines: Vec::new() }
    }

    fn take(&mut self, view: View, book: &Book) {
        if self.owner.as_deref().is_some_and(|owner| view.state.owner() != Some(owner)) {
            return;
        }
        let lines = lines(&view, book, self.now);
        self.lines.extend(lines.filter(|line| line.action.window.earliest < self.horizon));
        // Only the foremost are wanted: what can no longer be among them is let go, so memory stays bounded.
        if self.limit < usize::MAX / 4 && self.lines.len() > 2 * self.limit + PAGE {
            self.sort();
            self.lines.truncate(self.limit);
        }
    }

    fn sort(&mut self) {
        self.lines.sort_by(|a, b| a.place().cmp(&b.place()).then(a.also.cmp(&b.also)));
    }

    /// How many lines stand at or before a place.
    fn up_to(&self, (at, prospect): &(DateTime<Utc>, ProspectId)) -> usize {
        self.lines.iter().filter(|line| line.place() <= (*at, prospect)).count()
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

impl Gathered {
    /// Says of each line on which day there is room for it (E4).
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

/// The lines of one prospect: the next action, what else is owed, and an appointment that is set.
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
