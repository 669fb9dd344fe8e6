//! The parts that operations refer to.

use serde_json::{Map, Value, json};
use stepwell_shared::credentials::ACCESS_COOKIE;

use super::record;
use super::{
    accounts, answers, batch, example, headers, keys, managed, problems, purges, query, service, sessions,
};
use crate::collections::collection::Collections;

/// The parameter of paths that end in an id.
pub(super) const ID: &str = "id";

/// The form of ids, as a regular expression.
pub(super) const ID_PATTERN: &str = "^[0-7][0-9a-hjkmnp-tv-z]{12}$";

/// Refers to a schema.
pub(super) fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Refers to a parameter.
pub(super) fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// The Components Object.
pub(super) fn components(collections: &Collections, password_characters_min: usize) -> Value {
    json!({
        "schemas": schemas(collections, password_characters_min),
        "responses": responses(),
        "parameters": parameters(),
        "headers": headers::of_answers(),
        "securitySchemes": {
            "account": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `access_token` that `POST /v1/sessions` answers, or an API key (`POST /v1/keys`) where its scopes \
                    suffice. One that is sent must be good, also where none is needed.",
            },
            "browser": {
                "type": "apiKey",
                "in": "cookie",
                "name": ACCESS_COOKIE,
                "description": "The cookie that `POST /v1/sessions` sets when it is asked for `cookies`. A change that comes \
                    with it must come from a page of this site, as `Sec-Fetch-Site` or `Origin` says.",
            },
            "operator": {
                "type": "http",
                "scheme": "bearer",
                "description": "The operator's token: what `operator.token` configures, or the file `operator.token` in \
                    the data folder.",
            },
        },
    })
}

fn schemas(collections: &Collections, password_characters_min: usize) -> Map<String, Value> {
    let of_collections = collections.values().flat_map(|collection| record::schemas(collection, collections));
    let ours = basic()
        .into_iter()
        .chain(problems::schemas())
        .chain(accounts::schemas(password_characters_min))
        .chain(sessions::schemas())
        .chain(keys::schemas(collections))
        .chain(managed::schemas())
        .chain(batch::schemas(collections))
        .chain(purges::schemas(collections))
        .chain(service::schemas());
    of_collections.chain(ours.map(|(name, schema)| (name.to_owned(), schema))).collect()
}

fn basic() -> [(&'static str, Value); 2] {
    let id = json!({
        "type": "string",
        "description": "63 bits in Crockford's base 32, in lower case. Ids sort by the time at which they were made.",
        "pattern": ID_PATTERN,
        "examples": [example::ID],
    });
    let bookmark = json!({
        "type": "string",
        "description": "A position in the purge log.",
        "pattern": "^[0-9a-f]{1,8}-[0-9a-f]{1,16}$",
        "examples": [example::BOOKMARK],
    });
    [("Id", id), ("Bookmark", bookmark)]
}

fn responses() -> Map<String, Value> {
    let mut responses = problems::responses();
    responses.insert("NotModified".to_owned(), answers::not_modified_response());
    responses
}

fn parameters() -> Value {
    let mut parameters = headers::of_requests();
    parameters[ID] = json!({ "name": "id", "in": "path", "required": true, "schema": schema("Id") });
    for (name, parameter) in query::shared() {
        parameters[name] = parameter;
    }
    parameters
}
