//! The gap report: the state of all prospects, and who fell in the gap (T2).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::facts::Facts;
use super::follow_up::{FollowUpTally, FollowUps, walk};
use super::{ByTouches, Defined, Quantiles, Spread, Tally, group_name, percent, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::money::Money;
use followup_core::plan::{Decision, decide};
use followup_core::stage::{Kind, Outcome, Rest, Stage, text_enum};
use followup_core::time::to_micros;

report! {
    /// The state of all prospects at an instant, who fell in the gap, and how prompt we were (T2, T5, C15).
    GapReport {
        /// Number of prospects with at least one event.
        prospects: u64,
        /// Number of prospects at each stage.
        by_stage: BTreeMap<Stage, u64>,
        /// Number of prospects with each standing: active, waiting, or the reason to rest.
        by_standing: BTreeMap<&'static str, u64>,
        /// Number of prospects who ever reached each stage.
        reached: BTreeMap<Stage, u64>,
        /// Number of prospects who bought and have not begun a new round since.
        won: u64,
        /// Number of prospects who said no and have not begun a new round since.
        lost: u64,
        /// Number of prospects who have not decided for good and are not stopped, given up, opted out, erased, merged
        /// or complete; one who opted out or is complete counts while the answer to a newer request is owed.
        open: u64,
        /// Share of the prospects who bought among those who bought or said no, in percent.
        conversion_pct: Option<f64>,
        /// Share of all prospects who bought, in percent.
        won_pct: Option<f64>,
        /// Total value of the prospects who bought, by currency, in its major unit.
        won_value: BTreeMap<String, String>,
        /// Days from the first inquiry to our first touch at or after it.
        first_touch: Spread,
        /// Number of prospects whom we have never touched.
        never_touched: u64,
        /// Touches per prospect.
        touches: Quantiles,
        /// Number of touches divided by the number of prospects with any contact.
        touches_per_first_contact: Option<f64>,
        /// Days between one touch and the next.
        between_touches: Spread,
        /// Days from each touch to the prospect's next sign, if one came; a conversation is a sign itself and is left
        /// out.
        response: Spread,
        /// Days in each stage, from entering it to leaving it, the end of the pursuit, or now; a prospect who goes
        /// stale or begins a new round enters the stage again.
        time_in_stage: BTreeMap<Stage, Spread>,
        /// Touches by promptness, measured by the action planned just before: too soon before the earliest instant of
        /// an action that we start, too late after the latest instant, and never if it was overdue when the prospect
        /// gave a sign after which it was no longer owed, when the pursuit ended, or now; touches made while nothing
        /// was planned, an appointment was to be held or a send to be resolved, and early answers, are not measured.
        follow_ups: FollowUps,
        /// Number of prospects by number of touches.
        prospects_by_touches: ByTouches<u64>,
        /// Number of prospects who bought, by number of touches.
        won_by_touches: ByTouches<u64>,
        /// Share of the prospects who bought, by number of touches, in percent.
        won_pct_by_touches: ByTouches<Option<f64>>,
        /// Touches of prospects who had said stop, had opted out of the channel, or were given up, erased or merged,
        /// except answers to a newer request of theirs and agreements with us, which begin a new round.
        touches_after_stop: UnwantedTouches,
        /// Number of touches by ISO weekday in the prospect's zone, 1 for Monday.
        by_weekday: BTreeMap<u32, u64>,
        /// Number of touches outside the open hours in the prospect's zone, except those whose time both sides chose,
        /// such as appointments; calls that reached the prospect count.
        outside_hours: u64,
        /// Number of open prospects with neither a next action nor a wake-up, which is 0 unless the engine has a bug.
        open_without_next_action: u64,
        /// Days since the first contact of each open prospect, or since the first event without a contact.
        open_age: Spread,
        /// Days since the newest contact of each open prospect by either side, or since the first event without a
        /// contact.
        open_silence: Spread,
        /// Days from the first contact to the decision of the prospects who bought.
        cycle_days: Spread,
        /// Days from the first contact to the decision of the prospects who said no.
        lost_cycle_days: Spread,
        /// Inputs that prospects were asked for (C17).
        inputs: InputsReport,
        /// Number of first contacts, touches and decisions by month in the prospect's zone.
        by_month: BTreeMap<String, Month>,
        /// Time of the first event that is not a wake-up.
        first_event: Option<DateTime<Utc>>,
        /// Time of the newest event that is not a wake-up.
        last_event: Option<DateTime<Utc>>,
    }
}

/// Touches that should not have been made.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::UnwantedTouches;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let now = "2026-03-09T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::stopped(t)).await?;
/// desk.observe("p-17", Event::touched(now, Channel::PHONE)).await?;
/// let report = Insight::new(&desk).gap(&Scope::at(now)).await?;
/// let UnwantedTouches { prospects, touches, .. } = report.touches_after_stop;
/// assert_eq!((prospects, touches), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct UnwantedTouches {
    /// Number of prospects with such touches.
    pub prospects: u64,
    /// Number of such touches.
    pub touches: u64,
}

