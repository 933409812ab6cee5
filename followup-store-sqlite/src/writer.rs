//! Writing: one thread that commits together what is waiting.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use followup_core::{StoreError, StoreErrorKind};
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::change::{Batch, Change};
use crate::errors::{Failure, is_undone};
use crate::reader::Reader;

/// How many prospects one transaction changes, unless a single caller wants more: past that, waiting longer gains
/// nothing, and what is held in memory grows.
const GROUP_PROSPECTS: usize = 1024;

/// A handle on the thread. Dropping it ends the thread after what has been sent.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

enum Job {
    Change(Waiting),
    /// A question for the connection that writes.
    Ask(Box<dyn FnOnce(&Reader) + Send>),
}

/// A change and who waits for it.
struct Waiting {
    change: Change,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> Result<Writer, Failure> {
        let (jobs, queue) = mpsc::channel();
        let committer = Committer { reader: Reader::new(connection) };
        let thread = thread::Builder::new()
            .name("followup-store-sqlite".to_owned())
            .spawn(move || committer.serve(&queue));
        let thread = thread.map_err(|error| {
            Failure::Own(
                StoreErrorKind::Unavailable,
                format!("no thread can be started to write it: {error}"),
            )
        })?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Writes a change. The request is sent when the future is first polled; dropping it later changes nothing.
    pub(crate) async fn write(&self, change: Change) -> Result<(), StoreError> {
        let attempt = change.attempt();
        let (answer, answered) = oneshot::channel();
        self.send(Job::Change(Waiting { change, answer }), &attempt)?;
        answered.await.unwrap_or_else(|_| {
            let why = "the thread that writes has ended; ask for the head with the same keys";
            Err(StoreError::new(StoreErrorKind::Unknown, format!("cannot {attempt}: {why}")))
        })
    }

    /// Asks the connection that writes, after what has been sent before.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        attempt: &str,
        question: impl FnOnce(&Reader) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let ask = Box::new(move |reader: &Reader| {
            // Whoever asked may have gone.
            let _ = answer.send(question(reader));
        });
        self.send(Job::Ask(ask), attempt)?;
        answered.await.map_err(|_| ended(attempt))
    }

    fn send(&self, job: Job, attempt: &str) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().expect("it is there until the handle is dropped");
        jobs.send(job).map_err(|_| ended(attempt))
    }
}

fn ended(attempt: &str) -> StoreError {
    let why = "the thread that writes has ended; open the store again";
    StoreError::new(StoreErrorKind::Unavailable, format!("cannot {attempt}: {why}"))
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        // The last handle may belong to a task that the thread itself drops when it wakes it. It then ends alone.
        let thread = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id());
        if let Some(thread) = thread {
            // What it was doing when it panicked, if it did, has been told to those who waited.
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
    Unknown(Failure),
}

/// The thread's side.
struct Committer {
    reader: Reader,
}

impl Committer {
    fn serve(mut self, queue: &Receiver<Job>) {
        while let Ok(job) = queue.recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Change(first) => next = self.commit_group(first, queue),
                    Job::Ask(question) => question(&self.reader),
                }
            }
        }
        // SQLite does this too when the last connection to the file closes; others may be open. What is still being
        // read stays in the log, so there is no need to wait.
        let connection = &self.reader.connection;
        let _ = connection.busy_timeout(Duration::ZERO);
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Writes a change and those that are waiting behind it, and returns the first job that is no change.
    fn commit_group(&mut self, first: Waiting, queue: &Receiver<Job>) -> Option<Job> {
        let (mut group, mut other) = (vec![first], None);
        let mut prospects = 0;
        // The queue is looked at after each change: what comes in while others are written still gets on.
        let (fate, verdicts) = self.transaction(&mut group, |group| {
            prospects += group.last().map_or(0, |waiting| waiting.change.appends.len());
            if other.is_none() && prospects < GROUP_PROSPECTS {
                match queue.try_recv() {
                    Ok(Job::Change(waiting)) => group.push(waiting),
                    Ok(job) => other = Some(job),
                    Err(_) => {}
                }
            }
        });
        match fate {
            Fate::Undone(_) if group.len() > 1 => {
                // One that cannot be written, say because the disk is full for its size, must not stop the others.
                for waiting in group {
                    let mut alone = vec![waiting];
                    let (fate, verdicts) = self.transaction(&mut alone, |_| {});
                    tell(alone, &fate, verdicts);
                }
            }
            fate => tell(group, &fate, verdicts),
        }
        other
    }

    /// Writes a group that may grow while it is written. The verdicts say which changes were refused.
    fn transaction(
        &mut self,
        group: &mut Vec<Waiting>,
        mut grow: impl FnMut(&mut Vec<Waiting>),
    ) -> (Fate, Vec<Result<(), StoreError>>) {
        let Reader { connection, words } = &mut self.reader;
        let words = words.get_mut();
        let mut verdicts = Vec::new();
        if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
            return (Fate::NotBegun(error.into()), verdicts);
        }
        let mut batch = Batch::new(connection, words);
        let mut written = Ok(());
        while let (Ok(()), Some(waiting)) = (&written, group.get(verdicts.len())) {
            written = batch.write(&waiting.change).map(|verdict| {
                verdicts.push(verdict);
                grow(group);
            });
        }
        let fate = match written.and_then(|()| batch.finish()) {
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
        (fate, verdicts)
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<usize> {
    connection.prepare_cached(sql)?.execute([])
}

/// Answers all who wait for a group. Whoever has gone is not missed.
fn tell(group: Vec<Waiting>, fate: &Fate, verdicts: Vec<Result<(), StoreError>>) {
    let mut verdicts = verdicts.into_iter();
    for Waiting { change, answer } in group {
        let answered = match fate {
            Fate::Committed => verdicts.next().expect("each change of a committed group has a verdict"),
            Fate::Undone(failure) | Fate::NotBegun(failure) => {
                Err(failure.clone().into_error(change.attempt()))
            }
            Fate::Unknown(failure) => {
                let why = "the disk failed while it was committed; ask for the head with the same keys";
                let error =
                    StoreError::new(StoreErrorKind::Unknown, format!("cannot {}: {why}", change.attempt()));
                Err(match failure.clone() {
                    Failure::Sqlite(source) => error.caused_by(source),
                    Failure::Own(..) => error,
                })
            }
        };
        let _ = answer.send(answered);
    }
}
