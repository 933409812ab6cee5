//! Reports, audits and backtests of histories that can be counted by hand.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::publish::Moving;
use followup::read::Scope;
use followup::{Channel, Desk, Event, Money, Outcome, Playbook, Purpose, Reason, Stage};
use followup_insight::Insight;
use followup_insight::report::{AuditFinding, BacktestLine, Promptness, Split, Verdict};
use followup_store_memory::MemoryStore;
use followup_test_support::desks::desk;
use followup_test_support::people::id;
use followup_test_support::times::{days, hours, start};
use pollster::block_on;

fn happened(desk: &Desk, id: &str, events: impl IntoIterator<Item = Event>) {
    for event in events {
        block_on(desk.observe_at(id, event, days(400))).expect("it is observed");
    }
}

fn added(owner: &str) -> Event {
    let mut event = Event::added(start());
    if let EventKind::Added { owner: theirs, .. } = event.kind_mut() {
        *theirs = Some(owner.to_owned());
    }
    event
}

fn asked_for(at: DateTime<Utc>, input: &str) -> Event {
    Event::new(at, EventKind::InputRequested { input: input.to_owned(), deadline: None })
}

/// Kim's Ada inquires, is answered the same day, asked again too soon, answers, and buys. Lee's Bob is called on a Sunday
/// and then forgotten. Lee's Cy opted out and was written to nevertheless.
fn book() -> Desk {
    let desk = desk();
    let mut inquired = Event::inquired(hours(1), Channel::EMAIL);
    inquired.extra_mut().set("origin", "fair");
    let value = Money::from_minor(120_050, "EUR").expect("an amount");
    happened(
        &desk,
        "ada",
        [
            added("kim"),
            inquired,
            Event::touched(hours(4), Channel::PHONE),
            Event::touched(days(1), Channel::PHONE),
            Event::replied(days(2), Channel::EMAIL),
            Event::information_sent(days(3), Channel::EMAIL),
            Event::new(days(3), EventKind::Valued { value }).with_seq(1),
            Event::decided(days(10), Outcome::Won),
        ],
    );
    happened(&desk, "bob", [added("lee"), Event::touched(days(6), Channel::PHONE)]);
    happened(
        &desk,
        "cy",
        [
            added("lee"),
            Event::touched(hours(2), Channel::EMAIL),
            Event::opted_out(days(1)),
            Event::touched(days(9), Channel::EMAIL),
            asked_for(days(9) + TimeDelta::hours(1), "plan"),
        ],
    );
    desk
}

#[test]
fn t2_the_gap_is_where_they_stand_and_how_prompt_we_were() {
    let report = block_on(Insight::new(&book()).gap(&Scope::at(days(60)))).expect("a report");
    assert_eq!((report.prospects, report.won, report.lost, report.open), (3, 1, 0, 1));
    assert_eq!((report.conversion_pct, report.won_pct), (Some(100.0), Some(100.0 / 3.0)));
    assert_eq!(report.won_value, BTreeMap::from([("EUR".to_owned(), "1200.50".to_owned())]));
    assert_eq!((report.first_event, report.last_event), (Some(start()), Some(days(10))));
    // Three hours from Ada's inquiry; the others never inquired.
    assert_eq!((report.first_touch.quantiles.n, report.first_touch.quantiles.max), (1, 0.125));
    assert_eq!((report.never_touched, report.touches.n, report.touches.mean), (0, 3, 7.0 / 3.0));
    assert_eq!(report.touches_per_first_contact, Some(7.0 / 3.0));
    let between = report.between_touches.quantiles;
    assert_eq!((between.n, between.min, between.max), (4, 1.0 / 24.0, 8.0 + 22.0 / 24.0));
    assert_eq!(report.between_touches.over[..3], [2, 1, 1], "longer than one, two and seven days");
    // Both calls were followed by the reply, and the information by the yes.
    let response = report.response.quantiles;
    assert_eq!((response.n, response.min, response.max), (3, 1.0, 7.0));
    assert!((report.cycle_days.quantiles.max - (10.0 - 1.0 / 24.0)).abs() < 1e-9);
    assert_eq!((report.touches_after_stop.prospects, report.touches_after_stop.touches), (1, 2));
    let weekdays: Vec<_> = report.by_weekday.values().copied().collect();
    assert_eq!(weekdays, [2, 1, 2, 1, 0, 0, 1] as [u64; 7]);
    assert_eq!(report.outside_hours, 1, "Bob's Sunday");
    assert_eq!(report.open_without_next_action, 0);
    assert_eq!((report.open_age.quantiles.max, report.open_silence.quantiles.max), (54.0, 54.0));
    assert_eq!((report.inputs.prospects, report.inputs.outstanding), (1, 1));
    let march = report.by_month["2026-03"];
    assert_eq!((march.first_contacts, march.touches, march.won, march.lost), (3, 7, 1, 0));
    let shares: Vec<_> = report.won_pct_by_touches.iter().map(|(class, won)| (class, *won)).collect();
    assert_eq!(shares[..4], [("0", None), ("1", Some(0.0)), ("2", None), ("3", Some(50.0))]);
}

