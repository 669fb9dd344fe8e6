//! Header fields that no key holds: what they say must not decide what the next client gets.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use stepwell_tests::client::Client;
use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, with};
use stepwell_tests::raw::ask;
use stepwell_tests::streamed::{Body, whole};

use crate::world::{World, closing, told};

/// By which a client claims to have come through a proxy, to ask for another place, or to mean another method.
const CLAIMS: [&str; 22] = [
    "Forwarded: for=evil;host=evil;proto=evil",
    "X-Forwarded-For: evil",
    "X-Forwarded-Host: evil",
    "X-Forwarded-Port: evil",
    "X-Forwarded-Proto: evil",
    "X-Forwarded-Scheme: evil",
    "X-Forwarded-Server: evil",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Ssl: evil",
    "X-Host: evil",
    "X-HTTP-Host-Override: evil",
    "X-Original-Host: evil",
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
    "X-Real-IP: evil",
    "X-Client-IP: evil",
    "True-Client-IP: evil",
    "X-Url-Scheme: evil",
    "Front-End-Https: evil",
    "X-HTTP-Method: DELETE",
    "X-HTTP-Method-Override: DELETE",
    "X-Method-Override: DELETE",
];

/// Every claim alone, and all of them together.
fn each_and_all() -> impl Iterator<Item = Vec<&'static str>> {
    CLAIMS.iter().map(|claim| vec![*claim]).chain([CLAIMS.to_vec()])
}

#[tokio::test]
async fn what_a_client_claims_of_proxies_changes_nothing_of_a_record() {
    let world = World::start().await;
    for claims in each_and_all() {
        // Into an empty store, so that what is asked with the claim is what would be kept.
        world.forgets();
        let line = format!("GET {}", world.post.path);
        World::is_the_post(ask(world.address(), closing(&line, &claims)).await);
        world.serves_the_post().await;
    }
}

#[tokio::test]
async fn a_method_is_what_the_line_says_even_from_the_owner() {
    let world = World::start().await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let delete = format!("{name}: DELETE");
        let fields = [&*token, &delete];
        let read = ask(world.address(), closing(&format!("GET {}", world.note.path), &fields)).await;
        assert_eq!(read.status, 200, "{name}");
        let target = format!("GET {}?_method=DELETE", world.note.path);
        let unknown = ask(world.address(), closing(&target, &fields)).await;
        assert_eq!(unknown.status, 400, "{name}: a parameter that nobody knows");
    }
    world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
}

/// An origin that believes and repeats whatever it hears, and lets everybody keep it.
async fn echo(request: Request<Incoming>) -> Response {
    let heard = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
    let status = if heard.contains("DELETE") { StatusCode::NOT_FOUND } else { StatusCode::OK };
    with(status, &[("cache-control", "max-age=3600")], whole(heard))
}

type Response = http::Response<Body>;

async fn edge_before_echo() -> (Origin, Edge, Client) {
    let origin = Origin::start(echo).await;
    let edge = Edge::before(origin.address());
    let client = edge.client();
    (origin, edge, client)
}

#[tokio::test]
async fn what_a_client_claims_of_proxies_is_not_told_to_any_origin() {
    let (_origin, edge, client) = edge_before_echo().await;
    for (place, claims) in each_and_all().enumerate() {
        let target = format!("/page{place}");
        let first = ask(edge.address(), closing(&format!("GET {target}"), &claims)).await.expect(200);
        assert!(!first.text().contains("evil"), "{claims:?}: {}", first.text());
        let next = client.get(&target).header("host", "a").send().await.expect(200);
        assert!(next.cache_status().hit, "{claims:?}");
        assert!(!told(&next).contains("evil") && !next.text().contains("DELETE"), "{}", next.text());
    }
}

#[tokio::test]
async fn a_field_that_the_connection_names_takes_nothing_with_it_that_decides() {
    let (_origin, edge, client) = edge_before_echo().await;
    let drops = "Connection: authorization, cookie, host, cache-control, x-forwarded-host";
    let fields = [drops, "Authorization: Bearer ada", "Cookie: ada"];
    let hers = ask(edge.address(), closing("GET /mine", &fields)).await.expect(200);
    assert!(hers.text().contains("Bearer ada"), "an origin that is not told who asks answers as to nobody");
    let next = client.get("/mine").header("host", "a").send().await.expect(200);
    assert!(!next.text().contains("ada") && next.cache_status().reached_origin(), "{}", next.text());
}
