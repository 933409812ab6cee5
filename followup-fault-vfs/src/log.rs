//! What was done to the files of a directory, in order.

/// A change to the files or names of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A name was made for a new and empty file. Files are numbered; a name can have several one after the other.
    Create {
        /// The name, within the directory.
        name: String,
        /// The file.
        file: usize,
    },
    /// A name was taken away.
    Delete {
        /// The name, within the directory.
        name: String,
        /// Whether the directory was synced then.
        directory: bool,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: usize,
        /// Where, in bytes from its beginning.
        offset: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// A file was cut off.
    Truncate {
        /// The file.
        file: usize,
        /// Its size from then on, in bytes.
        size: usize,
    },
    /// A file was synced.
    Sync {
        /// The file.
        file: usize,
        /// Whether its directory was synced too.
        directory: bool,
    },
}

/// All that was done to the files of a directory since it began.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The files that were there already, and safe: their names and contents. They have the first numbers.
    pub(crate) before: Vec<(String, Vec<u8>)>,
    /// What was done, in order.
    pub(crate) changes: Vec<Change>,
}

impl Log {
    /// What was done, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}
