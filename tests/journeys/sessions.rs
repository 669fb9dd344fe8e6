//! Staying signed in, signing out, and what an operator does about accounts, as clients on the other side of the edge
//! see it.

use http::Method;
use http::header::SET_COOKIE;
use serde_json::{Value, json};
use stepwell_tests::answer::Answer;
use stepwell_tests::client::{Client, Request};
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create, records};
use stepwell_tests::server::{OPERATOR_TOKEN, Server, UNLIMITED};

const DESK: &str = r#"
[fields]
text = { type = "text", max = 80 }
[rules]
read = "role:editor"
create = "role:editor"
"#;

async fn log_in(client: &Client, name: &str) -> Value {
    let credentials = json!({ "email": email(name), "password": PASSWORD });
    client.post("/v1/sessions", &credentials).send().await.expect(200).json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

async fn refresh(client: &Client, session: &Value) -> Answer {
    client.post("/v1/sessions/refresh", &json!({ "refresh_token": session["refresh_token"] })).send().await
}

async fn me(client: &Client, session: &Value) -> u16 {
    client.get("/v1/accounts/me").bearer(text(&session["access_token"])).send().await.status.as_u16()
}

fn operate(client: &Client, method: Method, path: &str) -> Request {
    client.request(method, path).bearer(OPERATOR_TOKEN)
}

async fn give_roles(client: &Client, session: &Value, roles: &[&str]) {
    let path = format!("/v1/accounts/{}/roles", text(&session["account"]["id"]));
    operate(client, Method::PUT, &path).json(&json!({ "roles": roles })).send().await.expect(200);
}

#[tokio::test]
async fn a_session_goes_on_by_tokens_that_are_good_once() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let first = log_in(&client, "ada").await;
    let second = refresh(&client, &first).await.expect(200).json();
    // The answer was lost: the same token is repeated, and gets the same one.
    let again = refresh(&client, &first).await.expect(200).json();
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    let third = refresh(&client, &second).await.expect(200).json();
    // The first one is two refreshes old: it is in two hands, and the session ends for both.
    assert_eq!(refresh(&client, &first).await.expect(401).problem(), "unauthenticated");
    refresh(&client, &third).await.expect(401);
    eventually("the last access token is refused", async || me(&client, &third).await == 401).await;
}

#[tokio::test]
async fn an_expired_token_may_be_sent_along_with_the_refresh() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let session = log_in(&client, "ada").await;
    let body = json!({ "refresh_token": session["refresh_token"] });
    client.post("/v1/sessions/refresh", &body).bearer("out.of.date").send().await.expect(200);
}

#[tokio::test]
async fn signing_out_here_leaves_the_other_device_and_everywhere_does_not() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let (phone, laptop) = (log_in(&client, "ada").await, log_in(&client, "ada").await);
    let list =
        client.get("/v1/sessions").bearer(text(&phone["access_token"])).send().await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3), "the sign-up's as well: {list}");

    client.delete("/v1/sessions/current").bearer(text(&phone["access_token"])).send().await.expect(204);
    eventually("the phone is signed out", async || me(&client, &phone).await == 401).await;
    assert_eq!(me(&client, &laptop).await, 200);
    refresh(&client, &phone).await.expect(401);

    let phone = log_in(&client, "ada").await;
    client.delete("/v1/sessions").bearer(text(&phone["access_token"])).send().await.expect(204);
    for device in [&phone, &laptop] {
        eventually("the device is signed out", async || me(&client, device).await == 401).await;
        refresh(&client, device).await.expect(401);
    }
    assert_eq!(me(&client, &log_in(&client, "ada").await).await, 200);
}

#[tokio::test]
async fn a_sign_out_outlives_a_crash() {
    let mut server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let session = log_in(&client, "ada").await;
    client.delete("/v1/sessions").bearer(text(&session["access_token"])).send().await.expect(204);
    server.kill();
    server.restart();
    assert_eq!(me(&client, &session).await, 401);
    refresh(&client, &session).await.expect(401);
}

#[tokio::test]
async fn a_new_password_leaves_whoever_changed_it_signed_in_and_nobody_else() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let (here, thief) = (log_in(&client, "ada").await, log_in(&client, "ada").await);
    let change = json!({ "old": PASSWORD, "new": "known to Ada alone" });
    let put = client.request(Method::PUT, "/v1/accounts/me/password").bearer(text(&here["access_token"]));
    let here = put.json(&change).send().await.expect(200).json();
    assert_eq!(me(&client, &here).await, 200);
    eventually("the thief is out", async || me(&client, &thief).await == 401).await;
    refresh(&client, &thief).await.expect(401);
    refresh(&client, &here).await.expect(200);
    let old = json!({ "email": email("ada"), "password": PASSWORD });
    client.post("/v1/sessions", &old).send().await.expect(401);
}

#[tokio::test]
async fn a_ban_is_everywhere_and_can_be_taken_back() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "eve").await;
    let eve = log_in(&client, "eve").await;
    let ban = format!("/v1/accounts/{}/ban", text(&eve["account"]["id"]));
    client.post(&ban, &json!({})).bearer(text(&eve["access_token"])).send().await.expect(401);
    operate(&client, Method::POST, &ban).send().await.expect(200);
    eventually("her token is refused", async || me(&client, &eve).await == 401).await;
    refresh(&client, &eve).await.expect(401);
    let credentials = json!({ "email": email("eve"), "password": PASSWORD });
    assert_eq!(client.post("/v1/sessions", &credentials).send().await.expect(403).problem(), "forbidden");
    operate(&client, Method::DELETE, &ban).send().await.expect(200);
    assert_eq!(me(&client, &log_in(&client, "eve").await).await, 200);
}

