//! What browsers are told, and what pages of other origins may do.

use http::Method;
use serde_json::json;
use stepwell_shared::security;
use stepwell_tests::answer::Answer;
use stepwell_tests::client::Client;
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create, records};
use stepwell_tests::server::Server;

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// Another origin's page may read, and one may also change.
fn shared_with(readers: &str, trusted: &str) -> Server {
    let settings = [("STEPWELL_ACCESS_CORS_ORIGINS", readers), ("STEPWELL_ACCESS_TRUSTED_ORIGINS", trusted)];
    Server::with(Project::example(), &settings)
}

/// Signs in as a browser does. Returns its cookies.
async fn cookies(client: &Client, name: &str) -> String {
    sign_up(client, name).await;
    let log_in = json!({ "email": email(name), "password": PASSWORD, "cookies": true });
    let answer = client.post("/v1/sessions", &log_in).header("sec-fetch-site", "same-origin").send().await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let pairs = answer.headers.get_all("set-cookie").iter();
    let pairs = pairs.filter_map(|line| line.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn is_cautious(answer: &Answer) {
    for (name, value) in security::FIELDS {
        let said = answer.header(name.as_str()).unwrap_or_else(|| panic!("{}: no {name}", answer.what));
        let has_its_own = said.starts_with("default-src 'none'; script-src 'self'");
        assert!(said.as_bytes() == value.as_bytes() || has_its_own, "{}: {name}: {said}", answer.what);
    }
    // Nothing here is sent over TLS (RFC 6797 §7.2).
    assert_eq!(answer.header("strict-transport-security"), None, "{}", answer.what);
}

#[tokio::test]
async fn every_answer_asks_browsers_for_caution() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create(&client, &ada, "posts", &json!({ "title": "Wells" })).await;
    let (list, missing) = (records("posts"), post.path.replace(&post.id, "0000000000000"));
    for target in [
        "/",
        "/healthz",
        "/v1/docs",
        "/v1/openapi.json",
        &list,
        &post.path,
        &missing,
        "/v1/accounts/me",
        "/none",
    ] {
        // From the origin, and where it may be, from the store.
        for _ in 0..2 {
            is_cautious(&client.get(target).send().await);
        }
    }
    assert!(client.get(&post.path).send().await.cache_status().hit);
    let known = client.get(&post.path).send().await;
    let known = known.header("etag").expect("a record has a validator");
    is_cautious(&client.get(&post.path).header("if-none-match", known).send().await.expect(304));
    is_cautious(&client.request(Method::OPTIONS, &list).send().await.expect(204));
    is_cautious(&client.post(&list, &json!({ "title": "Wells" })).signed_in(&ada).send().await.expect(201));
    let operator = Client::new(server.operator_address());
    is_cautious(&operator.get("/readyz").send().await.expect(200));
    is_cautious(&operator.get("/none").send().await.expect(404));
}

#[tokio::test]
async fn pages_of_other_origins_read_nothing_by_default() {
    let server = Server::start();
    let client = server.client();
    for method in [Method::GET, Method::OPTIONS] {
        let request = client.request(method, &records("posts")).header("origin", APP);
        let answer = request.header("access-control-request-method", "GET").send().await;
        assert!(answer.status.is_success(), "{}", answer.what);
        let says_nothing = answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-"));
        assert!(says_nothing && answer.header("vary").is_none(), "{}: {:?}", answer.what, answer.headers);
    }
}

#[tokio::test]
async fn pages_of_configured_origins_read_what_is_stored_for_everybody() {
    let server = shared_with(APP, "");
    let client = server.client();
    let list = records("posts");
    let asked = async |origin| client.get(&list).header("origin", origin).send().await.expect(200);
    // Whoever fills the edge, the next gets what is meant for it.
    for (origin, allowed) in [(APP, Some(APP)), (EVIL, None), (APP, Some(APP))] {
        let answer = asked(origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("vary"), Some("origin"));
    }
    assert!(asked(APP).await.cache_status().hit);
    let plain = client.get(&list).send().await.expect(200);
    assert_eq!((plain.header("access-control-allow-origin"), plain.header("vary")), (None, Some("origin")));
    // Problems are read as well, the edge's own and the origin's.
    for target in ["/none", "/v1/accounts/me", &format!("{list}/0000000000000")] {
        let refused = client.get(target).header("origin", APP).send().await;
        assert_eq!(refused.header("access-control-allow-origin"), Some(APP), "{}", refused.what);
    }
    let written = sign_up(&client, "ada").await;
    let written = client.post(&list, &json!({ "title": "Wells" })).signed_in(&written).header("origin", APP);
    let written = written.header("sec-fetch-site", "cross-site").send().await.expect(201);
    let exposed = written.header("access-control-expose-headers").expect("a page reads more than the body");
    assert!(
        exposed.contains("stepwell-bookmark") && exposed.contains("etag") && exposed.contains("location")
    );
}

#[tokio::test]
async fn a_preflight_is_answered_at_the_edge() {
    let server = shared_with(APP, "");
    let client = server.client();
    let preflight = async |target: &str, origin| {
        let request = client.request(Method::OPTIONS, target).header("origin", origin);
        request.header("access-control-request-method", "POST").send().await
    };
    let granted = preflight(&records("posts"), APP).await.expect(204);
    assert_eq!(granted.header("cache-status"), Some("stepwell; detail=generated"));
    assert_eq!(granted.header("access-control-allow-origin"), Some(APP));
    assert_eq!(granted.header("access-control-allow-methods"), Some("GET, HEAD, POST, OPTIONS"));
    assert!(
        granted.header("access-control-allow-headers").is_some_and(|fields| fields.contains("authorization"))
    );
    assert_eq!(granted.header("access-control-max-age"), Some("7200"));
    let denied = preflight(&records("posts"), EVIL).await.expect(204);
    assert_eq!(denied.header("access-control-allow-origin"), None);
    assert_eq!(denied.header("access-control-allow-methods"), None);
    preflight("/none", APP).await.expect(404);
}

#[tokio::test]
async fn all_may_read_but_with_cookies_only_whom_the_operator_trusts() {
    let server = shared_with("*", APP);
    let client = server.client();
    for (origin, allowed, credentials) in [(EVIL, "*", None), (APP, APP, Some("true"))] {
        let answer = client.get(&records("posts")).header("origin", origin).send().await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(allowed));
        assert_eq!(answer.header("access-control-allow-credentials"), credentials);
    }
}

