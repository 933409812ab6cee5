//! Do the reports agree with a plain reading of their definitions, for any history?
//!
//! The reading goes over the events with loops and sorted lists, by the words of each field and of the planning rules
//! alone. `PROPTEST_CASES` multiplies the number of cases (256 is the usual number).

mod book;
mod compare;
mod gap;
mod life;
mod response;

use std::collections::BTreeMap;

use book::*;
use compare::*;
use followup::event::EventKind;
use followup::read::Scope;
use followup::{Desk, Span};
use followup_insight::Insight;
use followup_insight::report::{
    AuditFinding, AuditTotals, Backtest, BacktestLine, FollowUps, GapReport, PlaybookOutcome, Promptness,
    ResponseReport, Split,
};
use gap::{the_gap_is, the_outcomes_are};
use life::*;
use pollster::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestCaseResult};
use response::the_response_is;

/// The group of a prospect.
fn part(life: &Life, by: Split) -> String {
    let named = match by {
        Split::Owner => life.events.iter().rev().find_map(|event| match &event.kind() {
            EventKind::Added { owner, .. } => owner.clone(),
            EventKind::Assigned { owner } => Some(owner.clone()),
            _ => None,
        }),
        Split::Channel => life.contacts().iter().find_map(|event| Some(event.channel()?.to_string())),
        Split::Origin => {
            let origin = life.events.iter().find_map(|event| event.extra().as_json().get("origin"));
            origin.and_then(|origin| Some(origin.as_str()?.to_owned()))
        }
        _ => Some("default/1".to_owned()),
    };
    named.unwrap_or_else(|| "(empty)".to_owned())
}

fn gap_of(desk: &Desk, scope: &Scope) -> GapReport {
    block_on(Insight::new(desk).gap(scope)).expect("a report")
}

fn outcomes(desk: &Desk, scope: &Scope) -> Vec<PlaybookOutcome> {
    block_on(Insight::new(desk).playbooks(scope)).expect("a report")
}

fn response(desk: &Desk, scope: &Scope, anchor: &str, max_gap: Option<Span>) -> ResponseReport {
    block_on(Insight::new(desk).response(scope, anchor, max_gap)).expect("a report")
}

fn audited(desk: &Desk, scope: &Scope) -> (AuditTotals, Vec<AuditFinding>) {
    let mut findings = Vec::new();
    let totals =
        block_on(Insight::new(desk).audit_all(scope, |finding| findings.push(finding))).expect("an audit");
    (totals, findings)
}

fn tested(desk: &Desk, scope: &Scope) -> (Backtest, Vec<BacktestLine>) {
    let mut lines = Vec::new();
    let report =
        block_on(Insight::new(desk).backtest(scope, policy(), |line| lines.push(line))).expect("a backtest");
    (report, lines)
}

/// Counts the lines, and compares each with its window.
fn follow_ups_are(said: &FollowUps, lines: &[&BacktestLine]) -> TestCaseResult {
    let number =
        |promptness| lines.iter().filter(|line| line.follow_up.promptness == promptness).count() as u64;
    let all = [Promptness::TooSoon, Promptness::OnTime, Promptness::TooLate, Promptness::Never].map(number);
    prop_assert_eq!([said.too_soon, said.on_time, said.too_late, said.never], all);
    let mut late = Vec::new();
    for line in lines {
        let (at, window) = (line.follow_up.at, line.follow_up.window);
        match line.follow_up.promptness {
            Promptness::TooSoon => {
                prop_assert!(at < window.earliest && line.follow_up.kind.is_started_by_us())
            }
            Promptness::OnTime => prop_assert!(at <= window.latest),
            _ => prop_assert!(at > window.latest),
        }
        late.extend((line.follow_up.promptness == Promptness::TooLate).then(|| at - window.latest));
    }
    same_spread("hours_late", &said.hours_late, &late, HOUR)
}

