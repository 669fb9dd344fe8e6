//! Lines of the log, one a request.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode, Uri};
use stepwell_shared::headers::CACHE_STATUS;

use crate::connection::Connection;
use crate::listen::settings::RequestLog;
use crate::service::Noted;

/// What is asked, as the log will name it.
pub(super) struct Named {
    method: Method,
    target: Uri,
}

impl Named {
    /// `None` where no line is wanted. Neither method nor target is copied: both are shared.
    pub(super) fn of<B>(request: &Request<B>, log: RequestLog) -> Option<Self> {
        (log != RequestLog::Off)
            .then(|| Self { method: request.method().clone(), target: request.uri().clone() })
    }

    /// Writes the line, if it is one of those that are wanted. Without the query, which may hold what people search for.
    pub(super) fn log<B>(
        &self,
        connection: &Connection,
        noted: &Noted,
        response: &Response<B>,
        took: Duration,
    ) {
        // Who is told to come back is counted; a line for each would make a flood of the log as well.
        let is_shed = response.status() == StatusCode::SERVICE_UNAVAILABLE
            && response.headers().contains_key(RETRY_AFTER);
        let is_error = response.status().is_server_error() && !is_shed;
        if !is_error && connection.log != RequestLog::All {
            return;
        }
        let cache = response.headers().get_all(CACHE_STATUS).iter().next_back();
        let cache = cache.and_then(|field| field.to_str().ok()).unwrap_or_default();
        let (method, path, status) = (self.method.as_str(), self.target.path(), response.status().as_u16());
        let trace_id = format_args!("{:032x}", noted.trace.id()).to_string();
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let client = noted.client.0;
        if is_error {
            tracing::warn!(method, path, status, took_us, cache, %client, trace_id, "request");
        } else {
            tracing::info!(method, path, status, took_us, cache, %client, trace_id, "request");
        }
    }
}
