//! How often clients ask: a bucket for each whom `stepwell_edge_core::rate` counts apart.
//!
//! Memory is bounded, so that a bucket may be forgotten, and a forgotten one counts as full. That opens no way round a
//! limit. A full bucket is lost without loss. To push an empty one out takes requests from as many other accounts,
//! accepted keys or networks as there is room for, each of which brings a full bucket of its own: whoever has so many
//! gains more by using them than by forgetting one; and one that is asked for again stays, while those that came once go
//! (Clock-PRO). What nobody can do is choose whose bucket goes: places are hashes under a seed of this process.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::HeaderMap;
use http::{Response, StatusCode};
use quick_cache::sync::Cache;
use stepwell_edge_core::rate::gcra::{Bucket, Decision, Quota};
use stepwell_edge_core::rate::{self, Claimant, Class, Limits, Subject};
use stepwell_shared::limits::{RATE_BUCKETS_MAX, RATE_KEYS_MAX};
use stepwell_shared::routes::Access;
use stepwell_shared::time::Timestamp;

use crate::body::EdgeBody;
use crate::connection::ClientAddress;
use crate::metrics::Metrics;

/// The buckets.
pub(crate) struct Rates {
    limits: Limits,
    hasher: RandomState,
    buckets: Cache<u64, Arc<AtomicU64>>,
    /// API keys that the origin has accepted.
    keys: Cache<u64, ()>,
    metrics: Arc<Metrics>,
}

/// A request that may pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// What its answer says; `None` where nothing limits it.
    told: Option<(Class, Quota, Decision)>,
    /// The API key that it came with, where one counts.
    key: Option<u64>,
}

/// A request over its limit.
#[derive(Debug)]
pub(crate) struct TooMany<'r> {
    class: Class,
    quota: Quota,
    decision: Decision,
    subject: Subject<'r>,
}

impl Rates {
    pub(crate) fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        let (buckets, keys) = (Cache::new(RATE_BUCKETS_MAX), Cache::new(RATE_KEYS_MAX));
        Self { limits, hasher: RandomState::new(), buckets, keys, metrics }
    }

    /// Counts a request that is to reach the origin, unless it is one too many. `None` for a class is none that counts.
    pub(crate) fn count<'r>(
        &self,
        class: Option<Class>,
        claimant: Option<Claimant<'r>>,
        client: ClientAddress,
        now: Timestamp,
    ) -> Result<Counted, TooMany<'r>> {
        let Some((class, quota)) = class.and_then(|class| Some((class, self.limits.of(class)?))) else {
            return Ok(Counted { told: None, key: None });
        };
        let is_taken = |key: &str| self.keys.get(&self.hash_of_key(key)).is_some();
        let subject = Subject::of(class, claimant, client.0, is_taken);
        let decision = self.decide(class, quota, &subject, now);
        if let Decision::Refused { .. } = decision {
            self.metrics.refused(class);
            return Err(TooMany { class, quota, decision, subject });
        }
        let key = match claimant {
            Some(Claimant::Key(key)) => Some(self.hash_of_key(key)),
            _ => None,
        };
        Ok(Counted { told: Some((class, quota, decision)), key })
    }

    fn decide(&self, class: Class, quota: Quota, subject: &Subject<'_>, now: Timestamp) -> Decision {
        let place = self.hasher.hash_one((class, subject));
        let full: Result<_, std::convert::Infallible> =
            self.buckets.get_or_insert_with(&place, || Ok(Arc::default()));
        let Ok(bucket) = full;
        let mut known = bucket.load(Ordering::Relaxed);
        loop {
            let decision = quota.decide(Bucket(known), now);
            let Bucket(after) = decision.bucket();
            if after == known {
                return decision;
            }
            // Nothing else is published by it: each request needs to see the last count, and no more.
            match bucket.compare_exchange_weak(known, after, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return decision,
                Err(meanwhile) => known = meanwhile,
            }
        }
    }

    /// Learns from the origin's answer whether it takes the key that a request came with: from routes that let nobody in
    /// without credentials, since on others it may not have looked.
    pub(crate) fn learn(&self, counted: &Counted, access: Access, status: StatusCode) {
        let Some(key) = counted.key.filter(|_| access == Access::SignedIn) else { return };
        if status.is_success() {
            self.keys.insert(key, ());
        } else if status == StatusCode::UNAUTHORIZED {
            self.keys.remove(&key);
        }
    }

    fn hash_of_key(&self, key: &str) -> u64 {
        self.hasher.hash_one(key)
    }
}

impl Counted {
    /// Tells the client of its limit.
    pub(crate) fn put_on(&self, headers: &mut HeaderMap) {
        if let Some((class, quota, decision)) = self.told {
            rate::put_on(headers, class, quota, decision);
        }
    }
}

impl TooMany<'_> {
    pub(crate) fn answer(&self) -> Response<EdgeBody> {
        rate::refused(self.class, self.quota, self.decision, &self.subject).map(EdgeBody::from)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    fn rates(requests: u32) -> Rates {
        let quota = Quota { requests: NonZero::new(requests).unwrap(), window_s: NonZero::new(10).unwrap() };
        Rates::new(Limits { reads: Some(quota), ..Limits::default() }, Arc::default())
    }

    fn client(last: u32) -> ClientAddress {
        ClientAddress(std::net::Ipv4Addr::from_bits(last).into())
    }

    #[test]
    fn each_network_and_class_has_a_bucket_of_its_own_and_no_limit_counts_nothing() {
        let rates = rates(2);
        let passes = |class, last| rates.count(class, None, client(last), NOW).is_ok();
        assert!(passes(Some(Class::Reads), 1) && passes(Some(Class::Reads), 1));
        assert!(!passes(Some(Class::Reads), 1));
        assert!(passes(Some(Class::Reads), 2));
        for _ in 0..9 {
            assert!(passes(Some(Class::Writes), 1) && passes(None, 1));
        }
        let refused: Vec<_> =
            rates.metrics.rate_refused.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        assert_eq!(refused, [1, 0, 0, 0]);
    }

    #[test]
    fn a_clock_that_steps_back_closes_no_bucket() {
        let rates = rates(1);
        let passes = |now| rates.count(Some(Class::Reads), None, client(1), now).is_ok();
        let before = Timestamp::from_ms(NOW.as_ms() - 3_600_000);
        assert!(passes(NOW) && !passes(before) && passes(before.plus_ms(10_000)));
    }

    #[test]
    fn threads_that_count_at_once_lose_no_request() {
        let rates = rates(200_000);
        let passed = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100_000 {
                        if rates.count(Some(Class::Reads), None, client(1), NOW).is_ok() {
                            passed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 200_000);
    }

    #[test]
    fn memory_is_bounded_and_who_keeps_asking_is_not_forgotten_for_a_flood_of_others() {
        let rates = rates(1);
        let passes = |last| rates.count(Some(Class::Reads), None, client(last), NOW).is_ok();
        assert!(passes(0) && !passes(0));
        let others = u32::try_from(RATE_BUCKETS_MAX).unwrap() * 2;
        for other in 1..others {
            passes(other);
            if other % 1000 == 0 {
                assert!(!passes(0), "forgotten after {other} others");
            }
        }
        assert!(rates.buckets.len() <= RATE_BUCKETS_MAX);
    }
}
