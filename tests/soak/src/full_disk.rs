//! A full disk leaves the old state and a typed error, and the store works again once there is room (R3).
//!
//! Each point is a small disk in memory, filled up to a given number of free pages, so that the store runs out of room
//! at different places. Mounting such a disk needs root.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use followup::store::StoreErrorKind;
use followup_fault_vfs::Random;

use crate::books::{Books, Seen, check_integrity};
use crate::changes::Change;
use crate::draft::{Draft, Size, USUAL, people};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// The size of the disk.
const SIZE: &str = "2m";

/// Number of different amounts of free room: from 0 pages, in steps of one page.
const ROOMS: usize = 128;

/// Number of changes before the disk is filled, and maximum number after that.
const CHANGES: (usize, usize) = (6, 200);

/// The proof.
pub(crate) struct FullDisk {
    changes: Vec<Change>,
    expected: Vec<Seen>,
    planted: bool,
    obstacle: Option<String>,
}

impl Proof for FullDisk {
    const NAME: &'static str = "full-disk";
    const PROMISE: &'static str = "R3";
    const PLANTED: &'static [&'static str] = &["acknowledged-anyway"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<FullDisk> {
        let mut draft = Draft::new(0, Random::of(seed, "full-disk"));
        let who = people(20);
        let model = Books::memory();
        let (mut changes, mut expected) = (Vec::new(), vec![model.look()?]);
        for n in 0..CHANGES.0 + CHANGES.1 {
            let change = match n % 3 {
                0 => draft.batch(0, &who, USUAL),
                1 => draft.change(0, &who[n % who.len()], Size { records: 1, body: 9000, profile: 500 }),
                _ => draft.change(0, &who[n % who.len()], USUAL),
            };
            change.send(&model)?;
            expected.push(model.look()?);
            changes.push(change);
        }
        let tried = Scratch::new()?;
        let obstacle = Mounted::on(tried.directory()).err().map(|error| format!("{error:#}"));
        Ok(FullDisk { changes, expected, planted: planted.is_some(), obstacle })
    }

    fn points(&self) -> usize {
        ROOMS * 2
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{}", point / 2, ["same-handle", "opened-full"][point % 2])
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        scratch.clear()?;
        let _disk = Mounted::on(scratch.directory())?;
        let mut books = Books::sqlite(&scratch.store())?;
        for change in &self.changes[..CHANGES.0] {
            change.send(&books)?;
        }
        let filler = scratch.directory().join("filler");
        fill(&filler, point / 2)?;
        if point % 2 == 1 {
            drop(books);
            books = match Books::sqlite(&scratch.store()) {
                Ok(books) => books,
                Err(error) => {
                    let full = matches!(error.kind(), StoreErrorKind::Full | StoreErrorKind::Unavailable);
                    ensure!(
                        full,
                        "unexpected error when opening on a full disk: {:?}: {error}",
                        error.kind()
                    );
                    fs::remove_file(&filler)?;
                    Books::sqlite(&scratch.store())
                        .context("cannot open the store although there is room again")?
                }
            };
        }
        let there = self.send_until_full(&mut books)?;
        // The filler may have been removed already.
        let _ = fs::remove_file(&filler);
        self.go_on(&books, there).context("after room was made again")?;
        drop(books);
        check_integrity(&scratch.store())
    }

    fn obstacle(&self) -> Option<String> {
        self.obstacle.clone()
    }
}

impl FullDisk {
    /// Sends changes until there is no room. Returns the number of changes in the store.
    fn send_until_full(&self, books: &mut Books) -> Result<usize> {
        for (there, change) in self.changes.iter().enumerate().skip(CHANGES.0) {
            let Err(error) = change.send(books) else { continue };
            ensure!(
                error.kind() == StoreErrorKind::Full,
                "unexpected error on a full disk: {:?}: {error}: {}",
                error.kind(),
                std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
            );
            let there = if self.planted { there + 1 } else { there };
            compare(&self.expected[there], &books.look().context("cannot read the store")?)?;
            return Ok(there);
        }
        bail!("the disk was never full")
    }

    fn go_on(&self, books: &Books, there: usize) -> Result<()> {
        compare(&self.expected[there], &books.look()?)?;
        for change in self.changes.iter().skip(there).take(2) {
            change.send(books)?;
        }
        compare(&self.expected[(there + 2).min(self.changes.len())], &books.look()?)
    }
}

fn compare(expected: &Seen, seen: &Seen) -> Result<()> {
    match expected.difference(seen) {
        None => Ok(()),
        Some(difference) => bail!("expected and found differ {difference}"),
    }
}

/// Fills the disk except for the given number of pages.
fn fill(path: &Path, left: usize) -> Result<()> {
    let mut file = File::create(path)?;
    let page = [7; 4096];
    let mut pages: usize = 0;
    while file.write_all(&page).is_ok() {
        pages += 1;
    }
    file.set_len((pages.saturating_sub(left) * page.len()) as u64).context("cannot truncate the filler")
}

/// A mounted disk in memory. Dropping it unmounts the disk.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn on(directory: &'a Path) -> Result<Mounted<'a>> {
        let size = format!("size={SIZE}");
        run("mount", &["-t", "tmpfs", "-o", &size, "followup-soak"], directory)?;
        Ok(Mounted(directory))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // A lazy unmount ends with the last open file. A thread that starts a program holds copies of all open files
        // for a moment.
        let _ = run("umount", &["-l"], self.0);
    }
}

fn run(program: &str, arguments: &[&str], directory: &Path) -> Result<()> {
    let output = Command::new(program).args(arguments).arg(directory).output();
    let output = output.with_context(|| format!("cannot start {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed: {}", said.trim());
    Ok(())
}
