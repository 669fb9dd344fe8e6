//! What CloudFront must be told so that its key and lifetimes are ours: generated from the route table, in the form of
//! CloudFront's API (`CachePolicyConfig`, `OriginRequestPolicyConfig`, `ResponseHeadersPolicyConfig`, `CacheBehavior`).
//!
//! There are two kinds of behaviour. What everybody may read is found under its target and what its reader has seen, and
//! no function runs before the cache ([`Kind::Open`]). All else goes through [`crate::viewer_request`], which puts who
//! asks into the key ([`Kind::Decided`]); so does what no route names.

use serde::Serialize;
use serde_json::{Value, json};
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_shared::headers::{BOOKMARK, BOOKMARK_COOKIE, CACHE_TAG};
use stepwell_shared::routes::{Class, Route, RouteTable, Verb};

use crate::key::KEY;

/// One year, in seconds: the longest lifetime that [`stepwell_edge_core::cache::freshness`] believes.
const TTL_S_MAX: u64 = 365 * 24 * 3600;
/// Errors that CloudFront would keep for ten seconds if it were not told otherwise.
const ERRORS: [u16; 14] = [400, 403, 404, 405, 414, 416, 429, 500, 501, 502, 503, 504, 410, 412];

/// Everything that a distribution needs beside its domain names, certificates and functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policies {
    /// For [`Kind::Open`].
    pub open: Value,
    /// For [`Kind::Decided`].
    pub decided: Value,
    /// What reaches the origin's functions: the functions choose from it.
    pub origin_request: Value,
    /// What [`Kind::Decided`] answers say to caches behind CloudFront.
    pub decided_response: Value,
    /// What all others say to pages of other origins; `None` where no origin is configured.
    pub open_response: Option<Value>,
    /// The behaviours, in the order in which CloudFront tries them; the default one is [`Kind::Decided`].
    pub behaviours: Vec<Behaviour>,
    /// How long errors are kept: not at all, unless the origin says so.
    pub error_responses: Vec<Value>,
    /// The field whose tags an invalidation names.
    pub cache_tags: Value,
}

/// Paths that CloudFront treats alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Behaviour {
    /// CloudFront's pattern: `*` stands for anything.
    pub path_pattern: String,
    /// Which policies and functions.
    pub kind: Kind,
}

/// Whether a function decides before the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// No: everybody may read it.
    Open,
    /// Yes.
    Decided,
}

/// The policies for a table, under names that begin with `name`.
pub fn of(table: &RouteTable, other_origins: &OtherOrigins, name: &str) -> Policies {
    let bookmark = json!({"CookieBehavior": "whitelist", "Cookies": list(&[BOOKMARK_COOKIE])});
    let no_cookies = json!({"CookieBehavior": "none"});
    Policies {
        open: cache_policy(&format!("{name}-open"), BOOKMARK.as_str(), &bookmark),
        decided: cache_policy(&format!("{name}-decided"), KEY.as_str(), &no_cookies),
        origin_request: json!({
            "Name": format!("{name}-to-origin"),
            "Comment": "All that a viewer sends, for the functions to choose from",
            "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": list(&["host"])},
            "CookiesConfig": {"CookieBehavior": "all"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        }),
        decided_response: decided_response(other_origins, name),
        open_response: sharing(other_origins).map(|cors| {
            json!({"Name": format!("{name}-open"), "Comment": "Pages of other origins", "CorsConfig": cors})
        }),
        behaviours: behaviours(table),
        error_responses: ERRORS
            .iter()
            .map(|status| json!({"ErrorCode": status, "ErrorCachingMinTTL": 0}))
            .collect(),
        cache_tags: json!({"HeaderName": CACHE_TAG.as_str()}),
    }
}

/// The target in full, and one field more. CloudFront's own variants by encoding stay off: the origin's `Vary` forbids
/// storing.
fn cache_policy(name: &str, header: &str, cookies: &Value) -> Value {
    json!({
        "Name": name,
        "Comment": "Kept for as long as the function behind the cache says",
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": TTL_S_MAX,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": false,
            "EnableAcceptEncodingBrotli": false,
            "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": list(&[header])},
            "CookiesConfig": cookies,
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    })
}

/// CloudFront goes by `s-maxage`; whoever is behind it must not.
fn decided_response(other_origins: &OtherOrigins, name: &str) -> Value {
    let mut policy = json!({
        "Name": format!("{name}-decided"),
        "Comment": "What is for some alone is kept by no cache behind this one",
        "CustomHeadersConfig": {
            "Quantity": 1,
            "Items": [{"Header": "Cache-Control", "Value": "private, no-store", "Override": true}],
        },
        "RemoveHeadersConfig": {"Quantity": 1, "Items": [{"Header": CACHE_TAG.as_str()}]},
    });
    if let (Some(cors), Some(members)) = (sharing(other_origins), policy.as_object_mut()) {
        members.insert("CorsConfig".to_owned(), cors);
    }
    policy
}

