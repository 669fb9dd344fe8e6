//! Parts of representations: ranges of bytes (RFC 9110 §14), stored and served by a cache (RFC 9111 §3.3, §3.4).

mod combine;
mod condition;
mod slice;
mod wanted;

use http::header::CONTENT_RANGE;
use http::{HeaderMap, HeaderValue};

pub use combine::{combine, share_strong_validator};
pub use condition::may_serve_range;
pub use slice::Sliced;
pub use wanted::{ByteRange, Wanted};

/// Which bytes of a representation a stored body is; the body itself lies beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where the body's first byte stands in the representation, from 0.
    pub first: u64,
    /// Bytes of the whole representation, where they are known.
    pub complete: Option<u64>,
    /// Whether the body is as long as its answer promised. A part that is not may be served from, but nothing is built
    /// on it: it is never combined, completed, or held to be all there is.
    pub exact: bool,
}

impl Part {
    /// A whole representation of so many bytes.
    pub const fn whole(body_bytes: u64) -> Self {
        Self { first: 0, complete: Some(body_bytes), exact: true }
    }

    /// What a `206` with this header and this many bytes of body holds; `None` where it does not say, so that it cannot
    /// be stored. `multipart/byteranges` is such an answer.
    ///
    /// An answer may be framed whole and yet hold more or fewer bytes than its `Content-Range` promises. What was
    /// received are then two facts, the position of the first byte and the bytes. If the range claimed to reach the end
    /// of the representation, so do they, and the complete length follows from them. If it did not, the complete
    /// length is as stated, unless the bytes run past it: then nothing fits together.
    pub fn of(response: &HeaderMap, body_bytes: u64) -> Option<Self> {
        let mut lines = response.get_all(CONTENT_RANGE).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        let (first, last, complete) = content_range(line.as_bytes())?;
        let is_valid = first <= last && complete.is_none_or(|complete| last < complete) && body_bytes > 0;
        if !is_valid {
            return None;
        }
        let promised_end = last.checked_add(1)?;
        let end = first.checked_add(body_bytes)?;
        let exact = end == promised_end;
        let complete = if complete == Some(promised_end) { Some(end) } else { complete };
        let fits = complete.is_none_or(|complete| end <= complete);
        fits.then_some(Self { first, complete, exact })
    }

    /// Whether the body is the whole representation.
    pub fn is_complete(&self, body_bytes: u64) -> bool {
        self.exact && self.first == 0 && self.complete == Some(body_bytes)
    }

    /// The `Range` that asks for what a part which begins the representation lacks of it; `None` where it lacks
    /// nothing, lacks its beginning, or does not say how much it lacks.
    pub fn missing(&self, body_bytes: u64) -> Option<HeaderValue> {
        let lacks_its_end = self.exact && self.first == 0 && self.complete? > body_bytes;
        lacks_its_end.then(|| HeaderValue::try_from(format!("bytes={body_bytes}-")).ok())?
    }

    /// The position behind the body's last byte.
    fn end(&self, body: &[u8]) -> Option<u64> {
        self.first.checked_add(u64::try_from(body.len()).ok()?)
    }
}

/// The numbers of `bytes FIRST-LAST/COMPLETE`, where the last may be `*` (RFC 9110 §14.4). Numbers that cannot be
/// counted to are as good as malformed.
fn content_range(text: &[u8]) -> Option<(u64, u64, Option<u64>)> {
    let (unit, range) = halves(text, b' ')?;
    let (positions, complete) = halves(range, b'/')?;
    let (first, last) = halves(positions, b'-')?;
    let counted = |text| saturated(text).filter(|number| *number < u64::MAX);
    let complete = if complete == b"*" { None } else { Some(counted(complete)?) };
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return None;
    }
    Some((counted(first)?, counted(last)?, complete))
}

/// What stands before and behind the first separator.
fn halves(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let mut halves = text.splitn(2, |byte| *byte == separator);
    Some((halves.next()?, halves.next()?))
}