#[test]
fn t2_c15_each_touch_is_too_soon_on_time_too_late_or_never_made() {
    let report = block_on(Insight::new(&book()).gap(&Scope::at(days(60)))).expect("a report");
    let follow_ups = &report.follow_ups;
    // On time: Ada's answer, the information after her reply, Cy's first touch. Too soon: her second call. Too late: Bob's,
    // due the day after he was added. Never: his second touch.
    assert_eq!((follow_ups.on_time, follow_ups.too_soon, follow_ups.too_late), (3, 1, 1), "{follow_ups:?}");
    assert_eq!(follow_ups.never, 1, "{follow_ups:?}");
    // From Tuesday at 17:00 to Sunday at 10:00.
    assert_eq!(follow_ups.hours_late.quantiles.max, 4.0 * 24.0 + 17.0);
    let early = block_on(Insight::new(&book()).gap(&Scope::at(days(7)))).expect("a report");
    assert_eq!(early.follow_ups.never, 0, "as of then there was still time");
}

#[test]
fn a_report_is_as_of_an_instant_for_an_owner_and_for_each_part() {
    let desk = book();
    let lee = block_on(Insight::new(&desk).gap(&Scope::at(days(60)).owner("lee"))).expect("a report");
    assert_eq!((lee.prospects, lee.won, lee.touches.n), (2, 0, 2));
    let early = block_on(Insight::new(&desk).gap(&Scope::at(hours(3)))).expect("a report");
    assert_eq!((early.prospects, early.never_touched, early.won), (3, 2, 0));
    let groups = |by: Split| {
        let report = block_on(Insight::new(&desk).gap_by(&Scope::at(days(60)), by)).expect("a report");
        assert_eq!(report.all, block_on(Insight::new(&desk).gap(&Scope::at(days(60)))).expect("a report"));
        let groups: Vec<_> = report.groups.into_iter().map(|(name, of)| (name, of.prospects)).collect();
        groups
    };
    let group = |name: &str, n| (name.to_owned(), n);
    assert_eq!(groups(Split::Owner), [group("kim", 1), group("lee", 2)]);
    assert_eq!(groups(Split::Channel), [group("email", 2), group("phone", 1)]);
    assert_eq!(groups(Split::Origin), [group("(empty)", 2), group("fair", 1)]);
    assert_eq!(groups(Split::Playbook), [group("default/1", 3)]);
}

#[test]
fn time_in_a_stage_goes_on_until_it_is_left_or_the_pursuit_ends() {
    let desk = desk();
    let asks = |at, request| Event::new(at, EventKind::Requested { request, channel: None });
    happened(
        &desk,
        "p",
        [
            Event::added(start()),
            asks(days(2), Request::AskedInformation),
            asks(days(5), Request::AskedProposal),
            Event::decided(days(9), Outcome::Lost),
            asks(days(20), Request::AskedAppointment),
        ],
    );
    let report = block_on(Insight::new(&desk).gap(&Scope::at(days(24)))).expect("a report");
    let stays: Vec<_> = report
        .time_in_stage
        .iter()
        .map(|(stage, spread)| (*stage, spread.quantiles.n, spread.quantiles.max))
        .collect();
    assert_eq!(
        stays,
        [
            (Stage::Interest, 1, 2.0),
            (Stage::Information, 1, 3.0),
            (Stage::Appointment, 1, 4.0),
            (Stage::Proposal, 1, 4.0),
            (Stage::Decision, 0, 0.0),
        ]
    );
}

