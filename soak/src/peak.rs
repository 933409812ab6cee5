//! The most memory that this process has had at once.

use std::fs;

/// What is measured from one point on.
pub(crate) struct Peak(());

impl Peak {
    /// Sets the peak back to what is used now, where the machine lets it be set back.
    pub(crate) fn from_here() -> Peak {
        let _ = fs::write("/proc/self/clear_refs", "5");
        Peak(())
    }

    /// The most since then, in KiB; 0 where the machine does not say.
    pub(crate) fn kib(&self) -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}
