//! Does my cadence keep its promise? `cargo run --example faulty_cadence`

use chrono::TimeDelta;
use followup::{Playbook, Policy, Zone};
use followup_testing::{Broken, Promise, arb_answers, arb_instant, find, play};

/// A hot prospect is touched every two to three days, and cools after five touches.
const EAGER: &str = r#"
[cadence]
cool_after_touches = 5
[cadence.hot]
from = "P2D"
to = "P3D"
"#;

/// The same cadence with a ceiling.
const CAPPED: &str = r#"
[cadence]
cool_after_touches = 5
ceiling_touches = 3
ceiling_within = "P10D"
[cadence.hot]
from = "P2D"
to = "P3D"
"#;

const PROMISE: Promise = Promise::Touches { at_most: 3, within_days: 10 };

fn main() -> anyhow::Result<()> {
    println!("promised: {PROMISE}");
    for (name, toml) in [("eager", EAGER), ("capped", CAPPED)] {
        let policy = Policy::from(Playbook::parse(toml)?);
        let pursuits = (arb_answers(), arb_instant(Zone::utc(), &policy));
        let kept = find(1, 1_000, pursuits, |(answers, start)| -> Result<(), Broken> {
            let played = play(&policy, answers, *start, *start + TimeDelta::days(60));
            PROMISE.check(played.history(), &policy)
        });
        match kept {
            Ok(()) => println!("{name}: kept in 1000 pursuits"),
            Err(found) => println!("{name}: broken\n{found}"),
        }
    }
    Ok(())
}
