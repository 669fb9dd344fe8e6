//! One request's host.

use std::future::Future;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use stepwell_edge_portable::{Client, Host, Sent, Unanswered};
use stepwell_shared::time::Timestamp;
use worker::{Context, Date, console_warn};

use crate::body::Streamed;
use crate::{cache, origin};

/// The Worker, as one request sees it.
#[derive(Clone)]
pub(crate) struct Worker {
    origin: Rc<str>,
    client: Client,
    context: Rc<Context>,
}

impl Worker {
    pub(crate) fn new(origin: Rc<str>, client: Client, context: Context) -> Self {
        Self { origin, client, context: Rc::new(context) }
    }
}

impl Host for Worker {
    type Body = Streamed;

    /// In Workers the clock stands still while nothing is waited for.
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(Date::now().as_millis())
    }

    fn client(&self) -> Client {
        self.client
    }

    async fn look_up(&self, key: &str) -> Option<Bytes> {
        cache::look_up(key).await
    }

    async fn keep(&self, key: &str, bytes: Bytes, keep_for_ms: u64) {
        if let Err(error) = cache::keep(key, &bytes, keep_for_ms).await {
            console_warn!("an answer could not be stored: {error}");
        }
    }

    async fn forget(&self, key: &str) {
        if let Err(error) = cache::forget(key).await {
            console_warn!("an answer could not be forgotten: {error}");
        }
    }

    async fn ask(&self, request: Request<Sent<Streamed>>) -> Result<Response<Streamed>, Unanswered> {
        origin::ask(&self.origin, request).await
    }

    fn behind(&self, work: impl Future<Output = ()> + 'static) {
        self.context.wait_until(work);
    }

    fn warn(&self, what: &str) {
        console_warn!("{what}");
    }
}
