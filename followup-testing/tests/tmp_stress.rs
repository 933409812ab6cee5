use followup_testing::*;
#[test]
fn accepted() {
    let r = find(101, 40_000, (arb_playbook(), arb_history()), |(p, h)| invariants::check(h, &p.into()));
    if let Err(found) = r { panic!("{found}") }
}
#[test]
fn observed() {
    let r = find(102, 40_000, (arb_playbook(), arb_observed_history()), |(p, h)| invariants::check(h, &p.into()));
    if let Err(found) = r { panic!("{found}") }
}
#[test]
fn beginnings() {
    let policy = followup_core::Policy::default();
    for seed in 2..12 {
        for promise in [Promise::OpenHours, Promise::NobodyFallsInTheGap, Promise::Touches { at_most: 5, within_days: 30 }, Promise::Gap { days: 2 }] {
            match Pursuits::under(&policy).seed(seed).check(promise) {
                Ok(kept) => println!("{promise}: {kept} ({})", kept.tests),
                Err(error) => println!("{promise}: {error}"),
            }
        }
    }
}