/// The inputs that prospects were asked for.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::InputsReport;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let received_at = "2026-03-09T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::input_requested(t, "floor plan", None)).await?;
/// desk.observe("p-17", Event::input_received(received_at, "floor plan")).await?;
/// let report = Insight::new(&desk).gap(&Scope::at(received_at)).await?;
/// let InputsReport { prospects, days, outstanding, .. } = &report.inputs;
/// assert_eq!((*prospects, days.quantiles.median, *outstanding), (1, 3.0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct InputsReport {
    /// Number of prospects who were ever asked for an input.
    pub prospects: u64,
    /// Days from asking for an input to receiving or waiving it.
    pub days: Spread,
    /// Number of outstanding inputs.
    pub outstanding: u64,
}

/// The counts of a month.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Outcome, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::Month;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::touched(t, Channel::PHONE)).await?;
/// desk.observe("p-17", Event::decided(t, Outcome::Won)).await?;
/// let report = Insight::new(&desk).gap(&Scope::at(t)).await?;
/// let Month { first_contacts, touches, won, lost, .. } = report.by_month["2026-03"];
/// assert_eq!((first_contacts, touches, won, lost), (1, 1, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Month {
    /// Number of first contacts.
    pub first_contacts: u64,
    /// Number of touches.
    pub touches: u64,
    /// Number of prospects who bought.
    pub won: u64,
    /// Number of prospects who said no.
    pub lost: u64,
}

text_enum! {
    /// A property to group prospects by. Prospects without it are in the group `(empty)`.
    #[non_exhaustive]
    Split, "report split" {
        /// The owner.
        Owner = "owner",
        /// The channel of the first contact that names one.
        Channel = "channel",
        /// The field `origin` of the first event that has it.
        Origin = "origin",
        /// The playbook that applies, with its version.
        Playbook = "playbook",
    }
}

/// A gap report for all prospects, and for each group of them. See [`Insight::gap_by`](crate::Insight::gap_by).
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::{GapReportBy, Split};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::inquired(t, Channel::WEB)).await?;
/// desk.observe("p-18", Event::added(t)).await?;
/// let report: GapReportBy = Insight::new(&desk).gap_by(&Scope::at(t), Split::Channel).await?;
/// assert_eq!((report.all.prospects, report.groups["web"].prospects), (2, 1));
/// let json = serde_json::to_value(report.defined())?;
/// assert_eq!((&json["by"], &json["groups"]["(empty)"]["prospects"]), (&"channel".into(), &1.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct GapReportBy {
    /// The report for all prospects.
    #[serde(flatten)]
    pub all: GapReport,
    /// The property that the prospects are grouped by.
    pub by: Split,
    /// The report for each group, by its name.
    pub groups: BTreeMap<String, GapReport>,
}

impl GapReportBy {
    /// Returns the report with the definitions of its fields, for serialization.
    pub fn defined(&self) -> Defined<'_, GapReportBy> {
        Defined::new(self, GapReport::DEFINITIONS)
    }
}

/// The running totals of a gap report.
#[derive(Default)]
struct GapTally {
    report: GapReport,
    first_touch: Tally,
    touches: BTreeMap<u64, u64>,
    touches_in_all: u64,
    contacted: u64,
    between_touches: Tally,
    response: Tally,
    time_in_stage: [Tally; Stage::ALL.len()],
    follow_ups: FollowUpTally,
    open_age: Tally,
    open_silence: Tally,
    cycle: Tally,
    lost_cycle: Tally,
    inputs: Tally,
    /// In minor units.
    won_value: BTreeMap<String, i64>,
}

