//! Header fields on their way to the origin and to the client.

use crate::bench::{Bench, HOST};
use crate::origin::answer;

/// Sends a head by hand and has the origin's view of it.
async fn seen(bench: &Bench, head: &str) -> http::HeaderMap {
    let mut client = bench.dial().await;
    client.write(&head.replace('\n', "\r\n")).await;
    let question = bench.origin.next().await;
    let headers = question.head.headers().clone();
    question.answer(answer(204, &[], ""));
    assert!(client.head().await.contains(" 204 "));
    headers
}

fn lines<'h>(headers: &'h http::HeaderMap, name: &str) -> Vec<&'h str> {
    headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect()
}

#[tokio::test]
async fn fields_of_the_clients_connection_end_here() {
    let bench = Bench::start().await;
    for method in ["GET", "POST"] {
        let headers = seen(
            &bench,
            &format!(
                "{method} / HTTP/1.1\nHost: {HOST}\nConnection: keep-alive, X-Mine, Cookie, Close\nX-Mine: 1\n\
                 Keep-Alive: 5\nProxy-Connection: keep-alive\nProxy-Authorization: Basic eA==\nTE: gzip\n\
                 Trailer: x\nUpgrade: h2c\nCookie: a=b\nX-Other: 2\n\n"
            ),
        )
        .await;
        for gone in [
            "connection",
            "x-mine",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade",
        ] {
            assert!(!headers.contains_key(gone), "{method}: {gone}");
        }
        // No client may take from a request what decides about its answer.
        assert_eq!((lines(&headers, "cookie"), lines(&headers, "x-other")), (vec!["a=b"], vec!["2"]));
    }
}

#[tokio::test]
async fn what_a_client_says_of_proxies_is_replaced_by_what_is_known() {
    let bench = Bench::start().await;
    for method in ["GET", "POST"] {
        let headers = seen(
            &bench,
            &format!(
                "{method} / HTTP/1.1\nHost: {HOST}\nForwarded: for=6.6.6.6\nX-Forwarded-For: 6.6.6.6\n\
                 X-Forwarded-For: 6.6.6.7\nX-Forwarded-Host: evil\nX-Forwarded-Proto: https\nX-Forwarded-Port: 1\n\
                 X-Original-URL: /admin\nX-Rewrite-URL: /admin\nX-HTTP-Method-Override: DELETE\n\n"
            ),
        )
        .await;
        assert_eq!(lines(&headers, "x-forwarded-for"), ["127.0.0.1"]);
        assert_eq!(lines(&headers, "x-forwarded-host"), [HOST]);
        assert_eq!(lines(&headers, "x-forwarded-proto"), ["http"]);
        for gone in
            ["forwarded", "x-forwarded-port", "x-original-url", "x-rewrite-url", "x-http-method-override"]
        {
            assert!(!headers.contains_key(gone), "{gone}");
        }
    }
}

#[tokio::test]
async fn who_passed_a_request_on_is_said() {
    let bench = Bench::start().await;
    let head = format!("GET / HTTP/1.1\nHost: {HOST}\nVia: 1.0 fred\nCDN-Loop: other\n\n");
    let headers = seen(&bench, &head).await;
    assert_eq!(lines(&headers, "via"), ["1.0 fred", "1.1 stepwell"]);
    assert_eq!(lines(&headers, "cdn-loop"), ["other", "stepwell"]);
    let headers = seen(&bench, "GET /old HTTP/1.0\n\n").await;
    assert_eq!(
        (lines(&headers, "via"), lines(&headers, "cdn-loop")),
        (vec!["1.0 stepwell"], vec!["stepwell"])
    );
}

#[tokio::test]
async fn what_the_client_asks_for_besides_is_the_origins_to_read() {
    let bench = Bench::start().await;
    let head = format!(
        "GET / HTTP/1.1\nHost: {HOST}\nAccept: x/y\nCookie: a=b\nX-Twice: 1\nX-Twice: 2\nCache-Control: x=1\n\
         User-Agent: me\n\n"
    );
    let headers = seen(&bench, &head).await;
    for (name, values) in [
        ("accept", &["x/y"][..]),
        ("cookie", &["a=b"]),
        ("x-twice", &["1", "2"]),
        ("cache-control", &["x=1"]),
        ("user-agent", &["me"]),
    ] {
        assert_eq!(lines(&headers, name), values);
    }
}

#[tokio::test]
async fn conditions_of_what_is_not_looked_up_are_the_clients_own() {
    let bench = Bench::start().await;
    let head =
        format!("POST / HTTP/1.1\nHost: {HOST}\nIf-None-Match: \"a\"\nRange: bytes=0-1\nIf-Match: *\n\n");
    let headers = seen(&bench, &head).await;
    for (name, value) in [("if-none-match", "\"a\""), ("range", "bytes=0-1"), ("if-match", "*")] {
        assert_eq!(lines(&headers, name), [value]);
    }
}

#[tokio::test]
async fn conditions_of_what_is_for_one_client_alone_are_its_own() {
    let bench = Bench::start().await;
    bench.origin.says(304, &[("etag", "\"a\"")], "");
    let (mine, credentials) = (("if-none-match", "\"a\""), ("authorization", "Basic eA=="));
    let answer = bench.get_with("/", &[mine, credentials]).await;
    assert_eq!((answer.status, answer.text()), (304, ""));
    assert_eq!(bench.origin.last().headers()["if-none-match"], "\"a\"");
    // A key whose answers are known not to be shared.
    bench.origin.says(200, &[("cache-control", "no-store"), ("etag", "\"a\"")], "one");
    assert_eq!(bench.get_with("/", &[mine]).await.status, 200);
    bench.origin.says(304, &[("etag", "\"a\"")], "");
    assert_eq!(bench.get_with("/", &[mine]).await.status, 304);
    assert_eq!(bench.origin.last().headers()["if-none-match"], "\"a\"");
}

#[tokio::test]
async fn fields_of_the_origins_connection_end_here() {
    let bench = Bench::start().await;
    let of_connection = [
        ("connection", "x-internal, cache-control, set-cookie"),
        ("x-internal", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("x-end-to-end", "2"),
    ];
    for policy in ["max-age=10", "no-store"] {
        let fields = [&of_connection[..], &[("cache-control", policy), ("set-cookie", "a=b")]].concat();
        bench.origin.says(200, &fields, "one");
        for _ in 0..2 {
            let answer = bench.get(&format!("/{policy}")).await;
            for (name, _) in &of_connection[..7] {
                assert_eq!(answer.field(name), None, "{policy}");
            }
            assert_eq!((answer.field("x-end-to-end"), answer.field("set-cookie")), (Some("2"), Some("a=b")));
            assert_eq!(answer.field("cache-control"), Some(policy));
        }
    }
    assert_eq!(bench.asked(), 3);
}

#[tokio::test]
async fn what_proxies_alone_may_see_is_not_stored() {
    let bench = Bench::start().await;
    let fields =
        [("cache-control", "max-age=10"), ("proxy-authentication-info", "x"), ("age", "1"), ("x-a", "1")];
    bench.origin.says(200, &fields, "one");
    bench.get("/").await;
    let hit = bench.get("/").await;
    assert_eq!((hit.field("proxy-authentication-info"), hit.field("x-a")), (None, Some("1")));
}