/// The given number of cases, multiplied by the factor by which `PROPTEST_CASES` exceeds its default of 256.
fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let rng_seed = if usual.rng_seed == RngSeed::Random { RngSeed::Fixed(17) } else { usual.rng_seed };
    ProptestConfig { cases: cases * usual.cases / 256, rng_seed, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn t2_t3_the_gap_and_the_outcomes_match_their_definitions(
        people in vec(arb_person(), 1..4),
        now in arb_now(),
    ) {
        let (desk, lives) = (woken(&people, now), lives(&people, now));
        let scope = Scope::at(now);
        the_gap_is(&gap_of(&desk, &scope), &lives)?;
        the_outcomes_are(&outcomes(&desk, &scope), &lives)?;
    }

    #[test]
    fn t2_the_response_matches_its_definitions(
        people in vec(arb_person(), 1..4),
        now in arb_now(),
        anchor in select(vec!["proposal_sent", "inquired", "touched", "decided", "opted_out", "appointment_set"]),
        gap in select(vec!["P3D", "PT36H", "P1M"]),
    ) {
        let desk = woken(&people, now);
        let span = gap.parse().expect("a span");
        let said = response(&desk, &Scope::at(now), anchor, Some(span));
        the_response_is(&said, &lives(&people, now), anchor, gap)?;
        let without = response(&desk, &Scope::at(now), anchor, None);
        prop_assert_eq!((&without.late, without.open_overdue), (&None, None));
        let mut rest = said;
        (rest.late, rest.open_overdue) = (None, None);
        prop_assert_eq!(without, rest);
    }

    #[test]
    fn later_events_change_no_report_of_the_past(people in vec(arb_person(), 1..4), now in arb_now()) {
        let (then, whole) = (desk(&people, now), desk(&people, far()));
        let scope = Scope::at(now);
        let gap = |desk: &Desk| gap_of(desk, &scope);
        prop_assert_eq!(gap(&whole), gap(&then));
        let max = Some("P3D".parse().expect("a span"));
        let answers = |desk: &Desk| response(desk, &scope, "touched", max);
        prop_assert_eq!(answers(&whole), answers(&then));
        let playbooks = |desk: &Desk| outcomes(desk, &scope);
        prop_assert_eq!(playbooks(&whole), playbooks(&then));
        prop_assert_eq!(audited(&whole, &scope), audited(&then, &scope));
        prop_assert_eq!(tested(&whole, &scope), tested(&then, &scope));
    }

    #[test]
    fn wake_ups_count_the_same_recorded_or_not(people in vec(arb_person(), 1..4), now in arb_now()) {
        let (asleep, awake) = (desk(&people, now), woken(&people, now));
        let scope = Scope::at(now);
        let gap = |desk: &Desk| gap_of(desk, &scope);
        prop_assert_eq!(gap(&asleep), gap(&awake));
        prop_assert_eq!(audited(&asleep, &scope), audited(&awake, &scope));
        let max = Some("P3D".parse().expect("a span"));
        let answers = |desk: &Desk| response(desk, &scope, "touched", max);
        prop_assert_eq!(answers(&asleep), answers(&awake));
        let playbooks = |desk: &Desk| outcomes(desk, &scope);
        prop_assert_eq!(playbooks(&asleep), playbooks(&awake));
        prop_assert_eq!(tested(&asleep, &scope), tested(&awake, &scope));
    }

    #[test]
    fn the_report_of_an_owner_or_a_group_equals_that_of_a_desk_with_nobody_else(
        people in vec(arb_person(), 1..6),
        now in arb_now(),
        by in select(vec![Split::Owner, Split::Channel, Split::Origin, Split::Playbook]),
    ) {
        let desk = desk(&people, far());
        let mut parts: BTreeMap<String, Vec<Person>> = BTreeMap::new();
        for person in &people {
            if let Some(life) = lives(std::slice::from_ref(person), now).pop() {
                parts.entry(part(&life, by)).or_default().push(person.clone());
            }
        }
        let alone = |people: &[Person]| gap_of(&self::desk(people, now), &Scope::at(now));
        let parts: BTreeMap<String, GapReport> =
            parts.into_iter().map(|(name, people)| (name, alone(&people))).collect();
        let said = block_on(Insight::new(&desk).gap_by(&Scope::at(now), by)).expect("a report");
        prop_assert_eq!(&said.all, &alone(&people));
        prop_assert_eq!(&said.groups, &parts);
        if by == Split::Owner {
            for owner in ["kim", "lee"] {
                let of_owner = gap_of(&desk, &Scope::at(now).owner(owner));
                prop_assert_eq!(of_owner, parts.get(owner).cloned().unwrap_or_else(|| alone(&[])));
            }
        }
    }

    #[test]
    fn the_totals_of_an_audit_and_a_backtest_are_the_sums_of_their_lines(
        people in vec(arb_person(), 1..5),
        now in arb_now(),
    ) {
        let desk = desk(&people, far());
        let scope = Scope::at(now);
        let (totals, findings) = audited(&desk, &scope);
        let lives = lives(&people, now);
        let each: Vec<_> = (0..people.len()).filter_map(|index| block_on(Insight::new(&desk).audit(&id(index), now)).ok()).collect();
        prop_assert_eq!((totals.prospects, totals.prospects), (lives.len() as u64, each.len() as u64));
        prop_assert_eq!(totals.with_findings, each.iter().filter(|findings| !findings.is_empty()).count() as u64);
        prop_assert_eq!(&each.concat(), &findings);
        prop_assert_eq!(totals.findings, findings.len() as u64);
        prop_assert_eq!(&totals.by_rule, &count(findings.iter().map(|finding| finding.rule.to_string())));
        prop_assert_eq!(&totals.by_finding, &count(findings.iter().map(|finding| finding.finding)));
        let owner = |finding: &AuditFinding| finding.owner.clone().unwrap_or_else(|| "(empty)".to_owned());
        prop_assert_eq!(&totals.by_owner, &count(findings.iter().map(owner)));

        let (report, lines) = tested(&desk, &scope);
        prop_assert_eq!(report.prospects, lives.len() as u64);
        follow_ups_are(&report.follow_ups, &lines.iter().collect::<Vec<_>>())?;
        let mut by_purpose: BTreeMap<String, Vec<&BacktestLine>> = BTreeMap::new();
        for line in &lines {
            by_purpose.entry(line.follow_up.purpose.to_string()).or_default().push(line);
        }
        prop_assert!(report.by_purpose.keys().eq(by_purpose.keys()));
        for (said, lines) in report.by_purpose.values().zip(by_purpose.values()) {
            follow_ups_are(said, lines)?;
        }
        let made = lines.iter().filter(|line| line.follow_up.promptness != Promptness::Never).count() as u64;
        prop_assert_eq!(report.made, made);
        let begin = number(&lives, |life| is_touch(&life.events[0]));
        let touches: usize = lives.iter().map(|life| life.touches().len()).sum();
        prop_assert!(made + begin + report.beyond_rest.touches <= touches as u64);
    }
}
