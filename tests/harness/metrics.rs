//! What a server counts, as its operator reads it.

use crate::client::Client;

/// The value of one sample, which counts something; 0 where it has not happened yet. `name` includes the labels.
pub async fn count(operator: &Client, name: &str) -> u64 {
    let page = operator.get("/metrics").send().await.expect(200);
    let text = page.text();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap_or_else(|_| panic!("{name} is {value}")))
}

/// How many requests the edge has had answered by its origin.
pub async fn asked_of_origin(operator: &Client) -> u64 {
    count(operator, "stepwell_upstream_duration_seconds_count").await
}
