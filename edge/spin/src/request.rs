//! A client's request.

use std::net::{IpAddr, SocketAddr};

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderValue, Method, Request};
use spin_sdk::wasip3::http::types::{self, ErrorCode, Scheme};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;
use stepwell_edge_portable::Client;

use crate::body::Streamed;
use crate::header;
use crate::origin::OriginUrl;

/// Spin's word on the client's address and port.
const ADDRESS: &str = "spin-client-addr";

/// A request, and who sent it.
pub(crate) struct Read {
    pub(crate) request: Request<Streamed>,
    pub(crate) client: Client,
}

/// Reads a request. Where the host does not tell for which name it is, as `wasmtime serve` does not, it is for the origin's:
/// by no other is the origin asked.
///
/// # Errors
/// What is not HTTP; hosts let nothing of the kind through.
pub(crate) fn read(raw: types::Request, origin: &OriginUrl) -> Result<Read, ErrorCode> {
    let method: Method = raw.get_method().try_into().map_err(|_| ErrorCode::HttpRequestMethodInvalid)?;
    let target = raw.get_path_with_query().unwrap_or_else(|| "/".to_owned());
    let target = target.parse().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let mut headers = header::read(&raw.get_headers())?;
    let is_secure = matches!(raw.get_scheme(), Some(Scheme::Https));
    let client = Client { address: address(&headers), is_secure };
    header::remove_spins(&mut headers);
    if !headers.contains_key(HOST) {
        let host = raw.get_authority().unwrap_or_else(|| origin.authority().to_owned());
        let host = HeaderValue::try_from(host).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
        headers.insert(HOST, host);
    }
    let body = if is_empty(&method, &headers) {
        Streamed::Nothing
    } else {
        Streamed::Request(IncomingRequestBody::new(raw)?)
    };
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    Ok(Read { request, client })
}

fn is_empty(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET
        || method == Method::HEAD
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() == b"0")
}

/// Who the client is, where Spin says so. Elsewhere nobody does: what comes by that name is the client's own.
fn address(headers: &HeaderMap) -> Option<IpAddr> {
    if !cfg!(feature = "spin") {
        return None;
    }
    // The last: what a client sent by the name would be in front.
    let said = headers.get_all(ADDRESS).iter().next_back()?.to_str().ok()?;
    said.parse::<SocketAddr>().map(|address| address.ip()).ok()
}
