//! `cargo xtask page`: checks the page of the gap report in a real browser, wide and narrow, light, dark and on paper.
//!
//! The checks: no text is clipped or overlaps, the page needs no horizontal scrolling, the browser logs nothing and
//! requests only the file. Screenshots in `target/page/` are for review by people.

mod browser;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo::{Cargo, workspace_root};
use crate::database::fresh;
use browser::{Browser, View};

/// The `--now` of the demo.
const DEMO_MONDAY: &str = "2026-03-09T08:00:00Z";
/// The `--now` of the incident log: a morning in the middle of it.
const INCIDENT_MORNING: &str = "2016-04-15T09:00:00Z";
/// Widths of a desktop screen and a phone screen, in pixels.
const WIDTHS: [u32; 2] = [1_200, 400];
/// Width of an A4 page within its margins, in pixels.
const PAPER_WIDTH: u32 = 700;

/// Writes the pages, checks them in a browser, and takes screenshots.
///
/// # Errors
/// If no browser is found, a command fails, or a page has problems.
pub(crate) fn page() -> Result<()> {
    Cargo::new("build --package followup-examples --bin followup").run()?;
    let folder = workspace_root().join("target/page");
    fs::create_dir_all(&folder)?;
    let pages = write_pages(&folder)?;
    let mut browser = Browser::start(&folder)?;
    let mut problems = Vec::new();
    for file in &pages {
        problems.extend(look_at(&mut browser, file)?);
    }
    drop(browser);
    for problem in &problems {
        println!("{problem}");
    }
    ensure!(problems.is_empty(), "the pages have {} problems", problems.len());
    println!("{} pages have no problems; screenshots are in {}", pages.len(), folder.display());
    Ok(())
}

fn write_pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let demo = fresh(folder, "demo.db")?;
    followup(&demo, &["demo"])?;
    let mut pages = vec![report(folder, "demo", &demo, DEMO_MONDAY, &["--by", "owner"])?];
    let empty = fresh(folder, "empty.db")?;
    pages.push(report(folder, "empty", &empty, DEMO_MONDAY, &[])?);
    let log = workspace_root().join("../shared/data/uci_incident/incident_events.csv.gz");
    if log.exists() {
        let incidents = fresh(folder, "incidents.db")?;
        let log = log.to_str().context("the path of the log is not valid UTF-8")?;
        followup(&incidents, &["import", "events", log, "--map", "uci_incident"])?;
        pages.push(report(folder, "incidents", &incidents, INCIDENT_MORNING, &["--by", "channel"])?);
    } else {
        println!("skipped the page of the incident log: the shared data is missing beside the workspace");
    }
    Ok(pages)
}

fn report(folder: &Path, name: &str, database: &Path, now: &str, options: &[&str]) -> Result<PathBuf> {
    let file = folder.join(format!("{name}.html"));
    let html = file.to_str().context("the path of the page is not valid UTF-8")?;
    let arguments = [&["--now", now, "report", "gap", "--html", html], options].concat();
    followup(database, &arguments)?;
    Ok(file)
}

fn followup(database: &Path, arguments: &[&str]) -> Result<()> {
    // The `followup` program is built into the same directory as this one.
    let program = std::env::current_exe()?.with_file_name("followup");
    let mut command = Command::new(program);
    command.arg("--db").arg(database).args(arguments).stdout(Stdio::null());
    let status = command.status().context("cannot start the command")?;
    ensure!(status.success(), "`followup {}` failed ({status})", arguments.join(" "));
    Ok(())
}

/// Checks a page in every view and returns its problems.
fn look_at(browser: &mut Browser, file: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for scheme in ["light", "dark"] {
        for width in WIDTHS {
            let view = View { media: "screen", scheme, width };
            problems.extend(seen(browser, file, view, &format!("-{scheme}-{width}"))?);
        }
    }
    // A page with a dark color scheme must print black on white.
    let view = View { media: "print", scheme: "dark", width: PAPER_WIDTH };
    problems.extend(seen(browser, file, view, "-paper")?);
    fs::write(file.with_extension("pdf"), browser.paper()?)?;
    Ok(problems)
}

fn seen(browser: &mut Browser, file: &Path, view: View, suffix: &str) -> Result<Vec<String>> {
    let problems = browser.open(file, view)?;
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or("page");
    fs::write(file.with_file_name(format!("{name}{suffix}.png")), browser.picture()?)?;
    Ok(problems.into_iter().map(|problem| format!("{name}{suffix}: {problem}")).collect())
}
