//! Header maps and those of JavaScript.
//!
//! JavaScript joins the lines of a field with `, `, all but those of `Set-Cookie`; each character of a value is a byte.
//! A whole map crosses at once, as one text: each call across costs more than a field does. `worker.mjs` has the
//! other half of both functions.

use http::{HeaderMap, HeaderName, HeaderValue};
use worker::Result;
use worker::js_sys::{Function, Reflect, global};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::Headers;

/// Name and value in turn, each ended by this, which neither can hold.
const END: char = '\n';

/// The functions of `worker.mjs`.
struct Crossing {
    /// `Headers` to text.
    text: Function,
    /// Text to `Headers`.
    headers: Function,
}

thread_local! {
    static CROSSING: Crossing = Crossing { text: function("stepwellText"), headers: function("stepwellHeaders") };
}

fn function(name: &str) -> Function {
    Reflect::get(&global(), &JsValue::from(name)).unwrap_or(JsValue::UNDEFINED).unchecked_into()
}

pub(crate) fn read(headers: &Headers) -> Result<HeaderMap> {
    let text = CROSSING.with(|crossing| crossing.text.call1(&JsValue::NULL, headers))?;
    let text = text.as_string().unwrap_or_default();
    let mut parts = text.split(END);
    let mut map = HeaderMap::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name), value_of(value)) {
            map.append(name, value);
        }
    }
    Ok(map)
}

fn value_of(text: &str) -> Option<HeaderValue> {
    if text.is_ascii() {
        return HeaderValue::from_str(text).ok();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

pub(crate) fn write(map: &HeaderMap) -> Result<Headers> {
    let mut text = String::with_capacity(1024);
    for (name, value) in map {
        text.push_str(name.as_str());
        text.push(END);
        text.extend(value.as_bytes().iter().map(|byte| char::from(*byte)));
        text.push(END);
    }
    let headers = CROSSING.with(|crossing| crossing.headers.call1(&JsValue::NULL, &JsValue::from(text)))?;
    Ok(headers.unchecked_into())
}

/// What a JavaScript error says, for the log.
pub(crate) fn said(error: &JsValue) -> String {
    format!("{error:?}")
}
