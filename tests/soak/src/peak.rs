//! The peak memory use of this process.

use std::fs;

/// A measurement of peak memory that begins at one point in time.
pub(crate) struct Peak(());

impl Peak {
    /// Resets the peak to the current use, where the machine allows it.
    pub(crate) fn from_here() -> Peak {
        let _ = fs::write("/proc/self/clear_refs", "5");
        Peak(())
    }

    /// The peak since then, in KiB; 0 where the machine does not report it.
    pub(crate) fn kib(&self) -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}