fn sharing(other_origins: &OtherOrigins) -> Option<Value> {
    if other_origins.readers.is_empty() {
        return None;
    }
    let readers: Vec<&str> = other_origins.readers.iter().map(String::as_str).collect();
    Some(json!({
        "AccessControlAllowOrigins": list(&readers),
        // CloudFront says it for all of these or for none.
        "AccessControlAllowCredentials": readers.iter().all(|reader| other_origins.trusted.iter().any(|one| one == reader)),
        "AccessControlAllowHeaders": list(&["*"]),
        "AccessControlAllowMethods": list(&["ALL"]),
        "OriginOverride": false,
    }))
}

/// Open behaviours for what everybody may read. A pattern of CloudFront's may take in paths that the route does not
/// ([`crate::origin_request`] refuses them), but never one that a private route has.
fn behaviours(table: &RouteTable) -> Vec<Behaviour> {
    let (open, closed): (Vec<&Route>, Vec<&Route>) = table.routes.iter().partition(|route| is_open(route));
    let mut patterns: Vec<String> = open.iter().map(|route| pattern(route)).collect();
    patterns.retain(|pattern| !closed.iter().any(|route| takes_in(pattern, &route.pattern)));
    patterns.sort_unstable();
    patterns.dedup();
    patterns.into_iter().map(|path_pattern| Behaviour { path_pattern, kind: Kind::Open }).collect()
}

fn is_open(route: &Route) -> bool {
    let get = route.rules.iter().find(|rule| rule.verb == Verb::Get);
    get.is_some_and(|rule| {
        matches!(rule.class, Class::Public | Class::Immutable)
            && rule.parameters.iter().all(|parameter| parameter.private_values.is_empty())
    })
}

/// `/v1/collections/posts/records/{id}` as `/v1/collections/posts/records/*`.
fn pattern(route: &Route) -> String {
    let segments =
        route.pattern.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// Whether CloudFront's pattern matches some path of a route's.
fn takes_in(pattern: &str, route: &str) -> bool {
    let (mut pattern, mut route) = (pattern.split('/'), route.split('/'));
    loop {
        match (pattern.next(), route.next()) {
            // A star matches slashes as well.
            (None, None) | (Some("*"), Some(_)) => return true,
            (Some(one), Some(other)) if one == other || other.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn list(items: &[&str]) -> Value {
    json!({"Quantity": items.len(), "Items": items})
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwell_shared::routes::{Access, Parameter};

    fn table() -> RouteTable {
        let expand = Parameter { name: "expand".into(), private_values: vec!["secret".into()] };
        let records = |name: &str, class| {
            [
                Route::at(format!("/v1/{name}")).with(Verb::Get, Access::Anyone, class).with(
                    Verb::Post,
                    Access::SignedIn,
                    Class::NoStore,
                ),
                Route::at(format!("/v1/{name}/{{id}}")).with(Verb::Get, Access::Anyone, class),
            ]
        };
        let mut routes = [records("posts", Class::Public), records("notes", Class::Authorised)].concat();
        routes.push(Route::at("/v1/mixed").with_parameters(
            Verb::Get,
            Access::Anyone,
            Class::Public,
            vec![expand],
        ));
        routes.push(Route::at("/{page}").with(Verb::Get, Access::Anyone, Class::Public));
        RouteTable { routes, any_other: false }
    }

    #[test]
    fn only_what_everybody_may_read_goes_past_the_function() {
        let policies = of(&table(), &OtherOrigins::default(), "stepwell");
        let open: Vec<&str> =
            policies.behaviours.iter().map(|behaviour| behaviour.path_pattern.as_str()).collect();
        // `/*` would take in the notes, and an expansion may be for one alone.
        assert_eq!(open, ["/v1/posts", "/v1/posts/*"]);
    }

    #[test]
    fn keys_hold_the_target_and_what_decides_beside_it() {
        let policies = of(&table(), &OtherOrigins::default(), "stepwell");
        for (policy, header) in [(&policies.open, "stepwell-bookmark"), (&policies.decided, "stepwell-key")] {
            let key = &policy["ParametersInCacheKeyAndForwardedToOrigin"];
            assert_eq!(key["QueryStringsConfig"]["QueryStringBehavior"], "all");
            assert_eq!(key["HeadersConfig"]["Headers"]["Items"], json!([header]));
            assert_eq!((&policy["MinTTL"], &policy["DefaultTTL"]), (&json!(0), &json!(0)));
        }
    }

    #[test]
    fn pages_of_other_origins_read_where_they_may() {
        let quiet = of(&table(), &OtherOrigins::default(), "stepwell");
        assert_eq!((quiet.open_response, quiet.decided_response.get("CorsConfig")), (None, None));
        let app = || vec!["https://app.example".to_owned()];
        let shared = of(&table(), &OtherOrigins { readers: app(), trusted: Vec::new() }, "stepwell");
        let cors = &shared.open_response.unwrap()["CorsConfig"];
        assert_eq!(cors["AccessControlAllowOrigins"]["Items"], json!(app()));
        assert_eq!(cors["AccessControlAllowCredentials"], json!(false));
        assert_eq!(shared.decided_response["CustomHeadersConfig"]["Items"][0]["Value"], "private, no-store");
    }
}
