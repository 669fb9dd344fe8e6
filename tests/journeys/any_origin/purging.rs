//! The operator makes the edge forget.

use http::{Request, Response};
use hyper::body::Incoming;
use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::edge::{Edge, TOKEN};
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::server::OPERATOR_TOKEN;
use stepwell_tests::streamed::Body;

const TARGETS: [&str; 4] = ["/Caf%C3%A9", "/Caf%C3%A9?page=2", "/about", "/news"];

async fn site(request: Request<Incoming>) -> Response<Body> {
    let hour = ("cache-control", "max-age=3600");
    match request.uri().path() {
        "/news" => page(&[hour, ("cache-tag", "front, news-1")], "news"),
        "/about" => page(&[hour, ("cache-tag", "Front")], "about"),
        path => page(&[hour], path),
    }
}

struct Site {
    _origin: Origin,
    edge: Edge,
    client: Client,
}

impl Site {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let origin = Origin::start(site).await;
        let edge = Edge::with(origin.address(), settings);
        Self { client: edge.client(), _origin: origin, edge }
    }

    async fn warm(&self) {
        for target in TARGETS {
            self.client.get(target).send().await.expect(200);
            assert!(self.is_hit(target).await, "{target}");
        }
    }

    async fn is_hit(&self, target: &str) -> bool {
        self.client.get(target).send().await.expect(200).cache_status().hit
    }

    fn purge(&self, arguments: &[&str]) -> Value {
        self.edge.run(&[&["purge", "--json"], arguments].concat()).succeeded().json()
    }
}

#[tokio::test]
async fn paths_tags_and_everything_are_purged_and_a_dry_run_counts_the_same() {
    let site = Site::start(&[TOKEN]).await;
    for (arguments, expected) in [
        (&["--path", "/Caf%C3%A9"][..], &[0, 1][..]),
        (&["--tag", "front"], &[2, 3]),
        (&["--tag", "News-1", "--path", "/about"], &[2, 3]),
        (&["--path", "/news"], &[3]),
        (&["--everything"], &[0, 1, 2, 3]),
    ] {
        site.warm().await;
        let counted = site.purge(&[arguments, &["--dry-run"]].concat());
        assert_eq!(
            counted["edges"],
            json!([{ "edge": "this edge", "entries": expected.len() }]),
            "{arguments:?}"
        );
        for target in TARGETS {
            assert!(site.is_hit(target).await, "a dry run purges nothing: {target}");
        }
        let report = site.purge(arguments);
        assert!(report["bookmark"].is_string() && report["dry_run"] == false, "{report}");
        for (place, target) in TARGETS.iter().enumerate() {
            let answer = site.client.get(target).send().await.expect(200);
            let purged = answer.cache_status().detail.as_deref() == Some("purged");
            assert_eq!(
                purged,
                expected.contains(&place),
                "{arguments:?} {target} {:?}",
                answer.cache_status()
            );
        }
    }
}

#[tokio::test]
async fn only_the_operator_purges_and_only_where_a_token_is_configured() {
    let everything = json!({ "everything": true });
    let site = Site::start(&[TOKEN]).await;
    site.warm().await;
    let purge = || site.edge.operator().post("/v1/purges", &everything);
    assert_eq!(purge().send().await.expect(401).problem(), "unauthenticated");
    let wrong = purge().bearer(&OPERATOR_TOKEN.replace('0', "1")).send().await.expect(401);
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    // On the address that clients reach it is a request like any other: the origin's.
    site.client.post("/v1/purges", &everything).bearer(OPERATOR_TOKEN).send().await.expect(200);
    assert!(site.is_hit("/news").await);
    purge().bearer(OPERATOR_TOKEN).send().await.expect(200);
    assert!(!site.is_hit("/news").await);

    let closed = Site::start(&[]).await;
    closed.warm().await;
    let refused = closed.edge.operator().post("/v1/purges", &everything).bearer(OPERATOR_TOKEN);
    let refused = refused.send().await.expect(403);
    assert_eq!(refused.problem(), "forbidden");
    for setting in ["operator.token_file", "STEPWELL_OPERATOR_TOKEN"] {
        assert!(refused.text().contains(setting), "{}", refused.text());
    }
    assert!(closed.is_hit("/news").await);
    let told = closed.edge.run(&["purge", "--everything"]).failed();
    assert!(told.err.contains("STEPWELL_OPERATOR_TOKEN"), "{}", told.err);
}

#[tokio::test]
async fn what_only_a_stepwell_has_cannot_be_purged_here() {
    let site = Site::start(&[TOKEN]).await;
    site.warm().await;
    for arguments in [&["purge", "--collection", "posts"][..], &["purge", "--path", "/news?page=2"]] {
        let told = site.edge.run(arguments).failed();
        assert!(told.err.contains("/collections/0") || told.err.contains("/paths/0"), "{}", told.err);
    }
    for target in TARGETS {
        assert!(site.is_hit(target).await, "{target}");
    }
}
