//! An origin in one process and an edge in another, which share a key: what the edge stores it serves by Stepwell's own
//! rules, and the origin takes requests of nobody else.

use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use serde_json::json;
use stepwell_shared::edge_signature::{EdgeKey, sign};
use stepwell_shared::limits::EDGE_SIGNATURE_SKEW_MAX_S;
use stepwell_shared::time::Timestamp;
use stepwell_tests::client::{Client, Request};
use stepwell_tests::edge::Edge;
use stepwell_tests::eventually::eventually;
use stepwell_tests::metrics::asked_of_origin;
use stepwell_tests::people::{log_in, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create, record, records};
use stepwell_tests::server::{Server, UNLIMITED};

const NAME: &str = "fra-1";
const KEY: &str = "6d7c1d3f0b7d4c05a2f1e0f7f6c8a9d2b3c4d5e6f708192a3b4c5d6e7f809102";
const OTHER_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const NOTES: &str = r#"
name = "notes"
[fields]
text = { type = "text", max = 80 }
[rules]
read = "owner"
create = "signed_in"
[cache]
record = { edge = "10m", stale = "1d" }
list = { edge = "10m", stale = "1d" }
"#;

/// An origin and an edge of its own, both ready.
fn fleet() -> (Server, Edge) {
    let edges = format!("{NAME} {KEY}");
    let alone = [("STEPWELL_SERVER_ROLES", "read,write,work"), ("STEPWELL_ACCESS_EDGES", &*edges)];
    let origin = Server::with(Project::declaring(&[("notes", NOTES)]), &alone);
    let identity = [("STEPWELL_EDGE_NAME", NAME), ("STEPWELL_EDGE_KEY", KEY)];
    let edge = Edge::with(origin.address(), &[&identity[..], &UNLIMITED].concat());
    (origin, edge)
}

/// A request of an edge of that name, signed at a time so many seconds from now.
fn signed(request: Request, target: &str, key: &str, seconds: i64) -> Request {
    let key: EdgeKey = key.parse().expect("tests write keys right");
    let fields = [("stepwell-purpose", "edge")];
    let mut head = http::Request::get(target);
    for (name, value) in fields {
        head = head.header(name, value);
    }
    let mut head = head.body(()).expect("tests write targets right").into_parts().0;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs();
    let at = Timestamp::from_ms(now.saturating_add_signed(seconds) * 1000);
    sign(&mut head, &NAME.parse().expect("tests write names right"), &key, at);
    head.headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value.to_str().expect("a signature is text"))
    })
}

#[tokio::test]
async fn a_private_record_is_read_from_an_edge_elsewhere_by_its_owner_alone() {
    let (_origin, edge) = fleet();
    let (client, operator) = (edge.client(), edge.operator());
    let (ada, eve) = (sign_up(&client, "ada").await, sign_up(&client, "eve").await);
    let note = create(&client, &ada, "notes", &json!({ "text": "mine" })).await;
    let miss = client.get(&note.path).signed_in(&ada).send().await.expect(200);
    assert!(miss.cache_status().stored, "{:?}", miss.cache_status());

    let asked = asked_of_origin(&operator).await;
    let hit = client.get(&note.path).signed_in(&ada).send().await.expect(200);
    assert!(hit.cache_status().hit && hit.json()["text"] == "mine");
    client.get(&note.path).signed_in(&eve).send().await.expect(404);
    client.get(&note.path).send().await.expect(401);
    assert_eq!(asked_of_origin(&operator).await, asked, "all of it is known at the edge");

    // Nobody may, and that is the origin's to say: it has verified edge and caller.
    let change = client.patch(&note.path, &json!({ "text": "changed" })).signed_in(&ada).send().await;
    assert_eq!(change.expect(403).problem(), "forbidden");
    client.delete("/v1/sessions").signed_in(&ada).send().await.expect(204);
    let asked = asked_of_origin(&operator).await;
    client.get(&note.path).signed_in(&ada).send().await.expect(401);
    assert_eq!(asked_of_origin(&operator).await, asked, "the log has told the edge of it");
}

