//! What the edge keeps, and how it answers from it.

use http::Method;
use http::header::{AGE, ETAG, IF_NONE_MATCH};
use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create_post, record, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn the_first_read_asks_the_origin_and_the_next_does_not() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    for target in [post.path.clone(), records("posts"), format!("{}?sort=-created&limit=5", records("posts"))]
    {
        let miss = client.get(&target).send().await.expect(200);
        let status = miss.cache_status();
        assert_eq!((status.fwd.as_deref(), status.stored), (Some("uri-miss"), true), "{target}");
        let hit = client.get(&target).send().await.expect(200);
        assert!(hit.cache_status().hit, "{target}: {:?}", hit.cache_status());
        assert!(hit.cache_status().ttl_s.is_some_and(|ttl_s| ttl_s > 0));
        assert!(hit.headers.contains_key(AGE) && !miss.headers.contains_key(AGE));
        assert_eq!(hit.body, miss.body);
        assert_eq!(hit.headers.get(ETAG), miss.headers.get(ETAG));
    }
}

#[tokio::test]
async fn one_answer_has_one_entry_however_its_query_is_written() {
    let server = Server::start();
    let client = server.client();
    let path = records("posts");
    client.get(&format!("{path}?sort=-created&limit=5")).send().await.expect(200);
    for same in ["limit=5&sort=-created", "limit=%35&sort=%2Dcreated"] {
        let read = client.get(&format!("{path}?{same}")).send().await.expect(200);
        assert!(read.cache_status().hit, "{same}: {:?}", read.cache_status());
    }
    let other = client.get(&format!("{path}?sort=-created&limit=6")).send().await.expect(200);
    assert!(!other.cache_status().hit);
}

#[tokio::test]
async fn a_reader_who_has_it_already_is_told_so_by_origin_and_edge_alike() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    for expected_hit in [false, true] {
        let read = client.get(&post.path).header(IF_NONE_MATCH, &post.etag).send().await.expect(304);
        assert_eq!(read.cache_status().hit, expected_hit);
        assert!(read.body.is_empty());
        assert_eq!(read.header("etag"), Some(post.etag.as_str()));
    }
    let whole = client.get(&post.path).header(IF_NONE_MATCH, "\"another\"").send().await.expect(200);
    assert!(whole.cache_status().hit);
    assert_eq!(whole.json(), post.body);
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let whole = client.get(&post.path).send().await.expect(200);
    let head = client.request(Method::HEAD, &post.path).send().await.expect(200);
    assert!(head.body.is_empty());
    assert!(head.cache_status().hit);
    for name in ["etag", "content-type", "cache-control"] {
        assert_eq!(head.header(name), whole.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()));
    // The other way round: a body that only HEAD has asked for so far is whole all the same.
    let other = create_post(&client, &ada, "Steps").await;
    client.request(Method::HEAD, &other.path).send().await.expect(200);
    assert_eq!(client.get(&other.path).send().await.expect(200).json(), other.body);
}

#[tokio::test]
async fn what_does_not_exist_is_remembered_until_it_does() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let removed = client.delete(&post.path).signed_in(&ada).send().await.expect(204);
    let first = client.get(&post.path).bookmark(removed.bookmark()).send().await.expect(404);
    assert!(!first.cache_status().hit);
    let second = client.get(&post.path).send().await.expect(404);
    assert!(second.cache_status().hit, "{:?}", second.cache_status());
    assert_eq!(second.problem(), "not-found");
    // A path that no id has is no key worth an entry.
    let never = client.get(&record("posts", "not-an-id")).send().await.expect(404);
    assert!(!never.cache_status().hit && !never.cache_status().stored);
}

#[tokio::test]
async fn who_asks_changes_nothing_about_what_everybody_reads() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    client.get(&post.path).signed_in(&ada).send().await.expect(200);
    let anybody = client.get(&post.path).send().await.expect(200);
    assert!(anybody.cache_status().hit);
    assert!(!anybody.headers.contains_key("set-cookie"));
    let dressed = client
        .get(&post.path)
        .header("cookie", "session=1")
        .header("accept-language", "de")
        .header("x-forwarded-host", "evil.example")
        .header("stepwell-caller", "0000000000000")
        .send()
        .await
        .expect(200);
    assert!(dressed.cache_status().hit);
    assert_eq!(dressed.json(), json!(post.body));
}
