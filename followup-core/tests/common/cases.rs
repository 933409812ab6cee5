//! The cases of the properties: histories under a few playbooks.

use std::fmt;
use std::ops::Range;

use followup_core::{Playbook, Policy};
use followup_testing::{History, arb_observed_history, arb_observed_history_of};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

use super::House;

/// The seed of every run for which `PROPTEST_RNG_SEED` sets none, so that a failure repeats.
const SEED: u64 = 17;

/// Returns a configuration with a number of cases, multiplied by `PROPTEST_CASES` / 256 if that is set.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let rng_seed = if usual.rng_seed == RngSeed::Random { RngSeed::Fixed(SEED) } else { usual.rng_seed };
    let regressions = FileFailurePersistence::Direct("proptest-regressions/properties.txt");
    ProptestConfig {
        cases: cases * usual.cases / 256,
        rng_seed,
        failure_persistence: usual.failure_persistence.is_some().then(|| Box::new(regressions) as _),
        max_shrink_iters: usual.max_shrink_iters.min(20_000),
        ..usual
    }
}

/// The default playbook, and playbooks with features that it leaves out.
pub(crate) const PLAYBOOKS: [&str; 4] = [
    "",
    "
    holidays = [2026-03-30, 2026-03-31, 2026-04-03, 2026-04-06, 2026-10-26]
    nurture = true
    [values]
    small_below = [\"1000EUR\"]
    large_from = [\"10000EUR\"]
    [keep_in_touch]
    won = true
    lost = true
    ",
    "
    personal_one_in = 2
    channels = [\"email\", \"phone\", \"text\"]
    [values]
    small_below = [\"1000EUR\"]
    large_from = [\"10000EUR\"]
    [working_hours]
    mon = [\"06:00-12:00\", \"13:00-23:00\"]
    tue = [\"06:00-12:00\", \"13:00-23:00\"]
    thu = [\"10:30-24:00\"]
    sat = [\"00:00-02:30\", \"22:00-24:00\"]
    [reasons]
    inform = [\"are_you_ready\", \"article\", \"advice\", \"product_update\", \"price_update\"]
    last_message = [\"are_you_ready\", \"thank_you\"]
    ",
    "
    [[steps.interest]]
    after = \"P1D\"
    within = \"P1D\"
    channel = \"email\"
    automatic = true
    personal = false
    [[steps.interest]]
    after = \"2 open days\"
    within = \"1 open day\"
    purpose = \"inform\"
    [[steps.information]]
    after = \"P0D\"
    within = \"P0D\"
    personal = false
    [[steps.information]]
    after = \"P1M\"
    within = \"P1W\"
    reason = \"are_you_ready\"
    [stop]
    medium = 4
    wait = \"P3D\"
    [cadence]
    stale_after = \"PT36H\"
    [cadence.warm]
    from = \"P2D\"
    to = \"P4D\"
    [cadence.hot]
    from = \"P2D\"
    to = \"P2D\"
    [absence]
    pause = \"P2D\"
    ",
];

/// Returns one of [`PLAYBOOKS`].
pub(crate) fn playbook(number: usize) -> Playbook {
    Playbook::parse(PLAYBOOKS[number]).expect("the playbook is valid")
}

/// Names of events around a decision.
const DECISIONS: [&str; 10] = [
    "decided",
    "decided",
    "touched",
    "touched",
    "added",
    "away",
    "snoozed",
    "proposal_sent",
    "replied",
    "reopened",
];

/// A history under one of [`PLAYBOOKS`].
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) history: History,
    playbook: usize,
}

impl Case {
    pub(crate) fn house(&self) -> House {
        House { policy: Policy::from(playbook(self.playbook)), zone: self.history.home() }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "playbook {}:{:?}", self.playbook, self.history)
    }
}

/// Returns a strategy for cases with any events, some of them around decisions, under any of the playbooks.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let histories = prop_oneof![
        5 => arb_observed_history(),
        1 => arb_observed_history_of(&DECISIONS),
    ];
    under(histories, 0..PLAYBOOKS.len())
}

/// Returns a strategy for cases with events of certain names, under certain playbooks.
pub(crate) fn cases_of(names: &[&str], playbooks: Range<usize>) -> impl Strategy<Value = Case> + use<> {
    under(arb_observed_history_of(names), playbooks)
}

fn under(histories: impl Strategy<Value = History>, playbooks: Range<usize>) -> impl Strategy<Value = Case> {
    (histories, playbooks).prop_map(|(history, playbook)| Case { history, playbook })
}
