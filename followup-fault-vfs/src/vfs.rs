//! The table of functions that SQLite opens files by, in front of SQLite's own.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::ffi;

use crate::disk::Watched;
use crate::fault::Call;
use crate::methods::{Handle, OpenFile};
use crate::random::Random;

/// What SQLite's random numbers begin with; 0 leaves it to the machine.
static SEED: AtomicU64 = AtomicU64::new(0);

/// Puts the table in front, once for the process.
pub(crate) fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // SAFETY: a null name asks for the default. SQLite gives a table that stays until the process ends, or null.
        let inner = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!inner.is_null(), "SQLite was built without a file system");
        // SAFETY: the pointer is not null and the table is plain data, which nobody changes. Its functions that are
        // not replaced below (names, time, libraries) do not look at the table that they are called with.
        let mut vfs = unsafe { *inner };
        vfs.zName = c"followup-fault".as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = inner.cast::<c_void>();
        vfs.szOsFile += mem::size_of::<OpenFile>() as c_int;
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        vfs.xRandomness = Some(randomness);
        // SAFETY: the table is never freed, and has all functions that one of its version has.
        let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
        assert_eq!(code, ffi::SQLITE_OK, "a file system can be registered");
    });
}

/// Makes SQLite's random numbers, which it puts into its logs, the same in each run, as long as one thread at a time
/// uses SQLite.
pub fn seed_randomness(seed: u64) {
    install();
    SEED.store(seed.max(1), Ordering::Relaxed);
    // SAFETY: no buffer is given, and none is written to for a length of 0: SQLite begins anew at the next use.
    unsafe { ffi::sqlite3_randomness(0, ptr::null_mut()) };
}

/// SQLite's own table.
///
/// # Safety
/// The table must be the one that `install` has registered.
unsafe fn inner(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: `install` has put it there.
    unsafe { (*vfs).pAppData.cast::<ffi::sqlite3_vfs>() }
}

/// Who watches a file, and its name.
///
/// # Safety
/// The name must be null or end with a zero.
unsafe fn watched(name: *const c_char) -> Option<(std::sync::Arc<Watched>, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: it is not null, so it ends with a zero.
    let name = unsafe { CStr::from_ptr(name) };
    Watched::of(Path::new(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls with the registered table.
    let inner = unsafe { inner(vfs) };
    // SAFETY: the table is SQLite's own.
    let inner_open = unsafe { (*inner).xOpen }.expect("a file system opens files");
    // SAFETY: SQLite gives a name that ends with a zero, or none.
    let Some((watched, name_within)) = (unsafe { watched(name) }) else {
        // SAFETY: all is as SQLite gave it, and the memory is larger than the inner file needs.
        return unsafe { inner_open(inner, name, file, flags, flags_out) };
    };
    // SAFETY: the memory is SQLite's, for an `sqlite3_file` at least. Null means that there is nothing to close.
    unsafe { (*file).pMethods = ptr::null() };
    if let Some(hit) = watched.call(Call::Open) {
        return if hit.code == ffi::SQLITE_OK { ffi::SQLITE_CANTOPEN } else { hit.code };
    }
    let file = file.cast::<OpenFile>();
    // SAFETY: the memory has room for an `OpenFile` and the inner file behind it, as `install` asked for; the size of an
    // `OpenFile` is a multiple of its alignment, which is that of any pointer.
    let inner_file = unsafe { file.add(1) }.cast::<ffi::sqlite3_file>();
    // SAFETY: the inner file's memory is its own, and the rest is as SQLite gave it.
    let code = unsafe { inner_open(inner, name, inner_file, flags, flags_out) };
    if code != ffi::SQLITE_OK {
        return code;
    }
    let log = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    let syncs_directory = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & log != 0;
    let handle = Box::new(Handle::new(watched, &name_within, syncs_directory));
    // SAFETY: the memory has room for an `OpenFile`, which holds nothing yet that would have to be dropped.
    unsafe { file.write(OpenFile::new(Box::into_raw(handle))) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: SQLite calls with the registered table.
    let inner = unsafe { inner(vfs) };
    // SAFETY: SQLite gives a name that ends with a zero.
    let watched = unsafe { watched(name) };
    let hit = watched.as_ref().and_then(|(watched, _)| watched.call(Call::Delete));
    if let Some(hit) = hit {
        return hit.code;
    }
    // SAFETY: the table is SQLite's own.
    let inner_delete = unsafe { (*inner).xDelete }.expect("a file system deletes files");
    // SAFETY: all is as SQLite gave it.
    let code = unsafe { inner_delete(inner, name, sync_directory) };
    if let (ffi::SQLITE_OK, Some((watched, name))) = (code, watched) {
        watched.deleted(&name, sync_directory != 0 && !watched.ignores_syncs());
    }
    code
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    found: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls with the registered table.
    let inner = unsafe { inner(vfs) };
    // SAFETY: SQLite gives a name that ends with a zero.
    let hit = unsafe { watched(name) }.and_then(|(watched, _)| watched.call(Call::Access));
    if let Some(hit) = hit.filter(|hit| hit.code != ffi::SQLITE_OK) {
        return hit.code;
    }
    // SAFETY: the table is SQLite's own.
    let inner_access = unsafe { (*inner).xAccess }.expect("a file system knows its files");
    // SAFETY: all is as SQLite gave it.
    unsafe { inner_access(inner, name, flags, found) }
}

unsafe extern "C" fn randomness(vfs: *mut ffi::sqlite3_vfs, length: c_int, out: *mut c_char) -> c_int {
    let seed = SEED.load(Ordering::Relaxed);
    if seed == 0 {
        // SAFETY: SQLite calls with the registered table.
        let inner = unsafe { inner(vfs) };
        // SAFETY: the table is SQLite's own.
        let inner_randomness = unsafe { (*inner).xRandomness }.expect("a file system has randomness");
        // SAFETY: all is as SQLite gave it.
        return unsafe { inner_randomness(inner, length, out) };
    }
    let mut random = Random::new(seed);
    for n in 0..usize::try_from(length).unwrap_or(0) {
        // SAFETY: SQLite's buffer has that length.
        unsafe { out.add(n).write(random.number() as c_char) };
    }
    length
}
