//! A file that is written whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Puts a text where a file is or will be. Whoever reads it meanwhile reads the old one or the new one.
///
/// # Errors
/// If it cannot be written; the old file is then as it was.
pub(super) fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let name = file.file_name().with_context(|| format!("\"{}\" names no file", file.display()))?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // What stopped the page from being written is what there is to say; a rest of it is not worth a second error.
        let _ = fs::remove_file(&beside);
    }
    written.with_context(|| {
        format!("cannot write the page {}: is its folder there, and may you write in it?", file.display())
    })
}
