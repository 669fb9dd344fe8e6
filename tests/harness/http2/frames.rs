//! Frames as they go over the wire, right and wrong ones alike: what is written here is checked by nobody.

use super::ErrorCode;

/// What a client says first (RFC 9113 §3.4), before its first SETTINGS.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame before its payload.
pub const HEAD_BYTES: usize = 9;

/// Types of frames (RFC 9113 §6).
#[expect(missing_docs, reason = "RFC 9113 §6 has what each is")]
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// Flags of frames; what one means depends on the type.
#[expect(missing_docs, reason = "RFC 9113 §6 has what each is")]
pub mod flag {
    pub const NONE: u8 = 0;
    pub const ACK: u8 = 0x1;
    pub const END_STREAM: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
    pub const PRIORITY: u8 = 0x20;
}

/// Settings (RFC 9113 §6.5.2).
#[expect(missing_docs, reason = "RFC 9113 §6.5.2 has what each is")]
pub mod setting {
    pub const HEADER_TABLE_SIZE: u16 = 1;
    pub const ENABLE_PUSH: u16 = 2;
    pub const MAX_CONCURRENT_STREAMS: u16 = 3;
    pub const INITIAL_WINDOW_SIZE: u16 = 4;
    pub const MAX_FRAME_SIZE: u16 = 5;
}

/// A request in good faith.
pub const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/healthz")];

/// Any frame. `stream` includes the bit that is reserved.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("tests send frames of a few megabytes at the most");
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A header block in which each field stands as it is: no table, no Huffman code (RFC 7541 §6.2.2).
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            integer(&mut bytes, text.len());
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

/// An integer with a prefix of seven bits (RFC 7541 §5.1).
fn integer(bytes: &mut Vec<u8>, value: usize) {
    let low = |value: usize| u8::try_from(value & 0x7f).expect("seven bits fit");
    let Some(mut rest) = value.checked_sub(127) else { return bytes.push(low(value)) };
    bytes.push(127);
    while rest >= 128 {
        bytes.push(low(rest) | 0x80);
        rest >>= 7;
    }
    bytes.push(low(rest));
}

/// HEADERS with all of these fields; `flags` beside `END_HEADERS`.
pub fn headers(stream: u32, flags: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flags | flag::END_HEADERS, stream, &block(fields))
}

/// A request without content.
pub fn request(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    headers(stream, flag::END_STREAM, fields)
}

/// [`GET`].
pub fn get(stream: u32) -> Vec<u8> {
    request(stream, &GET)
}

/// The beginning of a request whose content is to come: a log-in.
pub fn post(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "a"),
        (":path", "/v1/sessions"),
        ("content-type", "application/json"),
    ];
    all.extend(fields);
    headers(stream, flag::NONE, &all)
}

/// DATA.
pub fn data(stream: u32, flags: u8, content: &[u8]) -> Vec<u8> {
    frame(kind::DATA, flags, stream, content)
}

/// SETTINGS.
pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (name, value) in settings {
        payload.extend(name.to_be_bytes());
        payload.extend(value.to_be_bytes());
    }
    frame(kind::SETTINGS, flag::NONE, 0, &payload)
}

/// `RST_STREAM`.
pub fn reset(stream: u32, code: ErrorCode) -> Vec<u8> {
    frame(kind::RST_STREAM, flag::NONE, stream, &code.0.to_be_bytes())
}

/// `WINDOW_UPDATE`.
pub fn window_update(stream: u32, by: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, flag::NONE, stream, &by.to_be_bytes())
}

/// PING, which is to be acknowledged.
pub fn ping(content: [u8; 8]) -> Vec<u8> {
    frame(kind::PING, flag::NONE, 0, &content)
}

/// GOAWAY: nothing of the server's was taken.
pub fn goaway(code: ErrorCode) -> Vec<u8> {
    frame(kind::GOAWAY, flag::NONE, 0, &[[0; 4], code.0.to_be_bytes()].concat())
}
