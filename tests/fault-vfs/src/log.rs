//! The recorded changes to the files of a directory.

/// A change to the files or names of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A new, empty file was created. Files are numbered, and one name can belong to several files over time.
    Create {
        /// The name, within the directory.
        name: String,
        /// The file.
        file: usize,
    },
    /// A name was deleted.
    Delete {
        /// The name, within the directory.
        name: String,
        /// Whether the deletion synced the directory.
        directory: bool,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: usize,
        /// Offset from the beginning of the file, in bytes.
        offset: usize,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A file was truncated.
    Truncate {
        /// The file.
        file: usize,
        /// The new size, in bytes.
        size: usize,
    },
    /// A file was synced.
    Sync {
        /// The file.
        file: usize,
        /// Whether the directory was synced too.
        directory: bool,
    },
}

/// All changes to the files of a directory since recording started.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The names and contents of the files that existed at the start. They are safe and have the first numbers.
    pub(crate) before: Vec<(String, Vec<u8>)>,
    /// The changes, in order.
    pub(crate) changes: Vec<Change>,
}

impl Log {
    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}