#[test]
fn responses_to_a_proposal_are_counted_from_it() {
    let desk = desk();
    let proposed = || Event::new(start(), EventKind::ProposalSent { amount: None, channel: None });
    happened(
        &desk,
        "answers",
        [
            proposed(),
            Event::touched(days(2), Channel::PHONE),
            Event::touched(days(7), Channel::PHONE),
            Event::replied(days(8), None),
            Event::decided(days(9), Outcome::Won),
            Event::touched(days(11), Channel::PHONE),
        ],
    );
    happened(&desk, "silent", [proposed(), Event::touched(days(1), Channel::PHONE)]);
    happened(&desk, "forgotten", [proposed()]);
    happened(&desk, "none", [Event::added(start())]);
    let report =
        block_on(Insight::new(&desk).response(&Scope::at(days(30)), "proposal_sent", "P3D".parse().ok()))
            .expect("a report");
    assert_eq!((report.anchored, report.followed_up, report.never_followed_up), (3, 2, 1));
    assert_eq!((report.first_follow_up.quantiles.min, report.first_follow_up.quantiles.max), (1.0, 2.0));
    assert_eq!((report.between_follow_ups.quantiles.n, report.between_follow_ups.quantiles.max), (2, 5.0));
    let follow_ups: Vec<_> = report.follow_ups.iter().map(|(_, count)| *count).collect();
    assert_eq!(follow_ups, [1, 1, 0, 1, 0, 0, 0, 0]);
    assert_eq!(
        (*report.won_pct_by_follow_ups.of(3), *report.won_pct_by_follow_ups.of(1)),
        (Some(100.0), None)
    );
    assert_eq!(
        (report.answered, report.answer.quantiles.max, report.touches_before_answer.max),
        (1, 8.0, 2.0)
    );
    assert_eq!((report.touches_after_decision.prospects, report.touches_after_decision.touches), (1, 1));
    let late = report.late.expect("there is a maximum gap");
    // The second call came five days after the first, and no call followed it.
    assert_eq!((late.made, late.late, late.hours_late.quantiles.max, late.unserved), (3, 1, 48.0, 0));
    assert_eq!((report.open, report.open_overdue, report.open_never_followed_up), (2, Some(2), 1));
    let without = block_on(Insight::new(&desk).response(&Scope::at(days(30)), "proposal_sent", None))
        .expect("a report");
    assert_eq!((without.late, without.open_overdue), (None, None));
}

#[test]
fn a_conversation_is_a_touch_and_then_an_answer() {
    let desk = desk();
    let proposed = Event::new(start(), EventKind::ProposalSent { amount: None, channel: None });
    happened(&desk, "p", [proposed, Event::new(days(4), EventKind::ProposalDiscussed)]);
    let report =
        block_on(Insight::new(&desk).response(&Scope::at(days(9)), "proposal_sent", "P3D".parse().ok()))
            .expect("a report");
    assert_eq!((report.followed_up, report.answered, report.touches_before_answer.max), (1, 1, 0.0));
    let late = report.late.expect("there is a maximum gap");
    assert_eq!((late.made, late.late, late.unserved), (1, 1, 0));
}

