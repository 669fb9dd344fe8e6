//! Serving a range out of what is stored (RFC 9110 §14.4, §15.3.7, §15.5.17).

use bytes::Bytes;
use http::HeaderValue;

use super::{ByteRange, Part};

/// What a stored body says to a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sliced {
    /// `206` with these bytes.
    Satisfied {
        /// The bytes, shared with the stored body.
        body: Bytes,
        /// `bytes FIRST-LAST/COMPLETE`.
        content_range: HeaderValue,
    },
    /// `416`: no byte of the representation is in the range.
    Unsatisfiable {
        /// `bytes */COMPLETE`.
        content_range: HeaderValue,
    },
    /// Not all bytes of the range are in this part, or it cannot tell. Of a whole representation this is said only when
    /// it is empty and its last bytes are wanted: there are none to name, so that the whole is the answer.
    NotHeld,
}

/// Where a range falls in a representation.
enum Place {
    /// Positions, both included.
    At(u64, u64),
    Outside,
    Unknown,
}

impl Part {
    /// The bytes of a range, out of this part's body. Ranges that reach past the end are cut to it.
    pub fn slice(&self, body: &Bytes, range: ByteRange) -> Sliced {
        match place(range, self.complete) {
            Place::At(first, last) => self.bytes_at(body, first, last).unwrap_or(Sliced::NotHeld),
            // A length that was not received but derived is nothing to refuse a request on.
            Place::Outside if self.exact => self.refusal().unwrap_or(Sliced::NotHeld),
            Place::Outside | Place::Unknown => Sliced::NotHeld,
        }
    }

    fn bytes_at(&self, body: &Bytes, first: u64, last: u64) -> Option<Sliced> {
        let from = usize::try_from(first.checked_sub(self.first)?).ok()?;
        let to = usize::try_from(last.checked_sub(self.first)?).ok()?;
        let bytes = body.get(from..=to)?;
        let complete = self.complete.map_or_else(|| "*".to_owned(), |complete| complete.to_string());
        let content_range = HeaderValue::try_from(format!("bytes {first}-{last}/{complete}")).ok()?;
        Some(Sliced::Satisfied { body: body.slice_ref(bytes), content_range })
    }

    fn refusal(&self) -> Option<Sliced> {
        let content_range = HeaderValue::try_from(format!("bytes */{}", self.complete?)).ok()?;
        Some(Sliced::Unsatisfiable { content_range })
    }
}

fn place(range: ByteRange, complete: Option<u64>) -> Place {
    let Some(complete) = complete else {
        return match range {
            ByteRange::FromTo { first, last } => Place::At(first, last),
            ByteRange::From { .. } | ByteRange::Last { .. } => Place::Unknown,
        };
    };
    let end = complete.checked_sub(1);
    match (range, end) {
        (ByteRange::Last { bytes: 0 }, _) => Place::Outside,
        (ByteRange::Last { .. }, None) => Place::Unknown,
        (ByteRange::Last { bytes }, Some(end)) => Place::At(complete.saturating_sub(bytes), end),
        (ByteRange::FromTo { first, last }, Some(end)) if first <= end => Place::At(first, last.min(end)),
        (ByteRange::From { first }, Some(end)) if first <= end => Place::At(first, end),
        _ => Place::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from_to(first: u64, last: u64) -> ByteRange {
        ByteRange::FromTo { first, last }
    }

    fn from(first: u64) -> ByteRange {
        ByteRange::From { first }
    }

    fn last(bytes: u64) -> ByteRange {
        ByteRange::Last { bytes }
    }

    /// The outcome as one line of text.
    fn slice(part: Part, body: &'static str, range: ByteRange) -> String {
        match part.slice(&Bytes::from_static(body.as_bytes()), range) {
            Sliced::Satisfied { body, content_range } => {
                format!("{}: {}", content_range.to_str().unwrap(), str::from_utf8(&body).unwrap())
            }
            Sliced::Unsatisfiable { content_range } => content_range.to_str().unwrap().to_owned(),
            Sliced::NotHeld => "not held".to_owned(),
        }
    }

    #[test]
    fn a_whole_representation_serves_every_range() {
        let of = |range| slice(Part::whole(11), "0123456789A", range);
        assert_eq!(of(from_to(0, 1)), "bytes 0-1/11: 01");
        assert_eq!(of(from_to(9, 50)), "bytes 9-10/11: 9A");
        assert_eq!(of(from_to(10, 11)), "bytes 10-10/11: A");
        assert_eq!(of(from(1)), "bytes 1-10/11: 123456789A");
        assert_eq!(of(from(10)), "bytes 10-10/11: A");
        assert_eq!(of(last(1)), "bytes 10-10/11: A");
        assert_eq!(of(last(u64::MAX)), "bytes 0-10/11: 0123456789A");
        for outside in [from(11), from_to(11, 12), from(u64::MAX), last(0)] {
            assert_eq!(of(outside), "bytes */11", "{outside:?}");
        }
        let of_nothing = |range| slice(Part::whole(0), "", range);
        assert_eq!(of_nothing(from(0)), "bytes */0");
        assert_eq!(of_nothing(last(1)), "not held");
    }

    #[test]
    fn a_part_serves_the_ranges_that_it_holds() {
        let part = Part { first: 4, complete: Some(12), exact: true };
        let of = |range| slice(part, "4567", range);
        assert_eq!(of(from_to(4, 7)), "bytes 4-7/12: 4567");
        assert_eq!(of(from_to(5, 6)), "bytes 5-6/12: 56");
        for other in [from_to(3, 5), from_to(7, 8), from_to(0, 99), from(4), last(1), last(9)] {
            assert_eq!(of(other), "not held", "{other:?}");
        }
        assert_eq!(of(from(12)), "bytes */12");
    }

    #[test]
    fn a_part_of_an_unknown_whole_serves_positions_alone() {
        let part = Part { first: 4, complete: None, exact: true };
        let of = |range| slice(part, "4567", range);
        assert_eq!(of(from_to(5, 7)), "bytes 5-7/*: 567");
        for other in [from_to(5, 8), from(5), from(99), last(1), last(0)] {
            assert_eq!(of(other), "not held", "{other:?}");
        }
    }

    #[test]
    fn a_part_shorter_than_promised_serves_what_came_and_refuses_nothing() {
        let part = Part { first: 4, complete: Some(9), exact: false };
        let of = |range| slice(part, "01234", range);
        assert_eq!(of(from_to(6, 8)), "bytes 6-8/9: 234");
        assert_eq!(of(from(6)), "bytes 6-8/9: 234");
        assert_eq!(of(last(1)), "bytes 8-8/9: 4");
        assert_eq!(of(last(5)), "bytes 4-8/9: 01234");
        assert_eq!(of(last(6)), "not held");
        assert_eq!(of(from(9)), "not held");
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..12_u64, any::<u64>(), u64::MAX - 12..=u64::MAX]
    }

    proptest! {
        #[test]
        fn no_numbers_panic(
            first in number(),
            complete in proptest::option::of(number()),
            exact in any::<bool>(),
            (a, b) in (number(), number()),
            length in 0..12_usize,
        ) {
            let body = Bytes::copy_from_slice(b"0123456789AB".get(..length).unwrap());
            let part = Part { first, complete, exact };
            for range in [from_to(a.min(b), a.max(b)), from(a), last(a)] {
                if let Sliced::Satisfied { body: bytes, .. } = part.slice(&body, range) {
                    prop_assert!(!bytes.is_empty() && bytes.len() <= length);
                }
            }
        }
    }
}
