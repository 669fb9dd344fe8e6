//! Answers of the class `http`: all variants of one key.

use std::sync::Arc;

use http::HeaderName;
use stepwell_shared::time::Timestamp;

use super::parts::{Reader, Writer};
use super::{Packed, header};
use crate::cache::entry::Entry;
use crate::cache::rfc9111::directives::Restriction;
use crate::cache::rfc9111::partial::Part;
use crate::cache::rfc9111::stored::{Stored, Variants};
use crate::cache::rfc9111::variance::Selecting;

impl Packed for Variants<Arc<Stored>> {
    const KIND: u8 = 2;

    fn write(&self, writer: &mut Writer) {
        writer.count(self.iter().count());
        for stored in self.iter() {
            write_stored(stored, writer);
        }
    }

    fn read(reader: &mut Reader) -> Option<Self> {
        let mut all = Vec::new();
        for _ in 0..reader.count()? {
            all.push(read_stored(reader)?);
        }
        // The latest is written first, and put in last.
        Some(all.into_iter().rev().fold(Self::default(), |variants, stored| variants.with(Arc::new(stored))))
    }
}

fn write_stored(stored: &Stored, writer: &mut Writer) {
    stored.entry.write(writer);
    let selecting = stored.selecting.pairs();
    writer.count(selecting.len());
    for (name, value) in selecting {
        header::write_name(name, writer);
        writer.flag(value.is_some());
        if let Some(value) = value {
            writer.bytes(value);
        }
    }
    writer.flag(stored.part.is_some());
    if let Some(part) = &stored.part {
        writer.number_u64(part.first);
        writer.flag(part.complete.is_some());
        writer.number_u64(part.complete.unwrap_or(0));
        writer.flag(part.exact);
    }
    match &stored.no_cache {
        Restriction::None => writer.number_u8(0),
        Restriction::All => writer.number_u8(1),
        Restriction::Fields(names) => {
            writer.number_u8(2);
            writer.count(names.len());
            names.iter().for_each(|name| header::write_name(name, writer));
        }
    }
    writer.flag(stored.forbids_stale);
    writer.number_u64(stored.made_at.as_ms());
}

fn read_stored(reader: &mut Reader) -> Option<Stored> {
    let entry = Entry::read(reader)?;
    let mut selecting = Vec::new();
    for _ in 0..reader.count()? {
        let name = header::read_name(reader)?;
        let value = if reader.flag()? { Some(Box::from(&*reader.bytes()?)) } else { None };
        selecting.push((name, value));
    }
    let part = if reader.flag()? { Some(part(reader)?) } else { None };
    let no_cache = match reader.number_u8()? {
        0 => Restriction::None,
        1 => Restriction::All,
        2 => Restriction::Fields(names(reader)?),
        _ => return None,
    };
    let forbids_stale = reader.flag()?;
    let made_at = Timestamp::from_ms(reader.number_u64()?);
    let selecting = Selecting::of_pairs(selecting);
    Some(Stored { entry, selecting, part, no_cache, forbids_stale, made_at })
}

fn part(reader: &mut Reader) -> Option<Part> {
    let first = reader.number_u64()?;
    let (is_known, complete) = (reader.flag()?, reader.number_u64()?);
    Some(Part { first, complete: is_known.then_some(complete), exact: reader.flag()? })
}

fn names(reader: &mut Reader) -> Option<Box<[HeaderName]>> {
    let mut names = Vec::new();
    for _ in 0..reader.count()? {
        names.push(header::read_name(reader)?);
    }
    Some(names.into_boxed_slice())
}