#[test]
fn t3_versions_are_compared_with_their_samples() {
    let playbook = |version: u32| Playbook::parse(&format!("version = {version}")).expect("a playbook");
    let mut desk = Desk::new(MemoryStore::new(), playbook(1));
    let decide = |desk: &Desk, who: String, day: i64, outcome: Outcome| {
        for event in [Event::added(days(day)), Event::decided(days(day) + TimeDelta::hours(1), outcome)] {
            block_on(desk.observe_at(who.as_str(), event, days(day) + TimeDelta::hours(1)))
                .expect("it is observed");
        }
    };
    let bought = |n: u32, of: u32| if n < of { Outcome::Won } else { Outcome::Lost };
    block_on(desk.publish(playbook(1), Moving::Move, start())).expect("published");
    (0..40).for_each(|n| decide(&desk, format!("old-{n}"), 1, bought(n, 4)));
    block_on(desk.publish(playbook(2), Moving::Move, days(10))).expect("published");
    (0..40).for_each(|n| decide(&desk, format!("new-{n}"), 11, bought(n, 20)));
    let outcomes = block_on(Insight::new(&desk).playbooks(&Scope::at(days(20)))).expect("a report");
    let counted: Vec<_> = outcomes
        .iter()
        .map(|version| (version.version, version.prospects, version.won, version.lost))
        .collect();
    assert_eq!(
        counted,
        [(1, 40, 4, 36), (2, 40, 20, 20)],
        "a decision under the first version counts for it"
    );
    let compared = outcomes[1].compared.as_ref().expect("with the first");
    assert_eq!((compared.with, compared.difference, compared.verdict), (1, 40.0, Verdict::Better));
    assert!(compared.says.starts_with("works better than version 1: 20 of 40"), "{}", compared.says);
    assert_eq!(outcomes[0].compared, None);
}

#[test]
fn the_load_of_the_coming_days_is_that_of_the_current_plans() {
    let desk = book();
    let report = block_on(Insight::new(&desk).load(&Scope::at(days(7)), 3)).expect("a report");
    // Bob's second touch, a week after the first, and one for Ada, who has not bought yet.
    assert_eq!((report.actions, report.overdue, report.later), (2, 0, 2));
    assert_eq!(report.days.len(), 3);
    let late = block_on(Insight::new(&desk).load(&Scope::at(days(40)), 3)).expect("a report");
    assert_eq!((late.actions, late.overdue, late.days[0].actions), (1, 1, 1));
    assert_eq!(late.days[0].by_owner, BTreeMap::from([("lee".to_owned(), 1)]));
    assert_eq!(late.days[0].on.to_string(), "2026-04-11");
}

#[test]
fn c15_the_audit_finds_each_breach_where_it_is() {
    let desk = book();
    let mut lines = Vec::new();
    let each = |finding: AuditFinding| {
        lines.push(format!(
            "{} {:.10} {} {}",
            finding.prospect,
            finding.at.to_rfc3339(),
            finding.rule,
            finding.finding
        ));
    };
    let totals = block_on(Insight::new(&desk).audit_all(&Scope::at(days(60)), each)).expect("an audit");
    assert_eq!(
        lines,
        [
            "ada 2026-03-03 C5 too_soon",
            "bob 2026-03-08 C16 outside_hours",
            "bob 2026-03-08 C6 too_late",
            "bob 2026-03-18 C6 never",
            "cy 2026-03-11 S6 after_stop",
            "cy 2026-03-11 S6 after_stop",
        ]
    );
    assert_eq!((totals.prospects, totals.with_findings, totals.findings), (3, 3, 6));
    assert_eq!(totals.by_rule["S6"], 2);
    assert_eq!(totals.by_owner, BTreeMap::from([("kim".to_owned(), 1), ("lee".to_owned(), 5)]));
    // Bob is forgotten at the end of March and of April, and now.
    let overdue: Vec<_> = totals.overdue.iter().map(|(month, count)| (month.as_str(), *count)).collect();
    assert_eq!(overdue, [("2026-03", 1), ("2026-04", 1), ("2026-05", 1)]);
    let own = block_on(Insight::new(&desk).audit(&id("bob"), days(60))).expect("an audit");
    assert_eq!(own.len(), 3);
    assert!(block_on(Insight::new(&desk).audit(&id("nobody"), days(60))).is_err());
}

