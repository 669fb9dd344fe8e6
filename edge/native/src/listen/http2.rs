//! A connection of HTTP/2 (RFC 9113), inside TLS.

mod adopt;
mod streams;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use stepwell_edge_core::respond;
use stepwell_shared::limits::{
    HEADER_BYTES_MAX, HTTP2_ERRORS_MAX, HTTP2_PING_MS, HTTP2_RESETS_PENDING_MAX, HTTP2_SEND_BYTES_MAX,
    HTTP2_STREAMS_MAX,
};

use super::stream::{Pulse, Watched};
use super::{Accepted, Shared, Stream};
use crate::body::EdgeBody;
use crate::connection::Connection;
use crate::requests::handle;
use adopt::adopt;
use streams::Streams;

/// Serves a connection to its end.
pub(super) async fn serve(shared: Shared, accepted: Accepted, stream: impl Stream) {
    let Shared { edge, limits, log, proxies, phases, .. } = shared;
    let stream = TokioIo::new(Watched::new(stream, Pulse::default(), limits.stall_timeout));
    let (idle, stall) = (limits.idle_timeout, limits.stall_timeout);
    let connection = Arc::new(Connection {
        peer: accepted.peer,
        is_secure: accepted.is_secure,
        interims: None,
        limits,
        log,
        proxies,
    });
    let streams = Streams::new();
    let service = service_fn(|request| {
        let active = streams.begin();
        let (inner, connection) = (edge.inner.clone(), connection.clone());
        async move {
            let answer = match adopt(request) {
                Ok(request) => handle(inner, connection, request).await?,
                Err(problem) => respond::problem(&problem).map(EdgeBody::from),
            };
            Ok::<_, std::convert::Infallible>(answer.map(|body| active.until_sent(body)))
        }
    });
    let connection = async {
        let mut connection = pin!(builder().serve_connection(stream, service));
        tokio::select! {
            biased;
            ended = &mut connection => return ended,
            () = phases.closing() => {
                connection.as_mut().graceful_shutdown();
                return connection.await;
            }
            () = streams.idle_for(idle) => {}
            () = streams.abused() => {
                tracing::debug!(peer = %accepted.peer, "a client takes back its requests as fast as it sends them");
                return Ok(());
            }
        }
        connection.as_mut().graceful_shutdown();
        // Nothing is under way; a client that does not take its last answers has had the time for it.
        tokio::time::timeout(stall, connection).await.unwrap_or(Ok(()))
    };
    if let Some(Err(error)) = phases.until_over(connection).await {
        tracing::debug!(peer = %accepted.peer, %error, "a connection ended early");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let ping = Duration::from_millis(HTTP2_PING_MS);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(HTTP2_RESETS_PENDING_MAX)
        .max_local_error_reset_streams(HTTP2_ERRORS_MAX)
        .max_send_buf_size(HTTP2_SEND_BYTES_MAX)
        .keep_alive_interval(ping)
        .keep_alive_timeout(ping);
    builder
}
