//! What the operator's address answers while an edge waits to be told what it decides by: that the process lives, and takes
//! no traffic yet.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::Request;
use stepwell_shared::problem::Code;
use tower::ServiceExt as _;

use super::super::operation;
use super::super::refused::Refused;

/// The routes of an edge that has been told, once it has.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<OnceLock<Router>>);

impl Told {
    /// From now on these are served.
    pub fn tell(&self, routes: Router) {
        // It is told once.
        let _ = self.0.set(routes);
    }
}

/// Serves what `told` has, and until then little.
pub fn router(told: Told) -> Router {
    let starting = Router::new().route("/healthz", get(operation::alive)).fallback(not_yet);
    Router::new().fallback(move |request: Request<Body>| {
        let routes = told.0.get().unwrap_or(&starting).clone();
        async move { routes.oneshot(request).await }
    })
}

async fn not_yet() -> Response {
    let detail = "this edge has not been told yet by its origin what it decides by, and takes no connections of clients";
    Refused::new(Code::Overloaded, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_edge_lives_before_it_is_told_and_is_what_it_is_told_then() {
        let told = Told::default();
        let router = router(told.clone());
        let status = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(
            (status("/healthz").await, status("/readyz").await, status("/metrics").await),
            (200, 503, 503)
        );
        told.tell(Router::new().route("/readyz", get(operation::alive)));
        assert_eq!((status("/readyz").await, status("/metrics").await), (200, 404));
    }
}
