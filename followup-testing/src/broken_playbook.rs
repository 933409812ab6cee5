//! Playbooks with one mistake.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::Index;

use followup_core::playbook::{Playbook, Settings, Step};

/// A playbook in TOML with one mistake, and the line of the mistake.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct BrokenPlaybook {
    /// The text.
    pub toml: String,
    /// The line of the mistake, counted from 1.
    pub line: usize,
}

/// Prints only the line of the mistake, not the hundred and fifty around it.
impl fmt::Debug for BrokenPlaybook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.toml.lines().nth(self.line - 1).unwrap_or_default();
        write!(f, "line {}: {line}", self.line)
    }
}

/// Returns a strategy for playbooks with exactly one broken line: wrong in its syntax, in the type or range of its
/// value, or with an unknown setting. A setting that cannot be read may also contradict other lines, which are then
/// reported as well.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
/// use followup_testing::{BrokenPlaybook, arb_broken_playbook, proptest::prelude::*};
///
/// proptest!(|(BrokenPlaybook { toml, line, .. } in arb_broken_playbook())| {
///     let error = Playbook::parse(&toml).expect_err("one line is broken");
///     prop_assert!(error.problems().iter().any(|problem| problem.line == line), "{}", error);
/// });
/// ```
pub fn arb_broken_playbook() -> impl Strategy<Value = BrokenPlaybook> {
    let lines: Vec<String> = whole().lines().map(str::to_owned).collect();
    (any::<Index>(), 0..4_usize).prop_map(move |(place, how)| {
        let settings: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].contains(" = ")).collect();
        let place = *place.get(&settings);
        let mut lines = lines.clone();
        lines[place] = broken(&lines[place], how);
        BrokenPlaybook { toml: lines.join("\n"), line: place + 1 }
    })
}

/// Returns a playbook that has every setting.
fn whole() -> String {
    let mut settings = Settings::default();
    settings.holidays = vec![chrono::NaiveDate::default()];
    for steps in [&mut settings.steps.interest, &mut settings.steps.proposal] {
        *steps = vec![Step::default(); 2];
    }
    Playbook::new(settings).expect("the defaults with a few steps are valid").to_toml()
}

/// Returns the line with a mistake.
fn broken(line: &str, how: usize) -> String {
    let (setting, value) = line.split_once(" = ").unwrap_or((line, ""));
    match how {
        0 => format!("{setting} = {}", of_another_type(value)),
        1 => format!("{setting} {value}"),
        2 => format!("{setting} = {value} {value}"),
        _ => format!("{setting} = {{ colour = 1 }}"),
    }
}

fn of_another_type(value: &str) -> &'static str {
    match value.chars().next() {
        Some('"' | '[') => "42",
        _ => "\"many\"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use followup_core::playbook::Severity;

    #[test]
    fn every_line_in_every_way_is_reported_where_it_is() {
        let lines: Vec<String> = whole().lines().map(str::to_owned).collect();
        for place in (0..lines.len()).filter(|place| lines[*place].contains(" = ")) {
            for how in 0..4 {
                let mut lines = lines.clone();
                lines[place] = broken(&lines[place], how);
                let error = Playbook::parse(&lines.join("\n"));
                let error = error.map(|_| lines[place].clone()).expect_err("the line is broken");
                let errors = error.problems().iter().filter(|problem| problem.severity == Severity::Error);
                let found: Vec<usize> = errors.map(|problem| problem.line).collect();
                assert!(found.contains(&(place + 1)), "{}: {error}", lines[place]);
            }
        }
    }
}
