//! Parameters that one reader sees and another does not: what is keyed is what is read, and nothing else is.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::raw::ask;
use stepwell_tests::records::{create_post, records};

use crate::world::{World, closing};

/// Queries of a list that could be read in two ways, or hold what nobody reads.
const CLOAKED: [&str; 16] = [
    "limit=1;limit=2",
    "limit=1&limit=2",
    "limit=1&%6cimit=2",
    "limit=1&LIMIT=2",
    "limit=1&utm_content=x;limit=2",
    "utm_content=x",
    "callback=evil",
    "limit[]=1",
    "limit=1%26limit=2",
    "limit=1%00",
    "limit=%ff",
    "limit=%zz",
    "limit=1?limit=2",
    "limit=-1",
    "limit=1e1",
    "_method=DELETE",
];

#[tokio::test]
async fn a_query_with_two_readings_is_refused_and_kept_by_nobody() {
    let world = World::start().await;
    create_post(&world.client, &world.ada, "well").await;
    let list = format!("{}?limit=1", records("posts"));
    for query in CLOAKED {
        let target = format!("{}?{query}", records("posts"));
        for _ in 0..2 {
            let answer = ask(world.address(), closing(&format!("GET {target}"), &[])).await;
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
            assert!(!answer.cache_status().hit && !answer.cache_status().stored, "{query}");
        }
        let clean = world.client.get(&list).send().await.expect(200);
        assert_eq!(clean.json()["items"].as_array().map(Vec::len), Some(1), "{query}");
    }
    world.serves_the_post().await;
}

#[tokio::test]
async fn one_query_in_other_spellings_is_one_entry() {
    let world = World::start().await;
    let target = format!("{}?limit=1", records("posts"));
    let first = world.client.get(&target).send().await.expect(200);
    for spelling in ["%6cimit=1", "limit=%31", "&limit=1&", "limit=1#evil"] {
        let text = closing(&format!("GET {}?{spelling}", records("posts")), &[]);
        let same = ask(world.address(), text).await.expect(200);
        assert!(same.cache_status().hit && same.body == first.body, "{spelling}");
    }
}

#[tokio::test]
async fn each_spelling_is_an_entry_of_its_own_before_any_origin() {
    let origin = Origin::start(async |request: http::Request<_>| {
        page(&[("cache-control", "max-age=3600")], &request.uri().to_string())
    })
    .await;
    let edge = Edge::before(origin.address());
    for _ in 0..2 {
        for query in CLOAKED.iter().chain(&["limit=1", "", "limit=1&", "%6cimit=1"]) {
            let target = format!("/list?{query}");
            let answer = ask(edge.address(), closing(&format!("GET {target}"), &[])).await.expect(200);
            assert_eq!(answer.text(), target);
        }
    }
}

#[tokio::test]
async fn the_body_of_a_read_decides_nothing() {
    let world = World::start().await;
    let list = format!("GET {}?limit=1", records("posts"));
    create_post(&world.client, &world.ada, "well").await;
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "limit=2&_method=DELETE"),
        ("application/json", "{\"limit\":2}"),
        ("text/plain", "GET /evil HTTP/1.1\r\n\r\n"),
    ] {
        let (kind, length) = (format!("Content-Type: {kind}"), format!("Content-Length: {}", body.len()));
        let fat = ask(world.address(), closing(&list, &[&kind, &length]) + body).await.expect(200);
        let clean = ask(world.address(), closing(&list, &[])).await.expect(200);
        assert_eq!(fat.body, clean.body, "{body}");
        assert_eq!(clean.json()["items"].as_array().map(Vec::len), Some(1), "{body}");
    }
    world.serves_the_post().await;
}

#[tokio::test]
async fn an_answer_to_the_body_of_a_read_is_not_kept_before_any_origin() {
    let origin = Origin::start(async |request: http::Request<hyper::body::Incoming>| {
        let body = http_body_util::BodyExt::collect(request.into_body()).await.expect("it comes whole");
        page(&[("cache-control", "max-age=3600")], &format!("heard {:?}", body.to_bytes()))
    })
    .await;
    let edge = Edge::before(origin.address());
    for fields in [&["Content-Length: 4"][..], &["Transfer-Encoding: chunked"]] {
        let body = if fields[0].starts_with('C') { "evil" } else { "4\r\nevil\r\n0\r\n\r\n" };
        let fat = ask(edge.address(), closing("GET /page", fields) + body).await.expect(200);
        assert!(fat.text().contains("evil") && !fat.cache_status().stored);
        let clean = ask(edge.address(), closing("GET /page", &[])).await.expect(200);
        assert!(!clean.text().contains("evil"), "{}", clean.text());
        // And what is kept is not the answer to a request that says more.
        let fat = ask(edge.address(), closing("GET /page", fields) + body).await.expect(200);
        assert!(fat.text().contains("evil"), "{}", fat.text());
    }
}
