//! An edge before a Stepwell origin elsewhere: what it serves, the origin tells it.

use std::sync::Arc;
use std::time::Duration;

use stepwell_edge_core::cache::purge_log::SLOTS_DEFAULT;
use stepwell_edge_native::briefing::{self, Told};
use stepwell_edge_native::upstream::Upstream;
use stepwell_edge_native::upstream::http_origin::HttpOrigin;
use stepwell_edge_native::upstream::signed::{Signed, Signer};
use stepwell_edge_native::{NativeEdge, Settings};

use crate::cli::Failure;
use crate::cli::serving::seed;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::edge::identity::Identity;

/// Between two attempts to be told.
const RETRY: Duration = Duration::from_millis(500);

/// The edge, once the origin has told it what it serves, however long that takes: an origin may start after its edges.
pub(super) async fn edge(
    origin: HttpOrigin,
    identity: Identity,
    config: &Config,
) -> Result<NativeEdge, Failure> {
    let Identity { name, key } = identity;
    let clock = Clock::system();
    let clock: stepwell_edge_native::Clock = Arc::new(move || clock.now());
    let signer = Signer { name, key, is_secure: config.server.tls.is_some() };
    let upstream = Arc::new(Signed::new(origin, signer, clock.clone()));
    let Told { revision, router, authenticator } = told(&*upstream).await;
    let settings = Settings {
        router,
        authenticator,
        http: config.edge.http,
        rates: config.edge.rates,
        memory_bytes: config.edge.memory_bytes,
        purge_slots: SLOTS_DEFAULT,
        seed: seed()?,
        // Configuration keeps it within a second.
        log_silence_max_ms: u64::try_from(config.edge.log_silence.as_millis()).unwrap_or(u64::MAX),
        clock,
    };
    Ok(NativeEdge::told(settings, upstream, revision))
}

/// Asks until the origin tells. Each reason why it does not is logged once.
async fn told(upstream: &dyn Upstream) -> Told {
    let mut reason = String::new();
    loop {
        match briefing::ask(upstream).await {
            Ok(told) => return told,
            Err(why) if why.to_string() == reason => {}
            Err(why) => {
                reason = why.to_string();
                tracing::warn!(%why, "the origin has not told yet what to serve; it is asked again until it does");
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}
