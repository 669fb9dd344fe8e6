//! What a Stepwell origin elsewhere tells its edge: asked for at the start, and again whenever the purge log says that it is
//! no longer the same.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use serde::Deserialize;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_edge_core::pipeline;
use stepwell_edge_core::route::{BadPattern, Router};
use stepwell_shared::api::edge::{EdgeBriefing, PATH};
use stepwell_shared::claims::KeySet;
use stepwell_shared::limits::ORIGIN_TIMEOUT_MS;

use crate::Inner;
use crate::body::{ReadError, read_whole, whole};
use crate::tokens::Core;
use crate::upstream::{EdgesOwn, Upstream, UpstreamError};

/// Bytes of a briefing: thousands of collections.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// What an edge decides by.
#[derive(Debug)]
pub struct Told {
    /// The name of this state.
    pub revision: String,
    /// Which routes there are, and whose pages may use them.
    pub router: Router,
    /// Whose tokens are accepted.
    pub authenticator: Authenticator,
}

/// Why an edge was told nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// No answer.
    #[error(transparent)]
    Unreachable(#[from] UpstreamError),
    /// The origin refuses, in its own words.
    #[error("the origin answered {status}{}", told(.detail))]
    Refused {
        /// Its status.
        status: StatusCode,
        /// What its problem says.
        detail: String,
    },
    /// Not within [`ORIGIN_TIMEOUT_MS`].
    #[error("the origin does not answer in time")]
    Silent,
    /// The answer broke off, or is larger than any briefing.
    #[error("the origin's answer did not come whole")]
    Broken,
    /// It is no briefing, or one of another version.
    #[error("the origin's answer cannot be read, as from another version of Stepwell: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Its routes cannot stand beside each other.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    /// A key of a kind that tokens are not signed with.
    #[error("the origin publishes a key that is none of Ed25519")]
    Key,
}

fn told(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

/// What a problem says for people.
#[derive(Deserialize)]
struct Said {
    title: String,
    #[serde(default)]
    detail: String,
}

/// Asks the origin.
pub async fn ask(upstream: &dyn Upstream) -> Result<Told, NotTold> {
    let limit = Duration::from_millis(ORIGIN_TIMEOUT_MS);
    tokio::time::timeout(limit, exchange(upstream)).await.unwrap_or(Err(NotTold::Silent))
}

async fn exchange(upstream: &dyn Upstream) -> Result<Told, NotTold> {
    let mut request = Request::new(whole(Bytes::new()));
    *request.uri_mut() = Uri::from_static(PATH);
    request.extensions_mut().insert(EdgesOwn);
    let (head, body) = upstream.send(request).await?.into_parts();
    let body = read_whole(body, BYTES_MAX).await.map_err(|error| match error {
        ReadError::TooLarge(_) | ReadError::Broken(_) => NotTold::Broken,
    })?;
    if head.status != StatusCode::OK {
        let said = serde_json::from_slice::<Said>(&body).ok();
        let detail = said.map(|Said { title, detail }| if detail.is_empty() { title } else { detail });
        return Err(NotTold::Refused { status: head.status, detail: detail.unwrap_or_default() });
    }
    Told::of(serde_json::from_slice(&body)?)
}

impl Told {
    fn of(briefing: EdgeBriefing) -> Result<Self, NotTold> {
        let EdgeBriefing { revision, routes, audience, jwks, cors_origins, trusted_origins, position: _ } =
            briefing;
        let origins = OtherOrigins { readers: cors_origins, trusted: trusted_origins };
        let mut keys = KeySet::default();
        for jwk in &jwks.keys {
            keys.insert(jwk.key().ok_or(NotTold::Key)?);
        }
        let router = Router::new(routes)?.open_to(origins);
        Ok(Self { revision, router, authenticator: Authenticator { keys, audience } })
    }
}

impl Inner {
    /// Whether a page of the log names another state of the origin than the one by which this edge decides.
    pub(crate) fn is_outdated(&self, revision: &str) -> bool {
        let own = self.revision.as_ref().map(|own| own.lock().unwrap_or_else(PoisonError::into_inner));
        own.is_some_and(|own| !revision.is_empty() && *own != revision)
    }

    /// From now on it decides by what it was told, and verifies every token anew: other keys may count.
    pub(crate) fn decide_by(&self, told: Told) {
        let Told { revision, router, authenticator } = told;
        self.core.store(Arc::new(Core::new(pipeline::Edge { router, authenticator, http: self.options })));
        if let Some(own) = &self.revision {
            *own.lock().unwrap_or_else(PoisonError::into_inner) = revision;
        }
    }
}
