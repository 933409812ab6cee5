//! Writing: one thread that commits waiting requests together.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use followup_core::store::{Claim, ClaimPage, Document, Renewal, StoreErrorKind};
use followup_core::{BookId, StoreError};
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::change::{Batch, Change};
use crate::checkpoint::{self, Checkpointer};
use crate::errors::{Failure, is_undone};
use crate::reader::Reader;

/// Maximum number of prospects that one transaction changes, unless a single request changes more. Larger groups gain
/// nothing and need more memory.
const GROUP_PROSPECTS: usize = 1024;

/// A request of one caller, done completely or not at all.
pub(crate) enum Work {
    Change(Change),
    Claim(BookId, Claim),
    Renew(BookId, Renewal),
    Save(BookId, Document),
}

impl Work {
    /// Returns what was attempted, for an error message.
    fn attempt(&self) -> String {
        match self {
            Work::Change(change) => change.attempt(),
            Work::Claim(..) => "claim due entries".to_owned(),
            Work::Renew(_, renewal) => format!("renew the claim of prospect {}", renewal.prospect),
            Work::Save(_, document) => format!("save the {} {}", document.kind.as_str(), document.name),
        }
    }

    /// Returns the maximum number of prospects that it changes.
    fn prospects(&self) -> usize {
        match self {
            Work::Change(change) => change.appends().len(),
            Work::Claim(_, claim) => claim.limit,
            Work::Renew(..) | Work::Save(..) => 1,
        }
    }

    /// Runs the request, and returns the claimed entries, if any.
    fn run(&self, batch: &mut Batch<'_>) -> Result<Verdict, Failure> {
        let nothing = |done: Result<(), StoreError>| done.map(|()| ClaimPage::default());
        match self {
            Work::Change(change) => batch.write(change).map(nothing),
            Work::Claim(book, claim) => batch.claim(book, claim).map(Ok),
            Work::Renew(book, renewal) => batch.renew(book, renewal).map(nothing),
            Work::Save(book, document) => batch.save(book, document).map(nothing),
        }
    }
}

/// A handle on the thread. Dropping it ends the thread after all requests that were sent.
pub(crate) struct Writer {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
    connection: Arc<Mutex<Reader>>,
}

/// A request, and the caller that waits for it.
struct Waiting {
    work: Work,
    answer: oneshot::Sender<Verdict>,
}

impl Writer {
    /// Starts the thread. The checkpointer is for a file; a database in memory has no log.
    pub(crate) fn start(
        connection: Connection,
        checkpointer: Option<Checkpointer>,
    ) -> Result<Writer, Failure> {
        let connection = Arc::new(Mutex::new(Reader::new(connection)));
        let (queue, waiting) = mpsc::channel();
        let mut committer = Committer { connection: Arc::clone(&connection), checkpointer };
        let thread = thread::Builder::new().name("followup-store-sqlite".to_owned()).spawn(move || {
            committer.serve(&waiting);
        });
        let thread = thread.map_err(|error| {
            Failure::Own(StoreErrorKind::Unavailable, format!("the writer thread cannot be started: {error}"))
        })?;
        Ok(Writer { queue: Some(queue), thread: Some(thread), connection })
    }

    /// Runs a request, and returns the claimed entries, if any. The request is sent when the future is first polled;
    /// dropping the future later does not cancel it.
    pub(crate) async fn write(&self, work: Work) -> Result<ClaimPage, StoreError> {
        let attempt = work.attempt();
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().expect("the queue exists until the handle is dropped");
        queue.send(Waiting { work, answer }).map_err(|_| ended().into_error(&attempt))?;
        answered.await.unwrap_or_else(|_| {
            let why = "the writer thread has ended; read the head with the same keys".to_owned();
            Err(Failure::Own(StoreErrorKind::Unknown, why).into_error(&attempt))
        })
    }

    /// Returns the connection that writes, between two transactions.
    pub(crate) fn connection(&self) -> Result<MutexGuard<'_, Reader>, Failure> {
        // A panic may have left a transaction open, whose changes must not be read.
        self.connection.lock().map_err(|_| ended())
    }

    /// Returns the connection that writes, if it is idle.
    pub(crate) fn idle_connection(&self) -> Option<MutexGuard<'_, Reader>> {
        self.connection.try_lock().ok()
    }
}

fn ended() -> Failure {
    Failure::Own(StoreErrorKind::Unavailable, "the writer thread has ended; open the store again".to_owned())
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        // The last handle may belong to a task that the thread itself drops when it wakes the task. The thread cannot
        // join itself then, and ends alone.
        let thread = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id());
        if let Some(thread) = thread {
            // If the thread panicked, the waiting callers have got an error.
            let _ = thread.join();
        }
    }
}

