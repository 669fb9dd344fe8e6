use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::route::Router;
use stepwell_shared::bookmark::Epoch;
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;

use super::*;
use crate::upstream::{Sending, Upstream};
use crate::{NativeEdge, Settings};

/// An origin of which nothing comes back at first.
#[derive(Default)]
struct Mute(AtomicUsize);

impl Upstream for Mute {
    fn send(&self, _: Request<Body>) -> Sending {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return Box::pin(pending());
        }
        let page = PurgePage {
            epoch: Epoch(1),
            after: 0,
            through: 0,
            head: 0,
            floor: 0,
            purges: Vec::new(),
            revision: String::new(),
        };
        let mut line = serde_json::to_vec(&LogLine::Page(page)).unwrap();
        line.push(b'\n');
        Box::pin(async move { Ok(Response::new(whole(line.into()))) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_does_not_begin_is_asked_for_again() {
    let origin = Arc::<Mute>::default();
    let settings = Settings {
        router: Router::new(RouteTable { routes: Vec::new(), any_other: false }).unwrap(),
        authenticator: Authenticator { keys: KeySet::default(), audience: "test".into() },
        http: Options::default(),
        rates: stepwell_edge_core::rate::Limits::default(),
        memory_bytes: 0,
        purge_slots: 1,
        seed: 1,
        log_silence_max_ms: 1000,
        clock: Arc::new(|| Timestamp::from_ms(0)),
    };
    let edge = NativeEdge::new(settings, origin.clone());
    let following = tokio::spawn({
        let edge = edge.clone();
        async move { edge.follow_log().await }
    });
    let hour = Duration::from_hours(1);
    tokio::time::timeout(hour, edge.caught_up()).await.unwrap();
    following.abort();
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_tells_nothing_is_given_up() {
    let origin = Mute::default();
    let asking = tokio::time::timeout(Duration::from_hours(1), briefing::ask(&origin));
    assert!(matches!(asking.await, Ok(Err(NotTold::Silent))));
}
