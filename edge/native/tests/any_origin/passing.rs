//! Answers that are too large to be stored: they pass at their client's pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Method;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use stepwell_edge_native::body::{Body, BodyError};
use stepwell_shared::limits::ENTRY_BYTES_MAX;

use crate::bench::Bench;
use crate::origin::{answer, in_pieces, with_body};

const TEN_S: &[(&str, &str)] = &[("cache-control", "max-age=10")];
const PIECE_BYTES: usize = 64 * 1024;

/// A body of so many pieces, each of them of another byte, made when somebody reads; counts those that were made.
fn made_on_demand(pieces: usize) -> (Arc<AtomicUsize>, Body) {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let frames = (0..pieces).map(move |piece| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, BodyError>(Frame::data(Bytes::from(vec![byte_of(piece); PIECE_BYTES])))
    });
    (made, StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync())
}

fn byte_of(piece: usize) -> u8 {
    u8::try_from(piece % 251).unwrap()
}

#[tokio::test]
async fn what_is_too_large_passes_unharmed_and_is_not_stored() {
    const PIECES: usize = 2 * ENTRY_BYTES_MAX / PIECE_BYTES;
    let length = (PIECES * PIECE_BYTES).to_string();
    for is_declared in [false, true] {
        let bench = Bench::start().await;
        let length = length.clone();
        bench.origin.script(move |_| {
            let fields: &[_] = if is_declared { &[("content-length", &*length)] } else { &[] };
            Some(with_body(200, &[TEN_S, fields].concat(), made_on_demand(PIECES).1))
        });
        for asked in 1..3 {
            let answer = bench.get("/").await;
            assert_eq!((answer.body.len(), bench.asked()), (PIECES * PIECE_BYTES, asked));
            for (piece, bytes) in answer.body.chunks(PIECE_BYTES).enumerate() {
                assert!(bytes.iter().all(|byte| *byte == byte_of(piece)), "piece {piece}");
            }
            // Where nothing is said of the length, it is found out only after this was said.
            let status =
                if is_declared { "fwd=uri-miss; detail=not-stored-size" } else { "fwd=uri-miss; stored" };
            assert_eq!(answer.cache_status(), status);
        }
    }
}

#[tokio::test]
async fn the_largest_answer_that_may_be_stored_is_stored() {
    for (bytes, is_stored) in [(ENTRY_BYTES_MAX, true), (ENTRY_BYTES_MAX + 1, false)] {
        let bench = Bench::start().await;
        bench.origin.script(move |_| {
            let (pieces, body) = in_pieces();
            pieces.send(vec![1; ENTRY_BYTES_MAX / 2]);
            pieces.send(vec![1; bytes - ENTRY_BYTES_MAX / 2]);
            Some(with_body(200, TEN_S, body))
        });
        bench.get("/").await;
        assert_eq!(bench.get("/").await.body.len(), bytes);
        assert_eq!(bench.asked(), if is_stored { 1 } else { 2 }, "{bytes}");
    }
}

/// The edge holds no more of a body than may be stored of it, and what lies in the buffers of sockets.
#[tokio::test]
async fn the_origin_is_not_read_faster_than_the_client_reads_once_it_is_too_large() {
    const PIECES: usize = 16 * ENTRY_BYTES_MAX / PIECE_BYTES;
    const AHEAD_MAX: usize = PIECES / 2;
    for fields in [TEN_S, &[("cache-control", "no-store")]] {
        let bench = Bench::start().await;
        let opening = bench.opening("/");
        let (made, body) = made_on_demand(PIECES);
        bench.origin.next().await.answer(with_body(200, fields, body));
        let mut body = opening.await.unwrap().into_body();
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            read += frame.unwrap().into_data().unwrap().len();
            let ahead = made.load(Ordering::SeqCst) - read / PIECE_BYTES;
            assert!(ahead < AHEAD_MAX, "{ahead} pieces of {PIECES} are ahead of the client");
        }
        assert_eq!((read, made.load(Ordering::SeqCst)), (PIECES * PIECE_BYTES, PIECES));
    }
}

#[tokio::test]
async fn nobody_waits_for_the_end_of_what_is_too_large_to_share() {
    let bench = Bench::start().await;
    let _first = bench.opening("/");
    let (pieces, body) = in_pieces();
    bench.origin.next().await.answer(with_body(200, TEN_S, body));
    let other = bench.asking(Method::GET, "/", &[]);
    bench.until_waiting("/", 1).await;
    pieces.send(vec![1; ENTRY_BYTES_MAX + 1]);
    bench.origin.next().await.answer(answer(200, TEN_S, "small"));
    assert_eq!(other.await.unwrap().text(), "small");
}
