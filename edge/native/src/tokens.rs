//! What an edge decides by, and the tokens that have verified by it, so that a signature is checked once and not at each
//! request.

use std::sync::Arc;

use http::request::Parts;
use quick_cache::sync::Cache;
use stepwell_edge_core::authenticate::{Revocations, TokenMemory};
use stepwell_edge_core::cache::purge_log::Standing;
use stepwell_edge_core::pipeline::{Edge, Received};
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::Claims;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use crate::Inner;

/// Tokens that are remembered; about 600 bytes each.
const TOKENS_MAX: usize = 4096;

/// What it decides by. Where other keys count, it is another one: what verified by the old ones is remembered with these,
/// also of a request that is looked at while the new ones come.
pub(crate) struct Core {
    pub(crate) edge: Edge,
    tokens: Tokens,
}

impl Core {
    /// With nothing verified yet.
    pub(crate) fn new(edge: Edge) -> Self {
        Self { edge, tokens: Tokens::default() }
    }

    /// What to do with a request.
    pub(crate) fn receive<'r>(
        &self,
        head: &'r Parts,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Received<'r> {
        self.edge.receive(head, &self.tokens, revocations, now)
    }
}

/// The memory. It is keyed by the whole token: nothing shorter would tell a forged one apart.
struct Tokens {
    verified: Cache<Box<str>, Arc<Claims>>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { verified: Cache::new(TOKENS_MAX) }
    }
}

impl TokenMemory for Tokens {
    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        self.verified.get(token)
    }

    fn remember(&self, token: &str, claims: &Arc<Claims>) {
        self.verified.insert(token.into(), claims.clone());
    }
}

/// What the edge's copy of the log says of tokens.
impl Revocations for Inner {
    fn standing(&self, position: Position, tags: &[TagHash], now: Timestamp) -> Standing {
        self.read_log(|log| Revocations::standing(log, position, tags, now))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use http::Request;
    use http::header::{AUTHORIZATION, HOST};
    use stepwell_edge_core::authenticate::Authenticator;
    use stepwell_edge_core::cache::purge_log::PurgeLog;
    use stepwell_edge_core::cache::rfc9111::options::Options;
    use stepwell_edge_core::route::Router;
    use stepwell_shared::claims::{KeySet, sign};
    use stepwell_shared::routes::{Access, Class, Route, RouteTable, Verb};

    use super::*;

    fn core(keys: KeySet) -> Core {
        let routes = vec![Route::at("/a").with(Verb::Get, Access::SignedIn, Class::NoStore)];
        let router = Router::new(RouteTable { routes, any_other: false }).unwrap();
        let authenticator = Authenticator { keys, audience: "test".into() };
        Core::new(Edge { router, authenticator, http: Options::default() })
    }

    #[test]
    fn what_verifies_by_old_keys_while_others_come_counts_no_more_once_they_are_there() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut keys = KeySet::default();
        keys.insert(key.verifying_key());
        let (old, new) = (core(keys), core(KeySet::default()));
        let claims = Claims {
            aud: "test".into(),
            sub: "0000000000007".parse().unwrap(),
            iat: 0,
            exp: 1000,
            pos: "1-0".into(),
            sid: None,
            roles: Vec::new(),
            scope: None,
        };
        let request = Request::get("/a").header(HOST, "a");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", sign(&claims, &key)));
        let head = request.body(()).unwrap().into_parts().0;
        let (log, now) = (PurgeLog::new(1, 1, 1), Timestamp::from_ms(0));
        assert!(matches!(old.receive(&head, &log, now), Received::Forward(_)));
        assert!(
            matches!(new.receive(&head, &log, now), Received::Answer(refused) if refused.status() == 401)
        );
    }
}
