//! A followup store in a SQLite file.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::{ProspectId, Store};
//! use followup_core::store::{Append, HeadQuery, Record, Revision, Snapshot};
//! use followup_store_sqlite::SqliteStore;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("crm.db");
//! # pollster::block_on(async {
//! let store = SqliteStore::open(&path)?;
//! let ada = ProspectId::new("p-17")?;
//! let at = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let added = Record::new("crm-1", at, "added", "{}");
//! let change = Append::new(ada.clone(), Revision(0), vec![added], Snapshot::new(1, vec![7]));
//! store.append(vec![change]).await?;
//!
//! let heads = store.head(vec![HeadQuery::new(ada, vec![])]).await?;
//! assert_eq!(heads[0].as_ref().map(|head| head.revision), Some(Revision(1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Durability
//!
//! An acknowledged change survives the end of the process and, unless [`Synchronous::Normal`] is chosen, a power
//! failure. A commit error that leaves the outcome open is [`StoreErrorKind::Unknown`]; after any other error, nothing
//! of the change was written.
//!
//! # Threads and processes
//!
//! A store has one writer thread, which commits waiting changes together, so concurrent callers achieve a higher
//! throughput than sequential ones. Reads run on the caller's thread, on one of a few connections. Several processes
//! may open the same file, on a local disk only: a write-ahead log does not work over a network. No method needs an
//! async runtime.
//!
//! # The file
//!
//! The file's `application_id` is [`APPLICATION_ID`] and its `user_version` is the schema version, unless the file is a
//! host's ([`File::Shared`]). Opening an older file migrates it; a newer file, or a database of another program, is
//! refused and left unchanged. The names of all tables and indexes begin with `followup_`. While the file is open, a
//! `-wal` and a `-shm` file exist beside it. They belong to it, and a copy without them may be incomplete.
//!
//! Each row has a checksum, so damage on disk causes an error instead of a wrong answer.
//! [`SqliteStore::check_integrity`] checks every row, and [`SqliteStore::backup`] makes a consistent copy while others
//! write.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod backup;
mod book;
mod change;
mod checkpoint;
mod checksum;
mod claim;
mod dictionary;
mod due;
mod errors;
mod host;
mod integrity;
mod open;
mod queries;
mod rank_scan;
mod reader;
mod rows;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
#[cfg(doc)]
use followup_core::store::StoreErrorKind;
use followup_core::store::{
    AddressHash, Append, Changed, Claim, ClaimPage, Document, DocumentQuery, DuePage, DueQuery, Erase, Head,
    HeadQuery, Record, Renewal, Since,
};
use followup_core::{BookId, ProspectId, Store, StoreError};

pub use integrity::{Checked, Integrity, Place, Unsound};
pub use open::{APPLICATION_ID, File, Synchronous};

use crate::change::{Change, What};
use crate::checkpoint::Checkpointer;
use crate::errors::Failure;
use crate::open::Setting;
use crate::queries::Queries;
use crate::reader::{Reader, Readers};
use crate::writer::{Work, Writer};

/// Options for opening a store.
///
/// ```
/// use std::time::Duration;
/// use followup_core::BookId;
/// use followup_store_sqlite::{SqliteStore, Synchronous};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("crm.db");
/// let options = SqliteStore::options().synchronous(Synchronous::Normal).busy_timeout(Duration::from_secs(1));
/// let store = options.book(BookId::new("agency")?).open(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteOptions {
    book: BookId,
    synchronous: Synchronous,
    busy_timeout: Duration,
    readers: usize,
    file: File,
}

impl Default for SqliteOptions {
    fn default() -> SqliteOptions {
        let busy_timeout = Duration::from_secs(5);
        SqliteOptions {
            book: BookId::default(),
            synchronous: Synchronous::Full,
            busy_timeout,
            readers: 4,
            file: File::Own,
        }
    }
}

impl SqliteOptions {
    /// Sets the book of the handle. The default is `main`.
    pub fn book(mut self, book: BookId) -> SqliteOptions {
        self.book = book;
        self
    }

    /// Sets how durable an acknowledged change is. The default is [`Synchronous::Full`].
    pub fn synchronous(mut self, synchronous: Synchronous) -> SqliteOptions {
        self.synchronous = synchronous;
        self
    }

    /// Sets how long to wait for another process that is writing before returning [`StoreErrorKind::Busy`]. The
    /// default is 5 seconds.
    pub fn busy_timeout(mut self, busy_timeout: Duration) -> SqliteOptions {
        self.busy_timeout = busy_timeout;
        self
    }

