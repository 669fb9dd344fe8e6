//! Stored answers as bytes, for hosts whose store is one of bytes that others may have written, cut short or kept from
//! an older version: what is odd in any way is nothing.
//!
//! ```text
//! 's' 'w'  VERSION  KIND  checksum(8)  key(4 + n)  the answer or answers
//! ```
//!
//! Numbers are little-endian; texts and lists have their length before them. The key is inside, since a store may know
//! its entries by less than the whole key. The checksum is XXH3-64 over all behind it, against decay and truncation:
//! who can write into the store can write a checksum.

mod entry;
mod header;
mod parts;
mod rfc9111;

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

use parts::{Reader, Writer};

/// What is packed under a key.
pub trait Packed: Sized {
    /// Tells the kinds apart.
    #[doc(hidden)]
    const KIND: u8;
    /// Writes it.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer);
    /// Reads it; `None` where it is odd.
    #[doc(hidden)]
    fn read(reader: &mut Reader) -> Option<Self>;
}

/// Changes with every change of the format: what another version wrote is nothing.
const VERSION: u8 = 1;
const MAGIC: [u8; 2] = *b"sw";
/// Bytes before what the checksum covers.
const HEAD_BYTES: usize = 12;

/// The bytes of what is stored under a key.
pub fn pack<T: Packed>(key: &str, packed: &T) -> Bytes {
    let mut rest = Writer::default();
    rest.bytes(key.as_bytes());
    packed.write(&mut rest);
    let rest = rest.into_bytes();
    let mut whole = Vec::with_capacity(rest.len().saturating_add(HEAD_BYTES));
    whole.extend_from_slice(&MAGIC);
    whole.extend_from_slice(&[VERSION, T::KIND]);
    whole.extend_from_slice(&xxh3_64(&rest).to_le_bytes());
    whole.extend_from_slice(&rest);
    whole.into()
}

/// What the bytes hold under this very key; `None` where they are not exactly what [`pack`] writes. Bodies share the
/// bytes that are given.
pub fn unpack<T: Packed>(key: &str, bytes: &Bytes) -> Option<T> {
    let mut reader = Reader::new(bytes.clone());
    if reader.take(2)? != MAGIC.as_slice() || reader.number_u8()? != VERSION || reader.number_u8()? != T::KIND
    {
        return None;
    }
    let checksum = reader.number_u64()?;
    if xxh3_64(reader.rest()) != checksum || reader.bytes()? != key.as_bytes() {
        return None;
    }
    let packed = T::read(&mut reader)?;
    reader.rest().is_empty().then_some(packed)
}

#[cfg(test)]
mod tests;