#[tokio::test]
async fn another_sites_page_changes_nothing_with_cookies() {
    let server = shared_with("", APP);
    let client = server.client();
    let cookies = cookies(&client, "ada").await;
    let post = async |fields: &[(&'static str, &str)]| {
        let mut request =
            client.post(&records("posts"), &json!({ "title": "Wells" })).header("cookie", &cookies);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        request.send().await
    };
    for refused in [
        post(&[("sec-fetch-site", "cross-site"), ("origin", EVIL)]).await,
        post(&[("sec-fetch-site", "same-site")]).await,
        post(&[("origin", EVIL)]).await,
        post(&[]).await,
    ] {
        let refused = refused.expect(403);
        assert_eq!(refused.problem(), "cross-site");
        assert_eq!(refused.header("cache-status"), Some("stepwell; detail=generated"));
    }
    post(&[("sec-fetch-site", "same-origin")]).await.expect(201);
    post(&[("sec-fetch-site", "cross-site"), ("origin", APP)]).await.expect(201);
    // Reading is not changing: what another site's page may read is CORS's to say.
    let read =
        client.get("/v1/accounts/me").header("cookie", &cookies).header("sec-fetch-site", "cross-site");
    assert_eq!(read.send().await.expect(200).header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn whom_to_tell_of_a_hole_is_shown_where_it_is_configured() {
    let target = "/.well-known/security.txt";
    Server::start().client().get(target).send().await.expect(404);
    let contact = [("STEPWELL_ACCESS_SECURITY_CONTACT", "mailto:security@example.com")];
    let server = Server::with(Project::example(), &contact);
    let shown = server.client().get(target).send().await.expect(200);
    assert_eq!(shown.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = shown.text();
    let expires = text.strip_prefix("Contact: mailto:security@example.com\nExpires: ").expect("RFC 9116");
    assert!(expires.ends_with("T00:00:00.000Z\n"), "{expires}");
    assert!(server.client().get(target).send().await.expect(200).cache_status().hit);
}
