//! The I/O methods of an open file. Each method counts the call, fails if a fault hits it, otherwise passes it to
//! SQLite's own file and records the change.

use std::ffi::{c_int, c_void};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::ffi;

use crate::disk::Watched;
use crate::fault::{Call, Hit};
use crate::log::Change;

/// The state of an open and watched file.
pub(crate) struct Handle {
    watched: Arc<Watched>,
    file: usize,
    /// Whether the next sync also syncs the directory.
    syncs_directory: AtomicBool,
}

impl Handle {
    pub(crate) fn new(watched: Arc<Watched>, name: &str, syncs_directory: bool) -> Handle {
        let file = watched.opened(name);
        Handle { watched, file, syncs_directory: AtomicBool::new(syncs_directory) }
    }
}

/// The memory layout of an open file. The inner file follows it in memory.
#[repr(C)]
pub(crate) struct OpenFile {
    base: ffi::sqlite3_file,
    handle: *mut Handle,
}

impl OpenFile {
    /// Takes ownership of the handle, which is dropped when the file is closed.
    pub(crate) fn new(handle: *mut Handle) -> OpenFile {
        OpenFile { base: ffi::sqlite3_file { pMethods: &METHODS }, handle }
    }
}

/// The method table. Version 2 has no memory mapping, so SQLite always calls read and write.
pub(crate) static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Returns the handle of a file, the inner file and its methods.
///
/// # Safety
/// The file must have been opened by `open` and not yet closed by `close`.
unsafe fn parts<'a>(
    file: *mut ffi::sqlite3_file,
) -> (&'a Handle, *mut ffi::sqlite3_file, &'a ffi::sqlite3_io_methods) {
    let file = file.cast::<OpenFile>();
    // SAFETY: `open` has written the `OpenFile` and opened the inner file behind it. Both live until `close`, and the
    // inner file's methods until the process ends.
    unsafe {
        let inner = file.add(1).cast::<ffi::sqlite3_file>();
        (&*(*file).handle, inner, &*(*inner).pMethods)
    }
}

/// Passes a call to the inner file.
macro_rules! pass {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite passes an open file.
        let (_, inner, methods) = unsafe { parts($file) };
        let method = methods.$method.expect("SQLite's own files have this method");
        // SAFETY: the inner file is open, and the arguments are passed on from SQLite.
        unsafe { method(inner $(, $argument)*) }
    }};
}

/// Counts a call of an open file.
///
/// # Safety
/// As [`parts`].
unsafe fn count(file: *mut ffi::sqlite3_file, call: Call) -> Option<Hit> {
    // SAFETY: guaranteed by the caller.
    unsafe { parts(file) }.0.watched.call(call)
}

/// Counts a call and passes it to the inner file unless it must fail. Calls that cannot be swallowed are performed.
macro_rules! pass_or_fail {
    ($call:expr, $file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite passes an open file.
        match unsafe { count($file, $call) } {
            Some(hit) if hit.code != ffi::SQLITE_OK => hit.code,
            _ => pass!($file, $method $(, $argument)*),
        }
    }};
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let code = pass!(file, xClose);
    // SAFETY: the handle comes from a `Box` and is not used again, because SQLite closes a file only once.
    drop(unsafe { Box::from_raw((*file.cast::<OpenFile>()).handle) });
    code
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    to: *mut c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    pass_or_fail!(Call::Read, file, xRead, to, length, offset)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: SQLite passes an open file.
    let (handle, ..) = unsafe { parts(file) };
    let hit = handle.watched.call(Call::Write);
    let length = match hit {
        None => length,
        Some(Hit { half: true, .. }) => length / 2,
        Some(hit) => return hit.code,
    };
    let code = pass!(file, xWrite, from, length, offset);
    if code == ffi::SQLITE_OK {
        // SAFETY: SQLite's buffer has at least this length.
        let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), length as usize) };
        handle.watched.changed(|| Change::Write {
            file: handle.file,
            offset: offset as usize,
            bytes: bytes.to_vec(),
        });
    }
    hit.map_or(code, |hit| hit.code)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let (handle, ..) = unsafe { parts(file) };
    if let Some(hit) = handle.watched.call(Call::Truncate) {
        return hit.code;
    }
    let code = pass!(file, xTruncate, size);
    if code == ffi::SQLITE_OK {
        handle.watched.changed(|| Change::Truncate { file: handle.file, size: size as usize });
    }
    code
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let (handle, ..) = unsafe { parts(file) };
    if let Some(hit) = handle.watched.call(Call::Sync) {
        return hit.code;
    }
    if handle.watched.ignores_syncs() {
        return ffi::SQLITE_OK;
    }
    let code = pass!(file, xSync, flags);
    if code == ffi::SQLITE_OK {
        let directory = handle.syncs_directory.swap(false, Ordering::Relaxed);
        handle.watched.changed(|| Change::Sync { file: handle.file, directory });
    }
    code
}

unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    pass_or_fail!(Call::Size, file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass_or_fail!(Call::Lock, file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, found: *mut c_int) -> c_int {
    pass!(file, xCheckReservedLock, found)
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, what: c_int, argument: *mut c_void) -> c_int {
    pass!(file, xFileControl, what, argument)
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    pass_or_fail!(Call::ShmMap, file, xShmMap, region, size, extend, to)
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    number: c_int,
    flags: c_int,
) -> c_int {
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        return pass!(file, xShmLock, offset, number, flags);
    }
    pass_or_fail!(Call::ShmLock, file, xShmLock, offset, number, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    pass!(file, xShmBarrier);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}
