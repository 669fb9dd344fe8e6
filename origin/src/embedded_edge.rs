//! The native edge in the same process, or its listener alone where the edges are elsewhere: the one place where edge and
//! origin meet.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Method;
use http_body_util::BodyExt as _;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::purge_log::SLOTS_DEFAULT;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::route::{self, BadPattern};
use stepwell_edge_native::body::Body;
use stepwell_edge_native::upstream::{EdgesOwn, Full, Place, Sending, Upstream, UpstreamError};
use stepwell_edge_native::{self as edge, NativeEdge, Settings};
use stepwell_shared::limits::LOG_SILENCE_MAX_MS;
use tower::ServiceExt as _;

use crate::app::{App, FromEdge};
use crate::config::Config;
use crate::overload::Overload;
use crate::overload::held::Held;
use crate::overload::kind::Kind;
use crate::routes::client::ClientAddress;

/// The name by which the log and a purge's dry run know this edge.
const NAME: &str = "embedded";

/// The origin's router, as the edge's upstream.
struct InProcess {
    router: Router,
    overload: Overload,
}

impl InProcess {
    fn of(app: &App, router: Router) -> Self {
        Self { router, overload: app.overload.clone() }
    }
}

impl Upstream for InProcess {
    fn send(&self, request: http::Request<Body>) -> Sending {
        let mut request = request.map(axum::body::Body::new);
        // The edge in this process needs no signature: nothing from outside can set an extension.
        if request.extensions().get::<EdgesOwn>().is_some() {
            request.extensions_mut().insert(FromEdge { name: NAME.to_owned() });
        }
        if let Some(&edge::ClientAddress(address)) = request.extensions().get() {
            request.extensions_mut().insert(ClientAddress(address));
        }
        let answering = self.router.clone().oneshot(request);
        Box::pin(async move {
            match answering.await {
                Ok(response) => Ok(response.map(|body| body.map_err(Into::into).boxed_unsync())),
                Err(never) => Err(UpstreamError(Box::new(never))),
            }
        })
    }

    fn enter(&self, method: &Method, path: &str) -> Result<Place, Full> {
        let mut place = Place::new();
        if let Some(kind) = Kind::of(method, path) {
            place.insert(Held::new(self.overload.of(kind).enter().map_err(|_| Full)?));
        }
        Ok(place)
    }
}

/// An edge in front of `router`.
pub fn embed(app: &App, router: Router, config: &Config, seed: u64) -> Result<NativeEdge, BadPattern> {
    let edge = NativeEdge::new(settings(app, config, seed)?, Arc::new(InProcess::of(app, router)));
    Ok(observed(edge, app))
}

/// No edge, but the listener in front of a `router` whose edges are elsewhere.
pub fn door(app: &App, router: Router, config: &Config, seed: u64) -> Result<NativeEdge, BadPattern> {
    // It stores nothing, and follows no log.
    let settings = Settings { memory_bytes: 0, purge_slots: 1, ..settings(app, config, seed)? };
    Ok(observed(NativeEdge::door(settings, Arc::new(InProcess::of(app, router))), app))
}

fn settings(app: &App, config: &Config, seed: u64) -> Result<Settings, BadPattern> {
    let clock = app.clock.clone();
    Ok(Settings {
        router: route::Router::new(app.routes.clone())?.open_to(config.access.origins.clone()),
        authenticator: Authenticator {
            keys: app.tokens.keys().set().clone(),
            audience: app.tokens.audience().to_owned(),
        },
        http: Options::default(),
        rates: config.edge.rates,
        memory_bytes: config.edge.memory_bytes,
        purge_slots: SLOTS_DEFAULT,
        seed,
        log_silence_max_ms: as_ms(config.edge.log_silence),
        clock: Arc::new(move || clock.now()),
    })
}

fn observed(edge: NativeEdge, app: &App) -> NativeEdge {
    if let Some(telemetry) = app.telemetry.clone() {
        edge.observe(telemetry);
    }
    edge
}

/// Configuration keeps the bound within a second.
fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(LOG_SILENCE_MAX_MS)
}
