//! Prints the table of ratios: `cargo run --release --package followup-benches -- [--to FILE] [ROW…]`.

use anyhow::Result;
use followup_benches::bases::Bases;
use followup_benches::harness::Row;
use followup_benches::rows;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let bases = Bases::make()?;
    for (name, bench) in rows::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        let start = std::time::Instant::now();
        for row in bench(&bases)? {
            println!("{}", Row::markdown(&row));
        }
        eprintln!("{name}: {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}
