//! Something that should hold and does not, with the history in which it does not.

use std::fmt;

use super::history::History;
use super::playbooks::settings_of;
use followup_core::plan::Plan;
use followup_core::policy::Policy;
use followup_core::rule::Rule;

/// Something that should hold and does not: what, in which history, under which playbook.
///
/// In a property, `?` makes a failed case of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Broken {
    rule: Option<Rule>,
    what: String,
    history: History,
    settings: Vec<String>,
    plan: Option<String>,
}

impl Broken {
    /// What does not hold, in a few words, and the history in which it does not.
    pub fn of(what: impl Into<String>, history: &History) -> Broken {
        Broken { rule: None, what: what.into(), history: history.clone(), settings: Vec::new(), plan: None }
    }

    /// The same, as the breach of a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Broken {
        self.rule = Some(rule);
        self
    }

    /// The same, with the playbook: what it says that the default one does not.
    #[must_use]
    pub fn policy(mut self, policy: &Policy) -> Broken {
        self.settings = settings_of(policy.playbook());
        self
    }

    /// The same, with the plan at the end of the history.
    #[must_use]
    pub fn plan(mut self, plan: &Plan) -> Broken {
        self.plan = Some(plan.to_string());
        self
    }

    /// What does not hold.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The rule that is broken, if it is one of the book.
    pub fn broken_rule(&self) -> Option<Rule> {
        self.rule
    }

    /// The history in which it does not hold.
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
            write!(f, "\n  planned then: {plan}")?;
        }
        self.settings.iter().try_for_each(|setting| write!(f, "\n  playbook: {setting}"))
    }
}

impl std::error::Error for Broken {}
