//! The running server, asked with the operator's token.

use std::error::Error;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stepwell_shared::problem::FieldError;
use url::Url;

use super::Failure;
use crate::access::operator;
use crate::config::Config;
use crate::config::server::Role;

/// Hashing a password is what takes longest; no request takes a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server, and the operator's token.
pub struct Service {
    server: Url,
    token: SecretString,
}

/// What of a problem's body a person needs.
#[derive(Deserialize)]
struct Told {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

impl Service {
    /// The server of a configuration, or the one that was named.
    pub fn of(config: &Config, named: Option<&Url>) -> Result<Self, Failure> {
        let server = named.cloned().map_or_else(|| address(listener(config)), Ok)?;
        if server.scheme() != "http" {
            let fix = "name the operator's address (operator.listen), such as http://127.0.0.1:9090, from its machine or through a tunnel";
            return Err(Failure::refused(format!("{server} is not an http address"), fix));
        }
        Ok(Self { server, token: token(config)? })
    }

    /// Asks for something as the operator, and reads what came of it.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        self.send(self.request(method, path, body)?).await
    }

    /// The same for what anybody may ask. There a token must be an account's, if one is sent at all.
    pub async fn ask_as_anybody<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let mut request = self.request(method, path, Some(body))?;
        request.headers_mut().remove(AUTHORIZATION);
        self.send(request).await
    }

    async fn send<T: DeserializeOwned>(&self, request: Request<Full<Bytes>>) -> Result<T, Failure> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let answer = async {
            let (head, body) =
                client.request(request).await.map_err(|error| root_cause(&error))?.into_parts();
            let body = body.collect().await.map_err(|error| root_cause(&error))?;
            Ok::<_, String>((head.status, body.to_bytes()))
        };
        let nothing = |why: &str| {
            let fix = "start it with `stepwell serve` or `stepwell edge`, or name it with --server http://ADDRESS:PORT";
            Failure::refused(format!("no server answers at {}: {why}", self.server), fix)
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await.map_err(|_| nothing("it took too long"))?;
        let (status, body) = answer.map_err(|error| nothing(&error))?;
        read(status, &body)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let malformed = |error: &dyn std::fmt::Display| {
            Failure::refused(
                format!("the request cannot be made: {error}"),
                "check --server and the operator's token",
            )
        };
        let url = self.server.join(path).map_err(|error| malformed(&error))?;
        let bearer = format!("Bearer {}", self.token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|error| malformed(&error))?;
        bearer.set_sensitive(true);
        let request = Request::builder().method(method).uri(url.as_str()).header(AUTHORIZATION, bearer);
        let Some(body) = body else {
            return request.body(Full::default()).map_err(|error| malformed(&error));
        };
        let body = serde_json::to_vec(body).map_err(|error| malformed(&error))?;
        let request = request.header(CONTENT_TYPE, "application/json");
        request.body(Full::from(body)).map_err(|error| malformed(&error))
    }
}

/// Who takes the operator's requests: `serve` on both its addresses, where clients speak plain HTTP; else the operator's
/// alone. At an `edge` every path of the other is its origin's, `serve` without the role of an edge opens it to edges, and
/// under TLS only a client that trusts the certificate's authority, by a name in it, could ask there.
fn listener(config: &Config) -> SocketAddr {
    let server = &config.server;
    if config.edge.origin.url.is_some() || !server.roles.contains(&Role::Edge) || server.tls.is_some() {
        config.operator.listen
    } else {
        server.listen
    }
}

/// Where the configured server is reached from this machine.
fn address(listen: SocketAddr) -> Result<Url, Failure> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let url = Url::parse(&format!("http://{}", SocketAddr::new(host, listen.port())));
    url.ok().filter(|_| listen.port() != 0).ok_or_else(|| {
        Failure::refused(
            "the configured address lets the system choose the port, so it is not known here",
            "name the server, as it printed its address, with --server http://ADDRESS:PORT",
        )
    })
}

/// The configured token, or the one that `serve` made in the data folder.
fn token(config: &Config) -> Result<SecretString, Failure> {
    if let Some(token) = &config.operator.token {
        return Ok(token.clone());
    }
    let file = config.data.folder.join(operator::FILE);
    fs::read_to_string(&file).map(|token| token.trim().to_owned().into()).map_err(|error| {
        Failure::refused(
            format!("there is no operator's token: {}: {error}", file.display()),
            "name the server's data folder with --data, or set STEPWELL_OPERATOR_TOKEN; `stepwell serve` makes a token at its first start, `stepwell edge` must be given one",
        )
    })
}

/// The innermost error says what happened: `Connection refused`.
fn root_cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Failure> {
    if status.is_success()
        && let Ok(answer) = serde_json::from_slice(body)
    {
        return Ok(answer);
    }
    let Ok(told) = serde_json::from_slice::<Told>(body) else {
        let fix = "name a Stepwell server with --server http://ADDRESS:PORT";
        return Err(Failure::refused(format!("what answers is no Stepwell server: it said {status}"), fix));
    };
    let fix = match status {
        StatusCode::UNAUTHORIZED => {
            "name the server's data folder with --data, or set STEPWELL_OPERATOR_TOKEN"
        }
        StatusCode::SERVICE_UNAVAILABLE => "try again in a moment; nothing was changed",
        _ if status.is_client_error() => "mend what it names; nothing was changed",
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
    use stepwell_shared::api::purges::{PurgeCommand, PurgeOutcome};
    use stepwell_shared::problem::{Code, Problem};

    fn refused(status: StatusCode, body: &[u8]) -> String {
        read::<PurgeOutcome>(status, body).unwrap_err().to_string()
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
        let service = Service { server, token: "token".into() };
        let command = PurgeCommand::default();
        let asked = service.ask::<PurgeOutcome>(Method::POST, "/v1/purges", Some(&command)).await;
        let failure = asked.unwrap_err().to_string();
        assert!(failure.contains("`stepwell serve`"), "{failure}");
    }

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        let url = |listen: &str| address(listen.parse().unwrap()).map(String::from);
        assert_eq!(url("0.0.0.0:8080").unwrap(), "http://127.0.0.1:8080/");
        assert_eq!(url("[::]:80").unwrap(), "http://[::1]/");
        assert_eq!(url("10.0.0.1:8080").unwrap(), "http://10.0.0.1:8080/");
        assert!(url("127.0.0.1:0").unwrap_err().to_string().contains("--server"));
    }

    #[test]
    fn what_does_not_take_the_operators_requests_from_clients_is_asked_on_the_operators_address() {
        let port = |text: &str| listener(&crate::config::testing::configuration(text, &[])).port();
        assert_eq!(port(""), 8080);
        assert_eq!(port("[edge]\norigin = 'http://127.0.0.1:3000'"), 9090);
        assert_eq!(port("[server]\nroles = ['read', 'write', 'work']"), 9090);
        assert_eq!(port("[server]\ntls_certificate = 'chain.pem'\ntls_key = 'key.pem'"), 9090);
    }
}
