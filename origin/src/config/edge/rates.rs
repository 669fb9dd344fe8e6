//! How often a client may ask for what reaches the origin.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::time::Duration;

use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::rate::gcra::Quota;
use stepwell_shared::limits::{RATE_READS, RATE_SIGN_INS, RATE_WRITES};

use crate::config::reader::Reader;
use crate::config::value::{Setting, Written};
use crate::units;

/// No rate at all; or so many requests in a time.
struct Rate(Option<Quota>);

/// More is no limit to anybody.
const REQUESTS: RangeInclusive<u32> = 1..=1_000_000;
/// Clients are told in whole seconds; and who has to wait longer takes it for broken.
const WINDOW_S: RangeInclusive<u64> = 1..=3600;
const OFF: &str = "off";

/// Reads the settings `edge.rate_…`.
pub fn read_rates(reader: &mut Reader) -> Limits {
    Limits {
        reads: reader.setting("edge.rate_reads", Rate::of(RATE_READS)).0,
        writes: reader.setting("edge.rate_writes", Rate::of(RATE_WRITES)).0,
        sign_ins: reader.setting("edge.rate_sign_ins", Rate::of(RATE_SIGN_INS)).0,
        http: reader.setting("edge.rate_requests", Rate(None)).0,
    }
}

impl Rate {
    fn of((requests, window_s): (u32, u32)) -> Self {
        let quota = |requests| Some(Quota { requests, window_s: NonZero::new(window_s)? });
        Self(NonZero::new(requests).and_then(quota))
    }
}

impl Setting for Rate {
    const NAME: &'static str = "a rate";
    const EXAMPLE: &'static str =
        "\"60/1m\" (1 to 1000000 requests, in whole seconds from \"1s\" to \"1h\"), or \"off\" for no limit";

    fn read(written: &Written) -> Option<Self> {
        let text = written.text()?;
        if text == OFF {
            return Some(Self(None));
        }
        let (requests, window) = text.split_once('/')?;
        let requests = requests.trim().parse().ok().filter(|requests| REQUESTS.contains(requests))?;
        let window = units::parse_duration(window.trim())?;
        let is_whole = window.subsec_nanos() == 0 && WINDOW_S.contains(&window.as_secs());
        let window_s = u32::try_from(window.as_secs()).ok().filter(|_| is_whole)?;
        Some(Self::of((requests, window_s)))
    }

    fn write(&self) -> String {
        let written = |quota: &Quota| {
            let window = Duration::from_secs(u64::from(quota.window_s.get()));
            format!("{}/{}", quota.requests, units::write_duration(window))
        };
        self.0.as_ref().map_or_else(|| OFF.to_owned(), written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn a_rate_is_a_number_in_a_time_or_off() {
        let limits = read("[edge]\nrate_reads = 'off'\nrate_requests = '7/1m 30s'", read_rates);
        let quota = limits.http.unwrap();
        assert_eq!((limits.reads, quota.requests.get(), quota.window_s.get()), (None, 7, 90));
        let default = read("", read_rates);
        assert!(default.reads.is_some() && default.writes.is_some() && default.http.is_none());
        assert_eq!(Rate(default.sign_ins).write(), "120/1m");
    }

    #[test]
    fn what_limits_nothing_or_everything_is_refused() {
        for bad in
            ["'0/1m'", "'1000001/1s'", "'5/0s'", "'5/1500ms'", "'5/2h'", "'5'", "'5/m'", "'-1/1s'", "5", "''"]
        {
            let complaint = complaint(&format!("[edge]\nrate_writes = {bad}"), read_rates);
            assert_eq!(
                (complaint.key.as_str(), complaint.problem.as_str()),
                ("edge.rate_writes", "is not a rate")
            );
            assert!(complaint.fix.contains("the default is \"5000/10s\""), "{}", complaint.fix);
        }
    }
}
