//! Joining two parts of one representation (RFC 9111 §3.4, RFC 9110 §15.3.7.3).

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use stepwell_shared::limits::ENTRY_BYTES_MAX;

use super::Part;
use super::condition::strong_etag;

/// Whether two answers are of the same representation, byte for byte, so that [`combine`] may join their parts: both
/// carry the same strong entity tag. Dates are not trusted with this: a wrong join corrupts content, a refused one costs
/// a request.
pub fn share_strong_validator(stored: &HeaderMap, new: &HeaderMap) -> bool {
    strong_etag(stored).is_some_and(|etag| strong_etag(new) == Some(etag))
}

/// One part out of two that overlap or touch; `None` where they do not, where either is not exact, where they disagree
/// on the complete length or on the bytes that both hold, or where the result would be too large to store.
pub fn combine(stored: (&Part, &Bytes), new: (&Part, &Bytes)) -> Option<(Part, Bytes)> {
    let complete = match (stored.0.complete, new.0.complete) {
        (Some(a), Some(b)) if a != b => return None,
        (a, b) => a.or(b),
    };
    let (low, high) = if stored.0.first <= new.0.first { (stored, new) } else { (new, stored) };
    let (low_end, high_end) = (low.0.end(low.1)?, high.0.end(high.1)?);
    let end = low_end.max(high_end);
    let fits = complete.is_none_or(|complete| end <= complete);
    if !(low.0.exact && high.0.exact && fits) {
        return None;
    }
    let distance = |to: u64, from: u64| usize::try_from(to.checked_sub(from)?).ok();
    let total = distance(end, low.0.first)?;
    // Where there is a gap between the two, there is no such distance.
    let shared = distance(low_end.min(high_end), high.0.first)?;
    let (again, more) = high.1.split_at_checked(shared)?;
    let held = low.1.get(distance(high.0.first, low.0.first)?..)?.get(..shared)?;
    if total > ENTRY_BYTES_MAX || held != again {
        return None;
    }
    let part = Part { first: low.0.first, complete, exact: true };
    if more.is_empty() {
        return Some((part, low.1.clone()));
    }
    let mut body = BytesMut::with_capacity(total);
    body.extend_from_slice(low.1);
    body.extend_from_slice(more);
    Some((part, body.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::ETAG;
    use proptest::prelude::*;

    const WHOLE: &str = "0123456789";

    fn part(first: u64, complete: Option<u64>) -> Part {
        Part { first, complete, exact: true }
    }

    /// A piece of the whole, up to but not including a position.
    fn piece(from: usize, to: usize) -> (Part, Bytes) {
        let body = Bytes::copy_from_slice(&WHOLE.as_bytes()[from..to]);
        (part(from as u64, Some(10)), body)
    }

    fn joined(a: &(Part, Bytes), b: &(Part, Bytes)) -> Option<(Part, Bytes)> {
        let joined = combine((&a.0, &a.1), (&b.0, &b.1));
        assert_eq!(joined, combine((&b.0, &b.1), (&a.0, &a.1)));
        joined
    }

    #[test]
    fn pieces_that_overlap_or_touch_are_joined() {
        for (a, b, whole) in [
            (piece(0, 5), piece(5, 10), piece(0, 10)),
            (piece(1, 6), piece(4, 9), piece(1, 9)),
            (piece(1, 9), piece(4, 6), piece(1, 9)),
            (piece(2, 5), piece(2, 7), piece(2, 7)),
            (piece(3, 4), piece(3, 4), piece(3, 4)),
        ] {
            assert_eq!(joined(&a, &b), Some(whole));
        }
        assert_eq!(joined(&piece(0, 4), &piece(5, 10)), None);
    }

    #[test]
    fn a_complete_length_that_one_knows_is_known() {
        let (unknown, body) = (part(0, None), piece(0, 5).1);
        assert_eq!(joined(&(unknown, body.clone()), &piece(5, 10)), Some(piece(0, 10)));
        assert_eq!(joined(&(part(0, Some(11)), body.clone()), &piece(5, 10)), None);
        let beyond = (part(10, None), body);
        assert_eq!(joined(&piece(5, 10), &beyond), None);
    }

    #[test]
    fn what_does_not_fit_is_not_joined() {
        let inexact = |(part, body): (Part, Bytes)| (Part { exact: false, ..part }, body);
        assert_eq!(joined(&inexact(piece(0, 5)), &piece(5, 10)), None);
        let other = (part(4, Some(10)), Bytes::from_static(b"X56"));
        assert_eq!(joined(&piece(0, 5), &other), None);
    }

    #[test]
    fn nothing_is_joined_that_could_not_be_stored() {
        let half = ENTRY_BYTES_MAX / 2;
        let at = |first: usize, bytes: usize| (part(first as u64, None), Bytes::from(vec![0; bytes]));
        assert!(joined(&at(0, half), &at(half, half)).is_some());
        assert_eq!(joined(&at(0, half), &at(half, half + 1)), None);
    }

    #[test]
    fn only_one_strong_entity_tag_makes_two_answers_one() {
        let share = |a: &'static str, b: &'static str| {
            let with = |etag| HeaderMap::from_iter([(ETAG, HeaderValue::from_static(etag))]);
            share_strong_validator(&with(a), &with(b))
        };
        assert!(share("\"a\"", "\"a\""));
        assert!(!share("\"a\"", "\"b\""));
        assert!(!share("W/\"a\"", "W/\"a\""));
        assert!(!share_strong_validator(&HeaderMap::new(), &HeaderMap::new()));
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..12_u64, any::<u64>(), u64::MAX - 12..=u64::MAX]
    }

    proptest! {
        #[test]
        fn no_numbers_panic(
            firsts in (number(), number()),
            completes in proptest::option::of(number()),
            lengths in (0..12_usize, 0..12_usize),
        ) {
            let zeros = |bytes| Bytes::from(vec![0; bytes]);
            let a = (part(firsts.0, completes), zeros(lengths.0));
            let b = (part(firsts.1, None), zeros(lengths.1));
            if let Some((part, body)) = joined(&a, &b) {
                prop_assert!(body.len() >= lengths.0.max(lengths.1) && body.len() <= lengths.0 + lengths.1);
                prop_assert!(part.end(&body).is_some());
            }
        }
    }
}
