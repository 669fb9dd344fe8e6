//! The place of a request while it is answered. While its body is on its way, the place is somebody else's: else clients
//! that take their time, or say that they will send something and do not, would hold all of them.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::limiter::{Full, Limiter, Place};

/// A request extension: the place that it was let in with.
#[derive(Clone, Debug)]
pub struct Held {
    limiter: Arc<Limiter>,
    place: Arc<Mutex<Option<Place>>>,
}

impl Held {
    /// Holds a place.
    pub fn new(place: Place) -> Self {
        Self { limiter: Arc::clone(place.limiter()), place: Arc::new(Mutex::new(Some(place))) }
    }

    /// Waits for what the client sends. What is not there yet needs a place anew once it is, and is refused without one.
    /// How long it took does not count.
    pub async fn while_arriving<T>(&self, arriving: impl Future<Output = T>) -> Result<T, Full> {
        let mut arriving = pin!(arriving);
        let at_once = poll_fn(|context| Poll::Ready(arriving.as_mut().poll(context))).await;
        let arrived = if let Poll::Ready(arrived) = at_once {
            arrived
        } else {
            drop(self.take());
            arriving.await
        };
        let mut place = self.place();
        match place.as_mut() {
            Some(place) => place.begin(),
            None => *place = Some(self.limiter.enter()?),
        }
        Ok(arrived)
    }

    /// The place, if it is held.
    pub fn take(&self) -> Option<Place> {
        self.place().take()
    }

    fn place(&self) -> MutexGuard<'_, Option<Place>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::super::limit::Bounds;
    use super::*;

    fn one_place() -> Arc<Limiter> {
        Arc::new(Limiter::new(Bounds { min: 1, max: 1, target: Duration::from_millis(1) }))
    }

    #[tokio::test]
    async fn what_has_arrived_keeps_its_place() {
        let limiter = one_place();
        let held = Held::new(limiter.enter().unwrap());
        assert_eq!(held.while_arriving(async { 7 }).now_or_never(), Some(Ok(7)));
        assert_eq!(limiter.under_way(), 1);
        drop(held.take());
        assert_eq!(limiter.under_way(), 0);
    }

    #[tokio::test]
    async fn what_is_slow_to_arrive_holds_no_place_and_needs_one_then() {
        let limiter = one_place();
        let let_go = async || {
            while limiter.under_way() > 0 {
                tokio::task::yield_now().await;
            }
        };
        let slow = || {
            let (send, sent) = oneshot::channel::<()>();
            let held = Held::new(limiter.enter().unwrap());
            (send, tokio::spawn(async move { held.while_arriving(sent).await.map(|_| held) }))
        };
        let (send, arriving) = slow();
        let_go().await;
        send.send(()).unwrap();
        let held = arriving.await.unwrap().unwrap();
        assert_eq!(limiter.under_way(), 1);
        drop(held);

        let (send, arriving) = slow();
        let_go().await;
        let _quicker = limiter.enter().unwrap();
        send.send(()).unwrap();
        assert_eq!(arriving.await.unwrap().unwrap_err(), Full);
    }
}
