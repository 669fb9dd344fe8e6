//! Requests to the origin.

use std::pin::pin;

use futures_util::future::{Either, select};
use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode, Uri};
use spin_sdk::wasip3::clocks::monotonic_clock::wait_for;
use spin_sdk::wasip3::http::client::send;
use spin_sdk::wasip3::http::types::{self, ErrorCode, Scheme};
use spin_sdk::wasip3::http_compat::IncomingResponseBody;
use spin_sdk::wasip3::spawn;
use stepwell_edge_portable::{Sent, Unanswered};
use stepwell_shared::limits::ORIGIN_TIMEOUT_MS;

use crate::body::{Streamed, Written};
use crate::header;

/// What WASI's clocks count in.
const NS_PER_MS: u64 = 1_000_000;

/// Where the origin is.
pub(crate) struct OriginUrl {
    is_secure: bool,
    authority: String,
}

impl OriginUrl {
    /// `None` where it is anything but a scheme and a host.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let url: Uri = text.parse().ok()?;
        let is_secure = match url.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = url.authority()?.as_str();
        let is_origin = url.path() == "/" && url.query().is_none() && !authority.contains('@');
        is_origin.then(|| Self { is_secure, authority: authority.to_owned() })
    }

    /// Its host, with its port where there is one.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Asks it, and waits for the head of its answer.
    pub(crate) async fn ask(
        &self,
        request: Request<Sent<Streamed>>,
    ) -> Result<Response<Streamed>, Unanswered> {
        let request = self.written(request).map_err(|error| broken(&error))?;
        let asking = pin!(send(request));
        let late = pin!(wait_for(ORIGIN_TIMEOUT_MS.saturating_mul(NS_PER_MS)));
        match select(asking, late).await {
            Either::Left((answer, _)) => answer.and_then(read).map_err(|error| broken(&error)),
            Either::Right(_) => Err(Unanswered::Late),
        }
    }

    fn written(&self, request: Request<Sent<Streamed>>) -> Result<types::Request, ErrorCode> {
        let (head, body) = request.into_parts();
        let Written { contents, trailers } = match body {
            Sent::Nothing | Sent::Streamed(Streamed::Nothing) => Written::nothing(),
            Sent::Streamed(body) => Written::of(body),
        };
        let headers = header::write(&head.headers)?;
        let (request, exchanged) = types::Request::new(headers, contents, trailers, None);
        // While somebody waits for its end, the exchange goes on; a host may take it for given up otherwise.
        spawn(async move {
            let _ = exchanged.await;
        });
        let invalid = |()| ErrorCode::HttpRequestUriInvalid;
        let scheme = if self.is_secure { Scheme::Https } else { Scheme::Http };
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        request.set_method(&(&head.method).into()).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
        request.set_scheme(Some(&scheme)).map_err(invalid)?;
        request.set_authority(Some(&self.authority)).map_err(invalid)?;
        request.set_path_with_query(Some(target)).map_err(invalid)?;
        Ok(request)
    }
}

fn broken(error: &ErrorCode) -> Unanswered {
    eprintln!("no answer from the origin: {error}");
    Unanswered::Broken
}

fn read(answer: types::Response) -> Result<Response<Streamed>, ErrorCode> {
    let status = StatusCode::from_u16(answer.get_status_code())
        .map_err(|_| ErrorCode::InternalError(Some("a status that is none".to_owned())))?;
    let headers = header::read(&answer.get_headers())?;
    let is_empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() == b"0");
    let body =
        if is_empty { Streamed::Nothing } else { Streamed::Answer(IncomingResponseBody::new(answer)?) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