impl GapTally {
    fn add(&mut self, past: &Past<'_>, facts: &Facts, now: DateTime<Utc>) {
        self.count_standing(past, facts, now);
        self.count_touches(past, facts);
        self.count_months(past, facts);
        facts.stays.iter().for_each(|(stage, time)| self.time_in_stage[*stage as usize].add(*time));
        facts.follow_ups.iter().for_each(|follow_up| self.follow_ups.add(follow_up));
        facts.inputs.iter().for_each(|time| self.inputs.add(*time));
        let report = &mut self.report;
        report.inputs.prospects += u64::from(facts.was_asked_for_inputs);
        report.inputs.outstanding += past.state.inputs().len() as u64;
        let first = past.happened().next().map(|event| event.at());
        report.first_event = report.first_event.into_iter().chain(first).min();
        report.last_event = report.last_event.max(past.happened().next_back().map(|event| event.at()));
    }

    fn count_standing(&mut self, past: &Past<'_>, facts: &Facts, now: DateTime<Utc>) {
        let (state, report) = (past.state, &mut self.report);
        let decided = decide(state, past.policy);
        let rests = matches!(decided.decision, Decision::Rest { .. });
        report.prospects += 1;
        *report.by_stage.entry(state.stage()).or_default() += 1;
        *report.by_standing.entry(decided.decision.standing().as_str()).or_default() += 1;
        for stage in Stage::ALL {
            *report.reached.entry(*stage).or_default() += u64::from(state.has_reached(*stage));
        }
        // Decided by the history and not by the plan, since this count is meant to find wrong plans.
        let complete = state.kind() == Kind::Stakeholder && !state.is_owed_inputs();
        let ended = match state.at_rest() {
            // The answer to a newer request may be owed nevertheless (S6).
            Some(Rest::OptedOut) => rests,
            None if complete => rests,
            rest => rest.is_some(),
        };
        if ended {
            return;
        }
        report.open += 1;
        let idle = match decided.decision {
            Decision::Act { .. } => false,
            Decision::Wait { .. } => decided.wake.is_none(),
            Decision::Rest { .. } => true,
        };
        report.open_without_next_action += u64::from(idle);
        let began = facts.first_contact.or(past.events.first().map(|event| to_micros(event.at())));
        let newest = state.last_contact().map(|contact| to_micros(contact.at)).or(began);
        began.into_iter().for_each(|began| self.open_age.add(to_micros(now) - began));
        newest.into_iter().for_each(|newest| self.open_silence.add(to_micros(now) - newest));
    }

    fn count_touches(&mut self, past: &Past<'_>, facts: &Facts) {
        let report = &mut self.report;
        let touches = u64::from(past.state.touch_count());
        *self.touches.entry(touches).or_default() += 1;
        self.touches_in_all += touches;
        self.contacted += u64::from(facts.first_contact.is_some());
        report.never_touched += u64::from(touches == 0);
        let won = past.state.outcome() == Some(Outcome::Won);
        *report.prospects_by_touches.of_mut(touches) += 1;
        *report.won_by_touches.of_mut(touches) += u64::from(won);
        report.touches_after_stop.prospects += u64::from(facts.touches_after_stop > 0);
        report.touches_after_stop.touches += facts.touches_after_stop;
        report.outside_hours += facts.outside_hours;
        for (index, touches) in facts.by_weekday.iter().enumerate() {
            *report.by_weekday.entry(index as u32 + 1).or_default() += touches;
        }
        facts.first_touch.into_iter().for_each(|time| self.first_touch.add(time));
        facts.between_touches.iter().for_each(|time| self.between_touches.add(*time));
        facts.responses.iter().for_each(|time| self.response.add(*time));
    }

