//! Random prospects.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::instants::arb_zone;
use followup_core::money::Money;
use followup_core::prospect::Prospect;
use followup_core::stage::Kind;

/// Returns a strategy for prospects of every kind, with and without addresses, zone, value, owner and referrer; shrinks
/// to one without.
///
/// # Examples
/// ```
/// use followup_core::Zone;
/// use followup_testing::{History, arb_prospect, proptest::prelude::*};
///
/// let at = "2026-03-02T09:00:00Z".parse()?;
/// proptest!(|(prospect in arb_prospect())| {
///     let history = History::new(Zone::utc(), prospect.into_events(at)).expect("their keys differ");
///     prop_assert_eq!(history.state().touch_count(), 0);
/// });
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn arb_prospect() -> impl Strategy<Value = Prospect> {
    let who = (0..1_000_u32, select(Kind::ALL), option::of(select(vec!["Ada", "Zoë", "李", "O'Neill-Łuk"])));
    let reach = (option::of(0..1_000_u32), option::of(0..1_000_u32), option::of(arb_zone()));
    let worth = option::of((0..=10_000_000_i64, select(vec!["EUR", "USD", "JPY"])));
    let ours = (option::of(select(vec!["ann", "bo"])), option::of(select(vec!["p-ref"])));
    (who, reach, worth, ours).prop_map(
        |((number, kind, name), (email, phone, zone), worth, (owner, referrer))| {
            let mut prospect = Prospect::new(format!("p-{number}")).expect("the id is valid").kind(kind);
            if let Some(name) = name {
                prospect = prospect.name(name);
            }
            if let Some(email) = email {
                prospect = prospect.email(format!("p{email}@example.org")).expect("the address is valid");
            }
            if let Some(phone) = phone {
                prospect = prospect.phone(format!("+4930{phone:07}"));
            }
            if let Some(zone) = zone {
                prospect = prospect.zone(zone.name()).expect("the zone exists");
            }
            if let Some((minor, currency)) = worth {
                prospect = prospect.value(Money::from_minor(minor, currency).expect("the currency is valid"));
            }
            if let Some(owner) = owner {
                prospect = prospect.owner(owner);
            }
            match referrer {
                Some(referrer) => prospect.referrer(referrer),
                None => prospect,
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn prospects_of_every_kind_come_and_the_same_each_time() {
        let seen = || {
            let mut runner = TestRunner::deterministic();
            let strategy = arb_prospect();
            let next = |_| strategy.new_tree(&mut runner).map(|tree| tree.current());
            (0..200).map(next).collect::<Result<Vec<_>, _>>().unwrap()
        };
        let prospects = seen();
        assert_eq!(prospects, seen());
        for kind in Kind::ALL {
            let text = format!("kind: {kind:?}");
            assert!(prospects.iter().any(|prospect| format!("{prospect:?}").contains(&text)), "{kind}");
        }
    }
}
