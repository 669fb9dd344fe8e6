//! Waiting for what happens soon, by asking for it.

use std::time::{Duration, Instant};

/// What has not happened by then does not happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks again and again until the answer is yes; fails with `what` when it stays no.
pub async fn eventually(what: &str, mut asked: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !asked().await {
        assert!(Instant::now() < deadline, "not after {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
