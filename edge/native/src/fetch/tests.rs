use std::sync::atomic::{AtomicUsize, Ordering};

use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::pipeline::Received;
use stepwell_edge_core::route::Router;
use stepwell_shared::api::purges::PurgePage;
use stepwell_shared::bookmark::Epoch;
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::{Access, Class, Route, RouteTable, Verb};
use stepwell_shared::time::Timestamp;

use super::*;
use crate::upstream::{Sending, Upstream};
use crate::{NativeEdge, Settings};

/// An origin that counts what it is asked.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Upstream for Counting {
    fn send(&self, _: Request<Body>) -> Sending {
        self.0.fetch_add(1, Ordering::SeqCst);
        let answer = Response::builder()
            .header("cdn-cache-control", "max-age=10")
            .header("stepwell-position", "1-0")
            .body(whole(Bytes::from_static(b"one")));
        Box::pin(async move { Ok(answer.unwrap()) })
    }
}

fn edge(origin: Arc<Counting>) -> NativeEdge {
    let routes = vec![Route::at("/a").with(Verb::Get, Access::Anyone, Class::Public)];
    let settings = Settings {
        router: Router::new(RouteTable { routes, any_other: false }).unwrap(),
        authenticator: Authenticator { keys: KeySet::default(), audience: "test".into() },
        http: Options::default(),
        rates: stepwell_edge_core::rate::Limits::default(),
        memory_bytes: 1 << 20,
        purge_slots: 1 << 10,
        seed: 1,
        log_silence_max_ms: 1000,
        clock: Arc::new(|| Timestamp::from_ms(0)),
    };
    let edge = NativeEdge::new(settings, origin);
    let page = PurgePage {
        epoch: Epoch(1),
        after: 0,
        through: 0,
        head: 0,
        floor: 0,
        purges: vec![],
        revision: String::new(),
    };
    edge.inner.log.write().unwrap().apply(&page, Timestamp::from_ms(0));
    edge
}

/// A request that looked its key up while nothing was stored.
fn missing(inner: &Inner) -> Fetch {
    let head = Request::get("/a").header("host", "a").body(()).unwrap().into_parts().0;
    let received = inner.core.load().receive(&head, inner, inner.now());
    let Received::LookUp(lookup) = received else { panic!("{received:?}") };
    Fetch {
        lookup: Arc::new(lookup.into_owned()),
        reason: Reason::Missing,
        stale: None,
        may_cover_errors: false,
        trace: inner.traces.of(&head.headers),
    }
}

#[tokio::test]
async fn what_landed_between_a_look_and_the_next_step_is_not_asked_for_again() {
    let origin = Arc::<Counting>::default();
    let edge = edge(origin.clone());
    let inner = &edge.inner;
    let (first, second) = (missing(inner), missing(inner));
    let status = async |request| {
        let (response, _) = fetch(inner, request, &HeaderMap::new()).await;
        response.headers()["cache-status"].to_str().unwrap().to_owned()
    };
    assert_eq!(status(first).await, "stepwell; fwd=uri-miss; stored");
    // It looked when the first one did, and comes to ask when that one has its answer.
    assert_eq!(status(second).await, "stepwell; hit; ttl=10");
    assert_eq!(origin.0.load(Ordering::SeqCst), 1);
    assert_eq!(inner.fills.waiting_in_all(), 0);
}
