//! How do I add a rule that no setting can express? `cargo run --example custom_rule`

use chrono::{DateTime, Datelike, Days, NaiveTime, Utc, Weekday};
use followup::plan::ObligationKind;
use followup::policy::{CustomRule, Way};
use followup::{Channel, Event, Policy, ProspectState, Rule, plan};

/// A rule that moves the touches we start from Friday to Monday.
#[derive(Debug)]
struct NoFridays;

impl CustomRule for NoFridays {
    fn name(&self) -> &str {
        "no_fridays"
    }

    fn title(&self) -> &str {
        "nothing of ours begins on a Friday"
    }

    fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        // A rule sees the history, not the date being computed, so it counts from the last contact.
        let due = state.last_contact()?.at + Days::new(7);
        let friday = kind.is_started_by_us() && due.weekday() == Weekday::Fri;
        friday.then(|| (due + Days::new(3)).with_time(NaiveTime::MIN).single()).flatten()
    }

    fn forbids(&self, _: &ProspectState, way: &Way) -> bool {
        way.channel == Channel::TEXT
    }
}

fn main() -> anyhow::Result<()> {
    let friday: DateTime<Utc> = "2026-03-06T09:00:00Z".parse()?;
    let ada = ProspectState::replay([
        Event::asked_information(friday, Channel::EMAIL),
        Event::information_sent(friday, Channel::EMAIL).with_seq(1),
    ])?;
    let usual = Policy::default();
    println!("{}", plan(&ada, &usual));
    let custom = usual.with_rule(NoFridays)?;
    println!("{}", plan(&ada, &custom));
    for because in plan(&ada, &custom).because.iter().filter(|because| because.rule == Rule::Custom(1)) {
        println!("{}: {} from {} to {}", because.title, because.what.as_str(), because.from, because.to);
    }
    Ok(())
}
