//! The one place that reads the wall clock. Everything else is handed a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use stepwell_shared::time::Timestamp;

/// Says what time it is. Clones share one source.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::set`] moves it, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold time still"))]
    pub fn standing_at(at: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicU64::new(at.as_ms()))))
    }

    /// Moves a standing clock, forwards or back; the system's clock stays as it is.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold time still"))]
    pub fn set(&self, at: Timestamp) {
        if let Source::Set(ms) = &self.0 {
            ms.store(at.as_ms(), Ordering::Relaxed);
        }
    }

    /// Now. May be earlier than an answer before: wall clocks step back.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_ms(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
            }
            Source::Set(ms) => Timestamp::from_ms(ms.load(Ordering::Relaxed)),
        }
    }
}
