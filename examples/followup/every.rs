//! A policy with a single rule: a touch at a fixed interval, day and night.

use chrono::TimeDelta;
use followup::policy::{CustomObligation, CustomRule};
use followup::{Channel, Playbook, Policy, ProspectState, Purpose, Span};

/// A playbook that is always open, has no minimum gap, and gives nobody up.
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

/// The rule that a touch is due a fixed time after the previous contact.
#[derive(Debug)]
struct Every {
    name: String,
    time: TimeDelta,
}

impl CustomRule for Every {
    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> &str {
        "a touch is due a fixed time after the previous contact"
    }

    fn obligation(&self, state: &ProspectState) -> Option<CustomObligation> {
        let due = state.last_contact()?.at.checked_add_signed(self.time)?;
        // The phone is not for the night; an email may arrive at any hour.
        Some(CustomObligation::new(Purpose::CHECK_IN, due, due).via(Channel::EMAIL))
    }
}

/// Returns the policy with a touch at this interval.
pub(crate) fn every(span: Span) -> anyhow::Result<Policy> {
    anyhow::ensure!(span.is_exact(), "invalid interval \"{span}\"; expected hours or minutes, e.g. PT48H");
    let seconds = i64::try_from(span.approximate_seconds())?;
    anyhow::ensure!(seconds > 0, "invalid interval \"{span}\"; expected a positive one, e.g. PT48H");
    let rule = Every { name: format!("every_{seconds}"), time: TimeDelta::seconds(seconds) };
    Ok(Policy::from(Playbook::parse(AT_ALL_HOURS)?).with_rule(rule)?)
}
