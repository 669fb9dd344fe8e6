//! `GET /v1/edge`: what an edge elsewhere must know of the origin whose requests it takes.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::bookmark::Position;
use crate::routes::RouteTable;

/// Where it is. Signed edges alone get it, and no route table names it: for clients there is nothing here.
pub const PATH: &str = "/v1/edge";

/// All that an edge of Stepwell's own classes decides by, beside what it stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeBriefing {
    /// The name of this state, as pages of the purge log repeat it. An edge that sees another one asks again before it
    /// serves anything more from its store.
    pub revision: String,
    /// Every route, and what may be done with its answers.
    pub routes: RouteTable,
    /// Whom access tokens are for.
    pub audience: String,
    /// The keys whose tokens are accepted.
    pub jwks: JwkSet,
    /// Other origins whose pages may read answers, as `Origin` names them; `*` alone is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cors_origins: Vec<String>,
    /// Those whose pages may change things with their visitors' cookies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_origins: Vec<String>,
    /// Where the purge log stood before all this was read.
    pub position: Position,
}

/// Public keys (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// Each of them.
    pub keys: Vec<Jwk>,
}

/// A public key of Ed25519 (RFC 8037 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `EdDSA`.
    pub alg: String,
    /// `Ed25519`.
    pub crv: String,
    /// As tokens name it.
    pub kid: String,
    /// `OKP`.
    pub kty: String,
    /// `sig`.
    pub r#use: String,
    /// The key itself, in base64url.
    pub x: String,
}

impl Jwk {
    /// A key by its name.
    pub fn of(kid: String, key: &VerifyingKey) -> Self {
        let [alg, crv, kty, r#use] = ["EdDSA", "Ed25519", "OKP", "sig"].map(str::to_owned);
        Self { alg, crv, kid, kty, r#use, x: BASE64URL_NOPAD.encode(key.as_bytes()) }
    }

    /// The key; `None` for one of another kind.
    pub fn key(&self) -> Option<VerifyingKey> {
        let is_ours = self.kty == "OKP" && self.crv == "Ed25519" && self.alg == "EdDSA";
        let bytes: [u8; 32] = BASE64URL_NOPAD.decode(self.x.as_bytes()).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|_| is_ours)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_key_is_read_back_and_one_of_another_kind_is_not() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        let jwk = Jwk::of("k".into(), &key);
        assert_eq!(jwk.key(), Some(key));
        assert_eq!(Jwk { crv: "X25519".into(), ..jwk.clone() }.key(), None);
        assert_eq!(Jwk { x: "AAAA".into(), ..jwk }.key(), None);
    }
}
