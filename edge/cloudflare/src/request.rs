//! A client's request.

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, Version};
use stepwell_edge_portable::Client;
use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsValue;
use worker::{Error, Result, web_sys};

use crate::body::Streamed;
use crate::header;
use crate::origin::has_no_body;

/// Cloudflare's word on the client's address; it removes what clients send by this name.
const ADDRESS: &str = "cf-connecting-ip";

/// A request, and who sent it.
pub(crate) struct Read {
    pub(crate) request: Request<Streamed>,
    pub(crate) client: Client,
}

pub(crate) fn read(raw: &web_sys::Request) -> Result<Read> {
    let url = raw.url();
    let Target { scheme, authority, path_and_query } =
        Target::of(&url).ok_or_else(|| unreadable("target"))?;
    let method = Method::from_bytes(raw.method().as_bytes()).map_err(|_| unreadable("method"))?;
    let mut headers = header::read(&raw.headers())?;
    let client = Client {
        address: headers.get(ADDRESS).and_then(|value| value.to_str().ok()?.parse().ok()),
        is_secure: scheme == "https",
    };
    remove_cloudflares(&mut headers);
    if !headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority)
    {
        headers.insert(HOST, host);
    }
    let body = if has_no_body(&method) { None } else { raw.body() };
    let mut request = Request::new(Streamed::of(body));
    *request.uri_mut() = path_and_query.parse().map_err(|_| unreadable("target"))?;
    *request.method_mut() = method;
    *request.version_mut() = version(raw);
    *request.headers_mut() = headers;
    Ok(Read { request, client })
}

/// The parts of a request's URL, which the runtime has normalised (URL Standard §4.5): it has all of them.
struct Target<'u> {
    scheme: &'u str,
    authority: &'u str,
    path_and_query: &'u str,
}

impl<'u> Target<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let url = url.split('#').next()?;
        let (scheme, rest) = url.split_once("://")?;
        let slash = rest.find('/')?;
        let (authority, path_and_query) = rest.split_at_checked(slash)?;
        Some(Self { scheme, authority, path_and_query })
    }
}

/// Fields by which Cloudflare tells a Worker of its client. None of them is the client's, nor the origin's to believe.
fn remove_cloudflares(headers: &mut HeaderMap) {
    let theirs: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with("cf-")).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
}

/// What the client spoke with Cloudflare.
fn version(raw: &web_sys::Request) -> Version {
    let cf = Reflect::get(raw, &JsValue::from("cf")).unwrap_or(JsValue::UNDEFINED);
    let protocol = Reflect::get(&cf, &JsValue::from("httpProtocol")).ok().and_then(|said| said.as_string());
    match protocol.as_deref() {
        Some("HTTP/1.0") => Version::HTTP_10,
        Some("HTTP/2") => Version::HTTP_2,
        Some("HTTP/3") => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}

fn unreadable(what: &str) -> Error {
    Error::RustError(format!("the request's {what} cannot be read"))
}
