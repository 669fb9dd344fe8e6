//! Numbers, texts and lists.

use bytes::{Buf as _, Bytes};

/// Collects bytes.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn number_u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(super) fn number_u16(&mut self, number: u16) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn number_u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn number_u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// How many things follow. Nothing that is stored comes near the largest number; what did would not be read again.
    pub(super) fn count(&mut self, count: usize) {
        self.number_u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn flag(&mut self, is: bool) {
        self.number_u8(u8::from(is));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Takes bytes from the front. Each method is `None` where what it should take is not there.
pub struct Reader(Bytes);

impl Reader {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    pub(super) fn rest(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Option<Bytes> {
        (count <= self.0.len()).then(|| self.0.split_to(count))
    }

    pub(super) fn number_u8(&mut self) -> Option<u8> {
        self.0.try_get_u8().ok()
    }

    pub(super) fn number_u16(&mut self) -> Option<u16> {
        self.0.try_get_u16_le().ok()
    }

    pub(super) fn number_u32(&mut self) -> Option<u32> {
        self.0.try_get_u32_le().ok()
    }

    pub(super) fn number_u64(&mut self) -> Option<u64> {
        self.0.try_get_u64_le().ok()
    }

    /// How many things follow, of which each takes at least one byte: so that nothing is made room for that cannot come.
    pub(super) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number_u32()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    pub(super) fn bytes(&mut self) -> Option<Bytes> {
        let count = self.count()?;
        self.take(count)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        match self.number_u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}
