//! The command, sent to a running server.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use stepwell_shared::api::purges::{PurgeCommand, PurgeOutcome};
use stepwell_shared::problem::FieldError;
use url::Url;

use crate::cli::Failure;

/// A purge is a write and a dry run asks the edges; neither takes a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// What of a problem's body a person needs.
#[derive(Deserialize)]
struct Told {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

/// Sends the command and reads what came of it.
pub(super) async fn send(
    server: &Url,
    token: &SecretString,
    command: &PurgeCommand,
) -> Result<PurgeOutcome, Failure> {
    if server.scheme() != "http" {
        let fix = "name the server's own address, such as http://127.0.0.1:8080, from its machine or through a tunnel";
        return Err(Failure::refused(format!("{server} is not an http address"), fix));
    }
    let request = request(server, token, command)?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = async {
        let (head, body) = client.request(request).await.map_err(|error| root_cause(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| root_cause(&error))?;
        Ok::<_, String>((head.status, body.to_bytes()))
    };
    let nothing = |why: &str| {
        let fix =
            "start it with `stepwell serve` or `stepwell edge`, or name it with --server http://ADDRESS:PORT";
        Failure::refused(format!("no server answers at {server}: {why}"), fix)
    };
    let answer = tokio::time::timeout(PATIENCE, answer).await.map_err(|_| nothing("it took too long"))?;
    let (status, body) = answer.map_err(|error| nothing(&error))?;
    read(status, &body)
}

fn request(
    server: &Url,
    token: &SecretString,
    command: &PurgeCommand,
) -> Result<Request<Full<Bytes>>, Failure> {
    let malformed = |error: &dyn std::fmt::Display| {
        Failure::refused(
            format!("the request cannot be made: {error}"),
            "check --server and the operator's token",
        )
    };
    let url = server.join("/v1/purges").map_err(|error| malformed(&error))?;
    let body = serde_json::to_vec(command).map_err(|error| malformed(&error))?;
    let bearer = format!("Bearer {}", token.expose_secret());
    let mut bearer = HeaderValue::try_from(bearer).map_err(|error| malformed(&error))?;
    bearer.set_sensitive(true);
    let request =
        Request::post(url.as_str()).header(CONTENT_TYPE, "application/json").header(AUTHORIZATION, bearer);
    request.body(Full::from(body)).map_err(|error| malformed(&error))
}

/// The innermost error says what happened: `Connection refused`.
fn root_cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}

fn read(status: StatusCode, body: &[u8]) -> Result<PurgeOutcome, Failure> {
    if status == StatusCode::OK
        && let Ok(outcome) = serde_json::from_slice(body)
    {
        return Ok(outcome);
    }
    let Ok(told) = serde_json::from_slice::<Told>(body) else {
        let fix = "name a Stepwell server with --server http://ADDRESS:PORT";
        return Err(Failure::refused(format!("what answers is no Stepwell server: it said {status}"), fix));
    };
    let fix = match status {
        StatusCode::UNAUTHORIZED => {
            "name the server's data folder with --data, or set STEPWELL_OPERATOR_TOKEN"
        }
        StatusCode::SERVICE_UNAVAILABLE => "try again in a moment; nothing was purged",
        _ if status.is_client_error() => "mend what it names; nothing was purged",
        _ => "look at the server's log",
    };
    Err(Failure::refused(told.to_string(), fix))
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.errors.as_slice(), self.detail.as_str()) {
            ([], "") => f.write_str(&self.title),
            ([], detail) => write!(f, "{}: {detail}", self.title),
            (errors, _) => {
                let errors: Vec<_> = errors.iter().map(|e| format!("{}: {}", e.pointer, e.detail)).collect();
                write!(f, "{}: {}", self.title, errors.join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwell_shared::problem::{Code, Problem};

    fn refused(status: StatusCode, body: &[u8]) -> String {
        read(status, body).unwrap_err().to_string()
    }

    #[test]
    fn what_the_server_says_is_passed_on_with_a_fix() {
        let token = refused(StatusCode::UNAUTHORIZED, &Problem::from(Code::Unauthenticated).to_json());
        assert!(token.contains("STEPWELL_OPERATOR_TOKEN"), "{token}");
        let error =
            FieldError { pointer: "/paths/0".into(), code: "format".into(), detail: "is wrong".into() };
        let wrong = refused(StatusCode::UNPROCESSABLE_ENTITY, &Problem::invalid(vec![error]).to_json());
        assert!(wrong.contains("/paths/0: is wrong"), "{wrong}");
        assert!(refused(StatusCode::OK, b"<html>").contains("no Stepwell server"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_to_be_started() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let failure = send(&server, &"token".into(), &PurgeCommand::default()).await.unwrap_err().to_string();
        assert!(failure.contains("`stepwell serve`"), "{failure}");
    }
}
