//! Entries of Stepwell's own classes.

use http::StatusCode;
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::readers::Readers;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use super::parts::{Reader, Writer};
use super::{Packed, header};
use crate::cache::entry::Entry;
use crate::cache::freshness::Lifetimes;

impl Packed for Entry {
    const KIND: u8 = 1;

    fn write(&self, writer: &mut Writer) {
        writer.number_u16(self.status.as_u16());
        header::write(&self.headers, writer);
        writer.count(self.tags.len());
        for tag in &self.tags {
            writer.number_u64(tag.0);
        }
        writer.number_u32(self.position.epoch.0);
        writer.number_u64(self.position.sequence);
        writer.number_u64(self.stored_at.as_ms());
        writer.number_u64(self.initial_age_ms);
        writer.number_u64(self.lifetimes.fresh_for_ms);
        writer.number_u64(self.lifetimes.stale_while_revalidate_ms);
        writer.number_u64(self.lifetimes.stale_if_error_ms);
        writer.flag(self.readers.is_some());
        if let Some(readers) = &self.readers {
            writer.bytes(readers.to_string().as_bytes());
        }
        writer.flag(self.immutable);
        writer.bytes(&self.body);
    }

    fn read(reader: &mut Reader) -> Option<Self> {
        let status = StatusCode::from_u16(reader.number_u16()?).ok()?;
        let headers = header::read(reader)?;
        let mut tags = Vec::new();
        for _ in 0..reader.count()? {
            tags.push(TagHash(reader.number_u64()?));
        }
        let position = Position { epoch: Epoch(reader.number_u32()?), sequence: reader.number_u64()? };
        let stored_at = Timestamp::from_ms(reader.number_u64()?);
        let initial_age_ms = reader.number_u64()?;
        let lifetimes = Lifetimes {
            fresh_for_ms: reader.number_u64()?,
            stale_while_revalidate_ms: reader.number_u64()?,
            stale_if_error_ms: reader.number_u64()?,
        };
        // Readers that cannot be read must not become an entry for everybody.
        let readers = if reader.flag()? { Some(self::readers(&reader.bytes()?)?) } else { None };
        let immutable = reader.flag()?;
        let body = reader.bytes()?;
        let tags = tags.into_boxed_slice();
        Some(Self {
            status,
            headers,
            body,
            tags,
            position,
            stored_at,
            initial_age_ms,
            lifetimes,
            readers,
            immutable,
        })
    }
}

fn readers(text: &[u8]) -> Option<Readers> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
