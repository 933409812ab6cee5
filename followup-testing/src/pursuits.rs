//! Checks of promises over many random pursuits, and the rules and steps that those pursuits never reached.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::answers::{AnswerModel, arb_answers};
use super::beginnings::arb_beginning;
use super::broken::Broken;
use super::find::{Found, find};
use super::history::History;
use super::play::{Played, play_and_watch};
use super::promise::{Promise, check_plans};
use followup_core::plan::{Decision, ObligationKind, Plan, decide};
use followup_core::playbook::{Playbook, Settings};
use followup_core::policy::Policy;
use followup_core::rule::Rule;
use followup_core::stage::Stage;
use followup_core::state::ProspectState;

/// Random pursuits under a policy, for checking promises.
///
/// Each pursuit begins as one of [`arb_beginning`] and is answered as one of [`arb_answers`]. The seed alone determines
/// the pursuits.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{Promise, PromiseError, Pursuits};
///
/// let policy = Policy::default();
/// let pursuits = Pursuits::under(&policy).count(100);
/// let kept = pursuits.check(Promise::Touches { at_most: 5, within_days: 30 })?;
/// assert!(kept.tests > 100);
/// assert!(kept.to_string().starts_with("kept in 100 pursuits"));
///
/// let untested = pursuits.days(5).check(Promise::Ends { after_touches: 50 }).unwrap_err();
/// assert!(matches!(untested, PromiseError::Untested { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Pursuits<'a> {
    policy: &'a Policy,
    beginning: Option<History>,
    seed: u64,
    count: u32,
    days: u32,
}

/// The result of a check that found nothing broken.
///
/// It prints as one line, such as `kept in 1000 pursuits; rules never reached: C8, X1; steps never reached: interest 2`.
///
/// # Examples
/// ```
/// use followup_core::{Playbook, Policy, Stage};
/// use followup_testing::{History, Kept, Promise, Pursuits, StepPlace};
///
/// let policy = Policy::from(Playbook::parse("[[steps.decision]]\nafter = \"P3D\"\nwithin = \"P1D\"")?);
/// let added: History = "2026-03-02T09:00Z added".parse()?;
/// let pursuits = Pursuits::under(&policy).count(1).days(1).starting_from(&added);
/// let kept: Kept = pursuits.check(Promise::OpenHours)?;
/// let [StepPlace { stage, number, .. }] = kept.unreached_steps[..] else { panic!("{kept}") };
/// assert_eq!((stage, number), (Stage::Decision, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Kept {
    /// The number of pursuits.
    pub pursuits: u32,
    /// The number of events at which the promise was put to the test.
    pub tests: u64,
    /// The rules that changed no plan in any pursuit, in the order of the rule book, custom rules last.
    ///
    /// The list is of the rules that can change a plan: [`Rule::SWITCHABLE`], S3, S6 and the custom rules of the policy.
    /// It leaves out the rules that the policy switches off.
    pub unreached_rules: Vec<Rule>,
    /// The steps of the playbook that were planned in no pursuit, in the order of the stages.
    pub unreached_steps: Vec<StepPlace>,
}

/// The place of a [step](followup_core::playbook::Step) in a playbook. Prints as `interest 2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub struct StepPlace {
    /// The stage.
    pub stage: Stage,
    /// The number of the step within the stage, counted from 1.
    pub number: usize,
}

/// The error for a promise that is broken, or that was not tested.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromiseError {
    /// The promise is broken in a pursuit.
    #[error(transparent)]
    Broken(Box<Found<(History, AnswerModel)>>),
    /// No pursuit put the promise to the test, so nothing is known about it.
    #[error(
        "\"{promise}\" was put to the test in none of {} pursuits; expected at least one event that it applies to \
         (allow more pursuits or more days, or set the beginning)",
        kept.pursuits
    )]
    Untested {
        /// The promise.
        promise: Promise,
        /// The number of pursuits, and the rules and steps that they did not reach.
        kept: Kept,
    },
}

impl<'a> Pursuits<'a> {
    /// Creates 1,000 pursuits of 365 days each under a policy, with seed 1.
    pub fn under(policy: &'a Policy) -> Pursuits<'a> {
        Pursuits { policy, beginning: None, seed: 1, count: 1_000, days: 365 }
    }

    /// Sets the seed.
    pub fn seed(self, seed: u64) -> Pursuits<'a> {
        Pursuits { seed, ..self }
    }

