//! What the shim in JavaScript calls. Events, questions and answers cross as JSON text.

use serde_json::json;
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_shared::api::edge::EdgeBriefing;
use stepwell_shared::time::Timestamp;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::baked::Package;
use crate::event::{Event, Occasion};
use crate::function::Function;
use crate::{fields, origin_request, origin_response, policy, viewer_request};

/// A function's instance.
#[wasm_bindgen]
pub struct Edge {
    function: Function,
    origin: String,
}

#[wasm_bindgen]
impl Edge {
    /// From the text of `edge.json`, and a random number.
    #[wasm_bindgen(constructor)]
    pub fn new(package: &str, seed: u64) -> Result<Edge, JsError> {
        let package = Package::read(package)?;
        let origin = package.origin.trim_end_matches('/').to_owned();
        Ok(Self { function: Function::new(package, seed)?, origin })
    }

    /// What to ask the origin before anything is decided, as `{"target", "url", "headers": {…}}`; nothing where nothing
    /// is due. `now` is in milliseconds since the Unix epoch.
    pub fn question(&mut self, now: f64) -> Option<String> {
        let question = self.function.question(time(now))?;
        let headers: serde_json::Map<_, _> = fields::write(&question.headers)
            .into_iter()
            .filter_map(|(name, lines)| Some((name, lines.into_iter().next()?.value.into())))
            .collect();
        let url = format!("{}{}", self.origin, question.target);
        Some(json!({"target": question.target, "url": url, "headers": headers}).to_string())
    }

    /// Takes the answer in. Returns whether there is more to ask at once.
    pub fn take(&mut self, target: &str, answer: &str, now: f64) -> Result<bool, JsError> {
        Ok(self.function.take(target, answer, time(now))?)
    }

    /// What CloudFront must be told so that it caches as the origin's briefing says, as JSON ([`crate::policy::Policies`]).
    /// Names begin with `name`.
    pub fn policies(briefing: &str, name: &str) -> Result<String, JsError> {
        let EdgeBriefing { routes, cors_origins, trusted_origins, .. } = serde_json::from_str(briefing)?;
        let other_origins = OtherOrigins { readers: cors_origins, trusted: trusted_origins };
        Ok(serde_json::to_string_pretty(&policy::of(&routes, &other_origins, name))?)
    }

    /// Before the cache.
    #[wasm_bindgen(js_name = viewerRequest)]
    pub fn viewer_request(&self, event: &str, now: f64) -> Result<String, JsError> {
        Ok(serde_json::to_string(&viewer_request::handle(&self.function, occasion(event)?, time(now)))?)
    }

    /// Behind the cache.
    #[wasm_bindgen(js_name = originRequest)]
    pub fn origin_request(&self, event: &str, now: f64) -> Result<String, JsError> {
        Ok(serde_json::to_string(&origin_request::handle(&self.function, occasion(event)?, time(now)))?)
    }

    /// Between the origin's answer and the cache.
    #[wasm_bindgen(js_name = originResponse)]
    pub fn origin_response(&self, event: &str, now: f64) -> Result<String, JsError> {
        let response = origin_response::handle(&self.function, occasion(event)?, time(now));
        Ok(serde_json::to_string(&response)?)
    }
}

fn occasion(event: &str) -> Result<Occasion, JsError> {
    let event: Event = serde_json::from_str(event)?;
    let [record] = event.records;
    Ok(record.cf)
}

/// JavaScript's time: whole milliseconds, far below where a double would lose one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn time(now: f64) -> Timestamp {
    Timestamp::from_ms(now as u64)
}
