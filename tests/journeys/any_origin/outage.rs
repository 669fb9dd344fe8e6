//! An origin that is not there: before the edge, after it, and meanwhile.

use http::{Request, Response};
use hyper::body::Incoming;
use stepwell_tests::edge::Edge;
use stepwell_tests::eventually::eventually;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::streamed::Body;

/// Pages that are as old as they may be when they arrive.
async fn site(request: Request<Incoming>) -> Response<Body> {
    let old = ("age", "60");
    match request.uri().path() {
        "/news" => page(&[("cache-control", "max-age=60"), old], "news"),
        "/prices" => page(&[("cache-control", "max-age=60, must-revalidate"), old], "prices"),
        _ => page(&[("cache-control", "max-age=60")], "fresh"),
    }
}

#[tokio::test]
async fn what_is_stale_stands_in_for_an_origin_that_is_gone_where_it_may() {
    let origin = Origin::start(site).await;
    let edge = Edge::before(origin.address());
    let client = edge.client();
    for target in ["/news", "/prices", "/"] {
        client.get(target).send().await.expect(200);
    }
    origin.stop().await;

    let fresh = client.get("/").send().await.expect(200);
    assert!(fresh.cache_status().hit);
    let stale = client.get("/news").send().await.expect(200);
    assert_eq!((stale.text().as_ref(), stale.header("age")), ("news", Some("60")));
    assert_eq!(stale.cache_status().detail.as_deref(), Some("origin-unreachable"));
    let forbidden = client.get("/prices").send().await.expect(504);
    assert_eq!(forbidden.problem(), "origin-silent");
    let unknown = client.get("/nothing").send().await.expect(502);
    assert_eq!(unknown.problem(), "origin-unreachable");
}

#[tokio::test]
async fn an_operator_may_forbid_what_is_stale_altogether() {
    let origin = Origin::start(site).await;
    let edge = Edge::with(origin.address(), &[("STEPWELL_EDGE_STALE_IF_UNREACHABLE", "0s")]);
    edge.client().get("/news").send().await.expect(200);
    origin.stop().await;
    let refused = edge.client().get("/news").send().await.expect(504);
    assert_eq!(refused.problem(), "origin-silent");
}

#[tokio::test]
async fn an_edge_may_start_before_its_origin_and_says_that_it_is_not_there() {
    let origin = Origin::start(site).await;
    let address = origin.address();
    origin.stop().await;

    let edge = Edge::before(address);
    eventually("a warning", async || edge.log().contains("the origin cannot be reached yet")).await;
    let warned = edge.log();
    assert!(warned.contains(" WARN ") && warned.contains(&address.to_string()), "{warned}");
    let unreachable = edge.client().get("/").send().await.expect(502);
    assert_eq!(unreachable.problem(), "origin-unreachable");

    let _origin = Origin::start_at(address, site).await;
    edge.client().get("/").send().await.expect(200);
}