#[tokio::test]
async fn a_role_opens_what_the_rules_say_and_closes_it_again() {
    let server = Server::serving(Project::declaring(&[("desk", &format!("name = \"desk\"\n{DESK}"))]));
    let client = server.client();
    sign_up(&client, "ada").await;
    let visitor = log_in(&client, "ada").await;
    let list = async |session: &Value| {
        client.get(&records("desk")).bearer(text(&session["access_token"])).send().await.status.as_u16()
    };
    assert_eq!(list(&visitor).await, 404);

    give_roles(&client, &visitor, &["editor"]).await;
    eventually("the token without the role is refused", async || list(&visitor).await == 401).await;
    let editor = refresh(&client, &visitor).await.expect(200).json();
    assert_eq!(editor["account"]["roles"], json!(["editor"]));
    let made = client.post(&records("desk"), &json!({ "text": "for editors" }));
    made.bearer(text(&editor["access_token"])).send().await.expect(201);
    assert_eq!(list(&editor).await, 200);

    give_roles(&client, &editor, &[]).await;
    eventually("the token with the role is refused", async || list(&editor).await == 401).await;
    let visitor = refresh(&client, &editor).await.expect(200).json();
    assert_eq!(list(&visitor).await, 404);
}

#[tokio::test]
async fn a_key_does_for_a_program_what_its_scopes_say() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let note = create(&client, &ada, "notes", &json!({ "text": "Ada's" })).await;
    let new = json!({ "name": "backup", "scopes": ["collection:notes:read"] });
    let made = client.post("/v1/keys", &new).signed_in(&ada).send().await.expect(201).json();
    let key = text(&made["key"]);

    let read = client.get(&note.path).bearer(key).send().await.expect(200);
    assert!(!read.cache_status().hit && !read.cache_status().stored, "{:?}", read.headers);
    client.patch(&note.path, &json!({ "text": "changed" })).bearer(key).send().await.expect(403);
    client.get("/v1/keys").bearer(key).send().await.expect(403);

    client.delete(&format!("/v1/keys/{}", text(&made["id"]))).signed_in(&ada).send().await.expect(204);
    client.get(&note.path).bearer(key).send().await.expect(401);
}

/// What a browser keeps of an answer, as it sends it back.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter_map(|cookie| cookie.split(';').next()).filter(|pair| !pair.contains("bookmark"));
    pairs.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_browser_signs_in_by_cookies_that_other_sites_cannot_use() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let credentials = json!({ "email": email("ada"), "password": PASSWORD, "cookies": true });
    let from_here = |request: Request| request.header("sec-fetch-site", "same-origin");
    let session = from_here(client.post("/v1/sessions", &credentials)).send().await.expect(200);
    assert!(!session.text().contains("token"), "{}", session.text());
    let jar = cookies(&session);
    let me = client.get("/v1/accounts/me").header("cookie", &jar).send().await.expect(200).json();
    assert_eq!(me["email"], email("ada"));

    let note = client.post(&records("notes"), &json!({ "text": "from a page" })).header("cookie", &jar);
    for site in ["cross-site", "same-site"] {
        let refused = note.clone().header("sec-fetch-site", site).send().await.expect(403);
        assert_eq!(refused.problem(), "cross-site");
    }
    assert_eq!(
        note.clone().send().await.expect(403).problem(),
        "cross-site",
        "no word of where it comes from"
    );
    from_here(note.clone()).send().await.expect(201);
    let host = format!("http://{}", server.address());
    note.clone().header("origin", &host).send().await.expect(201);
    note.header("origin", "http://evil.example").send().await.expect(403);

    let refresh = client.request(Method::POST, "/v1/sessions/refresh").header("cookie", &jar);
    refresh.clone().header("sec-fetch-site", "cross-site").send().await.expect(403);
    let jar = cookies(&from_here(refresh).send().await.expect(200));
    let out = client.delete("/v1/sessions/current").header("cookie", &jar);
    from_here(out).send().await.expect(204);
    client.get("/v1/accounts/me").header("cookie", &jar).send().await.expect(401);
}

#[tokio::test]
async fn keys_are_rotated_under_use_and_nobody_is_logged_out() {
    let server = Server::with(Project::example(), &UNLIMITED);
    let client = server.client();
    sign_up(&client, "ada").await;
    let before = log_in(&client, "ada").await;
    let keys = async || {
        let jwks = client.get("/.well-known/jwks.json").send().await.expect(200).json();
        let keys = jwks["keys"].as_array().expect("there are keys").iter();
        keys.map(|key| text(&key["kid"]).to_owned()).collect::<Vec<_>>()
    };
    let old = keys().await;
    let rotated = server.run(&["keys", "rotate", "--json"]).succeeded().json();
    let new = text(&rotated["keys"][0]["kid"]).to_owned();
    assert_eq!((rotated["keys"][1]["kid"] == json!(old[0]), new == old[0]), (true, false));

    // Everybody goes on all the while, with tokens of either key, at the edge and at the origin.
    let mut session = log_in(&client, "ada").await;
    eventually("a token is signed with the new key", async || {
        session = refresh(&client, &session).await.expect(200).json();
        assert_eq!((me(&client, &session).await, me(&client, &before).await), (200, 200));
        let header = text(&session["access_token"]).split('.').next().unwrap_or_default();
        let header = data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).expect("it is base64url");
        String::from_utf8_lossy(&header).contains(&new)
    })
    .await;
    let published = keys().await;
    assert!(published.contains(&new) && published.contains(&old[0]), "{published:?}");
    let listed = server.run(&["keys", "list"]).succeeded();
    assert!(listed.out.contains(&new) && listed.out.contains(&old[0]), "{}", listed.out);
}
