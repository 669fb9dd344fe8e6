//! Requests to the origin.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::{Method, Request, Response, StatusCode};
use stepwell_edge_portable::{Sent, Unanswered};
use stepwell_shared::limits::ORIGIN_TIMEOUT_MS;
use worker::js_sys::{Object, Reflect, global};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, RequestInit, RequestRedirect, WorkerGlobalScope};
use worker::{Delay, console_warn};

use crate::body::Streamed;
use crate::header::{self, said};

/// Asks the origin, and waits for the head of its answer.
pub(crate) async fn ask(
    origin: &str,
    request: Request<Sent<Streamed>>,
) -> Result<Response<Streamed>, Unanswered> {
    let request = written(origin, request).map_err(|error| {
        console_warn!("a request to the origin cannot be made: {error}");
        Unanswered::Broken
    })?;
    let scope: WorkerGlobalScope = global().unchecked_into();
    let asking = pin!(JsFuture::from(scope.fetch_with_request(&request)));
    let late = pin!(Delay::from(Duration::from_millis(ORIGIN_TIMEOUT_MS)));
    match select(asking, late).await {
        Either::Left((Ok(answer), _)) => read(&answer.unchecked_into()).ok_or(Unanswered::Broken),
        Either::Left((Err(error), _)) => {
            console_warn!("no answer from the origin: {}", said(&error));
            Err(Unanswered::Broken)
        }
        Either::Right(_) => Err(Unanswered::Late),
    }
}

fn written(origin: &str, request: Request<Sent<Streamed>>) -> worker::Result<web_sys::Request> {
    let (head, body) = request.into_parts();
    let init = RequestInit::new();
    init.set_method(head.method.as_str());
    init.set_headers(header::write(&head.headers)?.as_ref());
    init.set_redirect(RequestRedirect::Manual);
    init.set_cf_without_cache()?;
    if let Sent::Streamed(Streamed::Raw(stream)) = &body {
        init.set_body(stream);
    }
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    Ok(web_sys::Request::new_with_str_and_init(&format!("{origin}{target}"), &init)?)
}

/// What Cloudflare may do with a request on its way.
trait WithoutCache {
    /// Its own cache keeps nothing: what may be kept, and what a purge takes, is decided here.
    fn set_cf_without_cache(&self) -> worker::Result<()>;
}

impl WithoutCache for RequestInit {
    fn set_cf_without_cache(&self) -> worker::Result<()> {
        let (cf, by_status) = (Object::new(), Object::new());
        Reflect::set(&by_status, &JsValue::from("100-599"), &JsValue::from(-1))?;
        Reflect::set(&cf, &JsValue::from("cacheTtlByStatus"), &by_status)?;
        Reflect::set(self, &JsValue::from("cf"), &cf)?;
        Ok(())
    }
}

fn read(answer: &web_sys::Response) -> Option<Response<Streamed>> {
    let status = StatusCode::from_u16(answer.status()).ok()?;
    let headers = header::read(&answer.headers()).ok()?;
    let mut response = Response::new(Streamed::of(answer.body()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Some(response)
}

/// Whether a request's method is one that has no body in JavaScript.
pub(crate) fn has_no_body(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