/// The outcome of a transaction.
enum Fate {
    Committed,
    /// Nothing of it was written.
    Undone(Failure),
    /// It could not begin: another connection has locked the file, or the file is gone.
    NotBegun(Failure),
    /// It may or may not have been written.
    Unknown(Failure),
}

/// The claimed entries of a request, or why it was refused.
type Verdict = Result<ClaimPage, StoreError>;

/// The state of the thread.
struct Committer {
    connection: Arc<Mutex<Reader>>,
    checkpointer: Option<Checkpointer>,
}

impl Committer {
    fn serve(&mut self, queue: &Receiver<Waiting>) {
        while let Ok(first) = queue.recv() {
            self.commit_group(first, queue);
        }
        if self.checkpointer.take().is_some() {
            checkpoint::close(&self.lock().connection);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reader> {
        self.connection.lock().expect("nobody panics while reading on this connection")
    }

    /// Runs a request and those that are waiting behind it.
    fn commit_group(&mut self, first: Waiting, queue: &Receiver<Waiting>) {
        let mut group = vec![first];
        let mut prospects = 0;
        // The queue is checked after each request, so that requests that arrive meanwhile join the group.
        let (fate, verdicts) = self.transaction(&mut group, |group| {
            let last = group.last().map_or(0, |waiting| waiting.work.prospects());
            prospects = usize::saturating_add(prospects, last);
            if prospects < GROUP_PROSPECTS {
                group.extend(queue.try_recv());
            }
        });
        if matches!(fate, Fate::Undone(_)) && group.len() > 1 {
            // A request that fails, for example because the disk is too full for its size, must not fail the others.
            for waiting in group {
                let mut alone = vec![waiting];
                let (fate, verdicts) = self.transaction(&mut alone, |_| {});
                tell(alone, &fate, verdicts);
            }
        } else {
            tell(group, &fate, verdicts);
        }
        // The callers have been answered, so they do not wait for the checkpoint.
        if let Some(checkpointer) = &mut self.checkpointer {
            let reader = self.connection.lock().expect("nobody panics while reading on this connection");
            checkpointer.after_commit(&reader.connection, prospects);
        }
    }

    /// Runs a group that may grow meanwhile. If it is committed, there is a verdict on each request.
    fn transaction(
        &self,
        group: &mut Vec<Waiting>,
        mut grow: impl FnMut(&mut Vec<Waiting>),
    ) -> (Fate, Vec<Verdict>) {
        let mut reader = self.lock();
        let Reader { connection, dictionary, .. } = &mut *reader;
        let dictionary = dictionary.get_mut();
        let mut verdicts = Vec::new();
        if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
            return (Fate::NotBegun(error.into()), verdicts);
        }
        let mut batch = Batch::new(connection, dictionary);
        let mut written = Ok(());
        while let (Ok(()), Some(waiting)) = (&written, group.get(verdicts.len())) {
            match waiting.work.run(&mut batch) {
                Ok(done) => {
                    verdicts.push(done);
                    grow(group);
                }
                Err(failure) => written = Err(failure),
            }
        }
        let fate = match written {
            Ok(()) => match execute(connection, "COMMIT") {
                Ok(_) => return (Fate::Committed, verdicts),
                Err(error) if is_undone(&error) => Fate::Undone(error.into()),
                Err(error) => Fate::Unknown(error.into()),
            },
            Err(failure) => Fate::Undone(failure),
        };
        dictionary.forget();
        // After some errors SQLite has already rolled back, and this fails, which is harmless.
        let _ = execute(connection, "ROLLBACK");
        let fate = match fate {
            Fate::Unknown(failure) if settle(connection).is_ok() => Fate::Undone(failure),
            fate => fate,
        };
        (fate, verdicts)
    }
}

/// Makes sure that a transaction whose commit failed is not written. All of it may be at the end of the log, where no
/// connection reads it, but recovery after a crash would. Another commit overwrites it.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let settled = execute(connection, "UPDATE followup_schema SET settled = settled + 1")
        .and_then(|_| execute(connection, "COMMIT"));
    if settled.is_err() {
        let _ = execute(connection, "ROLLBACK");
    }
    settled.map(drop)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<usize> {
    connection.prepare_cached(sql)?.execute([])
}

/// Answers all callers that wait for a group. Callers that have dropped their future are ignored.
fn tell(group: Vec<Waiting>, fate: &Fate, verdicts: Vec<Verdict>) {
    let mut verdicts = verdicts.into_iter();
    for Waiting { work, answer } in group {
        let answered = match fate {
            Fate::Committed => verdicts.next().expect("each change of a committed group has a verdict"),
            Fate::Undone(failure) | Fate::NotBegun(failure) => {
                Err(failure.clone().into_error(work.attempt()))
            }
            Fate::Unknown(failure) => Err(failure.clone().into_unknown(work.attempt())),
        };
        let _ = answer.send(answered);
    }
}
