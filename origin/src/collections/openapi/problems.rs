//! Problems: one response a status, with every code that goes with it.

use http::StatusCode;
use serde_json::{Map, Value, json};
use stepwell_shared::limits::FIELD_ERRORS_MAX;
use stepwell_shared::problem::{CONTENT_TYPE, Code, FieldError, Problem};

use super::components::schema;

/// The response to any request that is refused.
const ANY: &str = "Problem";

/// Refers to the response with this status.
pub(super) fn reference(status: StatusCode) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(status)) })
}

/// Refers to the response for every status that an operation does not name.
pub(super) fn default_reference() -> Value {
    json!({ "$ref": format!("#/components/responses/{ANY}") })
}

/// Every response, by name.
pub(super) fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    for code in Code::ALL {
        let status = code.status();
        responses.entry(name(status)).or_insert_with(|| response(status));
    }
    let description = "Another problem: a request of a wrong form, one that is shed, or a failure.";
    let content = json!({ CONTENT_TYPE: { "schema": schema("Problem") } });
    responses.insert(ANY.to_owned(), json!({ "description": description, "content": content }));
    responses
}

/// The schemas of the body.
pub(super) fn schemas() -> [(&'static str, Value); 2] {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.slug()).collect();
    let problem = json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "`urn:stepwell:problem:` and the code." },
            "title": { "type": "string", "description": "What the code means, in the same words each time." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "code": { "type": "string", "enum": codes, "description": "For programs; a code never changes its meaning." },
            "detail": { "type": "string", "description": "What happened this time and how to mend it." },
            "errors": { "type": "array", "items": schema("FieldError"), "minItems": 1, "maxItems": FIELD_ERRORS_MAX },
        },
    });
    let error = json!({
        "type": "object",
        "description": "One value of the request that is wrong.",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": { "type": "string", "format": "json-pointer", "description": "Where in the body (RFC 6901)." },
            "code": { "type": "string", "description": "The rule that is broken, for programs." },
            "detail": { "type": "string", "description": "The rule in words, with its bound." },
        },
    });
    [("Problem", problem), ("FieldError", error)]
}

/// `NotFound`: the reason phrase, as the name of a component.
fn name(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or(status.as_str()).split([' ', '-']).collect()
}

fn response(status: StatusCode) -> Value {
    let codes = || Code::ALL.iter().copied().filter(|code| code.status() == status);
    let meanings: Vec<String> = codes().map(|code| format!("`{}`: {}.", code.slug(), code.title())).collect();
    let examples = codes().map(|code| (code.slug().to_owned(), json!({ "value": example(code) })));
    let media = json!({ "schema": schema("Problem"), "examples": examples.collect::<Map<_, _>>() });
    let mut response = json!({ "description": meanings.join(" ") });
    let headers = headers(status);
    if !headers.is_empty() {
        response["headers"] = super::headers::references(headers);
    }
    response["content"] = json!({ CONTENT_TYPE: media });
    response
}

/// What goes with the problems of a status beside their body.
const fn headers(status: StatusCode) -> &'static [&'static str] {
    match status {
        StatusCode::UNAUTHORIZED => &["WWW-Authenticate"],
        StatusCode::METHOD_NOT_ALLOWED => &["Allow"],
        StatusCode::TOO_MANY_REQUESTS => &["Retry-After", "RateLimit-Policy", "RateLimit"],
        StatusCode::SERVICE_UNAVAILABLE => &["Retry-After"],
        _ => &[],
    }
}

fn example(code: Code) -> Value {
    let problem = match code {
        Code::Invalid => Problem::invalid(vec![FieldError {
            pointer: "/title".into(),
            code: "required".into(),
            detail: "is required and must not be null".into(),
        }]),
        other => other.into(),
    };
    serde_json::from_slice(&problem.to_json()).expect("a problem is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::openapi::headers::of_answers;

    #[test]
    fn who_has_asked_too_often_may_be_told_of_the_rate_and_is_told_when_to_come_back() {
        let (refused, headers) = (response(StatusCode::TOO_MANY_REQUESTS), of_answers());
        for (name, always) in [("Retry-After", true), ("RateLimit", false), ("RateLimit-Policy", false)] {
            assert!(refused["headers"].get(name).is_some(), "{name}");
            assert_eq!(headers[name]["required"], always, "{name}");
        }
        assert!(response(StatusCode::NOT_FOUND).get("headers").is_none());
    }
}
