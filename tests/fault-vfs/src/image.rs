//! The files as they may be after a power loss.

use std::collections::BTreeMap;

use crate::log::{Change, Log};
use crate::random::Random;

/// Number of bytes that a disk writes atomically.
const SECTOR: usize = 512;

/// The files of a directory, by name.
pub type Image = BTreeMap<String, Vec<u8>>;

/// The kind of a power loss: which changes are lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Loss {
    /// Nothing is lost.
    Nothing,
    /// All unsynced changes are lost.
    Unsynced,
    /// About half of the unsynced sectors, sizes and names are lost, chosen at random.
    Half,
    /// A part of the last write is lost, if it was not synced.
    Torn,
}

impl Loss {
    /// All kinds.
    pub const ALL: [Loss; 4] = [Loss::Nothing, Loss::Unsynced, Loss::Half, Loss::Torn];
}

/// A file while the log is replayed.
#[derive(Default)]
struct File {
    safe: Vec<u8>,
    /// The positions of the unsynced changes.
    pending: Vec<usize>,
}

impl Log {
    /// Builds the files that remain if the power is lost after the first `changes` changes. `random` decides where the
    /// kind of loss leaves a choice.
    pub fn image(&self, changes: usize, loss: Loss, random: &mut Random) -> Image {
        let changes = &self.changes[..changes];
        let mut files: Vec<File> = Vec::new();
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, content) in &self.before {
            names.insert(name, files.len());
            files.push(File { safe: content.clone(), pending: Vec::new() });
        }
        let mut pending_names: Vec<&Change> = Vec::new();
        for (n, change) in changes.iter().enumerate() {
            match change {
                Change::Create { .. } => {
                    files.push(File::default());
                    pending_names.push(change);
                }
                Change::Delete { .. } => pending_names.push(change),
                Change::Write { file, .. } | Change::Truncate { file, .. } => files[*file].pending.push(n),
                Change::Sync { file, .. } => {
                    let File { safe, pending } = &mut files[*file];
                    pending.drain(..).for_each(|n| apply(safe, &changes[n]));
                }
            }
            if matches!(change, Change::Delete { directory: true, .. } | Change::Sync { directory: true, .. })
            {
                pending_names.drain(..).for_each(|change| rename(&mut names, change));
            }
        }
        for change in pending_names {
            if keeps(loss, random) {
                rename(&mut names, change);
            }
        }
        let torn = changes.iter().rposition(|change| matches!(change, Change::Write { .. }));
        for File { safe, pending } in &mut files {
            for n in pending.drain(..) {
                match loss {
                    Loss::Half => apply_half(safe, &changes[n], random),
                    Loss::Torn if Some(n) == torn => apply_torn(safe, &changes[n], random),
                    Loss::Nothing | Loss::Torn => apply(safe, &changes[n]),
                    Loss::Unsynced => {}
                }
            }
        }
        names.into_iter().map(|(name, file)| (name.to_owned(), files[file].safe.clone())).collect()
    }
}

/// Whether an unsynced change of a name survives.
fn keeps(loss: Loss, random: &mut Random) -> bool {
    match loss {
        Loss::Nothing | Loss::Torn => true,
        Loss::Unsynced => false,
        Loss::Half => random.coin(),
    }
}

fn rename<'a>(names: &mut BTreeMap<&'a str, usize>, change: &'a Change) {
    match change {
        Change::Create { name, file } => names.insert(name, *file),
        Change::Delete { name, .. } => names.remove(name.as_str()),
        Change::Write { .. } | Change::Truncate { .. } | Change::Sync { .. } => None,
    };
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes, .. } => write(content, *offset, bytes),
        Change::Truncate { size, .. } => content.truncate(*size),
        Change::Create { .. } | Change::Delete { .. } | Change::Sync { .. } => {}
    }
}

/// Applies a random subset of the sectors of a write. Where a sector beyond the end is lost, the file may still have
/// grown by zeros.
fn apply_half(content: &mut Vec<u8>, change: &Change, random: &mut Random) {
    let Change::Write { offset, bytes, .. } = change else {
        if random.coin() {
            apply(content, change);
        }
        return;
    };
    let mut start = 0;
    while start < bytes.len() {
        let end = bytes.len().min(start + SECTOR - (offset + start) % SECTOR);
        if random.coin() {
            write(content, offset + start, &bytes[start..end]);
        } else if content.len() < offset + end && random.coin() {
            content.resize(offset + end, 0);
        }
        start = end;
    }
}

/// Applies only the beginning or only the end of a write.
fn apply_torn(content: &mut Vec<u8>, change: &Change, random: &mut Random) {
    let Change::Write { offset, bytes, .. } = change else { return };
    let cut = random.below(bytes.len() as u64) as usize;
    if random.coin() {
        write(content, *offset, &bytes[..cut]);
    } else {
        write(content, offset + cut + 1, &bytes[cut + 1..]);
    }
}

fn write(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        let write = |file, offset, bytes: &[u8]| Change::Write { file, offset, bytes: bytes.to_vec() };
        let changes = vec![
            write(0, 0, b"AB"),
            Change::Create { name: "new".to_owned(), file: 1 },
            write(1, 0, &[7; 1024]),
            Change::Sync { file: 1, directory: false },
            Change::Truncate { file: 0, size: 1 },
            Change::Sync { file: 1, directory: true },
            Change::Delete { name: "old".to_owned(), directory: false },
            write(1, 1024, &[8; 1024]),
        ];
        Log { before: vec![("old".to_owned(), b"abc".to_vec())], changes }
    }

    fn image(changes: usize, loss: Loss) -> Vec<(String, Vec<u8>)> {
        log().image(changes, loss, &mut Random::new(1)).into_iter().collect()
    }

    #[test]
    fn without_loss_everything_written_is_kept() {
        assert_eq!(image(0, Loss::Nothing), [("old".to_owned(), b"abc".to_vec())]);
        assert_eq!(image(1, Loss::Nothing), [("old".to_owned(), b"ABc".to_vec())]);
        let full = [[7; 1024], [8; 1024]].concat();
        assert_eq!(image(8, Loss::Nothing), [("new".to_owned(), full)]);
    }

    #[test]
    fn unsynced_changes_are_lost_and_synced_ones_are_kept() {
        assert_eq!(image(1, Loss::Unsynced), [("old".to_owned(), b"abc".to_vec())]);
        assert_eq!(image(4, Loss::Unsynced).len(), 1, "a file is synced, its name is not");
        let old = ("old".to_owned(), b"abc".to_vec());
        assert_eq!(image(8, Loss::Unsynced), [("new".to_owned(), vec![7; 1024]), old]);
    }

    #[test]
    fn some_of_the_unsynced_sectors_are_lost() {
        let sizes = |loss| {
            let mut random = Random::new(2);
            let images = (0..64).map(|_| log().image(8, loss, &mut random));
            let mut seen: Vec<_> = images.map(|image| image["new"].clone()).collect();
            seen.sort();
            seen.dedup();
            seen.len()
        };
        // Each of two sectors is lost, written or zeros; some combinations give the same file.
        assert_eq!(sizes(Loss::Half), 7);
        assert!(sizes(Loss::Torn) > 32);
    }
}
