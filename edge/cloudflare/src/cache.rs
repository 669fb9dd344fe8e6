//! The Cache API as a store of bytes. What may be served, and for how long, is not its to say: it is told a lifetime
//! within which the bytes are of any use.
//!
//! It is local to one data centre and may forget at any time. It keys by URL, so that a key becomes one by its hash: of
//! a host that nobody can ask for. Two keys of one hash would only take each other's place, since the bytes themselves
//! say whose they are.

use bytes::Bytes;
use worker::js_sys::Uint8Array;
use worker::{Cache, Headers, Response};
use xxhash_rust::xxh3::xxh3_128;

/// Beyond a year, nothing is worth keeping (RFC 9111 §1.2.2 bounds what is said by use).
const KEEP_S_MAX: u64 = 365 * 24 * 3600;

fn url(key: &str) -> String {
    // RFC 2606 §2: a name that no resolver knows.
    format!("https://entries.stepwell.invalid/{:032x}", xxh3_128(key.as_bytes()))
}

pub(crate) async fn look_up(key: &str) -> Option<Bytes> {
    let mut found = Cache::default().get(url(key), false).await.ok()??;
    Some(found.bytes().await.ok()?.into())
}

pub(crate) async fn keep(key: &str, bytes: &Bytes, keep_for_ms: u64) -> worker::Result<()> {
    let keep_for_s = (keep_for_ms / 1000).min(KEEP_S_MAX);
    let headers = Headers::new();
    headers.set("cache-control", &format!("max-age={keep_for_s}"))?;
    headers.set("content-type", "application/octet-stream")?;
    let array = Uint8Array::from(&bytes[..]);
    let response = worker::web_sys::Response::new_with_opt_js_u8_array(Some(&array))?;
    let response = Response::from(response).with_headers(headers);
    Cache::default().put(url(key), response).await
}

pub(crate) async fn forget(key: &str) -> worker::Result<()> {
    Cache::default().delete(url(key), false).await.map(drop)
}
