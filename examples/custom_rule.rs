//! How do I add a rule that no setting can say? `cargo run --example custom_rule`

use chrono::{DateTime, Datelike, Days, NaiveTime, Utc, Weekday};
use followup_core::{Channel, Event, HouseRule, ObligationKind, Playbook, ProspectState, Way, plan};

/// Nothing of ours begins on a Friday: by Monday it is forgotten.
#[derive(Debug)]
struct NoFridays;

impl HouseRule for NoFridays {
    fn name(&self) -> &str {
        "no_fridays"
    }

    fn title(&self) -> &str {
        "nothing of ours begins on a Friday"
    }

    fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        // A rule sees what happened, not the date that is being worked out: it counts from the newest contact.
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
        Event::asked_information(friday).via(Channel::EMAIL),
        Event::information_sent(friday).via(Channel::EMAIL).seq(1),
    ])?;
    let usual = Playbook::default();
    println!("{}", plan(&ada, &usual));
    let house = usual.with_rule(NoFridays)?;
    println!("{}", plan(&ada, &house));
    for because in plan(&ada, &house).because.iter().filter(|because| because.rule.id() == "H1") {
        println!("{}: {} from {} to {}", because.title, because.what.as_str(), because.from, because.to);
    }
    Ok(())
}
