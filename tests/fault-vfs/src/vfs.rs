//! The VFS that SQLite opens files through, in front of SQLite's own.

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

/// Seed of SQLite's random numbers; 0 leaves them to the machine.
static SEED: AtomicU64 = AtomicU64::new(0);

/// Installs the VFS as the default, once per process.
pub(crate) fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // SAFETY: a null name asks for the default. SQLite returns a table that lives until the process ends, or null.
        let inner = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!inner.is_null(), "SQLite was built without a VFS");
        // SAFETY: the pointer is not null, and the table is plain data that is never changed. The functions that are
        // not replaced below (names, time, libraries) ignore the table that they are called with.
        let mut vfs = unsafe { *inner };
        vfs.zName = c"followup-fault".as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = inner.cast::<c_void>();
        vfs.szOsFile += mem::size_of::<OpenFile>() as c_int;
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        vfs.xRandomness = Some(randomness);
        // SAFETY: the table is never freed and has all functions of its version.
        let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
        assert_eq!(code, ffi::SQLITE_OK, "cannot register the VFS");
    });
}

/// Makes the random numbers that SQLite puts into its logs the same in each run, provided that only one thread at a
/// time uses SQLite.
pub fn seed_randomness(seed: u64) {
    install();
    SEED.store(seed.max(1), Ordering::Relaxed);
    // SAFETY: with length 0, SQLite writes to no buffer; it reseeds its generator at the next use.
    unsafe { ffi::sqlite3_randomness(0, ptr::null_mut()) };
}

/// Returns SQLite's own VFS.
///
/// # Safety
/// The VFS must be the one that `install` has registered.
unsafe fn inner(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: `install` has set this pointer.
    unsafe { (*vfs).pAppData.cast::<ffi::sqlite3_vfs>() }
}

/// Returns the watched directory of a file and the name of the file, if it is watched.
///
/// # Safety
/// The name must be null or end with a zero byte.
unsafe fn watched(name: *const c_char) -> Option<(std::sync::Arc<Watched>, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the name is not null, so it ends with a zero byte.
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
    // SAFETY: SQLite passes the registered VFS.
    let inner = unsafe { inner(vfs) };
    // SAFETY: the VFS is SQLite's own.
    let inner_open = unsafe { (*inner).xOpen }.expect("a VFS has xOpen");
    // SAFETY: SQLite passes null or a name that ends with a zero byte.
    let Some((watched, name_within)) = (unsafe { watched(name) }) else {
        // SAFETY: all arguments are passed on from SQLite, and the memory is larger than the inner file needs.
        return unsafe { inner_open(inner, name, file, flags, flags_out) };
    };
    // SAFETY: SQLite provides memory for at least an `sqlite3_file`. With null methods there is nothing to close.
    unsafe { (*file).pMethods = ptr::null() };
    if let Some(hit) = watched.call(Call::Open) {
        return if hit.code == ffi::SQLITE_OK { ffi::SQLITE_CANTOPEN } else { hit.code };
    }
    let file = file.cast::<OpenFile>();
    // SAFETY: the memory has room for an `OpenFile` and the inner file behind it, as requested by `install`. The size
    // of an `OpenFile` is a multiple of its alignment, which is that of a pointer.
    let inner_file = unsafe { file.add(1) }.cast::<ffi::sqlite3_file>();
    // SAFETY: the inner file has its own memory, and all other arguments are passed on from SQLite.
    let code = unsafe { inner_open(inner, name, inner_file, flags, flags_out) };
    if code != ffi::SQLITE_OK {
        return code;
    }
    let log = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    let syncs_directory = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & log != 0;
    let handle = Box::new(Handle::new(watched, &name_within, syncs_directory));
    // SAFETY: the memory has room for an `OpenFile` and holds no earlier value that would have to be dropped.
    unsafe { file.write(OpenFile::new(Box::into_raw(handle))) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: SQLite passes the registered VFS.
    let inner = unsafe { inner(vfs) };
    // SAFETY: SQLite passes a name that ends with a zero byte.
    let watched = unsafe { watched(name) };
    let hit = watched.as_ref().and_then(|(watched, _)| watched.call(Call::Delete));
    if let Some(hit) = hit {
        return hit.code;
    }
    // SAFETY: the VFS is SQLite's own.
    let inner_delete = unsafe { (*inner).xDelete }.expect("a VFS has xDelete");
    // SAFETY: all arguments are passed on from SQLite.
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
    // SAFETY: SQLite passes the registered VFS.
    let inner = unsafe { inner(vfs) };
    // SAFETY: SQLite passes a name that ends with a zero byte.
    let hit = unsafe { watched(name) }.and_then(|(watched, _)| watched.call(Call::Access));
    if let Some(hit) = hit.filter(|hit| hit.code != ffi::SQLITE_OK) {
        return hit.code;
    }
    // SAFETY: the VFS is SQLite's own.
    let inner_access = unsafe { (*inner).xAccess }.expect("a VFS has xAccess");
    // SAFETY: all arguments are passed on from SQLite.
    unsafe { inner_access(inner, name, flags, found) }
}

unsafe extern "C" fn randomness(vfs: *mut ffi::sqlite3_vfs, length: c_int, out: *mut c_char) -> c_int {
    let seed = SEED.load(Ordering::Relaxed);
    if seed == 0 {
        // SAFETY: SQLite passes the registered VFS.
        let inner = unsafe { inner(vfs) };
        // SAFETY: the VFS is SQLite's own.
        let inner_randomness = unsafe { (*inner).xRandomness }.expect("a VFS has xRandomness");
        // SAFETY: all arguments are passed on from SQLite.
        return unsafe { inner_randomness(inner, length, out) };
    }
    let mut random = Random::new(seed);
    for n in 0..usize::try_from(length).unwrap_or(0) {
        // SAFETY: SQLite's buffer has this length.
        unsafe { out.add(n).write(random.number() as c_char) };
    }
    length
}
