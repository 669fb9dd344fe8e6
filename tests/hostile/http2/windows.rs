//! Windows and numbers of streams, which take more than one exchange to try.

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{
    GET, data, flag, get, ping, post, reset, setting, settings, window_update,
};

use super::Secure;

/// An answer comes by as much as the client has room for, and the rest when there is more (RFC 9113 §6.9).
#[tokio::test]
async fn an_answer_of_http2_keeps_to_the_window_that_its_client_opened() {
    let secure = Secure::start();
    let mut connection = secure.connect().await;
    let (_, whole) = connection.ask(1, &GET).await.expect("it is answered");
    assert!(whole.len() > 2, "there is something to hold back");
    connection.send([settings(&[(setting::INITIAL_WINDOW_SIZE, 1)]), get(3)].concat()).await;
    let part = |connection: &stepwell_tests::http2::Connection, stream: u32| {
        connection.heard.contents.get(&stream).cloned().unwrap_or_default()
    };
    connection.until(|heard| heard.contents.get(&3).is_some_and(|content| !content.is_empty())).await;
    // What it does until it is asked for a sign of life, it has done.
    connection.send(ping(*b"the-part")).await;
    connection.until(|heard| heard.pongs.contains(&b"the-part".to_vec())).await;
    assert_eq!(part(&connection, 3), whole[..1]);

    // A window that is less than nothing opens by what it lacks first (§6.9.2).
    connection.send([settings(&[(setting::INITIAL_WINDOW_SIZE, 0)]), window_update(3, 1)].concat()).await;
    connection.send(ping(*b"the-same")).await;
    connection.until(|heard| heard.pongs.contains(&b"the-same".to_vec())).await;
    assert_eq!(part(&connection, 3), whole[..1]);
    connection.send(window_update(3, 1000)).await;
    connection.until(|heard| heard.complete.contains(&3)).await;
    assert_eq!(part(&connection, 3), whole);
}

/// One connection has no more requests under way than it was told (RFC 9113 §5.1.2).
#[tokio::test]
async fn a_connection_of_http2_has_no_more_streams_than_it_was_told() {
    let secure = Secure::start();
    let mut connection = secure.connect().await;
    let open: u32 = 128;
    let streams: Vec<u32> = (0..=open).map(|number| 2 * number + 1).collect();
    for stream in &streams {
        connection.send(post(*stream, &[])).await;
    }
    let last = 2 * open + 1;
    connection.until(|heard| heard.is_settled(last)).await;
    let refused: Vec<_> = connection.heard.resets.iter().collect();
    assert_eq!(refused, [(&last, &ErrorCode::REFUSED_STREAM)]);
    assert!(connection.heard.statuses.is_empty());
    secure.serves().await;
    // There is room again once one has ended.
    connection
        .send([reset(1, ErrorCode::CANCEL), data(3, flag::END_STREAM, b"{}"), get(last + 2)].concat())
        .await;
    connection.until(|heard| heard.is_settled(last + 2) && heard.is_settled(3)).await;
    assert_eq!((connection.heard.statuses[&(last + 2)], connection.heard.statuses[&3]), (200, 400));
}
