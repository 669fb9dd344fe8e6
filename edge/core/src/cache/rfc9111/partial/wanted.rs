//! What a request's `Range` asks for (RFC 9110 §14.1, §14.2).

use http::HeaderMap;
use http::header::RANGE;

use super::{halves, saturated};

/// What of a representation a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it. So it is with a `Range` that is malformed, given twice, or of another unit than bytes: a server
    /// ignores those.
    Whole,
    /// One range of bytes.
    One(ByteRange),
    /// Several ranges of bytes; a server may ignore those as well.
    Several,
}

/// One range of bytes as a request asks for it. A number too large to count is [`u64::MAX`], which no representation
/// reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// `FIRST-LAST`: both positions included, from 0, the last at or behind the first.
    FromTo {
        /// The first position.
        first: u64,
        /// The last position.
        last: u64,
    },
    /// `FIRST-`: from a position to the end.
    From {
        /// The first position.
        first: u64,
    },
    /// `-BYTES`: the last so many bytes, or all where there are fewer.
    Last {
        /// How many.
        bytes: u64,
    },
}

impl Wanted {
    /// What the request wants, whatever its method: `Range` means something for `GET` alone (RFC 9110 §14.2).
    pub fn of(request: &HeaderMap) -> Self {
        let mut lines = request.get_all(RANGE).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return Self::Whole };
        Self::parse(line.as_bytes()).unwrap_or(Self::Whole)
    }

    /// `None` where it is malformed. A list may have empty members (RFC 9110 §5.6.1.2), yet not them alone.
    fn parse(text: &[u8]) -> Option<Self> {
        let (unit, list) = halves(text, b'=')?;
        if !unit.eq_ignore_ascii_case(b"bytes") {
            return None;
        }
        let mut wanted = None;
        for member in list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|m| !m.is_empty()) {
            let range = ByteRange::parse(member)?;
            wanted = Some(if wanted.is_none() { Self::One(range) } else { Self::Several });
        }
        wanted
    }
}

impl ByteRange {
    fn parse(text: &[u8]) -> Option<Self> {
        match halves(text, b'-')? {
            (b"", bytes) => Some(Self::Last { bytes: saturated(bytes)? }),
            (first, b"") => Some(Self::From { first: saturated(first)? }),
            (first, last) => {
                let (first, last) = (saturated(first)?, saturated(last)?);
                (first <= last).then_some(Self::FromTo { first, last })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn wanted(lines: &[&str]) -> Wanted {
        let mut request = HeaderMap::new();
        for line in lines {
            request.append(RANGE, HeaderValue::from_str(line).unwrap());
        }
        Wanted::of(&request)
    }

    #[test]
    fn one_range_is_read_in_each_form() {
        let one = |text| match wanted(&[text]) {
            Wanted::One(range) => Some(range),
            _ => None,
        };
        assert_eq!(one("bytes=0-1"), Some(ByteRange::FromTo { first: 0, last: 1 }));
        assert_eq!(one("BYTES=7-7"), Some(ByteRange::FromTo { first: 7, last: 7 }));
        assert_eq!(one("bytes=1-"), Some(ByteRange::From { first: 1 }));
        assert_eq!(one("bytes=-5"), Some(ByteRange::Last { bytes: 5 }));
        assert_eq!(one("bytes=, ,1- ,"), Some(ByteRange::From { first: 1 }));
        assert_eq!(one("bytes=-0"), Some(ByteRange::Last { bytes: 0 }));
        let huge = "bytes=99999999999999999999-";
        assert_eq!(one(huge), Some(ByteRange::From { first: u64::MAX }));
    }

    #[test]
    fn what_a_server_must_or_may_ignore_wants_the_whole() {
        for ignored in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=1",
            "bytes=2-1",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1-2-3",
            "bytes=--1",
            "bytes=1 -2",
            "bytes =1-2",
            "bytes=0-1,x",
            "pages=1-2",
            "0-1",
        ] {
            assert_eq!(wanted(&[ignored]), Wanted::Whole, "{ignored}");
        }
        assert_eq!(wanted(&[]), Wanted::Whole);
        assert_eq!(wanted(&["bytes=0-1", "bytes=0-1"]), Wanted::Whole);
        assert_eq!(wanted(&["bytes=0-1, 3-,-1"]), Wanted::Several);
    }

    proptest! {
        #[test]
        fn no_range_panics_and_none_ends_before_it_starts(text in "[ -~]{0,24}|bytes=[0-9]{0,21}-[0-9]{0,21}(,-[0-9])?") {
            if let Wanted::One(ByteRange::FromTo { first, last }) = wanted(&[&text]) {
                prop_assert!(first <= last);
            }
        }
    }
}
