//! Counts how often a plan allocates on the heap, and prints the mean for each sort of plan.

use std::hint::black_box;

use anyhow::Result;
use followup_benches::states;
use followup_core::{Playbook, plan};

fn main() -> Result<()> {
    let states = states::many()?;
    for (what, playbook) in
        [("with why", Playbook::default()), ("with nothing to explain", states::unexplained())]
    {
        let counted = allocation_counter::measure(|| {
            for state in &states {
                black_box(plan(state, &playbook));
            }
        });
        println!("{what}: {:.1}", counted.count_total as f64 / states.len() as f64);
    }
    Ok(())
}