    /// Sets the maximum number of concurrent reads, at least 1. The default is 4. Each uses up to 2 MiB of memory.
    ///
    /// # Examples
    /// ```
    /// use followup_store_sqlite::SqliteStore;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("crm.db");
    /// let store = SqliteStore::options().readers(8).open(&path)?;
    /// assert!(store.check_integrity()?.is_sound());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn readers(mut self, readers: usize) -> SqliteOptions {
        self.readers = readers;
        self
    }

    /// Sets whose file it is. The default is [`File::Own`].
    pub fn file(mut self, file: File) -> SqliteOptions {
        self.file = file;
        self
    }

    /// Opens the store in a file, which is created if it does not exist.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        let path = path.as_ref();
        let opened = open::absolute(path).and_then(|path| self.start(Some(path)));
        opened.map_err(|failure| failure.into_error(format_args!("open the store {}", path.display())))
    }

    /// Opens an empty store in memory. Its data is lost when the last handle is dropped.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] if no thread can be started.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{BookId, Store};
    /// use followup_store_sqlite::SqliteStore;
    ///
    /// let store = SqliteStore::options().book(BookId::new("agency")?).in_memory()?;
    /// assert_eq!(pollster::block_on(store.changes(0, 10))?, []);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_memory(self) -> Result<SqliteStore, StoreError> {
        self.start(None).map_err(|failure| failure.into_error("open a store in memory"))
    }

    fn start(self, path: Option<std::path::PathBuf>) -> Result<SqliteStore, Failure> {
        let SqliteOptions { book, synchronous, busy_timeout, readers, file } = self;
        let setting = Setting { path, file, synchronous, busy_timeout };
        let writer = open::writer(&setting)?;
        let checkpointer = setting.path.is_some().then(|| Checkpointer::start(&setting)).transpose()?;
        let writer = Writer::start(writer, checkpointer)?;
        // A database in memory has a single connection, so reads and writes take turns.
        let readers = setting.path.is_some().then(|| Readers::new(setting, readers));
        Ok(SqliteStore { connections: Arc::new(Connections { readers, writer }), book })
    }
}

/// A store in a SQLite file. A clone is another handle on the same data.
///
/// A handle is scoped to one book, `main` by default. Dropping the last handle waits until all changes that were sent
/// are written, and then closes the file.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::store::{Append, Claim, Due, Pages, Record, Renewal, Revision, Snapshot, StoreExt};
/// use followup_core::{ProspectId, Store};
/// use followup_store_sqlite::SqliteStore;
///
/// # pollster::block_on(async {
/// let store = SqliteStore::in_memory()?;
/// let (ada, t) = (ProspectId::new("p-17")?, "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?);
/// let inquired = Record::new("crm-1", t, "inquired", "{}");
/// let mut change = Append::new(ada.clone(), Revision(0), vec![inquired], Snapshot::new(1, vec![7]));
/// let mut due = Due::new(ada.clone(), Revision(1));
/// (due.automatic, due.earliest) = (true, Some(t));
/// change.due = Some(due);
/// store.append(vec![change]).await?;
///
/// // Read the prospect, and all prospects.
/// let head = store.head_of(&ada).await?.expect("the prospect exists");
/// assert_eq!(head.revision, Revision(1));
/// assert_eq!(store.scan(None, 10).await?, [head.clone()]);
/// let mut pages: Pages<'_, SqliteStore> = store.pages();
/// assert_eq!(pages.next().await?, Some(vec![head]));
/// assert_eq!(pages.next().await?, None);
///
/// // Claim the action that is due, and renew the lease.
/// let minutes = |minutes| t + TimeDelta::minutes(minutes);
/// let claimed = store.claim(Claim::new(t, minutes(5), 10)).await?.claimed;
/// assert_eq!(claimed[0].due.prospect, ada);
/// store.renew(Renewal::new(ada, claimed[0].fence, minutes(10))).await?;
/// let later = store.claim(Claim::new(minutes(6), minutes(11), 10)).await?;
/// assert_eq!((later.claimed.len(), later.next_at), (0, Some(minutes(10))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A saved version of a document never changes:
///
/// ```
/// use followup_core::Store;
/// use followup_core::store::{Document, DocumentKind, DocumentQuery, StoreErrorKind};
/// use followup_store_sqlite::SqliteStore;
///
/// # pollster::block_on(async {
/// let store = SqliteStore::in_memory()?;
/// let saved_at = "2026-03-06T14:00:00Z".parse()?;
/// let coaching = |body: &str| Document::new(DocumentKind::Playbook, "coaching", 2, body, saved_at);
/// store.save(coaching("version = 2")).await?;
/// let changed = store.save(coaching("version = 2\nnurture = true")).await.unwrap_err();
/// assert_eq!(changed.kind(), StoreErrorKind::Conflict);
/// let query = DocumentQuery::new(DocumentKind::Playbook).named("coaching");
/// assert_eq!(store.documents(query).await?, [coaching("version = 2")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    connections: Arc<Connections>,
    book: BookId,
}

