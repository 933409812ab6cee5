//! Where people stand, and who has fallen in the gap (T2).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::facts::Facts;
use super::follow_up::{FollowUpTally, FollowUps, walk};
use super::{ByTouches, Defined, Quantiles, Spread, Tally, part_name, percent, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::money::Money;
use followup_core::plan::{Decision, decide};
use followup_core::stage::{Kind, Outcome, Rest, Stage, text_enum};
use followup_core::time::to_micros;

report! {
    /// Where everybody stands at an instant, who fell in the gap on the way, and how prompt we were (T2, T5, C15).
    GapReport {
        /// Everybody to whom something had happened.
        prospects: u64,
        /// How many stand at each stage.
        by_stage: BTreeMap<Stage, u64>,
        /// How many have each standing: active, waiting, or the reason to rest.
        by_standing: BTreeMap<&'static str, u64>,
        /// How many ever got to each stage.
        reached: BTreeMap<Stage, u64>,
        /// Who bought, and has not begun a new round since.
        won: u64,
        /// Who said no, and has not begun a new round since.
        lost: u64,
        /// Neither decided for good, nor stopped, given up, opted out, erased, merged, or complete; who opted out or is
        /// complete, and is owed the answer to a newer request.
        open: u64,
        /// The share of the decided who bought, in percent.
        conversion_pct: Option<f64>,
        /// The share of all who bought, in percent.
        won_pct: Option<f64>,
        /// What those who bought are worth, by currency, in its major unit.
        won_value: BTreeMap<String, String>,
        /// Days from the first inquiry to our first touch at or after it.
        first_touch: Spread,
        /// Nobody of ours was ever in touch with them.
        never_touched: u64,
        /// Touches per prospect.
        touches: Quantiles,
        /// Touches of ours for each prospect with whom there was any contact.
        touches_per_first_contact: Option<f64>,
        /// Days between one touch of ours and the next.
        between_touches: Spread,
        /// Days from each touch of ours to their next sign, if one came; a conversation is an answer, and waits for none.
        response: Spread,
        /// Days in each stage: from entering it to leaving it, to the end of the pursuit, or to now. Whoever goes stale or
        /// begins a new round enters their stage anew.
        time_in_stage: BTreeMap<Stage, Spread>,
        /// Touches measured by what was planned just before them: too soon before the earliest instant of something that
        /// we start, too late after the latest; never: overdue when they gave a sign themselves and no longer owed after
        /// it, when it ended, or now. Not measured is a touch while nothing is planned, an appointment is to be held, or
        /// a send to be resolved, and one that answers them before it would have to.
        follow_ups: FollowUps,
        /// How many had so many touches.
        prospects_by_touches: ByTouches<u64>,
        /// How many of those with so many touches bought.
        won_by_touches: ByTouches<u64>,
        /// The share of those with so many touches who bought, in percent.
        won_pct_by_touches: ByTouches<Option<f64>>,
        /// Touches on whoever had said stop, had opted out of that channel, was given up, erased or merged; but for the
        /// answer to a newer request of theirs, and what they agreed on with us, which begins a new round.
        touches_after_stop: Strays,
        /// Touches by ISO weekday where they are, 1 for Monday.
        by_weekday: BTreeMap<u32, u64>,
        /// Touches outside the hours that were open where they are; but for those whose hour both sides chose, as an
        /// appointment, which a call that reached them is not.
        outside_hours: u64,
        /// Open, with neither a next action nor a wake-up: nobody, or the engine is broken.
        open_without_next_action: u64,
        /// Days since the first contact, or the first event if there was none, of the open.
        open_age: Spread,
        /// Days since the newest contact of either side, or the first event if there was none, of the open.
        open_silence: Spread,
        /// Days from the first contact to the decision, of those who bought.
        cycle_days: Spread,
        /// Days from the first contact to the decision, of those who said no.
        lost_cycle_days: Spread,
        /// Inputs that were asked for (C17).
        inputs: InputsReport,
        /// First contacts, touches and decisions by month where they are.
        by_month: BTreeMap<String, Month>,
        /// When the first event happened; what time alone did is none.
        first_event: Option<DateTime<Utc>>,
        /// When the newest event happened; what time alone did is none.
        last_event: Option<DateTime<Utc>>,
    }
}

/// Touches where there should have been none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Strays {
    /// Who was touched.
    pub prospects: u64,
    /// How many touches there were.
    pub touches: u64,
}

/// Inputs that were asked for.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct InputsReport {
    /// Who was ever asked for one.
    pub prospects: u64,
    /// Days from asking for an input to its coming in or being waived.
    pub days: Spread,
    /// How many are outstanding.
    pub outstanding: u64,
}

/// What happened in a month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Month {
    /// First contacts with somebody.
    pub first_contacts: u64,
    /// Touches of ours.
    pub touches: u64,
    /// Who bought.
    pub won: u64,
    /// Who said no.
    pub lost: u64,
}

text_enum! {
    /// What a report can be split by. Whoever has none stands under `(empty)`.
    #[non_exhaustive]
    Split, "way to split a report" {
        /// Who follows up.
        Owner = "owner",
        /// The channel of the first contact that names one.
        Channel = "channel",
        /// What the first event with a field `origin` says there.
        Origin = "origin",
        /// The playbook that holds for them, with its version.
        Playbook = "playbook",
    }
}

/// A report for all, and for each part of them.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct GapReportBy {
    /// For all.
    #[serde(flatten)]
    pub all: GapReport,
    /// What it is split by.
    pub by: Split,
    /// For each part.
    pub groups: BTreeMap<String, GapReport>,
}

impl GapReportBy {
    /// Returns the report with the definitions of its fields, to be serialized.
    pub fn defined(&self) -> Defined<'_, GapReportBy> {
        Defined::new(self, GapReport::DEFINITIONS)
    }
}

/// A report that is being counted.
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
        let first = past.happened().next().map(|event| event.at);
        report.first_event = report.first_event.into_iter().chain(first).min();
        report.last_event = report.last_event.max(past.happened().next_back().map(|event| event.at));
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
        // Judged by the history, not by the plan: this count is there to find plans that are wrong.
        let complete = state.kind() == Kind::Stakeholder && !state.is_owed_inputs();
        let ended = match state.at_rest() {
            // The answer to a newer request of theirs may be owed nevertheless (S6).
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
        let began = facts.first_contact.or(past.events.first().map(|event| to_micros(event.at)));
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
        // All of them are there, also where nobody is.
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
            let sum = Money::from_minor(minor, &currency).expect("it is the currency of a value");
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

/// The part that somebody belongs to.
fn group(past: &Past<'_>, by: Split) -> String {
    let name = match by {
        Split::Owner => past.state.owner().map(str::to_owned),
        Split::Channel => {
            let mut contacts = past.events.iter().filter(|event| event.is_contact());
            contacts.find_map(|event| event.channel()).map(|channel| channel.to_string())
        }
        Split::Origin => past.events.iter().find_map(|event| {
            event.extra.as_json().get("origin").and_then(|origin| origin.as_str()).map(str::to_owned)
        }),
        Split::Playbook => Some(format!("{}/{}", past.policy.name(), past.policy.settings().version)),
    };
    part_name(name)
}
