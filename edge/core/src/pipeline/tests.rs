use super::*;
use crate::authenticate::NoMemory;
use crate::cache::purge_log::PurgeLog;
use crate::cors::OtherOrigins;
use http::{Request, StatusCode};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::{Parameter, Route, RouteTable, Verb};

fn edge() -> Edge {
    let list = vec![Parameter::named("limit"), Parameter::named("filter[topic]")];
    let router = Router::new(RouteTable {
        routes: vec![
            Route::at("/open").with_parameters(Verb::Get, Access::Anyone, Class::Public, list).with(
                Verb::Post,
                Access::SignedIn,
                Class::NoStore,
            ),
            Route::at("/mine").with(Verb::Get, Access::SignedIn, Class::NoStore),
            Route::at("/raw").with(Verb::Get, Access::Anyone, Class::Pass),
            Route::at("/operate").with(Verb::Post, Access::Operator, Class::NoStore),
        ],
        any_other: false,
    });
    let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
    Edge { router: router.unwrap(), authenticator, http: Options::default() }
}

fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target).header("host", "a");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn status(method: &str, target: &str, headers: &[(&str, &str)]) -> StatusCode {
    match edge().receive(
        &head(method, target, headers),
        &NoMemory,
        &PurgeLog::new(1, 1, 1),
        Timestamp::from_ms(0),
    ) {
        Received::Answer(answer) => answer.status(),
        Received::Forward(_) => StatusCode::CONTINUE,
        Received::LookUp(_) => StatusCode::PROCESSING,
        Received::Http(_) => StatusCode::EARLY_HINTS,
    }
}

#[test]
fn each_class_takes_its_way() {
    assert_eq!(status("GET", "/open?limit=3", &[]), StatusCode::PROCESSING);
    assert_eq!(status("HEAD", "/open", &[]), StatusCode::PROCESSING);
    // Who asks is not looked at where everybody gets the same.
    assert_eq!(status("GET", "/open", &[("authorization", "Bearer bad")]), StatusCode::PROCESSING);
    assert_eq!(status("GET", "/raw", &[]), StatusCode::CONTINUE);
    assert_eq!(status("POST", "/operate", &[("authorization", "Bearer operator")]), StatusCode::CONTINUE);
    assert_eq!(status("GET", "/mine", &[]), StatusCode::UNAUTHORIZED);
    assert_eq!(status("POST", "/open", &[("authorization", "Bearer bad")]), StatusCode::UNAUTHORIZED);
}

#[test]
fn another_sites_page_changes_nothing_with_cookies() {
    let cookie = ("cookie", "__Host-stepwell-access=x.y.z");
    let cross = ("sec-fetch-site", "cross-site");
    assert_eq!(status("POST", "/open", &[cookie, cross]), StatusCode::FORBIDDEN);
    assert_eq!(status("POST", "/open", &[cookie]), StatusCode::FORBIDDEN);
    // It passes, and the cookie then is as good as none.
    let same = ("sec-fetch-site", "same-origin");
    assert_eq!(status("POST", "/open", &[cookie, same]), StatusCode::UNAUTHORIZED);
    assert_eq!(status("GET", "/mine", &[cookie, cross]), StatusCode::UNAUTHORIZED);
    // A token that a page wrote itself is no browser's doing.
    let bearer = ("authorization", "Bearer swk_x");
    assert_eq!(status("POST", "/open", &[cookie, cross, bearer]), StatusCode::CONTINUE);
}

#[test]
fn a_preflight_is_answered_from_the_table_for_pages_that_may_read() {
    let mut edge = edge();
    edge.router = edge.router.open_to(OtherOrigins { readers: vec!["https://a".into()], trusted: vec![] });
    let methods = |origin, asks: &[(&str, &str)]| {
        let fields: Vec<_> = asks.iter().copied().chain([("origin", origin)]).collect();
        let head = head("OPTIONS", "/open", &fields);
        let received = edge.receive(&head, &NoMemory, &PurgeLog::new(1, 1, 1), Timestamp::from_ms(0));
        let Received::Answer(answer) = received else { panic!("{received:?}") };
        assert_eq!(answer.headers()["allow"], "GET, HEAD, POST, OPTIONS");
        let methods = answer.headers().get("access-control-allow-methods");
        methods.map(|methods| methods.to_str().unwrap().to_owned())
    };
    let preflight = ("access-control-request-method", "POST");
    assert_eq!(methods("https://a", &[preflight]).unwrap(), "GET, HEAD, POST, OPTIONS");
    assert_eq!(methods("https://b", &[preflight]), None);
    assert_eq!(methods("https://a", &[]), None);
}

#[test]
fn what_the_table_does_not_know_is_answered_here() {
    assert_eq!(status("GET", "/none", &[]), StatusCode::NOT_FOUND);
    assert_eq!(status("DELETE", "/open", &[]), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status("OPTIONS", "/open", &[]), StatusCode::NO_CONTENT);
    assert_eq!(status("GET", "/open?utm=1", &[]), StatusCode::BAD_REQUEST);
    assert_eq!(status("GET", "/open/../mine", &[]), StatusCode::BAD_REQUEST);
    assert_eq!(status("GET", "/open", &[("stepwell-bookmark", "?")]), StatusCode::BAD_REQUEST);
    assert_eq!(status("GET", "/open", &[("host", "b")]), StatusCode::BAD_REQUEST);
}

#[test]
fn a_table_may_leave_what_it_does_not_know_to_its_origin() {
    let mut table = RouteTable::any_origin();
    table.routes.push(Route::at("/mine").with(Verb::Get, Access::SignedIn, Class::NoStore));
    let mut edge = edge();
    edge.router = Router::new(table).unwrap();
    let is_http = |method, target| {
        let head = head(method, target, &[]);
        matches!(
            edge.receive(&head, &NoMemory, &PurgeLog::new(1, 1, 1), Timestamp::from_ms(0)),
            Received::Http(_)
        )
    };
    assert!(is_http("GET", "/none") && is_http("M-SEARCH", "/a/../%2e") && is_http("OPTIONS", "*"));
    // Another spelling of a route's path is no way round its rule.
    assert!(!is_http("GET", "/mine") && !is_http("GET", "/%6dine") && !is_http("PUT", "/mine"));
}