#[test]
fn the_audit_allows_a_repeated_channel_or_reason_if_it_is_the_only_one() {
    let desk = desk();
    let touch = |day| {
        Event::new(
            days(day),
            EventKind::Touched {
                channel: Channel::PHONE,
                purpose: Some(Purpose::CHECK_IN),
                reason: Some(Reason::ARE_YOU_READY),
                personal: None,
                automatic: false,
                reached: false,
            },
        )
    };
    happened(&desk, "p", [Event::added(start()), touch(0), touch(7), touch(28)]);
    let found = |now| {
        let findings = block_on(Insight::new(&desk).audit(&id("p"), now)).expect("an audit");
        findings.into_iter().map(|found| format!("{} {}", found.rule, found.finding)).collect::<Vec<_>>()
    };
    assert_eq!(found(days(29)), ["C9 same_channel", "W1 are_you_ready_only"]);
    // If they prefer the channel, it is not a breach.
    let wish = EventKind::Preferred { channel: Some(Channel::PHONE), weekdays: None, from: None, to: None };
    happened(&desk, "p", [Event::new(start(), wish).with_seq(5)]);
    assert_eq!(found(days(29)), ["W1 are_you_ready_only"]);
}

#[test]
fn p2_the_audit_finds_a_stage_that_was_skipped() {
    let desk = desk();
    let proposed = Event::new(days(1), EventKind::ProposalSent { amount: None, channel: None });
    happened(&desk, "p", [Event::added(start()), proposed]);
    let findings = block_on(Insight::new(&desk).audit(&id("p"), days(2))).expect("an audit");
    let found: Vec<_> = findings.iter().map(|found| format!("{} {}", found.rule, found.finding)).collect();
    assert_eq!(found, ["P2 skipped_stage"]);
    assert!(findings[0].detail.starts_with("proposal_sent: no appointment was held"), "{findings:?}");
}

#[test]
fn a_backtest_measures_the_touches_against_another_playbook() {
    let desk = desk();
    happened(&desk, "p", [0, 7, 21, 120].map(|day| Event::touched(days(day), Channel::PHONE)));
    happened(&desk, "q", [Event::touched(start(), Channel::PHONE), Event::decided(days(2), Outcome::Won)]);
    let backtest = |toml: &str| {
        let playbook = Playbook::parse(toml).expect("a playbook");
        let mut lines = Vec::new();
        let each = |line: BacktestLine| lines.push((line.prospect.to_string(), line.follow_up.promptness));
        let counted = block_on(Insight::new(&desk).backtest(&Scope::at(days(121)), &playbook, each))
            .expect("a backtest");
        (counted, lines)
    };
    let (usual, lines) = backtest("");
    let promptness = [Promptness::OnTime, Promptness::OnTime, Promptness::TooLate];
    assert_eq!(lines, promptness.map(|promptness| ("p".to_owned(), promptness)));
    assert_eq!((usual.prospects, usual.made, usual.follow_ups.never), (2, 3, 0));
    assert_eq!(usual.beyond_limit.touches, 0);
    let (patient, lines) = backtest("[cadence.second]\nfrom = \"P10D\"\nto = \"P14D\"\n[stop]\nmedium = 2");
    assert_eq!(lines[0], ("p".to_owned(), Promptness::TooSoon));
    // The third and the fourth personal touch exceed the effort that the value justifies.
    let beyond = patient.beyond_limit;
    assert_eq!((beyond.prospects, beyond.touches, beyond.won), (1, 2, 0));
}

#[test]
fn a_backtest_ignores_the_wake_ups_under_the_old_playbook() {
    let desk = desk();
    let informed = Event::information_sent(days(0), Channel::EMAIL);
    happened(&desk, "p", [Event::added(start()), informed.with_seq(1)]);
    block_on(desk.wake(days(100))).expect("woken");
    let names: Vec<_> =
        block_on(desk.history("p")).expect("a history").iter().map(|entry| entry.event.name()).collect();
    assert_eq!(names, ["added", "information_sent", "went_stale"]);
    happened(&desk, "p", [Event::touched(days(101), Channel::PHONE)]);
    let patient = "[cadence.second]\nfrom = \"P90D\"\nto = \"P120D\"";
    let playbook = Playbook::parse(patient).expect("a playbook");
    let backtest =
        block_on(Insight::new(&desk).backtest(&Scope::at(days(102)), &playbook, |_| {})).expect("a backtest");
    let of = &backtest.follow_ups;
    assert_eq!((of.on_time, of.too_soon, of.too_late, of.never), (2, 0, 0, 0), "{backtest:?}");
}
