//! Reports as tables for people.

use followup::Span;
use followup_insight::report::{
    AuditFinding, AuditTotals, Backtest, BacktestLine, FollowUps, GapReport, GapReportBy, LoadReport,
    PlaybookOutcome, Quantiles, ResponseReport, Spread,
};

use crate::tables::{table, words};

const BAR: f64 = 40.0;

fn pct(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{share:.1} %"))
}

fn bar(part: u64, whole: u64) -> String {
    "█".repeat((part as f64 / whole.max(1) as f64 * BAR).round() as usize)
}

/// Returns the cells of quantiles: count, median, 90th percentile, maximum.
fn cells(quantiles: &Quantiles) -> [String; 4] {
    let number = |value: f64| if quantiles.n == 0 { "-".to_owned() } else { format!("{value:.1}") };
    [quantiles.n.to_string(), number(quantiles.median), number(quantiles.p90), number(quantiles.max)]
}

fn spreads<'s>(title: &str, rows: impl IntoIterator<Item = (&'s str, &'s Spread)>) -> String {
    let mut spreads = table(&[title, "count", "median", "90 % within", "longest"]);
    for (name, spread) in rows {
        spreads.add_row([name.to_owned()].into_iter().chain(cells(&spread.quantiles)));
    }
    spreads.to_string()
}

