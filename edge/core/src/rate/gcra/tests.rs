use proptest::prelude::*;

use super::*;

const NOW_MS: u64 = 1_800_000_000_000;

fn quota(requests: u32, window_s: u32) -> Quota {
    Quota { requests: NonZero::new(requests).unwrap(), window_s: NonZero::new(window_s).unwrap() }
}

/// Sends requests at these times; tells which of them passed.
fn passed(quota: Quota, times_ms: &[u64]) -> Vec<u64> {
    let mut bucket = Bucket::default();
    let mut passed = Vec::new();
    for &ms in times_ms {
        let decision = quota.decide(bucket, Timestamp::from_ms(ms));
        bucket = decision.bucket();
        passed.extend(matches!(decision, Decision::Admitted { .. }).then_some(ms));
    }
    passed
}

#[test]
fn a_full_bucket_passes_its_quota_at_once_and_then_one_an_interval() {
    let quota = quota(3, 30);
    let now = Timestamp::from_ms(NOW_MS);
    let mut bucket = Bucket::default();
    for (left, more_in_s) in [(2, 10), (1, 10), (0, 10)] {
        let decision = quota.decide(bucket, now);
        assert_eq!((decision.left(), decision.more_in_s()), (left, more_in_s));
        let Decision::Admitted { bucket: after, .. } = decision else { panic!("refused with {left} left") };
        bucket = after;
    }
    let decide = |after_ms| quota.decide(bucket, now.plus_ms(after_ms));
    assert_eq!(decide(0), Decision::Refused { bucket, more_in_ns: 10 * NS_PER_S });
    assert_eq!((decide(9_001).left(), decide(9_001).more_in_s()), (0, 1));
    assert!(matches!(decide(9_999), Decision::Refused { .. }));
    assert!(matches!(decide(10_000), Decision::Admitted { left: 0, .. }));
    assert!(
        matches!(decide(25_000), Decision::Admitted { left: 1, more_in_ns, .. } if more_in_ns == 5 * NS_PER_S)
    );
    assert!(matches!(decide(99_000), Decision::Admitted { left: 2, .. }));
}

#[test]
fn a_clock_that_steps_back_empties_a_bucket_and_does_not_close_it() {
    let quota = quota(4, 4);
    let now = Timestamp::from_ms(NOW_MS);
    let Decision::Admitted { bucket, .. } = quota.decide(Bucket::default(), now) else { panic!() };
    let an_hour_before = Timestamp::from_ms(NOW_MS - 3_600_000);
    let decision = quota.decide(bucket, an_hour_before);
    assert!(matches!(decision, Decision::Refused { more_in_ns: NS_PER_S, .. }));
    let a_second_later = quota.decide(decision.bucket(), an_hour_before.plus_ms(1000));
    assert!(matches!(a_second_later, Decision::Admitted { left: 0, .. }));
}

proptest! {
    #[test]
    fn no_span_of_time_passes_more_than_the_quota_and_its_share(
        requests in 1_u32..40,
        window_s in 1_u32..20,
        steps_ms in proptest::collection::vec(0_u64..700, 1..300),
    ) {
        let quota = quota(requests, window_s);
        let times: Vec<u64> = steps_ms.iter().scan(NOW_MS, |at, step| { *at += step; Some(*at) }).collect();
        let passed = passed(quota, &times);
        for (first, begin) in passed.iter().enumerate() {
            for (last, end) in passed.iter().enumerate().skip(first) {
                let share = (end - begin) * u64::from(requests) / (u64::from(window_s) * 1000);
                prop_assert!((last - first + 1) as u64 <= u64::from(requests) + share);
            }
        }
        // And what may pass does: whoever never asks more often than the quota allows is never refused.
        let interval_ms = u64::from(window_s) * 1000 / u64::from(requests) + 1;
        let patient: Vec<u64> = (0..100).map(|n| NOW_MS + n * interval_ms).collect();
        prop_assert_eq!(super::tests::passed(quota, &patient).len(), 100);
    }

    #[test]
    fn the_longer_the_wait_the_more_may_pass(
        requests in 1_u32..1000,
        window_s in 1_u32..3600,
        missing_ms in 0_u64..10_000_000,
        waits_ms in (0_u64..10_000_000, 0_u64..10_000_000),
    ) {
        let quota = quota(requests, window_s);
        let bucket = Bucket((NOW_MS + missing_ms) * NS_PER_MS);
        let (sooner, later) = (waits_ms.0.min(waits_ms.1), waits_ms.0.max(waits_ms.1));
        let decide = |ms| quota.decide(bucket, Timestamp::from_ms(NOW_MS + ms));
        prop_assert!(decide(sooner).left() <= decide(later).left());
        if let Decision::Admitted { .. } = decide(sooner) {
            let admitted = matches!(decide(later), Decision::Admitted { .. });
            prop_assert!(admitted);
        }
    }

    #[test]
    fn no_time_and_no_state_stops_it_and_nobody_waits_longer_than_an_interval(
        requests in 1_u32..,
        window_s in 1_u32..,
        bucket: u64,
        // Later ones are all one, where nanoseconds end.
        now in 0..=u64::MAX / NS_PER_MS + 1,
    ) {
        let quota = quota(requests, window_s);
        let decision = quota.decide(Bucket(bucket), Timestamp::from_ms(now));
        prop_assert!(decision.left() < requests);
        prop_assert!((1..=u64::from(window_s) + 1).contains(&decision.more_in_s()));
    }
}
