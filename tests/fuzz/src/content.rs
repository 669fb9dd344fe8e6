//! Content whose bytes say which content they are, and where in it they stand.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

/// A representation without end, of which answers give the beginning or a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content(u64);

impl Content {
    /// What a strong entity tag stands for at a resource: the same content whenever it comes (RFC 9110 §8.8.1).
    pub fn of_tag(key: &str, etag: &[u8]) -> Self {
        // Without keys, so that a script plays the same every time.
        Self(BuildHasherDefault::<DefaultHasher>::default().hash_one((key, etag)))
    }

    /// What one answer alone has.
    pub fn of_answer(ordinal: usize) -> Self {
        Self::of_tag("answer", &ordinal.to_be_bytes())
    }

    /// So many of its bytes, from a position.
    pub fn bytes(self, first: u64, length: usize) -> Vec<u8> {
        (0..length as u64).map(|offset| self.at(first.wrapping_add(offset))).collect()
    }

    /// Whether these are its bytes from a position.
    pub fn holds(self, first: u64, bytes: &[u8]) -> bool {
        bytes.iter().zip(0..).all(|(byte, offset)| *byte == self.at(first.wrapping_add(offset)))
    }

    fn at(self, position: u64) -> u8 {
        let mixed = (self.0 ^ position).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed.to_be_bytes()[0]
    }
}
