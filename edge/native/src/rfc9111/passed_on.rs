//! Answers on their way from the origin to a client, and into the store as they pass.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::TRAILER;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use stepwell_edge_core::cache::rfc9111::storing::Filing;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_edge_core::forward::remove_hop_by_hop;
use stepwell_shared::headers::CACHE_STATUS;
use stepwell_shared::limits::{ENTRY_BYTES_MAX, ORIGIN_TIMEOUT_MS};
use tokio::sync::mpsc;

use super::flights::Lead;
use crate::Inner;
use crate::body::{Body, BodyError, EdgeBody, chain};

/// The origin's answer as a client gets it.
pub(super) fn pass_on<B>(mut response: Response<B>, status: CacheStatus) -> Response<B> {
    let headers = response.headers_mut();
    // What trailers will come is for the client to know as well (RFC 9110 §6.6.2).
    let trailers: Vec<_> = headers.get_all(TRAILER).iter().cloned().collect();
    remove_hop_by_hop(headers);
    for trailer in trailers {
        headers.append(TRAILER, trailer);
    }
    headers.append(CACHE_STATUS, status.to_value());
    response
}

/// A body that is stored as it is passed on. The origin is read as fast as it sends, whatever the client's pace, so
/// that a slow one holds nobody up; what grows too large for the store goes on at the client's pace.
pub(super) fn store_passing(
    inner: &Arc<Inner>,
    key: Box<str>,
    filing: Filing,
    body: Body,
    lead: Option<Lead>,
) -> EdgeBody {
    let passage = Passage { inner: inner.clone(), key, filing, lead };
    if body.is_end_stream() {
        passage.arrive(&[]);
        return EdgeBody::from(Bytes::new());
    }
    let (pieces, arriving) = mpsc::unbounded_channel();
    let length = body.size_hint();
    tokio::spawn(passage.read(body, pieces));
    EdgeBody::Streamed(Passing { arriving, length, rest: None }.boxed_unsync())
}

/// What the reader of an origin's body hands to the client's.
enum Piece {
    Frame(Result<Frame<Bytes>, BodyError>),
    /// It is too large to be stored: the client reads on by itself.
    Rest(Body),
}

/// An answer that is being stored.
struct Passage {
    inner: Arc<Inner>,
    key: Box<str>,
    filing: Filing,
    lead: Option<Lead>,
}

impl Passage {
    async fn read(self, mut body: Body, pieces: mpsc::UnboundedSender<Piece>) {
        let silence_max = Duration::from_millis(ORIGIN_TIMEOUT_MS);
        let mut chunks = Vec::new();
        let mut length = 0;
        let mut last = None;
        loop {
            let frame = match tokio::time::timeout(silence_max, body.frame()).await {
                Ok(None) => break,
                Ok(Some(Ok(frame))) => frame,
                // The client sees that it broke off; nobody sees it as whole (RFC 9111 §3.3).
                Ok(Some(Err(error))) => return hand(&pieces, Err(error)),
                Err(elapsed) => return hand(&pieces, Err(elapsed.into())),
            };
            if let Some(data) = frame.data_ref() {
                length += data.len();
                if length > ENTRY_BYTES_MAX {
                    let _ = pieces.send(Piece::Rest(chain(vec![data.clone()], body)));
                    return self.give_up();
                }
                chunks.push(data.clone());
            }
            // The end is held back until the answer is stored: who has read it all may ask again at once.
            if body.is_end_stream() {
                last = Some(frame);
                break;
            }
            hand(&pieces, Ok(frame));
        }
        self.arrive(&chunks);
        if let Some(frame) = last {
            hand(&pieces, Ok(frame));
        }
    }

    /// Stores the answer, in bytes of its own and not in the larger buffers that they came in.
    fn arrive(self, chunks: &[Bytes]) {
        let is_shared = self.filing.may_be_shared();
        let http = &self.inner.http;
        let Ok(stored) = self.filing.complete(Bytes::from(chunks.concat())) else {
            return http.flights.tell(&self.key, self.lead, false);
        };
        http.put(&self.key, Arc::new(stored));
        http.flights.tell(&self.key, self.lead, is_shared);
    }

    fn give_up(self) {
        if let Some(lead) = self.lead {
            lead.lone();
        }
    }
}

/// A client that has hung up takes nothing more; the answer is stored all the same.
fn hand(pieces: &mpsc::UnboundedSender<Piece>, frame: Result<Frame<Bytes>, BodyError>) {
    let _ = pieces.send(Piece::Frame(frame));
}

/// The client's end.
struct Passing {
    arriving: mpsc::UnboundedReceiver<Piece>,
    /// What the origin said of the length.
    length: SizeHint,
    rest: Option<Body>,
}

impl HttpBody for Passing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        loop {
            if let Some(rest) = &mut this.rest {
                return Pin::new(rest).poll_frame(cx);
            }
            match std::task::ready!(this.arriving.poll_recv(cx)) {
                None => return Poll::Ready(None),
                Some(Piece::Frame(frame)) => return Poll::Ready(Some(frame)),
                Some(Piece::Rest(rest)) => this.rest = Some(rest),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.clone()
    }
}
