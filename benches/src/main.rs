//! Prints the table of ratios: `cargo run --release --package followup-benches --bin ratios -- [ROW…]`.

use std::path::Path;

use anyhow::{Result, ensure};
use followup_benches::bases::Bases;
use followup_benches::cold;
use followup_benches::harness::Row;
use followup_benches::rows;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, whom, path] = wanted.as_slice()
        && flag == "--cold"
    {
        // This process was started by the row about cold files.
        println!("{}", cold::answer(whom, Path::new(path))?);
        return Ok(());
    }
    let known = |name: &String| rows::ALL.iter().any(|(row, _)| row == name);
    ensure!(wanted.iter().all(known), "unknown row; expected any of: {:?}", rows::ALL.map(|(row, _)| row));
    let bases = Bases::make()?;
    for (name, bench) in rows::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
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
