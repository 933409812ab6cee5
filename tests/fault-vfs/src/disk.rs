//! The files of a watched directory. This module does not handle SQLite's pointers.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::fault::{Call, Fault, Hit};
use crate::log::{Change, Log};
use crate::vfs;

/// The watched directories.
static WATCHED: Mutex<BTreeMap<PathBuf, Weak<Watched>>> = Mutex::new(BTreeMap::new());

/// A watched directory. Dropping it ends the watch; files that are still open stay watched until they are closed.
#[derive(Debug)]
pub struct Disk(Arc<Watched>);

/// The state shared by all open files of a watched directory.
#[derive(Debug)]
pub(crate) struct Watched {
    directory: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Number of calls of each kind since the last fault was armed.
    calls: BTreeMap<Call, u64>,
    fault: Option<Fault>,
    fired: bool,
    ignores_syncs: bool,
    recording: Option<Recording>,
}

#[derive(Debug)]
struct Recording {
    log: Log,
    names: BTreeMap<String, usize>,
    files: usize,
}

impl Disk {
    /// Watches all files that SQLite opens in an existing directory from now on.
    ///
    /// # Errors
    /// If the directory does not exist.
    pub fn watch(directory: &Path) -> io::Result<Disk> {
        vfs::install();
        // SQLite opens files by their canonical paths.
        let directory = directory.canonicalize()?;
        let watched = Arc::new(Watched { directory: directory.clone(), state: Mutex::default() });
        lock(&WATCHED).insert(directory, Arc::downgrade(&watched));
        Ok(Disk(watched))
    }

    /// Arms a fault and resets the call counters. It replaces the previous fault.
    pub fn arm(&self, fault: Fault) {
        let mut state = lock(&self.0.state);
        state.calls.clear();
        state.fired = false;
        state.fault = Some(fault);
    }

    /// Lifts the fault: from now on, no call fails.
    pub fn lift(&self) {
        lock(&self.0.state).fault = None;
    }

    /// Whether the fault armed last has hit a call.
    pub fn has_fired(&self) -> bool {
        lock(&self.0.state).fired
    }

    /// Number of calls of a kind, since the last fault was armed if there was one.
    pub fn calls(&self, call: Call) -> u64 {
        lock(&self.0.state).calls.get(&call).copied().unwrap_or(0)
    }

    /// Makes every sync from now on do nothing and report success.
    pub fn ignore_syncs(&self) {
        lock(&self.0.state).ignores_syncs = true;
    }

    /// Starts recording changes. All existing files count as safe; none of them may be open.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn record(&self) -> io::Result<()> {
        let mut log = Log::default();
        for entry in fs::read_dir(&self.0.directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with("-shm") {
                log.before.push((name, fs::read(entry.path())?));
            }
        }
        let names = log.before.iter().enumerate().map(|(n, (name, _))| (name.clone(), n)).collect();
        let files = log.before.len();
        lock(&self.0.state).recording = Some(Recording { log, names, files });
        Ok(())
    }

    /// Number of changes recorded so far.
    pub fn recorded(&self) -> usize {
        lock(&self.0.state).recording.as_ref().map_or(0, |recording| recording.log.changes.len())
    }

    /// Stops recording and returns the log.
    pub fn take_log(&self) -> Log {
        lock(&self.0.state).recording.take().map(|recording| recording.log).unwrap_or_default()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        lock(&WATCHED).remove(&self.0.directory);
    }
}

impl Watched {
    /// The watched directory of a file, and the name of the file within it.
    pub(crate) fn of(path: &Path) -> Option<(Arc<Watched>, String)> {
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        let watched = lock(&WATCHED).get(directory)?.upgrade()?;
        Some((watched, name.to_owned()))
    }

    /// Counts a call. Returns the hit if the call must fail.
    pub(crate) fn call(&self, call: Call) -> Option<Hit> {
        let mut state = lock(&self.state);
        let number = state.calls.entry(call).or_default();
        *number += 1;
        let number = *number;
        let hit = state.fault.as_ref().and_then(|fault| fault.hits(call, number));
        state.fired |= hit.is_some();
        hit
    }

    /// Records that a file was opened, which creates it if it does not exist. Returns the number of the file.
    pub(crate) fn opened(&self, name: &str) -> usize {
        self.note(|Recording { log, names, files }| {
            if let Some(file) = names.get(name) {
                return *file;
            }
            let file = *files;
            *files += 1;
            names.insert(name.to_owned(), file);
            log.changes.push(Change::Create { name: name.to_owned(), file });
            file
        })
        .unwrap_or(usize::MAX)
    }

    /// Records that a file was deleted.
    pub(crate) fn deleted(&self, name: &str, directory: bool) {
        self.note(|Recording { log, names, .. }| {
            names.remove(name);
            log.changes.push(Change::Delete { name: name.to_owned(), directory });
        });
    }

    /// Records that a file was written to, truncated or synced.
    pub(crate) fn changed(&self, change: impl FnOnce() -> Change) {
        self.note(|recording| recording.log.changes.push(change()));
    }

    /// Whether syncs do nothing.
    pub(crate) fn ignores_syncs(&self) -> bool {
        lock(&self.state).ignores_syncs
    }

    fn note<T>(&self, note: impl FnOnce(&mut Recording) -> T) -> Option<T> {
        lock(&self.state).recording.as_mut().map(note)
    }
}

/// Locks a mutex and ignores poisoning: the data is consistent after each statement, so a panic cannot corrupt it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
