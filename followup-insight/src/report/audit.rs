//! The audit: rule breaches in the history.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::follow_up::{FollowUp, Moment, Promptness, Visitor, walk};
use super::{group_name, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::channel::Channel;
use followup_core::event::TouchFacts;
use followup_core::plan::Bounds;
use followup_core::prospect::ProspectId;
use followup_core::purpose::Reason;
use followup_core::rule::Rule;
use followup_core::state::Breach;
use followup_core::time::{DAY, HOUR, Micros, Zone, to_micros};

/// A breach of a rule in the history of a prospect.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Channel, Desk, Event, Playbook, ProspectId, Rule};
/// # use followup_insight::Insight;
/// use followup_insight::report::AuditFinding;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::stopped(t)).await?;
/// let now = "2026-03-09T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::touched(now, Channel::PHONE)).await?;
/// let findings: Vec<AuditFinding> = Insight::new(&desk).audit(&ProspectId::new("p-17")?, now).await?;
/// let AuditFinding { at, rule, finding, .. } = &findings[0];
/// assert_eq!((*at, *rule, *finding), (now, Rule::S3, "after_stop"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct AuditFinding {
    /// The prospect.
    #[serde(serialize_with = "as_text")]
    pub prospect: ProspectId,
    /// The owner at that time.
    pub owner: Option<String>,
    /// The time of the event; for a follow-up that was not done, the latest instant of its window.
    pub at: DateTime<Utc>,
    /// The rule that was broken.
    #[serde(serialize_with = "as_text")]
    pub rule: Rule,
    /// The kind of breach: `too_soon`, `too_late`, `never`, `after_stop`, `after_decision`, `outside_hours`,
    /// `same_channel`, `are_you_ready_only`, or the word of a [`Breach`].
    pub finding: &'static str,
    /// A description, without personal data.
    pub detail: String,
}

fn as_text<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

report! {
    /// The totals of an audit.
    AuditTotals {
        /// Number of prospects that were audited.
        prospects: u64,
        /// Number of prospects with a finding.
        with_findings: u64,
        /// Number of findings.
        findings: u64,
        /// Number of findings by rule.
        by_rule: BTreeMap<String, u64>,
        /// Number of findings by kind of breach.
        by_finding: BTreeMap<&'static str, u64>,
        /// Number of findings by owner at the time.
        by_owner: BTreeMap<String, u64>,
        /// Number of follow-ups that were overdue at the end of each month, or now for the last month (C15).
        overdue: BTreeMap<String, u64>,
    }
}

impl AuditTotals {
    fn add(&mut self, findings: &[AuditFinding]) {
        self.prospects += 1;
        self.with_findings += u64::from(!findings.is_empty());
        self.findings += findings.len() as u64;
        for finding in findings {
            *self.by_rule.entry(finding.rule.to_string()).or_default() += 1;
            *self.by_finding.entry(finding.finding).or_default() += 1;
            *self.by_owner.entry(group_name(finding.owner.clone())).or_default() += 1;
        }
    }
}

/// The result of auditing one prospect.
struct Audited {
    findings: Vec<AuditFinding>,
    /// The periods in which a follow-up was overdue: start and end.
    overdue: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The maximum number of consecutive touches on one channel (C9).
const CONSECUTIVE_MAX: u32 = 2;

/// A visitor that finds the breaches in the past of one prospect.
struct Auditor<'a> {
    past: &'a Past<'a>,
    now: DateTime<Utc>,
    /// The owner at the current event.
    owner: Option<String>,
    findings: Vec<AuditFinding>,
    /// The channel of the newest touch, and the number of consecutive touches on it.
    consecutive: Option<(Channel, u32)>,
    reasons: u32,
    only_are_you_ready: bool,
    newest_reason: Option<DateTime<Utc>>,
    /// The end of the minimum gap before the current touch.
    gap_ends: Option<Micros>,
    /// The periods in which a follow-up was overdue: start and end.
    overdue: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl<'a> Auditor<'a> {
    fn new(past: &'a Past<'a>, now: DateTime<Utc>) -> Auditor<'a> {
        Auditor {
            past,
            now,
            owner: None,
            findings: Vec::new(),
            consecutive: None,
            reasons: 0,
            only_are_you_ready: true,
            newest_reason: None,
            gap_ends: None,
            overdue: Vec::new(),
        }
    }

    fn add_finding(&mut self, at: DateTime<Utc>, rule: Rule, finding: &'static str, detail: String) {
        let (prospect, owner) = (self.past.prospect.clone(), self.owner.clone());
        self.findings.push(AuditFinding { prospect, owner, at, rule, finding, detail });
    }

