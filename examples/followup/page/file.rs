//! Atomic replacement of a file.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Writes a text to a file atomically: concurrent readers see the old or the new content.
///
/// # Errors
/// If the file cannot be written; an old file is then unchanged.
pub(super) fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let name = file.file_name().with_context(|| format!("not a file name: \"{}\"", file.display()))?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // The first error is the one to report; failing to remove the temporary file does not matter.
        let _ = fs::remove_file(&beside);
    }
    written.with_context(|| {
        format!("cannot write the page {}; check that its folder exists and is writable", file.display())
    })
}
