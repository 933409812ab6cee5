//! Policies: a playbook together with the custom rules of a host.

use std::fmt;
use std::sync::Arc;

pub use crate::custom_rule::{CustomObligation, CustomRule, DuplicateRule, Way};
use crate::playbook::{Playbook, Settings};
use crate::rule::{Rule, RuleSet};
use crate::time::{Day, WeekHours, Zone};

/// The way a host follows up: a [`Playbook`], which is data, and any number of [custom rules](CustomRule), which are
/// code.
///
/// Cheap to clone.
///
/// # Examples
/// ```
/// use followup_core::{Playbook, Policy, Rule};
///
/// let playbook = Playbook::parse("[cadence.hot]\nfrom = \"P5D\"\nto = \"P5D\"\n")?;
/// let policy = Policy::from(playbook);
/// assert_eq!(policy.settings().cadence.hot.from.to_string(), "P5D");
/// assert!(policy.without(Rule::C5) != policy, "one plans with a minimum gap, the other without");
/// # Ok::<(), followup_core::playbook::PlaybookError>(())
/// ```
#[derive(Clone)]
pub struct Policy {
    playbook: Arc<Playbook>,
    rules: Arc<[Arc<dyn CustomRule>]>,
    /// The rules that are switched off, by the playbook or by [`Policy::without`].
    off: RuleSet,
    /// The playbook's hash if there are no custom rules; otherwise a hash that includes the names of the rules.
    hash: Option<Arc<str>>,
}

impl Policy {
    /// Adds a custom rule after the existing ones.
    ///
    /// # Errors
    /// [`DuplicateRule`] if the policy already has a rule of that name.
    ///
    /// # Examples
    /// See [`CustomRule`].
    pub fn with_rule(mut self, rule: impl CustomRule + 'static) -> Result<Policy, DuplicateRule> {
        if self.rules.iter().any(|other| other.name() == rule.name()) {
            return Err(DuplicateRule { name: rule.name().to_owned() });
        }
        self.rules = self.rules.iter().cloned().chain([Arc::new(rule) as Arc<dyn CustomRule>]).collect();
        self.rehash();
        Ok(self)
    }

    /// Replaces the custom rules with those of another policy.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Playbook, Policy};
    ///
    /// let old = Policy::default();
    /// let new = Policy::from(Playbook::parse("channels = [\"email\"]")?).with_rules_of(&old);
    /// assert_eq!(new.custom_rules().count(), old.custom_rules().count());
    /// # Ok::<(), followup_core::playbook::PlaybookError>(())
    /// ```
    #[must_use]
    pub fn with_rules_of(mut self, other: &Policy) -> Policy {
        self.rules = Arc::clone(&other.rules);
        self.rehash();
        self
    }

    fn rehash(&mut self) {
        self.hash = (!self.rules.is_empty()).then(|| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(self.playbook.to_json().to_string().as_bytes());
            for rule in self.rules.iter() {
                hasher.update(&[0]);
                hasher.update(rule.name().as_bytes());
            }
            hasher.finalize().to_hex()[..16].into()
        });
    }

    /// Returns the same policy with one rule switched off.
    ///
    /// A rule that a file cannot switch off (one outside [`Rule::SWITCHABLE`]) can be switched off here, because
    /// explanations compare a plan with the plan without a rule.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Policy, Rule};
    ///
    /// let policy = Policy::default().without(Rule::C5);
    /// assert!(policy.off().contains(Rule::C5));
    /// ```
    #[must_use]
    pub fn without(&self, rule: Rule) -> Policy {
        Policy { off: self.off.clone().with(rule), ..self.clone() }
    }

    /// Returns the playbook.
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// Returns the settings of the playbook.
    pub fn settings(&self) -> &Settings {
        self.playbook.settings()
    }

    /// Returns the name of the playbook.
    pub fn name(&self) -> &str {
        self.playbook.name()
    }

    /// Returns the zone of prospects that have none.
    pub fn zone(&self) -> Zone {
        self.playbook.zone()
    }

    /// Returns a hash of the playbook and the names of the custom rules. Policies with equal hashes plan equally.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Playbook, Policy};
    ///
    /// let playbook = Playbook::default();
    /// assert_eq!(Policy::from(&playbook).hash(), playbook.hash(), "without custom rules");
    /// ```
    pub fn hash(&self) -> &str {
        self.hash.as_deref().unwrap_or(self.playbook.hash())
    }

    /// Returns the custom rules, each with the id that plans use for it.
    pub fn custom_rules(&self) -> impl Iterator<Item = (Rule, &dyn CustomRule)> {
        (1..=u16::MAX).map(Rule::Custom).zip(self.rules.iter().map(Arc::as_ref))
    }

    /// Returns a short statement of a rule.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Policy, Rule};
    ///
    /// assert_eq!(Policy::default().title_of(Rule::C4), "what they ask for is answered fast");
    /// ```
    pub fn title_of(&self, rule: Rule) -> &str {
        let custom = self.custom_rules().find(|(id, _)| *id == rule);
        custom.map_or(rule.title(), |(_, rule)| rule.title())
    }

    /// Returns the rules that are switched off, by the playbook or by [`Policy::without`].
    pub fn off(&self) -> &RuleSet {
        &self.off
    }

    pub(crate) fn holidays(&self) -> &[Day] {
        self.playbook.holidays()
    }

    pub(crate) fn working_hours(&self) -> &WeekHours {
        self.playbook.working_hours()
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Playbook::default().into()
    }
}

impl From<Playbook> for Policy {
    fn from(playbook: Playbook) -> Policy {
        Arc::new(playbook).into()
    }
}

impl From<Arc<Playbook>> for Policy {
    fn from(playbook: Arc<Playbook>) -> Policy {
        let off = playbook.off().clone();
        Policy { playbook, rules: Arc::default(), off, hash: None }
    }
}

impl From<&Playbook> for Policy {
    fn from(playbook: &Playbook) -> Policy {
        playbook.clone().into()
    }
}

impl From<&Policy> for Policy {
    fn from(policy: &Policy) -> Policy {
        policy.clone()
    }
}

/// Policies are equal if their playbooks have equal settings, their custom rules have the same names, and the same
/// rules are switched off.
impl PartialEq for Policy {
    fn eq(&self, other: &Policy) -> bool {
        self.hash() == other.hash() && self.off == other.off
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<_> = self.custom_rules().map(|(_, rule)| rule.name()).collect();
        f.debug_struct("Policy")
            .field("playbook", &self.playbook.id())
            .field("custom_rules", &rules)
            .field("off", &self.off)
            .finish()
    }
}