    /// Sets the number of pursuits.
    pub fn count(self, count: u32) -> Pursuits<'a> {
        Pursuits { count, ..self }
    }

    /// Sets the number of days of each pursuit, from the newest event of its beginning.
    pub fn days(self, days: u32) -> Pursuits<'a> {
        Pursuits { days, ..self }
    }

    /// Sets the beginning of every pursuit, so that only the answers vary.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Policy;
    /// use followup_testing::{History, Promise, Pursuits};
    ///
    /// let beginning: History = "\
    /// 2026-03-02T09:00Z added email=a@example.org
    /// 2026-03-02T09:00Z valued amount=80000 currency=EUR seq=1
    /// 2026-03-03T09:00Z asked_proposal channel=email"
    ///     .parse()?;
    /// let policy = Policy::default();
    /// let kept = Pursuits::under(&policy).count(100).starting_from(&beginning).check(Promise::Gap { days: 2 })?;
    /// assert_eq!(kept.pursuits, 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn starting_from(self, beginning: &History) -> Pursuits<'a> {
        Pursuits { beginning: Some(beginning.clone()), ..self }
    }

    /// Checks a promise in each pursuit.
    ///
    /// # Errors
    /// [`PromiseError::Broken`] with the smallest pursuit found in which the promise is broken;
    /// [`PromiseError::Untested`] if no pursuit has an event at which the promise could be broken.
    pub fn check(&self, promise: Promise) -> Result<Kept, PromiseError> {
        let kept = self.each(|played| promise.check(played.history(), self.policy));
        match kept.map_err(|found| PromiseError::Broken(Box::new(found)))? {
            kept if kept.tests == 0 => Err(PromiseError::Untested { promise, kept }),
            kept => Ok(kept),
        }
    }

    /// Checks the plan after each event of each pursuit. Each plan counts as a test.
    ///
    /// # Errors
    /// [`Found`]: the smallest pursuit found in which a plan fails the check.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Playbook, Policy};
    /// use followup_testing::Pursuits;
    ///
    /// let policy = Policy::from(Playbook::parse("channels = [\"email\", \"post\"]")?);
    /// let kept = Pursuits::under(&policy).count(50).check_plans(|plan| match plan.next() {
    ///     Some(next) if next.automatic => Err("an automatic action is planned".to_owned()),
    ///     _ => Ok(()),
    /// })?;
    /// assert_eq!(kept.pursuits, 50);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::result_large_err, reason = "it is made once, at the end of a check")]
    pub fn check_plans(
        &self,
        check: impl Fn(&Plan) -> Result<(), String>,
    ) -> Result<Kept, Found<(History, AnswerModel)>> {
        self.each(|played| {
            check_plans(played.history(), self.policy, &check)?;
            Ok(played.plans().len() as u64)
        })
    }

    /// Plays each pursuit and checks it. The check returns the number of its tests.
    #[expect(clippy::result_large_err, reason = "it is made once, at the end of a check")]
    fn each(
        &self,
        check: impl Fn(&Played) -> Result<u64, Broken>,
    ) -> Result<Kept, Found<(History, AnswerModel)>> {
        let beginnings = match &self.beginning {
            Some(beginning) => Just(beginning.clone()).boxed(),
            None => arb_beginning(self.policy).boxed(),
        };
        let reached = RefCell::new(Reached::new(self.policy));
        find(self.seed, self.count, (beginnings, arb_answers()), |(beginning, answers)| {
            let mut reached = reached.borrow_mut();
            let newest = beginning.newest().unwrap_or_default();
            let until = newest + TimeDelta::days(self.days.into());
            let played = play_and_watch(self.policy, answers, beginning, until, |state, plan| {
                reached.take(state, plan);
            });
            reached.tests += check(&played)?;
            Ok(())
        })?;
        Ok(reached.into_inner().kept(self.count))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list(items: &[impl fmt::Display]) -> String {
            items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        let plural = if self.pursuits == 1 { "" } else { "s" };
        write!(f, "kept in {} pursuit{plural}", self.pursuits)?;
        if !self.unreached_rules.is_empty() {
            write!(f, "; rules never reached: {}", list(&self.unreached_rules))?;
        }
        if !self.unreached_steps.is_empty() {
            write!(f, "; steps never reached: {}", list(&self.unreached_steps))?;
        }
        Ok(())
    }
}

impl fmt::Display for StepPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.stage, self.number)
    }
}

