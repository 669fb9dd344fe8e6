//! Pages of other origins in a visitor's browser: what they may read (CORS), and what they may have changed with the
//! visitor's cookies.

use http::Method;
use serde_json::json;
use stepwell_tests::answer::Answer;
use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::raw::say;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::Server;

use crate::world::{closing, told};

/// The page that may read.
const APP: &str = "https://app.example.com";
/// Those that look like it to somebody who compares carelessly.
const LOOKALIKES: [&str; 22] = [
    "null",
    "*",
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://evilapp.example.com",
    "https://x.app.example.com",
    "https://example.com",
    "https://app-example.com",
    "https://appxexample.com",
    "http://app.example.com",
    "https://app.example.com:444",
    "https://app.example.com:443",
    "https://app.example.com/",
    "https://app.example.com@evil.example",
    "https://evil.example#https://app.example.com",
    "https://evil.example?https://app.example.com",
    "https://app.example.com%60.evil.example",
    "HTTPS://APP.EXAMPLE.COM",
    "https://app.example.com https://evil.example",
    "https://app.example.com, https://evil.example",
    "file://app.example.com",
];

fn says_nothing(answer: &Answer, origin: &str) {
    let told = told(answer);
    let allowed = answer.headers.get("access-control-allow-origin").map(http::HeaderValue::as_bytes);
    assert!(allowed.is_none(), "{origin}: {}: {told}", answer.what);
    assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{origin}: {}", answer.what);
    // Whatever keeps it on the way is told that pages get different answers.
    let varies = answer.headers.get_all("vary").iter().any(|value| value == "origin");
    assert!(varies, "{origin}: {}: {told}", answer.what);
}

#[tokio::test]
async fn no_page_but_those_configured_reads_anything_kept_or_not() {
    let settings = [("STEPWELL_ACCESS_CORS_ORIGINS", APP), ("STEPWELL_ACCESS_TRUSTED_ORIGINS", APP)];
    let server = Server::with(Project::example(), &settings);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "water").await;
    let list = records("posts");
    let granted = async || {
        let answer = client.get(&post.path).header("origin", APP).send().await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
        answer.cache_status().hit
    };
    granted().await;
    for origin in LOOKALIKES {
        for target in [&*post.path, &list, "/v1/openapi.json", "/v1/accounts/me", "/none"] {
            says_nothing(&client.get(target).header("origin", origin).send().await, origin);
        }
        let private = client.get("/v1/accounts/me").signed_in(&ada).header("origin", origin);
        says_nothing(&private.send().await.expect(200), origin);
        let preflight = client.request(Method::OPTIONS, &list).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "DELETE");
        let preflight = preflight.header("access-control-request-headers", "authorization").send().await;
        says_nothing(&preflight, origin);
        assert!(!preflight.headers.contains_key("access-control-allow-methods"), "{origin}");
        assert!(granted().await, "what the page got, it gets out of the store");
    }
    // Two origins are no browser's, and are never told that they may.
    let twice =
        closing(&format!("GET {}", post.path), &["Origin: https://evil.example", &format!("Origin: {APP}")]);
    let answers = say(server.address(), twice).await;
    let allowed = answers[0].headers.get("access-control-allow-origin");
    assert!(allowed.is_none_or(|allowed| allowed != "https://evil.example"), "{answers:?}");
}

#[tokio::test]
async fn what_a_page_elsewhere_can_have_sent_changes_nothing() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let log_in = json!({ "email": email("ada"), "password": PASSWORD, "cookies": true });
    let session = client.post("/v1/sessions", &log_in).header("sec-fetch-site", "same-origin").send().await;
    let pairs = session.expect(200);
    let pairs =
        pairs.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()?.split(';').next());
    let cookies = format!("Cookie: {}", pairs.collect::<Vec<_>>().join("; "));
    let post = async |line: &str, fields: &[&str], body: &str| {
        let length = format!("Content-Length: {}", body.len());
        let fields = [&[&*cookies, &length], fields].concat();
        let mut answers = say(server.address(), closing(line, &fields) + body).await;
        assert_eq!(answers.len(), 1, "{line} {fields:?}");
        answers.remove(0)
    };
    let create = format!("POST {}", records("posts"));
    let body = "{\"title\":\"evil\"}";
    let json = "Content-Type: application/json";
    for fields in [
        &[json, "Sec-Fetch-Site: cross-site"][..],
        &[json, "Sec-Fetch-Site: same-site"],
        &[json, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"],
        &[json, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
        &[json, "Sec-Fetch-Site: same-origin, cross-site"],
        &[json, "Sec-Fetch-Site: SAME-ORIGIN"],
        &[json, "Sec-Fetch-Site:"],
        &[json, "Origin: null"],
        &[json, "Origin: https://evil.example"],
        &[json, "Origin: https://a.evil.example"],
        &[json, "Origin: https://a@evil.example"],
        &[json, "Origin: evil://evil.example/a"],
        &[json, "Origin: https://evil.example", "Referer: https://a/"],
        &[json, "Origin: http://a", "Origin: https://evil.example"],
        &[json, "Referer: https://a/"],
        &[json],
        // What a form sends without being asked.
        &["Content-Type: text/plain", "Origin: https://evil.example"],
        &["Content-Type: application/x-www-form-urlencoded", "Origin: null"],
        &["Content-Type: multipart/form-data; boundary=x", "Sec-Fetch-Site: cross-site"],
    ] {
        let refused = post(&create, fields, body).await;
        assert_eq!(refused.status, 403, "{fields:?}: {}", refused.text());
    }
    for line in
        ["POST /v1/sessions/refresh", "DELETE /v1/sessions", "DELETE /v1/sessions/current", "POST /v1/batch"]
    {
        let refused =
            post(line, &[json, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"], "{}").await;
        assert!(matches!(refused.status.as_u16(), 400 | 403), "{line}: {}", refused.text());
    }
    // A read stays one, whatever it says of itself.
    for fields in [&["X-HTTP-Method-Override: DELETE"][..], &["X-Method-Override: POST"]] {
        let read = post(&format!("GET {}", records("posts")), fields, "").await;
        assert_eq!(read.status, 200, "{fields:?}");
    }
    let list = client.get(&records("posts")).send().await.expect(200);
    assert!(!told(&list).contains("evil"), "{}", list.text());
    // The visitor is signed in still, and from the own page it works.
    let made = post(&create, &[json, "Sec-Fetch-Site: same-origin"], "{\"title\":\"mine\"}").await;
    assert_eq!(made.status, 201, "{}", made.text());
}

#[tokio::test]
async fn what_one_page_is_allowed_is_not_kept_for_another_before_any_origin() {
    let origin = Origin::start(async |request: http::Request<_>| {
        let allowed = request.headers().get("origin").and_then(|value| value.to_str().ok()).unwrap_or("none");
        let fields =
            [("cache-control", "max-age=60"), ("vary", "origin"), ("access-control-allow-origin", allowed)];
        page(&fields, "page")
    })
    .await;
    let edge = Edge::before(origin.address());
    for (page, asked) in
        [(APP, 1), ("https://evil.example", 2), (APP, 2), ("null", 3), ("https://evil.example", 3)]
    {
        let answer = edge.client().get("/").header("origin", page).send().await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(page));
        assert_eq!(origin.asked("GET /"), asked, "{page}");
    }
}
