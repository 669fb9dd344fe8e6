//! Header maps, in the order of their fields.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::parts::{Reader, Writer};

pub(super) fn write(headers: &HeaderMap, writer: &mut Writer) {
    writer.count(headers.len());
    for (name, value) in headers {
        write_name(name, writer);
        writer.bytes(value.as_bytes());
    }
}

pub(super) fn read(reader: &mut Reader) -> Option<HeaderMap> {
    let count = reader.count()?;
    let mut headers = HeaderMap::new();
    headers.try_reserve(count).ok()?;
    for _ in 0..count {
        let name = read_name(reader)?;
        let value = HeaderValue::from_maybe_shared(reader.bytes()?).ok()?;
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

pub(super) fn write_name(name: &HeaderName, writer: &mut Writer) {
    writer.bytes(name.as_str().as_bytes());
}

pub(super) fn read_name(reader: &mut Reader) -> Option<HeaderName> {
    let bytes = reader.bytes()?;
    let name = HeaderName::from_bytes(&bytes).ok()?;
    // Another spelling is not what was written.
    (name.as_str().as_bytes() == bytes).then_some(name)
}
