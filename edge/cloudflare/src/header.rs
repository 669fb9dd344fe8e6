//! Header maps and those of JavaScript.
//!
//! JavaScript joins the lines of a field with `, `, all but those of `Set-Cookie`; each character of a value is a byte.

use http::{HeaderMap, HeaderName, HeaderValue};
use worker::Result;
use worker::js_sys::{Array, IteratorNext};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::Headers;

pub(crate) fn read(headers: &Headers) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    let entries = headers.entries();
    loop {
        let next: IteratorNext = entries.next()?;
        if next.done() {
            return Ok(map);
        }
        let pair: Array = next.value().into();
        let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) else { continue };
        let name = HeaderName::try_from(name.as_str());
        if let (Ok(name), Some(value)) = (name, value_of(&value)) {
            map.append(name, value);
        }
    }
}

fn value_of(text: &str) -> Option<HeaderValue> {
    if text.is_ascii() {
        return HeaderValue::from_str(text).ok();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

pub(crate) fn write(map: &HeaderMap) -> Result<Headers> {
    let headers = Headers::new()?;
    for (name, value) in map {
        if let Ok(text) = value.to_str() {
            headers.append(name.as_str(), text)?;
        } else {
            let text: String = value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
            headers.append(name.as_str(), &text)?;
        }
    }
    Ok(headers)
}

/// What a JavaScript error says, for the log.
pub(crate) fn said(error: &JsValue) -> String {
    format!("{error:?}")
}
