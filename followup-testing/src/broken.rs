//! A failed check, with the history in which it failed.

use std::fmt;

use super::history::History;
use super::playbooks::settings_of;
use followup_core::plan::Plan;
use followup_core::policy::Policy;
use followup_core::rule::Rule;

/// A failed check: what does not hold, in which history, under which playbook.
///
/// In a property, `?` turns it into a failed case.
///
/// # Examples
/// ```
/// use followup_core::Rule;
/// use followup_testing::{Broken, History};
///
/// let history: History = "2026-03-02T09:15Z touched channel=phone".parse()?;
/// let broken = Broken::of("a touch without a reason", &history).rule(Rule::W1);
/// assert_eq!((broken.broken_rule(), broken.what()), (Some(Rule::W1), "a touch without a reason"));
/// assert!(broken.to_string().ends_with("2026-03-02T09:15Z touched channel=phone"), "{broken}");
/// # Ok::<(), followup_testing::HistoryError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Broken {
    rule: Option<Rule>,
    what: String,
    history: History,
    settings: Vec<String>,
    plan: Option<String>,
}

impl Broken {
    /// Creates a failure from a short statement of what does not hold, and the history in which it does not.
    pub fn of(what: impl Into<String>, history: &History) -> Broken {
        Broken { rule: None, what: what.into(), history: history.clone(), settings: Vec::new(), plan: None }
    }

    /// Sets the rule that is broken.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Broken {
        self.rule = Some(rule);
        self
    }

    /// Sets the playbook. The settings that differ from the defaults are printed.
    #[must_use]
    pub fn policy(mut self, policy: &Policy) -> Broken {
        self.settings = settings_of(policy.playbook());
        self
    }

    /// Sets the plan at the end of the history.
    #[must_use]
    pub fn plan(mut self, plan: &Plan) -> Broken {
        self.plan = Some(plan.to_string());
        self
    }

    /// Returns the statement of what does not hold.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the rule that is broken, if it is one of the rule book.
    pub fn broken_rule(&self) -> Option<Rule> {
        self.rule
    }

    /// Returns the history in which it does not hold.
    pub fn history(&self) -> &History {
        &self.history
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Some(rule) => write!(f, "{rule}, {}: {}", rule.title(), self.what)?,
            None => f.write_str(&self.what)?,
        }
        for line in self.history.to_string().lines() {
            write!(f, "\n  {line}")?;
        }
        if let Some(plan) = &self.plan {
            write!(f, "\n  plan: {plan}")?;
        }
        self.settings.iter().try_for_each(|setting| write!(f, "\n  playbook: {setting}"))
    }
}

impl std::error::Error for Broken {}
