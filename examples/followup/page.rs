//! The report of the gap as a page.

use std::path::Path;

use followup_core::{GapReport, Scope};

use crate::office::Office;

pub(crate) fn write(
    _office: &Office,
    _scope: &Scope,
    _report: &GapReport,
    _file: &Path,
) -> anyhow::Result<()> {
    anyhow::bail!("not yet")
}