/// The rules and steps that plans have reached.
#[derive(Debug)]
struct Reached {
    unreached_rules: BTreeSet<Rule>,
    unreached_steps: BTreeSet<StepPlace>,
    /// The policy with the place of each step as its template, because a plan does not name the step that it takes.
    marked: Policy,
    tests: u64,
}

impl Reached {
    fn new(policy: &Policy) -> Reached {
        let custom = policy.custom_rules().map(|(rule, _)| rule);
        let rules = Rule::SWITCHABLE.iter().copied().chain([Rule::S3, Rule::S6]).chain(custom);
        let (settings, steps) = with_marks(policy.settings());
        let playbook = Playbook::new(settings).expect("templates do not make a valid playbook invalid");
        let marked = Policy::from(playbook).with_rules_of(policy);
        Reached {
            unreached_rules: rules.filter(|rule| !policy.off().contains(*rule)).collect(),
            unreached_steps: steps,
            marked: policy.off().iter().fold(marked, |marked, rule| marked.without(rule)),
            tests: 0,
        }
    }

    fn take(&mut self, state: &ProspectState, plan: &Plan) {
        for because in &plan.because {
            self.unreached_rules.remove(&because.rule);
        }
        let takes_step = plan.next().is_some_and(|next| next.kind == ObligationKind::Step);
        if !takes_step || self.unreached_steps.is_empty() {
            return;
        }
        if let Decision::Act { next, .. } = &decide(state, &self.marked).decision {
            self.unreached_steps.retain(|step| next.form.template != Some(&step.to_string()));
        }
    }

    fn kept(self, pursuits: u32) -> Kept {
        Kept {
            pursuits,
            tests: self.tests,
            unreached_rules: self.unreached_rules.into_iter().collect(),
            unreached_steps: self.unreached_steps.into_iter().collect(),
        }
    }
}

