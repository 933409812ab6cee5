//! A damaged file gives an error or the same answer, never a panic or a hang (R12).
//!
//! Every byte of a small file is changed, once in a random bit and once in all bits, and every question is asked. Row
//! checksums cannot detect a row that an index has lost; such an answer has fewer rows than it should. These points are
//! counted separately, and the store's integrity check must find the damage.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use followup::ProspectId;
use followup_fault_vfs::{Image, Random};

use followup_store_sqlite::SqliteStore;

use crate::books::{Answer, Books};
use crate::draft::{Draft, Size, people};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// How a byte is changed.
const WAYS: [&str; 2] = ["bit", "all"];

/// The proof.
pub(crate) struct FlippedBytes {
    seed: u64,
    whole: Vec<u8>,
    prospects: Vec<Vec<ProspectId>>,
    expected: Vec<Vec<String>>,
    planted: bool,
    figures: Mutex<BTreeMap<&'static str, u64>>,
}

impl Proof for FlippedBytes {
    const NAME: &'static str = "flipped-bytes";
    const PROMISE: &'static str = "R12";
    const PLANTED: &'static [&'static str] = &["unchecked-row"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<FlippedBytes> {
        let scratch = Scratch::new()?;
        let books = Books::sqlite(&scratch.store())?;
        let mut draft = Draft::new(0, Random::of(seed, "flipped-bytes"));
        let who = people(6);
        let size = Size { records: 3, body: 300, profile: 120 };
        for book in 0..2 {
            for _ in 0..2 {
                draft.batch(book, &who, size).send(&books)?;
            }
            draft.document(book).send(&books)?;
        }
        // One record that does not fit into a page.
        draft.change(0, &who[0], Size { records: 1, body: 6000, profile: 0 }).send(&books)?;
        draft.erase(0, &who[1]).send(&books)?;
        let prospects = books.look()?.prospects();
        let expected =
            books.answers(&prospects).into_iter().map(|answer| answer.rows).collect::<Result<_, _>>()?;
        drop(books);
        let whole = fs::read(scratch.store()).context("cannot read the file")?;
        Ok(FlippedBytes {
            seed,
            whole,
            prospects,
            expected,
            planted: planted.is_some(),
            figures: Mutex::default(),
        })
    }

    fn points(&self) -> usize {
        self.whole.len() * WAYS.len()
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{}", point / WAYS.len(), WAYS[point % WAYS.len()])
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let mut damaged = self.whole.clone();
        damaged[point / WAYS.len()] ^= match point % WAYS.len() {
            0 => 1 << Random::of(self.seed, &self.name_of(point)).below(8),
            _ => 0xFF,
        };
        scratch.put(&Image::from([("store.db".to_owned(), damaged)]))?;
        let Ok(books) = Books::sqlite(&scratch.store()) else {
            self.count("points where the file is not opened");
            return Ok(());
        };
        let mut answers = books.answers(&self.prospects);
        drop(books);
        if self.planted
            && let Ok(rows) = &mut answers[0].rows
            && let Some(row) = rows.first_mut()
        {
            row.push('!');
        }
        self.judge(&answers, scratch)
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        std::mem::take(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FlippedBytes {
    fn count(&self, figure: &'static str) {
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner).entry(figure).or_default() += 1;
    }

    fn judge(&self, answers: &[Answer], scratch: &Scratch) -> Result<()> {
        let (mut refused, mut fewer) = (false, false);
        for (Answer { question, rows }, expected) in answers.iter().zip(&self.expected) {
            match rows {
                Err(_) => refused = true,
                Ok(rows) if rows == expected => {}
                Ok(rows) if is_part(rows, expected) => fewer = true,
                Ok(rows) => {
                    let wrong = rows.iter().find(|row| !expected.contains(row));
                    let wrong = wrong.map_or("rows in a wrong order", String::as_str);
                    bail!("a wrong answer ({question}): {wrong}");
                }
            }
        }
        if fewer {
            let store = SqliteStore::open(scratch.store()).context("cannot open the file again")?;
            let found = store.check_integrity().is_ok_and(|found| found.is_sound());
            ensure!(!found, "an answer has fewer rows than expected, but the integrity check finds nothing");
        }
        self.count(match (fewer, refused) {
            (true, _) => "points where an answer has fewer rows, found by the integrity check",
            (_, true) => "points where a question is refused",
            (false, false) => "points where all answers are the same",
        });
        Ok(())
    }
}

/// Whether the rows are a subsequence of the expected ones.
fn is_part(rows: &[String], expected: &[String]) -> bool {
    let mut expected = expected.iter();
    rows.iter().all(|row| expected.any(|other| other == row))
}
