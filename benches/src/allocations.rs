//! Counts the heap allocations of a plan and prints the mean for each kind of plan.

use std::hint::black_box;

use anyhow::Result;
use followup::{Policy, plan};
use followup_benches::states;

fn main() -> Result<()> {
    let states = states::many()?;
    for (what, policy) in
        [("with why", Policy::default()), ("with nothing to explain", states::unexplained())]
    {
        let counted = allocation_counter::measure(|| {
            for state in &states {
                black_box(plan(state, &policy));
            }
        });
        println!("{what}: {:.1}", counted.count_total as f64 / states.len() as f64);
    }
    Ok(())
}
