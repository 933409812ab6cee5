//! Does my cadence keep its promise? `cargo run --example faulty_cadence`

use followup::{Playbook, Policy};
use followup_testing::{Promise, PromiseError, Pursuits};

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
        match Pursuits::under(&policy).days(60).check(PROMISE) {
            Ok(kept) => println!("{name}: {kept}"),
            Err(PromiseError::Broken(found)) => println!("{name}: broken\n{found}"),
            Err(untested) => println!("{name}: {untested}"),
        }
    }
    Ok(())
}