/// The connections of a store. The readers close before the writer, which then copies the whole log into the file.
struct Connections {
    readers: Option<Readers>,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the store in a file, which is created if it does not exist. See also [`SqliteStore::options`].
    ///
    /// # Errors
    /// - [`StoreErrorKind::Unsupported`] if the file is not a SQLite database, is another program's, or has a newer
    ///   schema version; it is left unchanged. Also if the linked SQLite may lose committed changes.
    /// - [`StoreErrorKind::Corrupt`] if the file is damaged.
    /// - [`StoreErrorKind::Busy`] if another connection held a lock for the whole busy timeout.
    /// - [`StoreErrorKind::Full`] if the disk is full.
    /// - [`StoreErrorKind::Unavailable`] if the file cannot be opened or written.
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        SqliteStore::options().open(path)
    }

    /// Opens an empty store in memory. Its data is lost when the last handle is dropped.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] if no thread can be started.
    pub fn in_memory() -> Result<SqliteStore, StoreError> {
        SqliteStore::options().in_memory()
    }

    /// Returns the default options.
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }

    /// Returns a handle on another book of the same store.
    #[must_use]
    pub fn book(&self, book: BookId) -> SqliteStore {
        SqliteStore { connections: Arc::clone(&self.connections), book }
    }

    /// Limits the file to a number of pages, or to its current size if that is larger. For tests of a full disk.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        let limit = |reader: &Reader| {
            let limited =
                reader.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
            limited.map_err(Failure::from)
        };
        let limited = self.connections.writer.connection().and_then(|reader| limit(&reader));
        limited.map_err(|failure| failure.into_error("limit the size of the file"))
    }

    /// Runs a query on the handle's book; returns `None` if nothing has been written to the book yet.
    fn ask<T>(
        &self,
        attempt: &str,
        question: impl FnOnce(&Queries<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, StoreError> {
        let Connections { readers, writer } = &*self.connections;
        let answer = match readers {
            Some(readers) => readers.ask(&self.book, question),
            None => writer.connection().and_then(|reader| reader.ask(&self.book, question)),
        };
        answer.map_err(|failure| failure.into_error(attempt))
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("book", &self.book).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        let change = Change { book: self.book.clone(), what: What::Appends(changes) };
        self.connections.writer.write(Work::Change(change)).await.map(drop)
    }

    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        let question = |queries: &Queries<'_>| queries.heads(&wanted);
        // Heads are usually read before they are changed. The writer's connection still caches the pages that it wrote
        // last, if it is idle; any other connection has to read again all pages written since its last read.
        let heads = match self.connections.writer.idle_connection() {
            Some(reader) => {
                reader.ask(&self.book, question).map_err(|failure| failure.into_error("read heads"))
            }
            None => self.ask("read heads", question),
        };
        Ok(heads?.unwrap_or_else(|| vec![None; wanted.len()]))
    }

    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        let attempt = format!("read the journal of prospect {prospect}");
        Ok(self.ask(&attempt, |queries| queries.history(prospect))?.unwrap_or_default())
    }

    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
        let page = self.ask("read due entries", |queries| {
            Ok(DuePage::new(queries.due(&query)?, queries.newest_event_at))
        });
        Ok(page?.unwrap_or_default())
    }

    async fn claim(&self, claim: Claim) -> Result<ClaimPage, StoreError> {
        // Most claims find nothing, and then the writer is not needed.
        let next_at = self.ask("claim due entries", |queries| queries.next_claimable_at())?.flatten();
        if claim.limit == 0 || next_at.is_none_or(|at| at > claim.now) {
            return Ok(ClaimPage::new(Vec::new(), next_at));
        }
        self.connections.writer.write(Work::Claim(self.book.clone(), claim)).await
    }

    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.connections.writer.write(Work::Renew(self.book.clone(), renewal)).await.map(drop)
    }

    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
        let found = self.ask("read suppressions", |queries| queries.suppressed(&addresses))?;
        Ok(found.unwrap_or_else(|| vec![None; addresses.len()]))
    }

    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        Ok(self.ask("scan the heads", |queries| queries.scan(after, limit))?.unwrap_or_default())
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        Ok(self.ask("read the feed", |queries| queries.changes(after, limit))?.unwrap_or_default())
    }

    async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
        let mut erase = erase;
        erase.append.due = None;
        erase.append.profile = None;
        let change = Change { book: self.book.clone(), what: What::Erase(Box::new(erase)) };
        self.connections.writer.write(Work::Change(change)).await.map(drop)
    }

    async fn save(&self, document: Document) -> Result<(), StoreError> {
        self.connections.writer.write(Work::Save(self.book.clone(), document)).await.map(drop)
    }

    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
        Ok(self.ask("read documents", |queries| queries.documents(&query))?.unwrap_or_default())
    }
}
