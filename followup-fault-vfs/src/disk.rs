//! The files of one directory under watch. Nothing here knows SQLite's pointers.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::fault::{Call, Fault, Hit};
use crate::log::{Change, Log};
use crate::vfs;

/// The directories under watch.
static WATCHED: Mutex<BTreeMap<PathBuf, Weak<Watched>>> = Mutex::new(BTreeMap::new());

/// A directory under watch. It is watched until this is dropped; files that are open then stay under watch until they
/// are closed.
#[derive(Debug)]
pub struct Disk(Arc<Watched>);

/// What is shared by those who have a file of the directory open.
#[derive(Debug)]
pub(crate) struct Watched {
    directory: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many calls of each kind there were since the last fault was set.
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
    /// Watches a directory that is there: whatever SQLite opens in it from now on.
    ///
    /// # Errors
    /// If the directory is not there.
    pub fn watch(directory: &Path) -> io::Result<Disk> {
        vfs::install();
        // SQLite asks for files by their real place.
        let directory = directory.canonicalize()?;
        let watched = Arc::new(Watched { directory: directory.clone(), state: Mutex::default() });
        lock(&WATCHED).insert(directory, Arc::downgrade(&watched));
        Ok(Disk(watched))
    }

    /// From now on, a call fails. Calls are counted from here. A fault that was set before is lifted.
    pub fn arm(&self, fault: Fault) {
        let mut state = lock(&self.0.state);
        state.calls.clear();
        state.fired = false;
        state.fault = Some(fault);
    }

    /// From now on, no call fails.
    pub fn lift(&self) {
        lock(&self.0.state).fault = None;
    }

    /// Whether the fault that was set last has hit a call.
    pub fn has_fired(&self) -> bool {
        lock(&self.0.state).fired
    }

    /// How many calls of a kind there were, since the last fault was set if there was one.
    pub fn calls(&self, call: Call) -> u64 {
        lock(&self.0.state).calls.get(&call).copied().unwrap_or(0)
    }

    /// From now on, a sync does nothing and says that it did.
    pub fn ignore_syncs(&self) {
        lock(&self.0.state).ignores_syncs = true;
    }

    /// Begins to write down what is done. All files that are there are taken as safe. None of them may be open.
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

    /// How many changes were written down.
    pub fn recorded(&self) -> usize {
        lock(&self.0.state).recording.as_ref().map_or(0, |recording| recording.log.changes.len())
    }

    /// Ends writing down, and gives what was.
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
    /// Who watches a file, and its name within the directory.
    pub(crate) fn of(path: &Path) -> Option<(Arc<Watched>, String)> {
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        let watched = lock(&WATCHED).get(directory)?.upgrade()?;
        Some((watched, name.to_owned()))
    }

    /// Counts a call; if it is to fail, how.
    pub(crate) fn call(&self, call: Call) -> Option<Hit> {
        let mut state = lock(&self.state);
        let number = state.calls.entry(call).or_default();
        *number += 1;
        let number = *number;
        let hit = state.fault.as_ref().and_then(|fault| fault.hits(call, number));
        state.fired |= hit.is_some();
        hit
    }

    /// A file was opened, which made it if it was not there. The answer is its number.
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

    /// A file was deleted.
    pub(crate) fn deleted(&self, name: &str, directory: bool) {
        self.note(|Recording { log, names, .. }| {
            names.remove(name);
            log.changes.push(Change::Delete { name: name.to_owned(), directory });
        });
    }

    /// A file was written to, cut off or synced.
    pub(crate) fn changed(&self, change: impl FnOnce() -> Change) {
        self.note(|recording| recording.log.changes.push(change()));
    }

    /// Whether a sync is to do nothing.
    pub(crate) fn ignores_syncs(&self) -> bool {
        lock(&self.state).ignores_syncs
    }

    fn note<T>(&self, note: impl FnOnce(&mut Recording) -> T) -> Option<T> {
        lock(&self.state).recording.as_mut().map(note)
    }
}

/// What is locked is whole after each line, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
