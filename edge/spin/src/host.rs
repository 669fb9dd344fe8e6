//! One request's host.

use std::future::Future;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use spin_sdk::wasip3::clocks::system_clock;
use spin_sdk::wasip3::spawn;
use stepwell_edge_portable::{Client, Host, Sent, Unanswered};
use stepwell_shared::time::Timestamp;

use crate::Shared;
use crate::body::Streamed;

/// The component, as one request sees it.
#[derive(Clone)]
pub(crate) struct Component {
    shared: Rc<Shared>,
    client: Client,
}

impl Component {
    pub(crate) fn new(shared: Rc<Shared>, client: Client) -> Self {
        Self { shared, client }
    }
}

/// The time by the host's clock. A clock that stands before 1970 stands at its beginning.
pub(crate) fn now() -> Timestamp {
    let now = system_clock::now();
    let since_epoch_ms = u64::try_from(now.seconds).unwrap_or(0).saturating_mul(1000);
    Timestamp::from_ms(since_epoch_ms.saturating_add(u64::from(now.nanoseconds / 1_000_000)))
}

impl Host for Component {
    type Body = Streamed;

    fn now(&self) -> Timestamp {
        now()
    }

    fn client(&self) -> Client {
        self.client
    }

    async fn look_up(&self, key: &str) -> Option<Bytes> {
        self.shared.store.look_up(key).await
    }

    async fn keep(&self, key: &str, bytes: Bytes, keep_for_ms: u64) {
        self.shared.store.keep(key, bytes, keep_for_ms).await;
    }

    async fn forget(&self, key: &str) {
        self.shared.store.forget(key).await;
    }

    async fn ask(&self, request: Request<Sent<Streamed>>) -> Result<Response<Streamed>, Unanswered> {
        self.shared.origin.ask(request).await
    }

    /// The host holds an instance until what it has begun is done.
    fn behind(&self, work: impl Future<Output = ()> + 'static) {
        spawn(work);
    }

    fn warn(&self, what: &str) {
        eprintln!("{what}");
    }
}
