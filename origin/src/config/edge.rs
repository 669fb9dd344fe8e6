//! The edge: the one in the process of `serve`, or, by `stepwell edge`, one alone in front of any HTTP origin.

pub mod identity;
pub mod origin;
mod rates;

use std::ops::RangeInclusive;
use std::time::Duration;

use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::rate::Limits;
use stepwell_shared::limits::{LOG_HEARTBEAT_MS, LOG_SILENCE_MAX_MS};

use super::reader::Reader;
use super::value::Size;
use identity::Identity;
use origin::Origin;

/// Section `[edge]`.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Bytes of memory that stored answers may take.
    pub memory_bytes: u64,
    /// The longest that entries are served without a word from the purge log.
    pub log_silence: Duration,
    /// Whom `stepwell edge` asks. `serve`, whose edge has its origin in the same process, passes it over.
    pub origin: Origin,
    /// Who the edge is to a Stepwell origin elsewhere; `None` for one before any origin, and for one in the origin's
    /// process.
    pub identity: Option<Identity>,
    /// What RFC 9111 leaves to whoever runs the cache: of use to `stepwell edge` alone.
    pub http: Options,
    /// How often a client may ask for what reaches the origin.
    pub rates: Limits,
}

/// Below this nothing of use fits; above it the operator meant another unit.
const MEMORY: RangeInclusive<Size> = Size(1 << 20)..=Size(1 << 40);
/// Two heartbeats must fit, or one late heartbeat makes every entry stale.
const LOG_SILENCE: RangeInclusive<Duration> =
    Duration::from_millis(2 * LOG_HEARTBEAT_MS)..=Duration::from_millis(LOG_SILENCE_MAX_MS);
/// What was fresh a year ago is of no use to anybody.
const STALE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(365 * 24);

impl Edge {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            memory_bytes: reader.setting_within("edge.memory", Size(64 << 20), &MEMORY).0,
            log_silence: reader.setting_within("edge.log_silence", *LOG_SILENCE.end(), &LOG_SILENCE),
            origin: Origin::read(reader),
            identity: identity::read_identity(reader),
            http: read_options(reader),
            rates: rates::read_rates(reader),
        }
    }
}

fn read_options(reader: &mut Reader) -> Options {
    let default = Options::default();
    let stale = Duration::from_millis(default.unreachable_stale_ms);
    let stale = reader.setting_within("edge.stale_if_unreachable", stale, &STALE);
    Options {
        // The most that the range lets through is 2^35.
        unreachable_stale_ms: u64::try_from(stale.as_millis()).unwrap_or(u64::MAX),
        heeds_clients: reader.setting("edge.heed_clients", default.heeds_clients),
        stores_cookies: reader.setting("edge.store_cookies", default.stores_cookies),
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

    #[test]
    fn the_choices_of_a_cache_are_the_specifications_unless_the_operator_says_otherwise() {
        let http = |text: &str| read(&format!("[edge]\n{text}"), Edge::read).http;
        assert_eq!(http(""), Options::default());
        assert_eq!(
            http("stale_if_unreachable = \"0s\"\nheed_clients = false\nstore_cookies = false"),
            Options { unreachable_stale_ms: 0, heeds_clients: false, stores_cookies: false }
        );
        assert_eq!(http("stale_if_unreachable = \"2h\"").unreachable_stale_ms, 2 * 3600 * 1000);
        let complaint = complaint("[edge]\nstale_if_unreachable = \"400d\"", Edge::read);
        assert_eq!(complaint.fix, "write a duration from \"0s\" to \"8760h\"");
    }
}
