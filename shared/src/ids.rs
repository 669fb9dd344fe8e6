//! Identifiers of accounts and records.
//!
//! An id is 63 bits, so that it fits a signed 64-bit column: 41 bits of milliseconds since 2025-01-01 (69 years),
//! 12 bits of logical shard, 10 bits of sequence within that millisecond and shard. Ids sort by time, and an id alone
//! says where its row lives. People and programs see it as 13 characters of Crockford's base 32 in lower case
//! (<https://www.crockford.com/base32.html>); the text sorts as the number does, and each id has exactly one text, so
//! that it has exactly one cache key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// 2025-01-01T00:00:00Z, the zero of an id's clock, in milliseconds since the Unix epoch.
const EPOCH_MS: u64 = 1_735_689_600_000;
const TIME_BITS: u32 = 41;
const SHARD_BITS: u32 = 12;
const SEQUENCE_BITS: u32 = 10;
/// Characters in the text of an id: 13 of 5 bits carry 63.
const TEXT_LENGTH: usize = 13;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many logical shards there are; a shard is a number below this.
pub const SHARDS: u16 = 1 << SHARD_BITS;
/// How many ids one shard can issue in one millisecond.
pub const SEQUENCES: u16 = 1 << SEQUENCE_BITS;

/// A 63-bit, time-ordered identifier that carries its logical shard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

/// Text that is not the one canonical form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 13 characters of 0-9 and a-z without i, l, o and u")]
pub struct InvalidId;

impl Id {
    /// Assembles an id. Time before 2025 counts as 2025; `shard` and `sequence` are cut to their bits.
    pub const fn new(at: Timestamp, shard: u16, sequence: u16) -> Self {
        let time = at.as_ms().saturating_sub(EPOCH_MS) & mask(TIME_BITS);
        let shard = shard as u64 & mask(SHARD_BITS);
        let sequence = sequence as u64 & mask(SEQUENCE_BITS);
        Self(time << (SHARD_BITS + SEQUENCE_BITS) | shard << SEQUENCE_BITS | sequence)
    }

    /// From a database column; `None` for a negative number, which is no id.
    pub const fn from_column(value: i64) -> Option<Self> {
        if value < 0 { None } else { Some(Self(value.cast_unsigned())) }
    }

    /// For a database column; never negative.
    pub const fn as_column(self) -> i64 {
        self.0.cast_signed()
    }

    /// When the id was issued, to the millisecond.
    pub const fn issued_at(self) -> Timestamp {
        Timestamp::from_ms((self.0 >> (SHARD_BITS + SEQUENCE_BITS)).saturating_add(EPOCH_MS))
    }

    /// The logical shard in which the row lives, below [`SHARDS`].
    #[expect(clippy::cast_possible_truncation, reason = "masked to 12 bits")]
    pub const fn shard(self) -> u16 {
        (self.0 >> SEQUENCE_BITS & mask(SHARD_BITS)) as u16
    }
}

const fn mask(bits: u32) -> u64 {
    (1_u64 << bits).wrapping_sub(1)
}

/// Writes `value` as the low `N` groups of five bits, most significant first.
fn to_base32<const N: usize>(value: u64) -> [u8; N] {
    let mut text = [b'0'; N];
    let mut rest = value;
    for place in text.iter_mut().rev() {
        // The mask keeps the index below 32, the length of the alphabet.
        *place = ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    text
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = to_base32::<TEXT_LENGTH>(self.0);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != TEXT_LENGTH {
            return Err(InvalidId);
        }
        let mut value = 0_u64;
        for byte in text.bytes() {
            let digit = ALPHABET.iter().position(|&c| c == byte).ok_or(InvalidId)?;
            value = value.checked_mul(32).and_then(|v| v.checked_add(digit as u64)).ok_or(InvalidId)?;
        }
        if value > i64::MAX.cast_unsigned() { Err(InvalidId) } else { Ok(Self(value)) }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_canonical_and_sorts_as_the_number_does(a in 0..=i64::MAX, b in 0..=i64::MAX) {
            let (a, b) = (Id::from_column(a).unwrap(), Id::from_column(b).unwrap());
            prop_assert_eq!(a.to_string().parse::<Id>(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn any_accepted_text_is_the_one_that_is_printed(text in "[0-9a-zA-Z]{12,14}") {
            if let Ok(id) = text.parse::<Id>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn parts_come_back(ms in EPOCH_MS..EPOCH_MS + mask(TIME_BITS), shard in 0..SHARDS, sequence in 0..SEQUENCES) {
            let id = Id::new(Timestamp::from_ms(ms), shard, sequence);
            prop_assert_eq!(id.issued_at().as_ms(), ms);
            prop_assert_eq!(id.shard(), shard);
        }
    }

    #[test]
    fn a_text_beyond_63_bits_is_refused() {
        assert_eq!("7zzzzzzzzzzzz".parse::<Id>().unwrap().as_column(), i64::MAX);
        assert_eq!("8000000000000".parse::<Id>(), Err(InvalidId));
    }
}
