//! JSON that is malformed, oversized or not what was declared. Nothing of it is written, and nobody is told more than what
//! is wrong with it.

use serde_json::Value;
use stepwell_tests::answer::Answer;
use stepwell_tests::raw::say;
use stepwell_tests::records::{batch, records};

use crate::world::{World, closing};

/// Not JSON at all, for some or for all readers.
const MALFORMED: [&[u8]; 26] = [
    b"",
    b" ",
    b"{",
    b"{\"title\":",
    b"{\"title\":\"a\"",
    b"{\"title\":\"a\",}",
    b"{\"title\":\"a\"}}",
    b"{\"title\":\"a\"} {\"title\":\"b\"}",
    b"{'title':'a'}",
    b"{title:\"a\"}",
    b"{\"title\":\"a\" /* evil */}",
    b"// evil\n{\"title\":\"a\"}",
    b"{\"title\":NaN}",
    b"{\"title\":-Infinity}",
    b"{\"title\":undefined}",
    b"{\"title\":01}",
    b"{\"title\":+1}",
    b"{\"title\":0x1}",
    b"{\"title\":\"\\x41\"}",
    b"{\"title\":\"\\u12\"}",
    b"{\"title\":\"a\nb\"}",
    b"{\"title\":\"a\0b\"}",
    b"{\"title\":\"\xff\xfe\"}",
    b"{\"title\":\"\xed\xa0\x80\"}",
    b"\xef\xbb\xbf{\"title\":\"a\"}",
    b"\xff\xfe{\0}\0",
];

/// JSON that is no post.
const NO_POSTS: [&[u8]; 24] = [
    b"null",
    b"true",
    b"1",
    b"\"title\"",
    b"[]",
    b"[{\"title\":\"a\"}]",
    b"{}",
    b"{\"title\":null}",
    b"{\"title\":1}",
    b"{\"title\":true}",
    b"{\"title\":[\"a\"]}",
    b"{\"title\":{\"$ne\":null}}",
    b"{\"title\":1e999999}",
    b"{\"title\":\"\\ud800\"}",
    b"{\"title\":\"a\",\"title\":\"b\"}",
    b"{\"title\":\"a\",\"titl\\u0065\":\"b\"}",
    b"{\"title\":\"a\",\"Title\":\"b\"}",
    b"{\"title\":\"a\",\"id\":\"0000000000001\"}",
    b"{\"title\":\"a\",\"owner\":\"0000000000001\"}",
    b"{\"title\":\"a\",\"version\":9}",
    b"{\"title\":\"a\",\"__proto__\":{\"admin\":true}}",
    b"{\"title\":\"a\",\"topic\":\"0000000000000\"}",
    b"{\"title\":\"a\",\"topic\":\"../notes\"}",
    b"{\"title\":\"a\",\"\":1}",
];

async fn send(world: &World, line: &str, kind: &str, body: &[u8]) -> Answer {
    let token = format!("Authorization: Bearer {}", world.ada.token);
    let (kind, length) = (format!("Content-Type: {kind}"), format!("Content-Length: {}", body.len()));
    let head = closing(line, &[&token, &kind, &length]);
    let mut answers = say(world.address(), [head.as_bytes(), body].concat()).await;
    assert_eq!(answers.len(), 1, "{line}: {:?}", String::from_utf8_lossy(body));
    answers.remove(0)
}

/// How many posts there are, as the origin counts them.
async fn posts(world: &World) -> Value {
    world.forgets();
    let counted = world.client.get(&format!("{}?count=true", records("posts"))).send().await.expect(200);
    counted.json()["count"].clone()
}

/// Refused with this status in a problem, and nothing written.
async fn is_refused(world: &World, line: &str, body: &[u8], statuses: &[u16]) {
    let answer = send(world, line, "application/json", body).await;
    let shown: String = String::from_utf8_lossy(body).chars().take(60).collect();
    assert!(
        statuses.contains(&answer.status.as_u16()),
        "{line}: {shown:?}: {} {}",
        answer.status,
        answer.text()
    );
    answer.problem();
    assert!(answer.body.len() < 16 * 1024, "{line}: {shown:?}: as long as what it refuses");
}

