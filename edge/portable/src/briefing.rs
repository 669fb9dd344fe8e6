//! What the origin tells its edge: asked for by an instance's first request, and again once the log says that it is no
//! longer the same.

use std::rc::Rc;

use http::{Request, StatusCode, Uri};
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_edge_core::pipeline::Edge;
use stepwell_edge_core::route::Router;
use stepwell_shared::api::edge::{EdgeBriefing, PATH};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::RouteTable;

use crate::body::{Sent, read_whole};
use crate::host::Host;
use crate::sending::For;
use crate::{Briefed, Road};

/// Bytes of a briefing: thousands of collections.
const BYTES_MAX: usize = 4 * 1024 * 1024;

impl Briefed {
    /// What is decided by where nobody tells anything. Always there: the table has no pattern that could be bad.
    pub(crate) fn of_any_origin(http: Options) -> Option<Self> {
        let router = Router::new(RouteTable::any_origin()).ok()?;
        let authenticator = Authenticator { keys: KeySet::default(), audience: String::new() };
        Some(Self { revision: String::new(), core: Edge { router, authenticator, http } })
    }

    /// `None` where the briefing cannot be obeyed.
    fn of(briefing: EdgeBriefing, http: Options) -> Option<Self> {
        let EdgeBriefing { revision, routes, audience, jwks, cors_origins, trusted_origins, position: _ } =
            briefing;
        let origins = OtherOrigins { readers: cors_origins, trusted: trusted_origins };
        let mut keys = KeySet::default();
        for jwk in &jwks.keys {
            keys.insert(jwk.key()?);
        }
        let router = Router::new(routes).ok()?.open_to(origins);
        Some(Self { revision, core: Edge { router, authenticator: Authenticator { keys, audience }, http } })
    }
}

impl<H: Host> Road<H> {
    /// What there is to decide by; asks for it where there is nothing. `None` where nothing came: then nothing is
    /// known of what may be served to whom.
    pub(crate) async fn brief(&self) -> Option<Rc<Briefed>> {
        let briefed = self.instance.briefed.borrow().clone();
        if briefed.is_some() { briefed } else { self.brief_anew().await }
    }

    /// Asks the origin whatever is known already.
    pub(crate) async fn brief_anew(&self) -> Option<Rc<Briefed>> {
        let briefed = self.told().await.map(Rc::new);
        match &briefed {
            Some(briefed) => {
                self.instance.tokens.clear();
                *self.instance.briefed.borrow_mut() = Some(briefed.clone());
            }
            None => self.host.warn("the origin tells this edge neither its routes nor its keys"),
        }
        briefed
    }

    async fn told(&self) -> Option<Briefed> {
        let mut request = Request::new(Sent::Nothing);
        *request.uri_mut() = Uri::from_static(PATH);
        let response = self.ask(request, For::Edge).await.ok()?;
        let status = response.status();
        if status != StatusCode::OK {
            self.host.warn(&format!("the origin answers {status} to its edge"));
            return None;
        }
        let body = read_whole(response.into_body(), BYTES_MAX).await.ok()?;
        Briefed::of(serde_json::from_slice(&body).ok()?, self.instance.http_options)
    }
}
