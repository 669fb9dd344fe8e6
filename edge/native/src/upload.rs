//! The body of a request as it comes from a client, who may not be slow on purpose.
//!
//! What counts is the time for which the client was waited for, not the time that the origin took to read: a client may
//! stop for a while, and on the whole it must send so many bytes a second.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use stepwell_shared::limits::UPLOAD_BYTES_PER_SECOND_MIN;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::body::BodyError;

/// A request's body.
pub(crate) struct Upload<B = Incoming> {
    body: B,
    /// What came first, where it was waited for.
    begun: Option<Result<Frame<Bytes>, BodyError>>,
    /// `None` where there is no body that could be slow.
    pace: Option<Box<Pace>>,
    version: Version,
}

/// Whether a body came too slowly, for whoever has handed it on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lateness(Option<Arc<AtomicBool>>);

struct Pace {
    stall_max: Duration,
    is_late: Arc<AtomicBool>,
    timer: Pin<Box<Sleep>>,
    /// Since when the client is waited for.
    since: Option<Instant>,
    waited: Duration,
    received_bytes: u64,
}

/// The client took its request back amid the body.
#[derive(Debug, thiserror::Error)]
#[error("the request's body was broken off")]
struct BrokenOff;

/// The client did not send on.
#[derive(Debug, thiserror::Error)]
#[error("the request's body came too slowly")]
struct TooSlow;