    fn touched(&mut self, moment: &Moment<'_>, touch: TouchFacts) {
        let (event, before) = (moment.event, moment.before);
        let bounds = Bounds::new(before, moment.policy);
        self.gap_ends = bounds.gap_ends();
        if moment.is_ours_to_time() && !bounds.is_open(touch.channel, event.at_micros()) {
            let there = before.zone().local_time(event.at());
            let detail = format!("{} at {} in their zone", event.name(), there.format("%a %H:%M"));
            self.add_finding(event.at(), Rule::C16, "outside_hours", detail);
        }
        if let Some(channel) = touch.channel {
            let before_it =
                self.consecutive.filter(|(last, _)| *last == channel).map_or(0, |(_, times)| times);
            self.consecutive = Some((channel, before_it + 1));
            let wished = before.wish().channel() == Some(channel);
            if before_it >= CONSECUTIVE_MAX && bounds.mixes() && !wished {
                let detail = format!("{} consecutive touches by {channel}", before_it + 1);
                self.add_finding(event.at(), Rule::C9, "same_channel", detail);
            }
        }
        if let Some(reason) = touch.reason {
            self.reasons += 1;
            self.only_are_you_ready &= reason == Reason::ARE_YOU_READY;
            self.newest_reason = Some(event.at());
        }
    }

    fn finish(mut self) -> Audited {
        if let Some(at) = self.newest_reason.filter(|_| self.only_are_you_ready) {
            let detail = format!("the only reason given in {} touches", self.reasons);
            self.add_finding(at, Rule::W1, "are_you_ready_only", detail);
        }
        self.findings.sort_by_key(|finding| finding.at);
        Audited { findings: self.findings, overdue: self.overdue }
    }
}

impl Visitor for Auditor<'_> {
    fn event(&mut self, moment: &Moment<'_>) {
        let (event, before) = (moment.event, moment.before);
        self.owner = before.owner().map(str::to_owned);
        if !event.is_wake_up() {
            for found in before.check(event, event.at()) {
                let finding = match (found.finding, found.rule) {
                    (Breach::AtRest, Rule::P9) => "after_decision",
                    (Breach::AtRest | Breach::OptedOut, _) => "after_stop",
                    (breach, _) => breach.as_str(),
                };
                let detail = format!("{}: {}", event.name(), found.detail);
                self.add_finding(event.at(), found.rule, finding, detail);
            }
        }
        if let Some(touch) = moment.touch {
            self.touched(moment, touch);
        }
    }

    fn follow_up(&mut self, follow_up: FollowUp) {
        let FollowUp { purpose, window, at, promptness, .. } = follow_up;
        if at == self.now {
            self.owner = self.past.state.owner().map(str::to_owned);
        }
        let minutes = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%MZ");
        let (earliest, latest) = (minutes(window.earliest), minutes(window.latest));
        match promptness {
            Promptness::OnTime => {}
            Promptness::TooSoon => {
                let in_gap = self.gap_ends.is_some_and(|ends| to_micros(at) < ends);
                let rule = if in_gap { Rule::C5 } else { follow_up.rule };
                self.add_finding(
                    at,
                    rule,
                    promptness.as_str(),
                    format!("{purpose} was not due before {earliest}"),
                );
            }
            Promptness::TooLate => {
                let detail = format!(
                    "{purpose} was due by {latest}, but was done {} late",
                    duration_text(follow_up.late_by())
                );
                self.overdue.push((window.latest, at));
                self.add_finding(at, follow_up.rule, promptness.as_str(), detail);
            }
            Promptness::Never => {
                self.overdue.push((window.latest, at));
                let detail = format!("{purpose} was due by {latest}, but was not done by {}", minutes(at));
                self.add_finding(window.latest, follow_up.rule, promptness.as_str(), detail);
            }
        }
    }
}

fn duration_text(time: Micros) -> String {
    match time / DAY {
        0 => format!("{} hours", time / HOUR),
        days => format!("{days} days"),
    }
}

pub(crate) async fn audit(
    desk: &Desk,
    id: &ProspectId,
    now: DateTime<Utc>,
) -> Result<Vec<AuditFinding>, DeskError> {
    let mut findings = Vec::new();
    match desk.read().past_of(id, now, |past| findings = audit_past(desk, past, now).findings).await? {
        true => Ok(findings),
        false => Err(DeskError::UnknownProspect(id.clone())),
    }
}

pub(crate) async fn audit_all(
    desk: &Desk,
    scope: &Scope,
    mut each: impl FnMut(AuditFinding) + Send,
) -> Result<AuditTotals, DeskError> {
    let mut totals = AuditTotals::default();
    desk.read()
        .each_past(scope, |past| {
            let Audited { findings, overdue } = audit_past(desk, past, scope.now);
            totals.add(&findings);
            for (from, until) in overdue {
                count_month_ends(&mut totals.overdue, from, until, scope.now, past.state.zone());
            }
            findings.into_iter().for_each(&mut each);
        })
        .await?;
    Ok(totals)
}

fn audit_past(desk: &Desk, past: &Past<'_>, now: DateTime<Utc>) -> Audited {
    let mut auditor = Auditor::new(past, now);
    walk(desk, past, None, now, &mut auditor);
    auditor.finish()
}

/// Counts the ends of months between two instants, and the last month if `until` is now.
fn count_month_ends(
    overdue: &mut BTreeMap<String, u64>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: Zone,
) {
    let mut day = zone.date_of(from);
    let last = zone.date_of(until);
    let mut count = |day: NaiveDate| *overdue.entry(day.format("%Y-%m").to_string()).or_default() += 1;
    while (day.year(), day.month()) < (last.year(), last.month()) {
        count(day);
        let next = day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
        let Some(next) = next else { return };
        day = next;
    }
    if until == now {
        count(last);
    }
}
