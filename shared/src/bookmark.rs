//! Positions in the purge log, and the bookmark that carries one to a client.
//!
//! A write answers with the position that its own purges got (`Stepwell-Bookmark`, header and cookie). A later
//! request that carries it is not served anything older. A cacheable answer of the origin states the position read
//! *before* its data, and the stored entry keeps that one.

use std::fmt;
use std::str::FromStr;

use http::HeaderMap;
use http::header::COOKIE;
use serde::{Deserialize, Serialize};

use crate::headers::{BOOKMARK, BOOKMARK_COOKIE};

/// Names one timeline of the log. A database restored from a backup begins a new one, since the sequences of the
/// timeline that it leaves behind would mean other writes; what was cached or bookmarked under the old one is void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// A place in the purge log: everything up to and including `sequence` has happened. 0 is before the first purge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The timeline.
    pub epoch: Epoch,
    /// The last purge included.
    pub sequence: u64,
}

/// Text that is no bookmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bookmark is two hexadecimal numbers joined by '-', as a write answered it")]
pub struct InvalidBookmark;

impl Position {
    /// Whether data read at `self` includes everything up to `other`. Positions of different timelines never do.
    pub fn includes(self, other: Self) -> bool {
        self.epoch == other.epoch && self.sequence >= other.sequence
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.epoch.0, self.sequence)
    }
}

impl FromStr for Position {
    type Err = InvalidBookmark;

    fn from_str(text: &str) -> Result<Self, InvalidBookmark> {
        let (epoch, sequence) = text.split_once('-').ok_or(InvalidBookmark)?;
        // `from_str_radix` would take a leading '+'.
        let hex = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex(epoch) || !hex(sequence) {
            return Err(InvalidBookmark);
        }
        Ok(Self {
            epoch: Epoch(u32::from_str_radix(epoch, 16).map_err(|_| InvalidBookmark)?),
            sequence: u64::from_str_radix(sequence, 16).map_err(|_| InvalidBookmark)?,
        })
    }
}

/// What a request's sender has seen: by the header of a program, or the cookie of a browser. A header that cannot be
/// read is an error; a cookie that cannot is somebody else's, and ignored.
pub fn of_request(headers: &HeaderMap) -> Result<Option<Position>, InvalidBookmark> {
    if let Some(value) = headers.get(BOOKMARK) {
        return value.to_str().map_err(|_| InvalidBookmark)?.parse().map(Some);
    }
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let cookie = pairs.find(|(name, _)| *name == BOOKMARK_COOKIE);
    Ok(cookie.and_then(|(_, text)| text.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    #[test]
    fn the_header_goes_before_the_cookie_and_must_be_right() {
        let of = |fields: &[(HeaderName, &'static str)]| {
            let fields = fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            of_request(&fields.collect())
        };
        let at = |sequence| Ok(Some(Position { epoch: Epoch(1), sequence }));
        let cookie = (COOKIE, "a=b; __Host-stepwell-bookmark=1-b; c=d");
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(std::slice::from_ref(&cookie)), at(11));
        assert_eq!(of(&[(BOOKMARK, "1-a"), cookie.clone()]), at(10));
        assert_eq!(of(&[(BOOKMARK, "yesterday"), cookie]), Err(InvalidBookmark));
        assert_eq!(of(&[(COOKIE, "__Host-stepwell-bookmark=?")]), Ok(None));
    }

    proptest! {
        #[test]
        fn a_bookmark_comes_back(epoch: u32, sequence: u64) {
            let position = Position { epoch: Epoch(epoch), sequence };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        #[test]
        fn no_text_is_misread(text in "\\PC{0,24}") {
            if let Ok(position) = text.parse::<Position>() {
                prop_assert_eq!(position.to_string().parse::<Position>(), Ok(position));
            }
        }
    }

    #[test]
    fn timelines_do_not_compare() {
        let old = Position { epoch: Epoch(1), sequence: 9 };
        assert!(!old.includes(Position { epoch: Epoch(2), sequence: 1 }));
        assert!("+1-2".parse::<Position>().is_err());
    }
}
