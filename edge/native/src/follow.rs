//! Following the origin's purge log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use stepwell_shared::api::purges::{CensusAnswer, CensusQuestion, LogLine, OLDEST_TOKEN, PurgePage};
use stepwell_shared::limits::ORIGIN_CONNECT_TIMEOUT_MS;

use crate::Inner;
use crate::body::{Body, BodyError, whole};
use crate::briefing::{self, NotTold};
use crate::upstream::EdgesOwn;

/// Between two attempts to reach the log.
const RETRY: Duration = Duration::from_millis(100);
/// Between two lines of the log that say that the origin's is lost: an origin that is away is tried often.
const WARNING_EVERY: Duration = Duration::from_mins(1);
/// How long the stream may take to begin: a connection is made, and the origin answers at once. What waits longer would
/// wait for ever on a connection whose other end is gone.
const BEGINNING_MAX: Duration = Duration::from_millis(2 * ORIGIN_CONNECT_TIMEOUT_MS);
/// Bytes of one line of the stream: a page of purges at its largest.
const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why a stream ended.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Unreachable(#[from] crate::upstream::UpstreamError),
    #[error("the origin knows no edge of this name with this key; name them in access.edges_file there")]
    Unknown,
    #[error("the origin answered {0}")]
    Refused(StatusCode),
    #[error(transparent)]
    NotTold(#[from] NotTold),
    #[error("the stream broke: {0}")]
    Broken(BodyError),
    #[error("the stream ended")]
    Ended,
    #[error("the stream fell silent")]
    Silent,
    #[error("a line cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("a line is over {LINE_BYTES_MAX} bytes")]
    Oversized,
}

/// Follows the log for ever.
pub(crate) async fn follow(inner: &Arc<Inner>) {
    let mut warned_at: Option<Instant> = None;
    loop {
        let Err(lost) = follow_once(inner).await;
        if warned_at.is_none_or(|at| at.elapsed() >= WARNING_EVERY) {
            tracing::warn!(%lost, "lost the purge log; entries count as stale until it is back");
            warned_at = Some(Instant::now());
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn follow_once(inner: &Arc<Inner>) -> Result<std::convert::Infallible, Lost> {
    let mut request = Request::new(whole(Bytes::new()));
    let known = inner.read_log(stepwell_edge_core::cache::purge_log::PurgeLog::position);
    // An edge that starts has nothing stored that older purges could name, but may be shown tokens that they revoked.
    let target = known.map_or_else(
        || format!("/v1/purges?since={OLDEST_TOKEN}"),
        |known| format!("/v1/purges?after={}", known.sequence),
    );
    *request.uri_mut() = target.parse().unwrap_or_default();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/x-ndjson"));
    request.extensions_mut().insert(EdgesOwn);
    let beginning = tokio::time::timeout(BEGINNING_MAX, inner.upstream.send(request));
    let response = beginning.await.map_err(|_| Lost::Silent)??;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::FORBIDDEN => return Err(Lost::Unknown),
        other => return Err(Lost::Refused(other)),
    }
    let mut lines = Lines { body: response.into_body(), unread: BytesMut::new() };
    loop {
        // Heartbeats come several times within the bound.
        let silence = Duration::from_millis(inner.log_silence_max_ms);
        let line = tokio::time::timeout(silence, lines.next()).await.map_err(|_| Lost::Silent)??;
        match serde_json::from_slice(&line)? {
            LogLine::Page(page) => take_in(inner, page).await?,
            LogLine::Census(question) => {
                let inner = inner.clone();
                tokio::spawn(async move { answer_census(&inner, question).await });
            }
        }
    }
}

/// Takes in a page. Where it names another state of the origin, the edge serves nothing from its store until it decides by
/// what the origin says now.
async fn take_in(inner: &Inner, page: PurgePage) -> Result<(), Lost> {
    if inner.is_outdated(&page.revision) {
        let unfinished = PurgePage { head: u64::MAX, ..page.clone() };
        inner.write_log(|log| {
            log.apply(&unfinished, inner.now());
            log.fall_silent();
        });
        inner.decide_by(briefing::ask(&*inner.upstream).await?);
        tracing::info!("the origin declares or publishes something else, and has told what");
    }
    inner.write_log(|log| log.apply(&page, inner.now()));
    inner.log_heard.send_replace(());
    if page.through >= page.head {
        inner.caught_up.send_if_modified(|reached| !std::mem::replace(reached, true));
    }
    Ok(())
}

async fn answer_census(inner: &Inner, question: CensusQuestion) {
    let answer = CensusAnswer { question: question.question, entries: inner.census(&question.tags) };
    let Ok(json) = serde_json::to_vec(&answer) else { return };
    let mut request = Request::new(whole(json.into()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = http::Uri::from_static("/v1/purges/census");
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.extensions_mut().insert(EdgesOwn);
    if let Err(error) = inner.upstream.send(request).await {
        tracing::warn!(%error, "could not answer the census");
    }
}

/// The lines of a body.
struct Lines {
    body: Body,
    unread: BytesMut,
}

impl Lines {
    async fn next(&mut self) -> Result<Bytes, Lost> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line = self.unread.split_to(end).freeze();
                self.unread.advance(1);
                return Ok(line);
            }
            if self.unread.len() > LINE_BYTES_MAX {
                return Err(Lost::Oversized);
            }
            let frame = self.body.frame().await.ok_or(Lost::Ended)?.map_err(Lost::Broken)?;
            if let Ok(data) = frame.into_data() {
                self.unread.extend_from_slice(&data);
            }
        }
    }
}

#[cfg(test)]
mod tests;
