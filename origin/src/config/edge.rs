//! The edge that runs in this process.

use std::ops::RangeInclusive;
use std::time::Duration;

use stepwell_shared::limits::{LOG_HEARTBEAT_MS, LOG_SILENCE_MAX_MS};

use super::reader::Reader;
use super::value::Size;

/// Section `[edge]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Bytes of memory that stored answers may take.
    pub memory_bytes: u64,
    /// The longest that entries are served without a word from the purge log.
    pub log_silence: Duration,
}

/// Below this nothing of use fits; above it the operator meant another unit.
const MEMORY: RangeInclusive<Size> = Size(1 << 20)..=Size(1 << 40);
/// Two heartbeats must fit, or one late heartbeat makes every entry stale.
const LOG_SILENCE: RangeInclusive<Duration> =
    Duration::from_millis(2 * LOG_HEARTBEAT_MS)..=Duration::from_millis(LOG_SILENCE_MAX_MS);

impl Edge {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            memory_bytes: reader.setting_within("edge.memory", Size(64 << 20), &MEMORY).0,
            log_silence: reader.setting_within("edge.log_silence", *LOG_SILENCE.end(), &LOG_SILENCE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn staleness_stays_bounded() {
        assert_eq!(
            read("[edge]\nlog_silence = \"500ms\"", Edge::read).log_silence,
            Duration::from_millis(500)
        );
        for (bad, problem) in [("1m", "too large"), ("200ms", "too small")] {
            let complaint = complaint(&format!("[edge]\nlog_silence = \"{bad}\""), Edge::read);
            assert!(complaint.problem.contains(problem));
            assert_eq!(complaint.fix, "write a duration from \"400ms\" to \"1s\"");
        }
    }
}
