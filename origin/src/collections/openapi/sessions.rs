//! Sessions: signing in, staying signed in, signing out.

use serde_json::{Value, json};
use stepwell_shared::problem::Code;

use super::accounts::{self, TAG};
use super::components::{parameter, schema};
use super::headers::BOOKMARK;
use super::operation::{Operation, Token};
use super::{At, answers, bodies, example};

/// Every operation.
pub(super) fn operations() -> Vec<At> {
    let sessions = || "/v1/sessions".to_owned();
    vec![
        (sessions(), "post", log_in()),
        (sessions(), "get", list()),
        (sessions(), "delete", log_out_everywhere()),
        ("/v1/sessions/refresh".to_owned(), "post", refresh()),
        ("/v1/sessions/current".to_owned(), "delete", log_out()),
    ]
}

/// Every schema, by name.
pub(super) fn schemas() -> [(&'static str, Value); 4] {
    let log_in = json!({
        "type": "object",
        "required": ["email", "password"],
        "properties": {
            "email": { "type": "string" },
            "password": { "type": "string", "format": "password", "writeOnly": true },
            "cookies": {
                "type": "boolean",
                "default": false,
                "description": "Whether the tokens are to be cookies, which the browser keeps from scripts, instead of \
                    members of the answer.",
            },
        },
        "additionalProperties": false,
    });
    let refresh = json!({
        "type": "object",
        "properties": { "refresh_token": { "type": "string", "writeOnly": true } },
        "additionalProperties": false,
    });
    [("LogIn", log_in), ("Refresh", refresh), ("Session", session()), ("OpenSessions", open_sessions())]
}

fn session() -> Value {
    let seconds = |what: &str| json!({ "type": "integer", "minimum": 0, "description": format!("Seconds until the {what} token is refused.") });
    json!({
        "type": "object",
        "description": "The tokens are not members of what a browser gets: they are cookies.",
        "required": ["expires_in", "refresh_expires_in", "account"],
        "properties": {
            "access_token": { "type": "string", "description": "For `Authorization: Bearer …`." },
            "refresh_token": { "type": "string", "description": "For `POST /v1/sessions/refresh`, once." },
            "token_type": { "type": "string", "const": "Bearer" },
            "expires_in": seconds("access"),
            "refresh_expires_in": seconds("refresh"),
            "account": schema("Account"),
        },
    })
}

fn open_sessions() -> Value {
    let time = || json!({ "type": "string", "format": "date-time" });
    let session = json!({
        "type": "object",
        "required": ["id", "carrier", "user_agent", "created", "last_used", "expires", "current"],
        "properties": {
            "id": schema("Id"),
            "carrier": { "type": "string", "enum": ["token", "cookie"], "description": "A program's tokens, or a browser's cookies." },
            "user_agent": { "type": "string", "description": "The beginning of its client's `User-Agent`." },
            "created": time(),
            "last_used": time(),
            "expires": time(),
            "current": { "type": "boolean", "description": "Whether this request belongs to it." },
        },
    });
    json!({
        "type": "object",
        "required": ["items"],
        "properties": { "items": { "type": "array", "items": session } },
    })
}

/// The answer to whatever opens or renews a session.
pub(super) fn opened(description: &str) -> Value {
    let session = json!({
        "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
        "refresh_token": "swr_06n07szg00000_0PVFAcvWyBkCLIXuPMzbtlBNSMkFmXuqMSH_bqVFnBk_1uYh7RTgSwHtVdO1mo0UFiRcqYyN2Kri0MLgvqrTI8E",
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_expires_in": 2_592_000,
        "account": accounts::example(),
    });
    answers::written(description, &[], &schema("Session"), &session)
}

/// What bodies of the wrong form get where no value of theirs can be wrong.
const MALFORMED: [Code; 3] = [Code::BadRequest, Code::BodyTooLarge, Code::UnsupportedMediaType];

fn log_in() -> Operation {
    let credentials = json!({ "email": "ada@example.org", "password": "correct horse battery" });
    let mut session = opened("The session.");
    session["links"] = json!({
        "refresh": {
            "operationId": "refresh",
            "requestBody": { "refresh_token": "$response.body#/refresh_token" },
        },
    });
    Operation::new("log_in", TAG, Token::None, "Signs in")
        .describe(
            "A wrong password and an account that does not exist get the same answer. With `cookies` the tokens are the \
             cookies `__Host-stepwell-access` and `__Host-stepwell-refresh`; browsers take them over TLS, and from \
             `http://localhost`.",
        )
        .takes([parameter(BOOKMARK)])
        .body(bodies::json_body(&schema("LogIn"), &credentials))
        .answers(200, session)
        .refuses(&MALFORMED)
        .refuses(&[Code::WrongCredentials, Code::Forbidden])
}

fn refresh() -> Operation {
    let mut body = bodies::json_body(&schema("Refresh"), &json!({ "refresh_token": "swr_…" }));
    body["required"] = false.into();
    Operation::new("refresh", TAG, Token::None, "Exchanges a refresh token for the next pair")
        .describe(
            "Each refresh token is good once. One that comes again after it was exchanged is in two hands: its session \
             ends, and every access token of the account is refused. A client that lost the answer may repeat the \
             request for ten seconds and gets the same refresh token. A browser sends no body, since its cookie says all.",
        )
        .body(body)
        .answers(200, opened("The session, with its next tokens."))
        .refuses(&MALFORMED)
        .refuses(&[Code::Unauthenticated, Code::CrossSite])
}

fn list() -> Operation {
    let session = json!({
        "id": example::ID,
        "carrier": "token",
        "user_agent": "curl/8.14.1",
        "created": example::TIME,
        "last_used": example::TIME,
        "expires": "2026-12-23T19:00:00.000Z",
        "current": true,
    });
    let sessions = json!({ "items": [session] });
    Operation::new("list_sessions", TAG, Token::Account, "Shows where the caller is signed in")
        .takes([parameter(BOOKMARK)])
        .answers(200, answers::private("The sessions.", &schema("OpenSessions"), &sessions))
        .refuses(&[Code::Unauthenticated])
}

fn log_out() -> Operation {
    Operation::new("log_out", TAG, Token::Account, "Signs out")
        .describe("The session ends; its access tokens are refused everywhere within a second.")
        .answers(204, answers::removed("The session has ended."))
        .refuses(&[Code::Unauthenticated, Code::CrossSite])
}

fn log_out_everywhere() -> Operation {
    Operation::new("log_out_everywhere", TAG, Token::Account, "Signs out everywhere")
        .describe(
            "Every session of the account ends; all its access tokens are refused everywhere within a second. API keys \
             stay.",
        )
        .answers(204, answers::removed("Every session has ended."))
        .refuses(&[Code::Unauthenticated, Code::CrossSite])
}