    fn count_months(&mut self, past: &Past<'_>, facts: &Facts) {
        let report = &mut self.report;
        let month = |at| facts.month_of(at);
        for at in &facts.touched_at {
            report.by_month.entry(month(*at)).or_default().touches += 1;
        }
        if let Some(first) = facts.first_contact {
            report.by_month.entry(month(first)).or_default().first_contacts += 1;
        }
        let Some(decided) = past.state.decided() else { return };
        let decided_at = to_micros(decided.at());
        let cycle = facts.first_contact.map(|first| decided_at - first);
        match decided.outcome() {
            Outcome::Won => {
                report.won += 1;
                report.by_month.entry(month(decided_at)).or_default().won += 1;
                cycle.into_iter().for_each(|cycle| self.cycle.add(cycle));
                if let Some(value) = past.state.value() {
                    let sum = self.won_value.entry(value.currency().to_owned()).or_default();
                    *sum = sum.saturating_add(value.minor());
                }
            }
            Outcome::Lost => {
                report.lost += 1;
                report.by_month.entry(month(decided_at)).or_default().lost += 1;
                cycle.into_iter().for_each(|cycle| self.lost_cycle.add(cycle));
            }
            Outcome::Later => {}
        }
    }

    fn finish(self) -> GapReport {
        let mut report = self.report;
        // All stages and weekdays are listed, also those without prospects or touches.
        for stage in Stage::ALL {
            report.by_stage.entry(*stage).or_default();
            report.reached.entry(*stage).or_default();
        }
        for weekday in 1..=7 {
            report.by_weekday.entry(weekday).or_default();
        }
        report.conversion_pct = percent(report.won, report.won + report.lost);
        report.won_pct = percent(report.won, report.prospects);
        report.first_touch = self.first_touch.in_days();
        report.touches = Quantiles::of_counts(&self.touches);
        report.touches_per_first_contact =
            (self.contacted > 0).then(|| self.touches_in_all as f64 / self.contacted as f64);
        report.between_touches = self.between_touches.in_days();
        report.response = self.response.in_days();
        report.time_in_stage =
            Stage::ALL.iter().copied().zip(self.time_in_stage.iter().map(Tally::in_days)).collect();
        report.follow_ups = self.follow_ups.finish();
        report.won_pct_by_touches = report.prospects_by_touches.percent_of(&report.won_by_touches);
        report.open_age = self.open_age.in_days();
        report.open_silence = self.open_silence.in_days();
        report.cycle_days = self.cycle.in_days();
        report.lost_cycle_days = self.lost_cycle.in_days();
        report.inputs.days = self.inputs.in_days();
        let value = |(currency, minor): (String, i64)| {
            let sum = Money::from_minor(minor, &currency).expect("the currency is that of a value");
            (currency, sum.to_decimal())
        };
        report.won_value = self.won_value.into_iter().map(value).collect();
        report
    }
}

pub(crate) async fn gap(desk: &Desk, scope: &Scope) -> Result<GapReport, DeskError> {
    let mut tally = GapTally::default();
    desk.read().each_past(scope, |past| tally.add(past, &facts(desk, past, scope), scope.now)).await?;
    Ok(tally.finish())
}

pub(crate) async fn gap_by(desk: &Desk, scope: &Scope, by: Split) -> Result<GapReportBy, DeskError> {
    let (mut all, mut groups) = (GapTally::default(), BTreeMap::<String, GapTally>::new());
    desk.read()
        .each_past(scope, |past| {
            let facts = facts(desk, past, scope);
            all.add(past, &facts, scope.now);
            groups.entry(group(past, by)).or_default().add(past, &facts, scope.now);
        })
        .await?;
    let groups = groups.into_iter().map(|(name, tally)| (name, tally.finish())).collect();
    Ok(GapReportBy { all: all.finish(), by, groups })
}

fn facts(desk: &Desk, past: &Past<'_>, scope: &Scope) -> Facts {
    let mut facts = Facts::new(past.state.zone());
    walk(desk, past, None, scope.now, &mut facts);
    facts.end(past.state, scope.now);
    facts
}

/// Returns the group of a prospect.
fn group(past: &Past<'_>, by: Split) -> String {
    let name = match by {
        Split::Owner => past.state.owner().map(str::to_owned),
        Split::Channel => {
            let mut contacts = past.events.iter().filter(|event| event.is_contact());
            contacts.find_map(|event| event.channel()).map(|channel| channel.to_string())
        }
        Split::Origin => past.events.iter().find_map(|event| {
            event.extra().as_json().get("origin").and_then(|origin| origin.as_str()).map(str::to_owned)
        }),
        Split::Playbook => Some(format!("{}/{}", past.policy.name(), past.policy.settings().version)),
    };
    group_name(name)
}