impl<B: HttpBody> Upload<B> {
    /// A body whose client may stop for so long, and what tells that it did not send on.
    pub(crate) fn new(body: B, version: Version, stall_max: Duration) -> (Self, Lateness) {
        if body.is_end_stream() {
            return (Self { body, begun: None, pace: None, version }, Lateness::default());
        }
        let is_late = Arc::<AtomicBool>::default();
        let pace = Pace {
            stall_max,
            is_late: is_late.clone(),
            timer: Box::pin(sleep(stall_max)),
            since: None,
            waited: Duration::ZERO,
            received_bytes: 0,
        };
        (Self { body, begun: None, pace: Some(Box::new(pace)), version }, Lateness(Some(is_late)))
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> Upload<B>
where
    B::Error: Into<BodyError>,
{
    /// Waits until it begins to come, or will not. Nothing is lost of it.
    pub(crate) async fn begins(&mut self) {
        if self.begun.is_none() {
            self.begun = self.frame().await;
        }
    }

    /// Whether all of it has come already. It is thrown away.
    ///
    /// hyper takes a body out of what it has received when it hears that somebody reads, and no sooner: so it is asked
    /// twice.
    pub(crate) async fn has_come_at_once(&mut self) -> bool {
        let mut has_asked = false;
        poll_fn(|cx| {
            while !self.body.is_end_stream() {
                match Pin::new(&mut self.body).poll_frame(cx) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(_) => break,
                    Poll::Pending if has_asked => return Poll::Ready(false),
                    Poll::Pending => {
                        has_asked = true;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
            Poll::Ready(true)
        })
        .await
    }

    /// Reads what a client is sending anyway and throws it away, within bounds: one that writes on while the connection
    /// closes behind an early answer never sees that answer. For `wait` it is waited for more.
    pub(crate) async fn pass_over(mut self, bytes_max: usize, wait: Duration) {
        let mut passed_bytes = 0;
        while passed_bytes < bytes_max {
            let Ok(Some(Ok(frame))) = timeout(wait, self.frame()).await else { return };
            passed_bytes += frame.data_ref().map_or(0, Bytes::len);
        }
    }
}

impl Lateness {
    pub(crate) fn is_late(&self) -> bool {
        self.0.as_ref().is_some_and(|is_late| is_late.load(Ordering::Relaxed))
    }
}

impl Pace {
    /// The client has to be waited for.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<TooSlow> {
        if self.since.is_none() {
            let now = Instant::now();
            self.since = Some(now);
            let earned = Duration::from_secs(self.received_bytes / UPLOAD_BYTES_PER_SECOND_MIN);
            let left = (self.stall_max + earned).saturating_sub(self.waited);
            self.timer.as_mut().reset(now + left.min(self.stall_max));
        }
        self.timer.as_mut().poll(cx).map(|()| {
            self.is_late.store(true, Ordering::Relaxed);
            TooSlow
        })
    }

    fn receive(&mut self, bytes: usize) {
        self.received_bytes += bytes as u64;
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Upload<B>
where
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { body, begun, pace, version } = self.get_mut();
        if begun.is_some() {
            return Poll::Ready(begun.take());
        }
        match (Pin::new(&mut *body).poll_frame(cx), pace) {
            // hyper takes RST_STREAM with NO_ERROR for the end, which it is of an answer alone (RFC 9113 §8.1).
            (Poll::Ready(None), Some(_)) if *version == Version::HTTP_2 && !body.is_end_stream() => {
                Poll::Ready(Some(Err(BrokenOff.into())))
            }
            (Poll::Ready(frame), pace) => {
                if let (Some(pace), Some(Ok(frame))) = (pace, &frame) {
                    pace.receive(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            (Poll::Pending, Some(pace)) => pace.poll_wait(cx).map(|slow| Some(Err(slow.into()))),
            (Poll::Pending, None) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.begun.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let begun = self.begun.as_ref().and_then(|begun| begun.as_ref().ok()?.data_ref());
        let (begun_bytes, rest) = (begun.map_or(0, |data| data.len() as u64), self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + begun_bytes);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + begun_bytes);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    const STALL: Duration = Duration::from_secs(30);

    /// Reads a body of so many chunks that come so far apart; says how many came, and whether the client was late.
    async fn read(chunks: usize, bytes: usize, apart: Duration, reader: Duration) -> (usize, bool) {
        let client = futures_util::stream::iter(0..chunks).then(move |_| async move {
            sleep(apart).await;
            Ok::<_, BodyError>(Frame::data(Bytes::from(vec![0; bytes])))
        });
        let (mut body, lateness) = Upload::new(StreamBody::new(Box::pin(client)), Version::HTTP_11, STALL);
        let mut read = 0;
        while let Some(Ok(_)) = body.frame().await {
            read += 1;
            sleep(reader).await;
        }
        (read, lateness.is_late())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_or_drips_is_given_up() {
        let second = Duration::from_secs(1);
        assert_eq!(read(3, 1 << 20, second * 31, Duration::ZERO).await, (0, true));
        // A byte a second earns nothing: it has the first 30 seconds.
        assert_eq!(read(1000, 1, second, Duration::ZERO).await, (30, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_on_a_bad_line_is_not_and_neither_one_whose_body_is_read_slowly() {
        let second = Duration::from_secs(1);
        assert_eq!(read(200, 600, second, Duration::ZERO).await, (200, false));
        assert_eq!(read(20, 16 << 10, second * 29, Duration::ZERO).await, (20, false));
        assert_eq!(read(20, 1, second, second * 100).await, (20, false));
    }

    #[tokio::test]
    async fn what_was_waited_for_is_read_all_the_same() {
        let chunks =
            ["wh", "ole"].map(|chunk| Ok::<_, BodyError>(Frame::data(Bytes::from_static(chunk.as_bytes()))));
        let body = StreamBody::new(futures_util::stream::iter(chunks));
        let (mut body, _) = Upload::new(body, Version::HTTP_11, STALL);
        body.begins().await;
        body.begins().await;
        assert_eq!((body.size_hint().lower(), body.is_end_stream()), (2, false));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "whole");
    }

    #[tokio::test]
    async fn a_body_that_has_come_is_told_from_one_that_is_on_its_way() {
        let (send, sent) = tokio::sync::mpsc::unbounded_channel::<&str>();
        let body = futures_util::stream::unfold(sent, |mut sent| async {
            let chunk = sent.recv().await?;
            Some((Ok::<_, BodyError>(Frame::data(Bytes::from_static(chunk.as_bytes()))), sent))
        });
        let (mut body, _) = Upload::new(StreamBody::new(Box::pin(body)), Version::HTTP_11, STALL);
        assert!(!body.has_come_at_once().await);
        send.send("half").unwrap();
        assert!(!body.has_come_at_once().await);
        drop(send);
        assert!(body.has_come_at_once().await);
    }

    #[tokio::test]
    async fn a_body_of_http2_has_ended_where_it_says_so() {
        // It never says that it has ended.
        let half =
            || StreamBody::new(futures_util::stream::iter([Ok::<_, BodyError>(Frame::data(Bytes::new()))]));
        for (version, ends) in [(Version::HTTP_11, true), (Version::HTTP_2, false)] {
            let (body, _) = Upload::new(half(), version, STALL);
            assert_eq!(body.collect().await.is_ok(), ends, "{version:?}");
        }
        let whole = http_body_util::Full::new(Bytes::from_static(b"whole"));
        let (body, _) = Upload::new(whole, Version::HTTP_2, STALL);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "whole");
    }
}