#[tokio::test]
async fn an_origin_takes_requests_of_its_edges_alone() {
    let (origin, edge) = fleet();
    let direct = origin.client();
    let briefing = "/v1/edge";
    let ask = |key, seconds| signed(direct.get(briefing), briefing, key, seconds).send();
    ask(KEY, 0).await.expect(200);
    ask(OTHER_KEY, 0).await.expect(403);
    let bound = i64::try_from(EDGE_SIGNATURE_SKEW_MAX_S).expect("it is a minute") + 30;
    for seconds in [-bound, bound] {
        ask(KEY, seconds).await.expect(403);
    }
    let elsewhere = "/v1/purges?after=0";
    let refused = signed(direct.get(elsewhere), briefing, KEY, 0).send().await.expect(403);
    assert_eq!(refused.problem(), "unknown-edge");
    for target in [briefing, elsewhere, "/", "/v1/openapi.json", &*records("notes")] {
        let claims =
            direct.get(target).header("stepwell-purpose", "edge").header("forwarded", "for=10.0.0.1");
        assert_eq!(claims.send().await.expect(403).problem(), "unknown-edge", "{target}");
    }
    direct.get("/healthz").send().await.expect(200);

    // Through the edge nobody gets what is the edge's own, whatever they claim.
    let client = edge.client();
    signed(client.get(briefing), briefing, KEY, 0).send().await.expect(404);
    let census = client.request(Method::POST, "/v1/purges/census").header("stepwell-purpose", "edge");
    census.json(&json!({ "question": 1, "entries": 1 })).send().await.expect(404);
}

#[tokio::test]
async fn a_running_edge_obeys_a_declaration_that_its_origin_has_changed() {
    let (mut origin, edge) = fleet();
    let client = edge.client();
    let (ada, eve) = (sign_up(&client, "ada").await, sign_up(&client, "eve").await);
    let note = create(&client, &ada, "notes", &json!({ "text": "mine" })).await;
    let read_by = async |client: &Client, reader| {
        let reading = client.get(&note.path);
        let reading = match reader {
            Some(reader) => reading.signed_in(reader),
            None => reading,
        };
        reading.send().await.status.as_u16()
    };
    for declared in [("public", [200, 200, 200]), ("owner", [200, 404, 401])] {
        let (rule, statuses) = declared;
        origin.stop();
        assert!(
            !origin.log().contains("did not finish in time"),
            "it lets go of an edge that follows its log"
        );
        origin.project().declare("notes", &NOTES.replace("read = \"owner\"", &format!("read = \"{rule}\"")));
        origin.restart();
        eventually("the edge obeys the new rule", async || {
            let seen = [
                read_by(&client, Some(&ada)).await,
                read_by(&client, Some(&eve)).await,
                read_by(&client, None).await,
            ];
            seen == statuses
        })
        .await;
        let again = client.get(&record("notes", &note.id)).signed_in(&ada).send().await.expect(200);
        assert!(again.cache_status().hit, "{rule}: {:?}", again.cache_status());
    }
}

#[tokio::test]
async fn a_rotated_key_reaches_a_running_edge_and_logs_nobody_out() {
    let (origin, edge) = fleet();
    let client = edge.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let note = create(&client, &ada, "notes", &json!({ "text": "mine" })).await;
    client.get(&note.path).signed_in(&ada).send().await.expect(200);
    origin.run(&["keys", "rotate"]).succeeded();

    let header = |token: &str| token.split('.').next().unwrap_or_default().to_owned();
    // Another's log-ins: an account has so many sessions, and the oldest makes room.
    eventually("tokens are signed by the new key", async || {
        header(&log_in(&client, "bob").await.token) != header(&bob.token)
    })
    .await;
    let renewed = log_in(&client, "ada").await;
    assert_ne!(header(&renewed.token), header(&ada.token));
    for person in [&renewed, &ada] {
        let read = client.get(&note.path).signed_in(person).send().await.expect(200);
        assert!(read.cache_status().hit, "{:?}", read.cache_status());
    }
}
