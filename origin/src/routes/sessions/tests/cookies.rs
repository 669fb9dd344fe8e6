//! A browser's session.

use http::header::SET_COOKIE;

use super::*;

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// What a browser keeps of an answer, as it sends it back.
fn kept(answer: &Answer) -> String {
    let set = answer.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let pairs =
        set.filter(|cookie| !cookie.contains("Max-Age=0")).filter_map(|cookie| cookie.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

async fn log_in_by_cookie(origin: &Origin) -> Answer {
    let credentials = json!({ "email": "ada@example.org", "password": PASSWORD, "cookies": true });
    origin.ask(Method::POST, "/v1/sessions").header(SAME.0, SAME.1).json(&credentials).send().await
}

#[tokio::test]
async fn a_browser_gets_cookies_and_no_token_that_a_script_could_read() {
    let (origin, _) = with_ada().await;
    let session = log_in_by_cookie(&origin).await;
    assert_eq!(session.status, StatusCode::OK);
    let body = session.json();
    assert_eq!((body.get("access_token"), body.get("refresh_token")), (None, None));
    assert_eq!(body["expires_in"], json!(900));
    let cookies = kept(&session);
    let me = origin.ask(Method::GET, "/v1/accounts/me").header("cookie", &cookies).send().await;
    assert_eq!(me.json()["email"], "ada@example.org");

    let refresh = origin.ask(Method::POST, "/v1/sessions/refresh").header("cookie", &cookies);
    let refreshed = refresh.header(SAME.0, SAME.1).send().await;
    assert_eq!((refreshed.status, refreshed.json().get("access_token")), (StatusCode::OK, None));
    assert_ne!(kept(&refreshed), cookies);

    let out = origin.ask(Method::DELETE, "/v1/sessions/current").header("cookie", &kept(&refreshed));
    let out = out.header(SAME.0, SAME.1).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let cleared = out.headers.get_all(SET_COOKIE).iter().filter(|c| c.to_str().unwrap().contains("=; "));
    assert_eq!(cleared.count(), 2);
    let me = origin.ask(Method::GET, "/v1/accounts/me").header("cookie", &kept(&refreshed)).send().await;
    assert_eq!(me.code(), "unauthenticated");
}

#[tokio::test]
async fn a_change_that_another_sites_page_may_have_asked_for_is_refused() {
    let (origin, _) = with_ada().await;
    let cookies = kept(&log_in_by_cookie(&origin).await);
    let change = async |path: &str, from: &[(&'static str, &str)]| {
        let ask = origin.ask(Method::POST, path).header("cookie", &cookies).header("host", "here.example");
        let ask = from.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        ask.send().await
    };
    for from in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
    ] {
        assert_eq!(change("/v1/sessions/refresh", from).await.code(), "cross-site", "{from:?}");
    }
    let out = origin.ask(Method::DELETE, "/v1/sessions").header("cookie", &cookies).send().await;
    assert_eq!((out.status.as_u16(), out.code().as_str()), (403, "cross-site"));
    assert_eq!(
        change("/v1/sessions/refresh", &[("origin", "https://here.example")]).await.status,
        StatusCode::OK
    );

    // A site cannot sign a browser in to an account of its own choice either.
    let credentials = json!({ "email": "ada@example.org", "password": PASSWORD, "cookies": true });
    let foreign = origin.ask(Method::POST, "/v1/sessions").header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.json(&credentials).send().await.code(), "cross-site");
}

#[tokio::test]
async fn cookies_and_bodies_are_two_ways_that_do_not_mix() {
    let (origin, session) = with_ada().await;
    let cookies = kept(&log_in_by_cookie(&origin).await);
    let in_cookie = cookies.split("__Host-stepwell-refresh=").nth(1).unwrap();
    let as_body = origin.post("/v1/sessions/refresh", &json!({ "refresh_token": in_cookie })).await;
    assert_eq!(as_body.code(), "unauthenticated");
    let as_cookie = format!("__Host-stepwell-refresh={}", text(&session, "refresh_token"));
    let as_cookie = origin.ask(Method::POST, "/v1/sessions/refresh").header("cookie", &as_cookie);
    assert_eq!(as_cookie.header(SAME.0, SAME.1).send().await.code(), "unauthenticated");

    // What is written on purpose goes before what a browser adds, and two of a kind are none.
    let bearer = text(&session, "access_token");
    let me = origin.ask(Method::GET, "/v1/accounts/me").bearer(bearer);
    let me = me.header("cookie", "__Host-stepwell-access=bad").send().await;
    assert_eq!(me.status, StatusCode::OK);
    let twice =
        origin.ask(Method::GET, "/v1/accounts/me").header("cookie", &cookies).header("cookie", &cookies);
    assert_eq!(twice.send().await.code(), "unauthenticated");
}
