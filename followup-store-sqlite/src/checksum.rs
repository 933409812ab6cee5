//! Checksums of rows. SQLite has no checksums of pages: a bit that flips on disk would give a wrong answer.

use chrono::{DateTime, Utc};
use followup_core::ProspectId;
use followup_core::store::{AddressHash, Document, Due, Record, Revision, Snapshot};

use crate::rows::micros;

/// A running checksum.
///
/// Each step maps the running value one to one, so the values of two contents that differ in one field stay different
/// until the 64 bits are folded into 32. The checksum guards against damage, not against an adversary.
struct Checksum(u64);

impl Checksum {
    fn new() -> Checksum {
        Checksum(0x6A09_E667_F3BC_C908)
    }

    fn word(self, word: u64) -> Checksum {
        // Multiplying by an odd factor and xoring a shifted copy are both invertible. The factor is 2^64 divided by the
        // golden ratio.
        let mixed = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Checksum(mixed ^ (mixed >> 29))
    }

    /// Adds bytes, preceded by their length, so that a boundary between two fields cannot move.
    fn bytes(self, bytes: &[u8]) -> Checksum {
        let (words, rest) = bytes.as_chunks::<8>();
        let start = self.word(bytes.len() as u64);
        let sum = words.iter().fold(start, |sum, word| sum.word(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        sum.word(u64::from_le_bytes(last))
    }

    fn text(self, text: &str) -> Checksum {
        self.bytes(text.as_bytes())
    }

    fn instant(self, at: Option<DateTime<Utc>>) -> Checksum {
        match at {
            Some(at) => self.word(1).word(micros(at).cast_unsigned()),
            None => self.word(0),
        }
    }

    /// Returns the checksum, signed because SQLite stores 32 bits in four bytes only if they are signed.
    fn finish(self) -> i32 {
        (self.0 ^ (self.0 >> 32)) as u32 as i32
    }
}

pub(crate) fn of_record(prospect: i64, record: &Record) -> i32 {
    Checksum::new()
        .word(prospect.cast_unsigned())
        .text(&record.key)
        .instant(Some(record.at))
        .word(record.seq.cast_unsigned())
        .text(&record.kind)
        .bytes(&record.hash)
        .instant(Some(record.recorded_at))
        .text(&record.body)
        .finish()
}

pub(crate) fn of_state(
    id: &ProspectId,
    revision: Revision,
    since: DateTime<Utc>,
    snapshot: &Snapshot,
) -> i32 {
    Checksum::new()
        .text(id.as_str())
        .word(revision.0)
        .instant(Some(since))
        .word(u64::from(snapshot.fold_version))
        .bytes(&snapshot.bytes)
        .finish()
}

pub(crate) fn of_profile(id: &ProspectId, json: &str) -> i32 {
    Checksum::new().text(id.as_str()).text(json).finish()
}

pub(crate) fn of_due(due: &Due) -> i32 {
    Checksum::new()
        .text(due.prospect.as_str())
        .word(due.revision.0)
        .word(u64::from(due.owner.is_some()))
        .text(due.owner.as_deref().unwrap_or_default())
        .word(u64::from(due.automatic))
        .instant(due.earliest)
        .instant(due.target)
        .instant(due.latest)
        .instant(due.rank_at)
        .instant(due.wake_at)
        .instant(due.appointment_at)
        .text(&due.obligation)
        .text(&due.planned_by)
        .finish()
}

pub(crate) fn of_lease(id: &str, fence: u64, until: Option<i64>) -> i32 {
    let until = until.map_or((0, 0), |until| (1, until.cast_unsigned()));
    Checksum::new().text(id).word(fence).word(until.0).word(until.1).finish()
}

pub(crate) fn of_feed(book: i64, changed: i64, prospect: i64, newest_event_at: i64) -> i32 {
    [book, changed, prospect, newest_event_at]
        .into_iter()
        .fold(Checksum::new(), |sum, word| sum.word(word.cast_unsigned()))
        .finish()
}

pub(crate) fn of_suppression(address: AddressHash, since: i64) -> i32 {
    Checksum::new().bytes(&address.0).word(since.cast_unsigned()).finish()
}

pub(crate) fn of_document(document: &Document) -> i32 {
    let Document { kind, name, version, body, saved_at, .. } = document;
    of_document_row(kind.as_str(), name, *version, body, micros(*saved_at))
}

/// Returns the checksum of a document's row, whose kind may be that of a newer program.
pub(crate) fn of_document_row(kind: &str, name: &str, version: u64, body: &str, saved_at: i64) -> i32 {
    Checksum::new()
        .text(kind)
        .text(name)
        .word(version)
        .text(body)
        .word(1)
        .word(saved_at.cast_unsigned())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_changes_the_sum() {
        let bytes: Vec<u8> = (0..100).collect();
        let sum = Checksum::new().bytes(&bytes).finish();
        for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut damaged = bytes.clone();
            damaged[byte] ^= 1 << bit;
            assert_ne!(Checksum::new().bytes(&damaged).finish(), sum, "bit {bit} of byte {byte}");
        }
    }

    #[test]
    fn a_boundary_that_moves_changes_the_sum() {
        let sums = [
            Checksum::new().text("ab").text("c"),
            Checksum::new().text("a").text("bc"),
            Checksum::new().text("abc").text(""),
        ];
        let [first, second, third] = sums.map(Checksum::finish);
        assert!(first != second && second != third && first != third);
    }
}
