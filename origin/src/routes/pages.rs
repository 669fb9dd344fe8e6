//! The pages that the binary carries: the example application's, and the one that shows the API.
//!
//! A page names its assets by the hash of their content, so that assets are immutable and a page alone has to be
//! revalidated.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use stepwell_shared::problem::Code;
use stepwell_shared::routes::{Access, Class, Route, Verb};

use super::answer::{Public, etag_of};
use super::refused::Refused;
use crate::app::App;
use crate::collections::collection::Lifetimes;

/// A new binary brings new pages; within a minute every edge has them.
const PAGE: Lifetimes = Lifetimes { edge_s: 60, stale_s: 3600 };
/// RFC 8246: under this name the content never changes.
const ASSET: Lifetimes = Lifetimes { edge_s: 365 * 24 * 3600, stale_s: 0 };
/// Nothing but our own scripts and styles, which nobody may frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// A file that pages refer to.
struct Asset {
    /// As pages write it: `app.css`.
    file: &'static str,
    /// As it is served: `app.HASH.css`.
    name: String,
    media_type: HeaderValue,
    body: &'static str,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    let js = HeaderValue::from_static("text/javascript; charset=utf-8");
    vec![
        Asset::new("app.css", css, include_str!("../../web/app.css")),
        Asset::new("home.js", js.clone(), include_str!("../../web/home.js")),
        Asset::new("docs.js", js, include_str!("../../web/docs.js")),
    ]
});
static HOME: LazyLock<String> = LazyLock::new(|| with_assets(include_str!("../../web/home.html")));
static DOCS: LazyLock<String> = LazyLock::new(|| with_assets(include_str!("../../web/docs.html")));

impl Asset {
    fn new(file: &'static str, media_type: HeaderValue, body: &'static str) -> Self {
        let digest = HEXLOWER.encode(&Sha256::digest(body)[..8]);
        let name = match file.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}.{digest}.{extension}"),
            None => digest,
        };
        Self { file, name, media_type, body }
    }
}

fn with_assets(page: &str) -> String {
    ASSETS.iter().fold(page.to_owned(), |page, asset| {
        page.replace(&format!("{{{{{}}}}}", asset.file), &format!("/assets/{}", asset.name))
    })
}

/// The routes of pages. The example application's own is there only where its collections are.
pub fn routes(example: bool) -> Vec<Route> {
    let page = |path: &'static str| Route::at(path).with(Verb::Get, Access::Anyone, Class::Public);
    let mut routes = vec![Route::at("/assets/{name}").with(Verb::Get, Access::Anyone, Class::Immutable)];
    routes.extend(example.then(|| page("/")));
    routes
}

/// `GET /`: the example application.
pub async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    page(&app, &headers, &HOME)
}

/// `GET /v1/docs`: the OpenAPI document, for people.
pub async fn docs(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    page(&app, &headers, &DOCS)
}

fn page(app: &App, request: &HeaderMap, html: &'static str) -> Response {
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = public(app, PAGE, html).json(request, html);
    response.headers_mut().insert(CONTENT_TYPE, html_type);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// `GET /assets/{name}`.
pub async fn asset(State(app): State<Arc<App>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return Refused::from(Code::NotFound).into_response();
    };
    let mut response = public(&app, ASSET, asset.body).json(&headers, asset.body);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, forever);
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(CONTENT_TYPE, asset.media_type.clone());
    }
    response
}

fn public(app: &App, lifetimes: Lifetimes, body: &str) -> Public {
    let etag = Some(etag_of(body.as_bytes()));
    Public { lifetimes, tags: Vec::new(), position: app.database.tail.head(), etag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_assets_by_their_content() {
        for page in [&*HOME, &*DOCS] {
            assert!(!page.contains("{{"), "{page}");
            assert!(page.contains(&ASSETS[0].name));
        }
    }
}
