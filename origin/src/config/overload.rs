//! How much the origin takes on at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use stepwell_shared::limits::{
    LOG_INS_AT_ONCE, LOG_INS_TARGET_MS, READS_AT_ONCE, READS_TARGET_MS, WRITES_AT_ONCE, WRITES_TARGET_MS,
};

use super::reader::Reader;
use crate::overload::Settings;
use crate::overload::limit::Bounds;

/// None at all does nothing; more wait nowhere than requests may.
const PLACES: RangeInclusive<usize> = 1..=100_000;
/// Below, a thread that is late looks like overload; above, clients have given up.
const TARGETS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(30);

/// Reads section `[overload]`.
pub fn read(reader: &mut Reader) -> Settings {
    let mut bounds =
        |[min_key, max_key, target_key]: [&'static str; 3], (min, max): (usize, usize), target_ms| {
            let bounds = Bounds {
                min: reader.setting_within(min_key, min, &PLACES),
                max: reader.setting_within(max_key, max, &PLACES),
                target: reader.setting_within(target_key, Duration::from_millis(target_ms), &TARGETS),
            };
            if bounds.min > bounds.max {
                let fix = format!("write no more than {max_key}, which is {}", bounds.max);
                reader.refuse(min_key, "is more than the most", fix);
            }
            bounds
        };
    Settings {
        reads: bounds(
            ["overload.reads_min", "overload.reads_max", "overload.reads_target"],
            READS_AT_ONCE,
            READS_TARGET_MS,
        ),
        writes: bounds(
            ["overload.writes_min", "overload.writes_max", "overload.writes_target"],
            WRITES_AT_ONCE,
            WRITES_TARGET_MS,
        ),
        log_ins: bounds(
            ["overload.log_ins_min", "overload.log_ins_max", "overload.log_ins_target"],
            LOG_INS_AT_ONCE,
            LOG_INS_TARGET_MS,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read as read_text};

    #[test]
    fn the_least_is_no_more_than_the_most() {
        let settings = read_text("[overload]\nreads_min = 9\nreads_max = 9\nwrites_target = '2s'", read);
        assert_eq!((settings.reads.min, settings.reads.max), (9, 9));
        assert_eq!(settings.writes.target, Duration::from_secs(2));
        let complaint = complaint("[overload]\nlog_ins_min = 9\nlog_ins_max = 8", read);
        assert_eq!(
            complaint.to_string().lines().next_back(),
            Some("    fix: write no more than overload.log_ins_max, which is 8")
        );
    }

    #[test]
    fn no_places_and_no_time_are_refused() {
        for bad in ["reads_max = 0", "writes_min = 0", "log_ins_target = '0ms'"] {
            assert_eq!(complaint(&format!("[overload]\n{bad}"), read).problem, "is too small");
        }
    }
}