#[tokio::test]
async fn what_is_no_json_is_refused_wherever_json_is_read() {
    let world = World::start().await;
    let change = format!("PATCH {}", world.post.path);
    let create = format!("POST {}", records("posts"));
    for line in [&*create, &change, "POST /v1/batch", "POST /v1/accounts", "POST /v1/sessions"] {
        for body in MALFORMED {
            is_refused(&world, line, body, &[400]).await;
        }
    }
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

#[tokio::test]
async fn json_that_is_no_record_is_refused() {
    let world = World::start().await;
    for body in NO_POSTS {
        is_refused(&world, &format!("POST {}", records("posts")), body, &[400, 422]).await;
        for line in ["POST /v1/batch", "POST /v1/accounts"] {
            is_refused(&world, line, body, &[400, 422]).await;
        }
    }
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

/// An object's values without its names, in the order in which somebody's code may declare them.
#[tokio::test]
async fn values_without_their_names_are_no_object() {
    let world = World::start().await;
    let credentials = format!("[\"{}\", \"{}\"]", world.ada.email, stepwell_tests::people::PASSWORD);
    let operation = "[\"POST\", \"posts\", null, {\"title\": \"evil\"}, null]";
    for (line, body) in [
        ("POST /v1/sessions", credentials.clone()),
        ("POST /v1/sessions", format!(" \n{credentials}")),
        ("POST /v1/accounts", credentials.replace("ada", "eve")),
        ("POST /v1/keys", "[\"evil\", [\"read\"]]".to_owned()),
        ("POST /v1/batch", "[[]]".to_owned()),
        (
            "POST /v1/batch",
            format!(
                "[[{{{}}}]]",
                "\"method\": \"POST\", \"collection\": \"posts\", \"body\": {\"title\": \"evil\"}"
            ),
        ),
        ("POST /v1/batch", format!("{{\"operations\": [{operation}]}}")),
    ] {
        is_refused(&world, line, body.as_bytes(), &[400]).await;
    }
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

#[tokio::test]
async fn json_that_is_too_deep_or_too_wide_is_refused() {
    let world = World::start().await;
    let create = format!("POST {}", records("posts"));
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{{\"title\":{}1{}}}", open.repeat(levels), close.repeat(levels))
    };
    let wide: Vec<String> = (0..20_000).map(|name| format!("\"a{name}\":1,")).collect();
    let wide = wide.concat();
    for body in [
        nested("[", "]", 100_000),
        nested("{\"a\":", "}", 100_000),
        "[".repeat(1_000_000),
        "{\"a\":".repeat(200_000),
        format!("{{{wide}\"title\":\"a\"}}"),
        format!("{{\"title\":{}}}", "9".repeat(900_000)),
        format!("{{\"title\":\"{}\"}}", "a".repeat(900_000)),
        format!("{{\"title\":\"{}\"}}", "\\u0061".repeat(100_000)),
    ] {
        for line in [&*create, "POST /v1/batch", "POST /v1/accounts", &format!("PATCH {}", world.post.path)] {
            is_refused(&world, line, body.as_bytes(), &[400, 422]).await;
        }
    }
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whatever_it_says_of_its_length() {
    let world = World::start().await;
    let create = format!("POST {}", records("posts"));
    let large = format!("{{\"title\":\"{}\"}}", "a".repeat(1024 * 1024));
    is_refused(&world, &create, large.as_bytes(), &[413]).await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    let json = "Content-Type: application/json";
    let chunked = closing(&create, &[&token, json, "Transfer-Encoding: chunked"]);
    let chunks = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let answers = say(world.address(), chunked + &chunks).await;
    assert_eq!(answers[0].status, 413, "{}", answers[0].text());
    // Announced and never sent.
    let announced = closing(&create, &[&token, json, "Content-Length: 9999999999"]) + "{\"title\":\"a\"}";
    let mut answers = say(world.address(), announced + &" ".repeat(2 * 1024 * 1024)).await;
    assert_eq!(answers.remove(0).expect(413).problem(), "body-too-large");
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

#[tokio::test]
async fn what_does_not_say_that_it_is_json_is_not_read_as_json() {
    let world = World::start().await;
    let create = format!("POST {}", records("posts"));
    for kind in [
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "text/json",
        "application/xml",
        "application/jsonx",
    ] {
        let answer = send(&world, &create, kind, b"{\"title\":\"evil\"}").await;
        assert_eq!(answer.expect(415).problem(), "unsupported-media-type", "{kind}");
    }
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_batch_over_its_limit_is_refused_whole() {
    let world = World::start().await;
    let post = stepwell_tests::records::Operation::create("posts", &serde_json::json!({ "title": "evil" }));
    let refused = batch(&world.client, &vec![post; 101]).signed_in(&world.ada).send().await;
    assert!(matches!(refused.status.as_u16(), 400 | 413 | 422), "{}", refused.text());
    refused.problem();
    assert_eq!(posts(&world).await, 1);
    world.serves_the_post().await;
}
