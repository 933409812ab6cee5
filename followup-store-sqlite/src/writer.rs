//! Writing: one thread that commits together what is waiting.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use followup_core::{BookId, Claim, Claimed, Document, Renewal, StoreError, StoreErrorKind};
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::change::{Batch, Change};
use crate::checkpoint::{self, Checkpointer};
use crate::errors::{Failure, is_undone};
use crate::reader::Reader;

/// How many prospects one transaction changes, unless a single caller wants more: past that, waiting longer gains
/// nothing, and what is held in memory grows.
const GROUP_PROSPECTS: usize = 1024;

/// What one caller wants done: all of it or nothing.
pub(crate) enum Work {
    Change(Change),
    Claim(BookId, Claim),
    Renew(BookId, Renewal),
    Save(BookId, Document),
}

impl Work {
    /// What was attempted, for a message.
    fn attempt(&self) -> String {
        match self {
            Work::Change(change) => change.attempt(),
            Work::Claim(..) => "claim what is due".to_owned(),
            Work::Renew(_, renewal) => format!("renew the claim of prospect {}", renewal.prospect),
            Work::Save(_, document) => format!("save the {} {}", document.kind.as_str(), document.name),
        }
    }

    /// How many prospects it may change.
    fn prospects(&self) -> usize {
        match self {
            Work::Change(change) => change.appends().len(),
            Work::Claim(_, claim) => claim.limit,
            Work::Renew(..) | Work::Save(..) => 1,
        }
    }

    /// What is handed out, if anything is.
    fn run(&self, batch: &mut Batch<'_>) -> Result<Verdict, Failure> {
        let nothing = |done: Result<(), StoreError>| done.map(|()| Vec::new());
        match self {
            Work::Change(change) => batch.write(change).map(nothing),
            Work::Claim(book, claim) => batch.claim(book, claim).map(Ok),
            Work::Renew(book, renewal) => batch.renew(book, renewal).map(nothing),
            Work::Save(book, document) => batch.save(book, document).map(nothing),
        }
    }
}

/// A handle on the thread. Dropping it ends the thread after what has been sent.
pub(crate) struct Writer {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
    connection: Arc<Mutex<Reader>>,
}

/// Some work and who waits for it.
struct Waiting {
    work: Work,
    answer: oneshot::Sender<Verdict>,
}

impl Writer {
    /// The checkpointer is for a file; memory has no log.
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
            Failure::Own(
                StoreErrorKind::Unavailable,
                format!("no thread can be started to write it: {error}"),
            )
        })?;
        Ok(Writer { queue: Some(queue), thread: Some(thread), connection })
    }

    /// Does some work, and answers what was handed out. The request is sent when the future is first polled; dropping
    /// it later changes nothing.
    pub(crate) async fn write(&self, work: Work) -> Result<Vec<Claimed>, StoreError> {
        let attempt = work.attempt();
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().expect("it is there until the handle is dropped");
        queue.send(Waiting { work, answer }).map_err(|_| ended().into_error(&attempt))?;
        answered.await.unwrap_or_else(|_| {
            let why = "the thread that writes has ended; ask for the head with the same keys".to_owned();
            Err(Failure::Own(StoreErrorKind::Unknown, why).into_error(&attempt))
        })
    }

    /// The connection that writes, between two transactions.
    pub(crate) fn connection(&self) -> Result<MutexGuard<'_, Reader>, Failure> {
        // Whoever panicked may have left a transaction open: nothing of it may be read.
        self.connection.lock().map_err(|_| ended())
    }

    /// The connection that writes, if it is not writing.
    pub(crate) fn idle_connection(&self) -> Option<MutexGuard<'_, Reader>> {
        self.connection.try_lock().ok()
    }
}

fn ended() -> Failure {
    Failure::Own(
        StoreErrorKind::Unavailable,
        "the thread that writes has ended; open the store again".to_owned(),
    )
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        // The last handle may belong to a task that the thread itself drops when it wakes it. It then ends alone.
        let thread = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id());
        if let Some(thread) = thread {
            // If it panicked, those who waited have been told.
            let _ = thread.join();
        }
    }
}

/// What became of a transaction.
enum Fate {
    Committed,
    /// Nothing of it is there.
    Undone(Failure),
    /// Nothing was tried: somebody else holds the file, or it is gone.
    NotBegun(Failure),
    /// It is there or not.
    Unknown(Failure),
}

/// What came of some work, or why it was refused.
type Verdict = Result<Vec<Claimed>, StoreError>;

/// The thread's side.
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

    /// Writes a change and those that are waiting behind it.
    fn commit_group(&mut self, first: Waiting, queue: &Receiver<Waiting>) {
        let mut group = vec![first];
        let mut prospects = 0;
        // The queue is looked at after each change: what comes in while others are written still gets on.
        let (fate, verdicts) = self.transaction(&mut group, |group| {
            let last = group.last().map_or(0, |waiting| waiting.work.prospects());
            prospects = usize::saturating_add(prospects, last);
            if prospects < GROUP_PROSPECTS {
                group.extend(queue.try_recv());
            }
        });
        if matches!(fate, Fate::Undone(_)) && group.len() > 1 {
            // One that cannot be written, say because the disk is full for its size, must not stop the others.
            for waiting in group {
                let mut alone = vec![waiting];
                let (fate, verdicts) = self.transaction(&mut alone, |_| {});
                tell(alone, &fate, verdicts);
            }
        } else {
            tell(group, &fate, verdicts);
        }
        // Those who waited have been told.
        if let Some(checkpointer) = &mut self.checkpointer {
            let reader = self.connection.lock().expect("nobody panics while reading on this connection");
            checkpointer.after_commit(&reader.connection, prospects);
        }
    }

    /// Writes a group that may grow while it is written. If it is committed, there is a verdict on each change.
    fn transaction(
        &self,
        group: &mut Vec<Waiting>,
        mut grow: impl FnMut(&mut Vec<Waiting>),
    ) -> (Fate, Vec<Verdict>) {
        let mut reader = self.lock();
        let Reader { connection, words, .. } = &mut *reader;
        let words = words.get_mut();
        let mut verdicts = Vec::new();
        if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
            return (Fate::NotBegun(error.into()), verdicts);
        }
        let mut batch = Batch::new(connection, words);
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
        words.forget();
        // SQLite has undone it already after some errors; then there is nothing to roll back, which is no failure.
        let _ = execute(connection, "ROLLBACK");
        let fate = match fate {
            Fate::Unknown(failure) if settle(connection).is_ok() => Fate::Undone(failure),
            fate => fate,
        };
        (fate, verdicts)
    }
}

/// Makes certain that a transaction whose commit failed is not there. All of it may stand at the end of the log, though
/// nobody reads that far, and a crash would bring it to light: another commit takes its place.
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

/// Answers all who wait for a group. Whoever has gone is not missed.
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
