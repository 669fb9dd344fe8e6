//! A connection of HTTP/1, in clear or inside TLS.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::CONNECTION;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use stepwell_shared::limits::{DRAIN_IDLE_MS, HEADER_BYTES_MAX, HEADERS_MAX};

use super::patience::Patience;
use super::settings::Limits;
use super::stream::{Pulse, Watched};
use super::{Accepted, Shared, Stream};
use crate::connection::Connection;
use crate::interim;
use crate::requests::handle;

/// What a client hears that finds no place. A problem as `shared` makes them, and written by hand since there is no
/// connection that could be asked.
pub(super) const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    cache-control: private, no-store\r\n\
    retry-after: 1\r\n\
    connection: close\r\n\
    content-length: 146\r\n\r\n\
    {\"type\":\"urn:stepwell:problem:overloaded\",\"title\":\"Too much is going on; try again later\",\"status\":503,\
    \"code\":\"overloaded\",\"detail\":\"connections\"}";

/// What every connection begins with.
pub(super) fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder.header_read_timeout(limits.idle_timeout).max_headers(HEADERS_MAX).max_buf_size(HEADER_BYTES_MAX);
    builder
}

/// Serves a connection to its end.
pub(super) async fn serve(shared: Shared, accepted: Accepted, stream: impl Stream) {
    let Shared { edge, limits, log, proxies, phases, mut http1 } = shared;
    let pulse = Pulse::default();
    http1.timer(Patience::new(pulse.clone(), limits.header_timeout));
    let stream = Watched::new(stream, pulse, limits.stall_timeout);
    let (stream, interims) = interim::over(TokioIo::new(stream));
    let connection = Arc::new(Connection {
        peer: accepted.peer,
        is_secure: accepted.is_secure,
        interims: Some(interims),
        limits,
        log,
        proxies,
    });
    let service = service_fn(|request| {
        let answering = handle(edge.inner.clone(), connection.clone(), request);
        let phases = &phases;
        async move {
            let mut answer = answering.await;
            if let Ok(answer) = &mut answer
                && phases.is_leaving()
            {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            answer
        }
    });
    let connection = async {
        let mut connection = pin!(http1.serve_connection(stream, service));
        tokio::select! {
            biased;
            ended = &mut connection => return ended,
            () = phases.closing() => {}
        }
        // To close a connection that rests cuts off a request that is on its way. Whoever sends one now is told with
        // the answer that it was the last, and whoever sends none in all this time has nothing on its way.
        tokio::select! {
            biased;
            ended = &mut connection => return ended,
            () = tokio::time::sleep(Duration::from_millis(DRAIN_IDLE_MS)) => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Some(Err(error)) = phases.until_over(connection).await {
        tracing::debug!(peer = %accepted.peer, %error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use stepwell_shared::problem::{Code, Problem};

    use super::*;

    #[test]
    fn what_is_said_without_a_connection_is_a_problem_like_all_others() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.as_bytes(), Problem::new(Code::Overloaded, "connections").to_json());
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        assert!(head.starts_with(&format!("HTTP/1.1 {}", Code::Overloaded.status())));
    }
}