/// Returns the median of the hours, or nothing if there are none.
fn by_hours(hours: &Spread, before: &str, after: &str) -> String {
    match hours.quantiles.n {
        0 => String::new(),
        _ => format!(" {before}by a median of {:.0} h{after}", hours.quantiles.median),
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn follow_ups(follow_ups: &FollowUps) -> String {
    let FollowUps { on_time, too_soon, too_late, never, .. } = follow_ups;
    let late = by_hours(&follow_ups.hours_late, "(", ")");
    format!("Follow-ups: {on_time} on time, {too_soon} too soon, {too_late} too late{late}, {never} never")
}

pub(crate) fn gap(report: &GapReport) -> String {
    let mut stages = table(&["stage", "reached", "", "there now", "median days"]);
    for (stage, reached) in &report.reached {
        let here = report.by_stage.get(stage).copied().unwrap_or(0);
        let days = report.time_in_stage.get(stage).map(|spread| cells(&spread.quantiles)[1].clone());
        stages.add_row([
            stage.to_string(),
            reached.to_string(),
            bar(*reached, report.prospects),
            here.to_string(),
            days.unwrap_or_default(),
        ]);
    }
    let standings: Vec<_> =
        report.by_standing.iter().map(|(word, n)| format!("{} {n}", words(word))).collect();
    let mut touches = table(&["touches", "prospects", "won", ""]);
    for ((class, prospects), (_, won)) in
        report.prospects_by_touches.iter().zip(report.won_pct_by_touches.iter())
    {
        touches.add_row([
            class.to_owned(),
            prospects.to_string(),
            pct(*won),
            bar(won.unwrap_or(0.0) as u64, 100),
        ]);
    }
    let per_contact = report.touches_per_first_contact.unwrap_or(0.0);
    [
        stages.to_string(),
        format!("{} prospects: {}", report.prospects, standings.join(", ")),
        format!("{} open, {} of them without a next action", report.open, report.open_without_next_action),
        format!("{} never touched", report.never_touched),
        format!(
            "{} won, {} lost; {} of the decided won (good sellers reach 15 to 20 %)",
            report.won,
            report.lost,
            pct(report.conversion_pct)
        ),
        format!("{per_contact:.1} touches per first contact (four or more pay off)"),
        follow_ups(&report.follow_ups),
        format!(
            "{} outside open hours; {} on {} after a stop",
            counted(report.outside_hours, "touch", "touches"),
            counted(report.touches_after_stop.touches, "touch", "touches"),
            counted(report.touches_after_stop.prospects, "prospect", "prospects")
        ),
        spreads(
            "days",
            [
                ("from the inquiry to our first touch", &report.first_touch),
                ("between our touches", &report.between_touches),
                ("from our touch to their next sign", &report.response),
                ("since the last contact, if open", &report.open_silence),
                ("from the first contact to the win", &report.cycle_days),
            ],
        ),
        touches.to_string(),
    ]
    .join("\n")
}

pub(crate) fn groups(report: &GapReportBy) -> String {
    let by = report.by.to_string();
    let mut groups =
        table(&[&by, "prospects", "open", "won", "won of decided", "touches", "too late", "never"]);
    for (name, group) in &report.groups {
        groups.add_row([
            name.clone(),
            group.prospects.to_string(),
            group.open.to_string(),
            group.won.to_string(),
            pct(group.conversion_pct),
            format!("{:.1}", group.touches.mean),
            group.follow_ups.too_late.to_string(),
            group.follow_ups.never.to_string(),
        ]);
    }
    groups.to_string()
}

pub(crate) fn response(report: &ResponseReport, anchor: &str, gap: Option<Span>) -> String {
    let anchor = words(anchor);
    let mut lines = vec![
        format!(
            "{} with {anchor}: {} followed up, {} never",
            report.anchored, report.followed_up, report.never_followed_up
        ),
        format!(
            "{} answered ({}), after {:.1} touches on average",
            report.answered,
            pct(report.answered_pct),
            report.touches_before_answer.mean
        ),
        spreads(
            "days",
            [
                ("to the first follow-up", &report.first_follow_up),
                ("between follow-ups", &report.between_follow_ups),
                ("to their answer", &report.answer),
            ],
        ),
    ];
    let mut classes = table(&["follow-ups", "prospects", "won of decided"]);
    for ((class, count), (_, won)) in report.follow_ups.iter().zip(report.won_pct_by_follow_ups.iter()) {
        classes.add_row([class.to_owned(), count.to_string(), pct(*won)]);
    }
    lines.push(classes.to_string());
    lines.push(format!(
        "{} on {} after their decision",
        counted(report.touches_after_decision.touches, "touch", "touches"),
        counted(report.touches_after_decision.prospects, "prospect", "prospects")
    ));
    if let (Some(late), Some(gap)) = (&report.late, gap) {
        lines.push(format!(
            "Maximum gap {gap}: {} of {} follow-ups late{}; {} unserved before the stop",
            late.late,
            late.made,
            by_hours(&late.hours_late, "", ""),
            late.unserved
        ));
    }
    lines.push(format!(
        "{} open: {} of them overdue, {} never followed up",
        report.open,
        report.open_overdue.map_or("-".to_owned(), |overdue| overdue.to_string()),
        report.open_never_followed_up
    ));
    lines.join("\n")
}

pub(crate) fn playbooks(outcomes: &[PlaybookOutcome]) -> String {
    let mut versions =
        table(&["playbook", "prospects", "won", "lost", "won of decided", "95 % interval", "touches"]);
    for outcome in outcomes {
        let interval = outcome.conversion_interval;
        versions.add_row([
            format!("{}/{}", outcome.playbook, outcome.version),
            outcome.prospects.to_string(),
            outcome.won.to_string(),
            outcome.lost.to_string(),
            pct(outcome.conversion_pct),
            interval.map_or("-".to_owned(), |[low, high]| format!("{low:.1} to {high:.1}")),
            format!("{:.1}", outcome.touches.mean),
        ]);
    }
    let says = outcomes.iter().filter_map(|outcome| {
        let compared = outcome.compared.as_ref()?;
        Some(format!("{}/{} {}", outcome.playbook, outcome.version, compared.says))
    });
    std::iter::once(versions.to_string()).chain(says).collect::<Vec<_>>().join("\n")
}

pub(crate) fn load(report: &LoadReport) -> String {
    let mut days = table(&["day", "actions", "automatic", "by channel"]);
    for day in &report.days {
        let channels: Vec<_> = day.by_channel.iter().map(|(channel, n)| format!("{channel} {n}")).collect();
        days.add_row([
            day.on.format("%a %-d %b %Y").to_string(),
            day.actions.to_string(),
            day.automatic.to_string(),
            channels.join(", "),
        ]);
    }
    format!("{days}\n{} overdue now, {} planned for later", report.overdue, report.later)
}

/// Returns a finding as one line.
pub(crate) fn finding(finding: &AuditFinding) -> String {
    format!(
        "{}  {:16} {} ({}): {}",
        finding.at.format("%Y-%m-%d %H:%M"),
        finding.prospect.as_str(),
        words(finding.finding),
        finding.rule,
        finding.detail
    )
}

pub(crate) fn totals(totals: &AuditTotals) -> String {
    let mut found = table(&["finding", "count"]);
    for (finding, times) in &totals.by_finding {
        found.add_row([words(finding), times.to_string()]);
    }
    let mut rules = table(&["rule", "count"]);
    for (rule, times) in &totals.by_rule {
        rules.add_row([rule.clone(), times.to_string()]);
    }
    let mut owners = table(&["owner", "count"]);
    for (owner, times) in &totals.by_owner {
        owners.add_row([owner.clone(), times.to_string()]);
    }
    let mut overdue = table(&["end of month", "overdue", ""]);
    let most = totals.overdue.values().copied().max().unwrap_or(0);
    for (month, count) in &totals.overdue {
        overdue.add_row([month.clone(), count.to_string(), bar(*count, most)]);
    }
    format!(
        "{} findings in the histories of {} of {} prospects\n{found}\n{rules}\n{owners}\n{overdue}",
        totals.findings, totals.with_findings, totals.prospects
    )
}

/// Returns a follow-up as one line.
pub(crate) fn follow_up(line: &BacktestLine) -> String {
    let follow_up = &line.follow_up;
    let minutes = "%Y-%m-%d %H:%M";
    format!(
        "{}  {:16} {}: {} from {} to {}",
        follow_up.at.format(minutes),
        line.prospect.as_str(),
        words(follow_up.promptness.as_str()),
        words(follow_up.purpose.as_str()),
        follow_up.window.earliest.format(minutes),
        follow_up.window.latest.format(minutes),
    )
}

pub(crate) fn backtest(backtest: &Backtest) -> String {
    let mut purposes = table(&["asked for", "on time", "too soon", "too late", "never"]);
    for (purpose, of) in &backtest.by_purpose {
        purposes.add_row([
            words(purpose),
            of.on_time.to_string(),
            of.too_soon.to_string(),
            of.too_late.to_string(),
            of.never.to_string(),
        ]);
    }
    let (rest, limit) = (&backtest.beyond_rest, &backtest.beyond_limit);
    [
        format!("{} prospects, {} touches measured", backtest.prospects, backtest.made),
        follow_ups(&backtest.follow_ups),
        purposes.to_string(),
        format!(
            "{} touches on {} prospects while the playbook would have rested or waited; {} of them won",
            rest.touches, rest.prospects, rest.won
        ),
        format!(
            "{} touches on {} prospects beyond the limit for their value; {} of them won",
            limit.touches, limit.prospects, limit.won
        ),
    ]
    .join("\n")
}