/// Returns the settings with the place of each step as its template, and the places.
fn with_marks(settings: &Settings) -> (Settings, BTreeSet<StepPlace>) {
    let (mut settings, mut places) = (settings.clone(), BTreeSet::new());
    let steps = &mut settings.steps;
    let stages = [
        (Stage::Interest, &mut steps.interest),
        (Stage::Information, &mut steps.information),
        (Stage::Appointment, &mut steps.appointment),
        (Stage::Proposal, &mut steps.proposal),
        (Stage::Decision, &mut steps.decision),
    ];
    for (stage, steps) in stages {
        for (index, step) in steps.iter_mut().enumerate() {
            let place = StepPlace { stage, number: index + 1 };
            step.template = Some(place.to_string());
            places.insert(place);
        }
    }
    (settings, places)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use followup_core::policy::{CustomRule, Way};

    /// A rule that affects only large values: it waits for 400 days, and forbids every channel.
    #[derive(Debug)]
    struct LargeValuesWait;

    impl LargeValuesWait {
        fn is_large(state: &ProspectState) -> bool {
            state.value().is_some_and(|value| value.minor() >= 10_000_000)
        }
    }

    impl CustomRule for LargeValuesWait {
        fn name(&self) -> &str {
            "large_values_wait"
        }

        fn title(&self) -> &str {
            "large values wait"
        }

        fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
            let contact =
                state.last_contact().filter(|_| kind.is_started_by_us() && Self::is_large(state))?;
            Some(contact.at + TimeDelta::days(400))
        }

        fn forbids(&self, state: &ProspectState, _: &Way) -> bool {
            Self::is_large(state)
        }
    }

    /// A rule that never decides anything.
    #[derive(Debug)]
    struct Nothing;

    impl CustomRule for Nothing {
        fn name(&self) -> &str {
            "nothing"
        }

        fn title(&self) -> &str {
            "nothing"
        }
    }

    fn policy(toml: &str) -> Policy {
        Playbook::parse(toml).unwrap().into()
    }

    #[test]
    fn a_custom_rule_for_large_values_that_breaks_a_promise_is_found() {
        let hears = Promise::HearsOfUs { within_days: 300 };
        let usual = policy("");
        Pursuits::under(&usual).check(hears).unwrap_or_else(|error| panic!("{error}"));
        let policy = usual.with_rule(LargeValuesWait).unwrap();
        let error = Pursuits::under(&policy).check(hears).unwrap_err();
        let PromiseError::Broken(found) = error else { panic!("{error}") };
        let beginning = &found.value.0;
        assert!(LargeValuesWait::is_large(&beginning.state()), "{found}");
        assert!(beginning.events().len() <= 3, "{found}");
        // From a bare `added`, which has no value, the promise is kept.
        let added = History::added(policy.zone(), beginning.events()[0].at());
        Pursuits::under(&policy).starting_from(&added).check(hears).unwrap_or_else(|error| panic!("{error}"));
    }

    #[test]
    fn a_veto_for_large_values_is_found_in_the_plans() {
        let policy = policy("").with_rule(LargeValuesWait).unwrap();
        let found = Pursuits::under(&policy).check_plans(|plan| match plan.next() {
            Some(next) if next.channel.is_none() && next.kind == ObligationKind::Cadence => {
                Err("no channel is left".to_owned())
            }
            _ => Ok(()),
        });
        let text = found.unwrap_err().to_string();
        assert!(text.contains(" valued amount="), "{text}");
    }

    #[test]
    fn a_custom_rule_that_changes_nothing_is_listed_as_unreached() {
        let policy = policy("").with_rule(LargeValuesWait).unwrap().with_rule(Nothing).unwrap();
        let kept = Pursuits::under(&policy).check(Promise::NobodyFallsInTheGap).unwrap();
        assert!(kept.unreached_rules.contains(&Rule::Custom(2)), "{kept}");
        assert!(!kept.unreached_rules.contains(&Rule::Custom(1)), "{kept}");
    }

    #[test]
    fn a_step_that_no_pursuit_takes_is_listed_as_unreached() {
        let policy = policy(
            "[values]\nlarge_from = [\"1000EUR\"]\n\
             [[steps.interest]]\nafter = \"P1D\"\nwithin = \"P1D\"\n\
             [[steps.interest]]\nafter = \"P2D\"\nwithin = \"P1D\"\nband = \"small\"\n\
             [[steps.information]]\nafter = \"P3D\"\nwithin = \"P1D\"\nband = \"large\"\n",
        );
        let kept = Pursuits::under(&policy).check(Promise::NobodyFallsInTheGap).unwrap();
        // Without a bound for small values, no value is small.
        let places: Vec<_> = kept.unreached_steps.iter().map(ToString::to_string).collect();
        assert_eq!(places, ["interest 2"], "{kept}");
    }

    #[test]
    fn from_a_bare_added_the_steps_of_later_stages_are_unreached_and_the_line_says_so() {
        let policy = policy("[[steps.decision]]\nafter = \"P3D\"\nwithin = \"P1D\"\n");
        let added = "2026-03-02T09:00Z added".parse().unwrap();
        let pursuits = Pursuits::under(&policy).count(1).days(1).starting_from(&added);
        let line = pursuits.check(Promise::NobodyFallsInTheGap).unwrap().to_string();
        assert!(line.starts_with("kept in 1 pursuit; rules never reached: P6, "), "{line}");
        assert!(line.ends_with("; steps never reached: decision 1"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn a_rule_that_is_switched_off_is_not_listed() {
        let policy = policy("").without(Rule::C8);
        let added = "2026-03-02T09:00Z added".parse().unwrap();
        let pursuits = Pursuits::under(&policy).count(1).days(1).starting_from(&added);
        let kept = pursuits.check(Promise::NobodyFallsInTheGap).unwrap();
        assert!(!kept.unreached_rules.contains(&Rule::C8), "{kept}");
    }

    #[test]
    fn a_promise_that_is_never_put_to_the_test_is_an_error() {
        let policy = policy("");
        let stopped = "2026-03-02T09:00Z added\n2026-03-02T10:00Z stopped".parse().unwrap();
        let promise = Promise::Touches { at_most: 5, within_days: 30 };
        let error = Pursuits::under(&policy).count(20).starting_from(&stopped).check(promise).unwrap_err();
        assert!(matches!(error, PromiseError::Untested { .. }), "{error}");
        let expected =
            "\"at most 5 unanswered touches in 30 days\" was put to the test in none of 20 pursuits; ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn the_default_playbook_is_reached_nearly_in_full_and_the_same_each_time() {
        let policy = policy("");
        let kept = || Pursuits::under(&policy).count(500).check(Promise::OpenHours).unwrap();
        let first = kept();
        assert_eq!(kept(), first);
        assert_eq!(first.to_string(), "kept in 500 pursuits; rules never reached: C5, C7, C10, C17, W1");
    }
}