/// The number that digits say, at most [`u64::MAX`]; `None` where there is no digit or anything else.
fn saturated(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        Some(number.saturating_mul(10).saturating_add(u64::from(digit)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(content_range: &str, body_bytes: u64) -> Option<Part> {
        let mut response = HeaderMap::new();
        response.insert(CONTENT_RANGE, HeaderValue::from_str(content_range).unwrap());
        Part::of(&response, body_bytes)
    }

    #[test]
    fn a_part_is_what_its_answer_says_that_it_is() {
        let exact = |first, complete| Some(Part { first, complete, exact: true });
        assert_eq!(part("bytes 4-9/10", 6), exact(4, Some(10)));
        assert_eq!(part("Bytes 4-9/12", 6), exact(4, Some(12)));
        assert_eq!(part("bytes 0-0/*", 1), exact(0, None));
        for refused in [
            "",
            "bytes",
            "bytes */10",
            "bytes 4-3/10",
            "bytes 4-9/9",
            "bytes 4-9/",
            "bytes 4-/10",
            "bytes -9/10",
            "bytes 4-9",
            "bytes  4-9/10",
            "bytes 4-9/+10",
            "bytes=4-9/10",
            "bytes 4-9/10 ",
            "pages 4-9/10",
            "bytes 4-18446744073709551615/*",
            "bytes 4-9/99999999999999999999",
        ] {
            assert_eq!(part(refused, 6), None, "{refused}");
        }
        assert_eq!(part("bytes 4-9/9", 5), None);
        assert_eq!(part("bytes 4-9/10", 0), None);
        let mut twice = HeaderMap::new();
        twice.append(CONTENT_RANGE, HeaderValue::from_static("bytes 4-9/10"));
        twice.append(CONTENT_RANGE, HeaderValue::from_static("bytes 4-9/10"));
        assert_eq!(Part::of(&twice, 6), None);
        assert_eq!(Part::of(&HeaderMap::new(), 6), None);
    }

    #[test]
    fn a_body_of_another_length_than_promised_is_believed_alone() {
        let inexact = |first, complete| Some(Part { first, complete, exact: false });
        assert_eq!(part("bytes 4-9/10", 5), inexact(4, Some(9)));
        assert_eq!(part("bytes 4-9/10", 7), inexact(4, Some(11)));
        assert_eq!(part("bytes 4-8/10", 4), inexact(4, Some(10)));
        assert_eq!(part("bytes 4-8/10", 6), inexact(4, Some(10)));
        assert_eq!(part("bytes 4-8/10", 7), None);
        assert_eq!(part("bytes 4-8/*", 7), inexact(4, None));
    }

    #[test]
    fn what_a_beginning_lacks_is_asked_for() {
        let missing =
            |content_range, body_bytes| part(content_range, body_bytes).unwrap().missing(body_bytes);
        assert_eq!(missing("bytes 0-4/10", 5).unwrap(), "bytes=5-");
        for (content_range, body_bytes) in
            [("bytes 0-4/*", 5), ("bytes 0-4/10", 4), ("bytes 1-4/10", 4), ("bytes 0-9/10", 10)]
        {
            assert_eq!(missing(content_range, body_bytes), None, "{content_range}");
        }
        assert!(part("bytes 0-9/10", 10).unwrap().is_complete(10));
        assert!(Part::whole(0).is_complete(0));
        for (content_range, body_bytes) in
            [("bytes 0-9/*", 10), ("bytes 0-9/10", 9), ("bytes 1-9/10", 9), ("bytes 0-4/10", 5)]
        {
            assert!(!part(content_range, body_bytes).unwrap().is_complete(body_bytes), "{content_range}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics(text in "[ -~]{0,24}|bytes [0-9]{1,20}-[0-9]{1,20}/([0-9]{1,20}|\\*)", bytes in any::<u64>()) {
            if let Some(part) = part(&text, bytes) {
                prop_assert!(part.complete.is_none_or(|complete| part.first + bytes <= complete));
                let _ = part.missing(bytes);
            }
        }
    }
}
