//! A playbook with one rule: a touch every so many hours, by day and by night.

use chrono::TimeDelta;
use followup_core::{Channel, HouseObligation, HouseRule, Playbook, ProspectState, Purpose, Span};

/// It never closes, holds no touch back, and gives nobody up.
const AT_ALL_HOURS: &str = r#"
name = "every"

[working_hours]
mon = "00:00-24:00"
tue = "00:00-24:00"
wed = "00:00-24:00"
thu = "00:00-24:00"
fri = "00:00-24:00"
sat = "00:00-24:00"
sun = "00:00-24:00"

[cadence]
minimum_gap = "P0D"
ceiling_touches = 32
ceiling_within = "P1D"

[stop]
small = 1000
medium = 1000
"#;

/// A touch is due so long after the contact before it.
#[derive(Debug)]
struct Every {
    name: String,
    time: TimeDelta,
}

impl HouseRule for Every {
    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> &str {
        "there is a touch every so many hours"
    }

    fn obligation(&self, state: &ProspectState) -> Option<HouseObligation> {
        let due = state.last_contact()?.at.checked_add_signed(self.time)?;
        // A telephone does not ring at night; a mail may come at any hour.
        Some(HouseObligation::new(Purpose::CHECK_IN, due, due).via(Channel::EMAIL))
    }
}

/// The playbook of a touch every so many hours.
pub(crate) fn every(span: Span) -> anyhow::Result<Playbook> {
    anyhow::ensure!(span.is_exact(), "\"{span}\" is not exact: give hours or minutes, like PT48H");
    let seconds = i64::try_from(span.approximate_seconds())?;
    anyhow::ensure!(seconds > 0, "\"{span}\" is no time: a touch would follow itself at once");
    let rule = Every { name: format!("every_{seconds}"), time: TimeDelta::seconds(seconds) };
    Ok(Playbook::parse(AT_ALL_HOURS)?.with_rule(rule)?)
}
