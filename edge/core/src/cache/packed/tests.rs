use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::prelude::*;
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use super::{pack, unpack};
use crate::cache::entry::Entry;
use crate::cache::freshness::Lifetimes;
use crate::cache::rfc9111::directives::Restriction;
use crate::cache::rfc9111::partial::Part;
use crate::cache::rfc9111::stored::{Stored, Variants};
use crate::cache::rfc9111::testing::{fields, head, stored_for};

fn entry(readers: Option<&str>) -> Entry {
    let mut headers = HeaderMap::new();
    headers.append("etag", HeaderValue::from_static("\"v1\""));
    headers.append("link", HeaderValue::from_static("</a>"));
    headers.append("link", HeaderValue::from_bytes(b"</\xff>").unwrap());
    Entry {
        status: StatusCode::NOT_FOUND,
        headers,
        body: Bytes::from_static(b"{}"),
        tags: Box::new([TagHash(7), TagHash(u64::MAX)]),
        position: Position { epoch: Epoch(3), sequence: 1 << 40 },
        stored_at: Timestamp::from_ms(1_800_000_000_000),
        initial_age_ms: 5,
        lifetimes: Lifetimes { fresh_for_ms: 1, stale_while_revalidate_ms: 2, stale_if_error_ms: 3 },
        readers: readers.map(|text| text.parse().unwrap()),
        immutable: true,
    }
}

#[test]
fn an_entry_comes_back() {
    for readers in [None, Some("signed-in"), Some("account/0000000000007,role/editor")] {
        let entry = entry(readers);
        let back: Entry = unpack("/a?b", &pack("/a?b", &entry)).unwrap();
        assert_eq!(format!("{back:?}"), format!("{entry:?}"));
    }
}

#[test]
fn variants_come_back_in_their_order() {
    let variant = |language: &str| {
        let request = head("GET /", &[&format!("accept-language: {language}"), "x: 1"]);
        let lines = ["cache-control: max-age=9, no-cache=\"age\"", "vary: accept-language, y", "etag: \"a\""];
        stored_for(&request, 200, &lines, "content").unwrap()
    };
    let part = Stored { part: Some(Part { first: 2, complete: None, exact: false }), ..variant("de") };
    assert!(matches!(part.no_cache, Restriction::Fields(_)));
    let all = [variant("fr"), part].into_iter().fold(Variants::default(), |all, one| all.with(Arc::new(one)));
    let back: Variants<Arc<Stored>> = unpack("h/", &pack("h/", &all)).unwrap();
    assert_eq!(format!("{back:?}"), format!("{all:?}"));
    assert!(back.select(&fields(&["accept-language: fr"])).is_some());
}

#[test]
fn what_is_for_another_key_or_of_another_kind_is_nothing() {
    let bytes = pack("/a", &entry(None));
    assert!(unpack::<Entry>("/b", &bytes).is_none());
    assert!(unpack::<Variants<Arc<Stored>>>("/a", &bytes).is_none());
    let longer = Bytes::from([&bytes[..], b"x"].concat());
    assert!(unpack::<Entry>("/a", &longer).is_none());
}

#[test]
fn nothing_that_was_changed_or_cut_is_read() {
    let bytes = pack("/a", &entry(Some("account/0000000000007")));
    for place in 0..bytes.len() {
        assert!(unpack::<Entry>("/a", &bytes.slice(..place)).is_none(), "cut at {place}");
        let mut changed = bytes.to_vec();
        changed[place] ^= 1;
        assert!(unpack::<Entry>("/a", &changed.into()).is_none(), "changed at {place}");
    }
}

/// The bytes with a checksum that is right: what is left to refuse is the content.
fn resealed(mut bytes: Vec<u8>) -> Bytes {
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[super::HEAD_BYTES..]);
    bytes[4..super::HEAD_BYTES].copy_from_slice(&checksum.to_le_bytes());
    bytes.into()
}

proptest! {
    #[test]
    fn no_bytes_panic_and_what_is_read_is_what_would_be_written(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = pack("/a", &entry(Some("role/editor"))).to_vec();
        for (place, value) in changes {
            let place = super::HEAD_BYTES + place.index(bytes.len() - super::HEAD_BYTES);
            bytes[place] = value;
        }
        let cut = super::HEAD_BYTES + cut.index(bytes.len() + 1 - super::HEAD_BYTES);
        bytes.truncate(cut);
        let bytes = resealed(bytes);
        if let Some(read) = unpack::<Entry>("/a", &bytes) {
            prop_assert_eq!(pack("/a", &read).len(), bytes.len());
        }
    }
}

#[test]
fn a_name_in_another_spelling_is_nothing() {
    let bytes = pack("/a", &entry(None)).to_vec();
    let place = bytes.windows(4).position(|four| four == b"etag").unwrap();
    let mut changed = bytes;
    changed[place] = b'E';
    assert!(HeaderName::from_bytes(b"Etag").is_ok());
    assert!(unpack::<Entry>("/a", &resealed(changed)).is_none());
}
