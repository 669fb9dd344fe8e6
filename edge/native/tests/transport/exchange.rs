//! Connections to an origin, and what happens when one fails.

use http::Method;
use stepwell_edge_native::upstream::http_origin::{HostHeader, SendError, Settings};

use crate::origin::{Played, client, get, read, send};

const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let origin = Played::start().await;
    let client = origin.client();
    let first = send(&client, get("/1"));
    let mut line = origin.accept().await;
    assert_eq!(line.head().await, "GET /1 HTTP/1.1\r\nhost: shop.example\r\n\r\n");
    line.write("HTTP/1.1 200 Fine\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi").await;
    let answer = first.await.unwrap().unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-a"]), (200, &"1".parse().unwrap()));
    assert_eq!(read(answer).await.0, "hi");

    let second = send(&client, get("/2?q"));
    assert!(line.head().await.starts_with("GET /2?q HTTP/1.1\r\n"));
    line.write(EMPTY).await;
    assert_eq!(second.await.unwrap().unwrap().status(), 204);
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_not_sent_again() {
    let origin = Played::start().await;
    let client = origin.client();
    let first = send(&client, get("/1"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write(EMPTY).await;
    first.await.unwrap().unwrap();

    // The pooled connection takes the whole request and then breaks.
    let mut change = get("/2");
    *change.method_mut() = Method::DELETE;
    let second = send(&client, change);
    line.head().await;
    drop(line);
    assert!(matches!(second.await.unwrap(), Err(SendError::Exchange(_))));
    let _third = send(&client, get("/3"));
    assert!(origin.accept().await.head().await.starts_with("GET /3 "));
}

#[tokio::test]
async fn a_look_that_met_a_closing_connection_is_sent_once_more() {
    let origin = Played::start().await;
    let client = origin.client();
    let first = send(&client, get("/1"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write(EMPTY).await;
    first.await.unwrap().unwrap();

    let second = send(&client, get("/2"));
    line.head().await;
    drop(line);
    let mut line = origin.accept().await;
    assert!(line.head().await.starts_with("GET /2 "));
    // This connection is new: that it closes is the answer.
    drop(line);
    assert!(matches!(second.await.unwrap(), Err(SendError::Exchange(_))));
}

#[tokio::test]
async fn a_connection_that_the_origin_closed_while_idle_costs_no_request() {
    let origin = Played::start().await;
    let client = origin.client();
    let first = send(&client, get("/1"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
    first.await.unwrap().unwrap();
    drop(line);
    let second = send(&client, get("/2"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write(EMPTY).await;
    assert_eq!(second.await.unwrap().unwrap().status(), 204);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_from_a_broken_exchange() {
    let origin = Played::start().await;
    let client = origin.client();
    drop(origin);
    let error = send(&client, get("/")).await.unwrap().unwrap_err();
    assert!(matches!(error, SendError::Connect(_)));
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn protocols_are_not_switched_and_tunnels_not_made() {
    let origin = Played::start().await;
    let client = origin.client();
    let asking = send(&client, get("/"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n").await;
    assert!(matches!(asking.await.unwrap(), Err(SendError::Switched)));
    // The connection is of no use to anybody.
    assert_eq!(line.rest().await, "");

    let mut tunnel = get("/");
    *tunnel.method_mut() = Method::CONNECT;
    assert!(matches!(send(&client, tunnel).await.unwrap(), Err(SendError::Tunnel)));
}

#[tokio::test]
async fn the_origin_is_called_by_the_name_that_was_chosen() {
    let origin = Played::start().await;
    let own = origin.address();
    for (host, named) in [
        (None, "shop.example"),
        (Some(HostHeader::Client), "shop.example"),
        (Some(HostHeader::Origin), own.as_str()),
        (Some(HostHeader::Fixed("fixed.example:81".parse().unwrap())), "fixed.example:81"),
    ] {
        let client = client(&format!("http://{own}/pre"), &Settings { host, ..Settings::default() });
        let _asking = send(&client, get("/a"));
        let head = origin.accept().await.head().await;
        assert_eq!(head, format!("GET /pre/a HTTP/1.1\r\nhost: {named}\r\n\r\n"));
    }
}

#[tokio::test]
async fn a_request_without_a_name_is_given_the_origins() {
    let origin = Played::start().await;
    let client = origin.client();
    let mut old = get("*");
    *old.method_mut() = Method::OPTIONS;
    *old.version_mut() = http::Version::HTTP_10;
    old.headers_mut().clear();
    let _asking = send(&client, old);
    let head = origin.accept().await.head().await;
    assert_eq!(head, format!("OPTIONS * HTTP/1.1\r\nhost: {}\r\n\r\n", origin.address()));
}
