//! Header fields that requests and answers share, each described once.

use serde_json::{Map, Value, json};
use stepwell_shared::headers::BOOKMARK_COOKIE;
use stepwell_shared::limits::IDEMPOTENCY_KEY_BYTES_MAX;

use super::components::schema;
use super::example;

/// Makes later requests include what the caller has seen.
pub(super) const BOOKMARK: &str = "bookmark";
/// Asks for the body only where it has changed.
pub(super) const IF_NONE_MATCH: &str = "if_none_match";
/// Changes only the version that was read.
pub(super) const IF_MATCH: &str = "if_match";
/// Makes a create safe to repeat.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// Refers to a header of an answer, by its name.
pub(super) fn references(names: &[&str]) -> Value {
    let reference =
        |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    names.iter().map(reference).collect::<Map<_, _>>().into()
}

/// Headers that what names them may have or not: it repeats nothing, or no rate was exceeded but another limit.
const OPTIONAL: [&str; 3] = ["Idempotency-Replayed", "RateLimit-Policy", "RateLimit"];

/// The headers of answers, by name. Whatever names another than [`OPTIONAL`] has it each time.
pub(super) fn of_answers() -> Value {
    let mut headers = described();
    for (name, header) in headers.as_object_mut().into_iter().flatten() {
        header["required"] = (!OPTIONAL.contains(&name.as_str())).into();
    }
    headers
}

fn described() -> Value {
    let text = |description: &str, example: &str| json!({ "description": description, "schema": { "type": "string" }, "example": example });
    json!({
        "ETag": text("A strong validator of the body.", example::ETAG),
        "Location": text("Where what was created can be read.", "/v1/accounts/me"),
        "Stepwell-Bookmark": {
            "description": format!(
                "The log position of this write. Send it with later requests, and they are not served anything older; \
                 browsers do so by the cookie `{BOOKMARK_COOKIE}`, which is set alike."
            ),
            "schema": schema("Bookmark"),
        },
        "Cache-Status": text("What the edge did, and why (RFC 9211).", "stepwell; hit; ttl=599"),
        "Idempotency-Replayed": {
            "description": "Says that this is the answer to an earlier request with the same `Idempotency-Key`.",
            "schema": { "type": "string", "const": "true" },
        },
        "WWW-Authenticate": { "description": "How to authenticate.", "schema": { "type": "string", "const": "Bearer" } },
        "Retry-After": { "description": "Seconds until another try is worth it.", "schema": { "type": "integer" } },
        "RateLimit-Policy": text(
            "How often one client may ask, and within how many seconds (draft-ietf-httpapi-ratelimit-headers). Other answers that \
             count against it may have it as well.",
            "\"writes\";q=5000;w=10",
        ),
        "RateLimit": text(
            "How many more requests may come at once, and in how many seconds there will be one more.",
            "\"writes\";r=0;t=1",
        ),
        "Allow": text("The methods that the path has.", "GET,HEAD,POST"),
    })
}

/// Visible ASCII and spaces but quotes and backslashes, in quotes or without; without them no space is at either end.
fn idempotency_key() -> String {
    let most = IDEMPOTENCY_KEY_BYTES_MAX;
    let (any, visible) = (r"[ !#-\[\]-~]", r"[!#-\[\]-~]");
    format!(r#"^("{any}{{1,{most}}}"|{visible}({any}{{0,{}}}{visible})?)$"#, most - 2)
}

/// The header parameters of requests, by the name of the component.
pub(super) fn of_requests() -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "description": description, "schema": schema });
    json!({
        BOOKMARK: header(
            "Stepwell-Bookmark",
            "As a write answered it: nothing older is served.",
            schema("Bookmark"),
        ),
        IF_NONE_MATCH: header(
            "If-None-Match",
            "ETags of bodies that the client has: 304 answers for any of them.",
            json!({ "type": "string" }),
        ),
        IF_MATCH: header(
            "If-Match",
            "The ETag of the record as it was read; another version is not touched.",
            json!({ "type": "string" }),
        ),
        IDEMPOTENCY_KEY: header(
            "Idempotency-Key",
            "A value that no other request of the caller has, such as a UUID, with or without quotes. A repeat of the \
             request gets the first one's answer, and nothing is done twice.",
            json!({ "type": "string", "pattern": idempotency_key() }),
        ),
    })
}
