//! Header maps and those of WASI.

use http::header::{
    CONNECTION, HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderValue};
use spin_sdk::wasip3::http::types::{ErrorCode, Fields};

/// Fields by which Spin tells a component of its client and its route. None of them is the client's, nor the origin's to
/// believe.
const SPINS: &str = "spin-";

/// What a field may not be named that a component sets: each belongs to a connection, and connections are the host's. One
/// of them would have the whole header refused.
fn is_the_hosts(name: &HeaderName) -> bool {
    const OTHERS: [&str; 3] = ["http2-settings", "keep-alive", "proxy-connection"];
    [CONNECTION, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE]
        .contains(name)
        || OTHERS.contains(&name.as_str())
}

/// # Errors
/// Where there are more lines than a map can hold.
pub(crate) fn read(fields: &Fields) -> Result<HeaderMap, ErrorCode> {
    let mut map = HeaderMap::new();
    for (name, value) in fields.copy_all() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            map.try_append(name, value).map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
        }
    }
    Ok(map)
}

pub(crate) fn remove_spins(headers: &mut HeaderMap) {
    let theirs: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with(SPINS)).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
}

pub(crate) fn write(map: &HeaderMap) -> Result<Fields, ErrorCode> {
    let fields: Vec<_> = map
        .iter()
        .filter(|(name, _)| !is_the_hosts(name))
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&fields).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))
}
