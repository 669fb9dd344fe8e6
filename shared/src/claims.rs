//! The access token: a JWT (RFC 7519) signed with Ed25519 (RFC 8037), issued by the origin and verified at every tier
//! with the public key alone.
//!
//! Issuer and verifier are both ours, so exactly one form is accepted: the algorithm, type and key are pinned before
//! anything is believed (RFC 8725 §3.1, §3.11), and a header with members that we never write is refused. The general
//! JWT libraries bring every other algorithm, and a clock, into each Wasm edge; what is left is the code below, over
//! `ed25519-dalek`.

use std::sync::{Arc, PoisonError, RwLock};

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::limits::TOKEN_BYTES_MAX;
use crate::tags::{Tag, TagHash};
use crate::time::Timestamp;

const ALGORITHM: &str = "EdDSA";
/// RFC 9068 §2.1: says that this is an access token, so that no other kind of ours can pass for one.
const TYPE: &str = "at+jwt";
/// Clocks of issuer and verifier may differ by this much, in seconds.
const SKEW_SECS: u64 = 30;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whom the token is for: the deployment's name. A token of another deployment is refused.
    pub aud: String,
    /// The account.
    pub sub: Id,
    /// Issued at, in seconds since the Unix epoch.
    pub iat: u64,
    /// Refused from this second on.
    pub exp: u64,
    /// The log position at which it was issued, as a bookmark: a later purge of the account revokes it.
    pub pos: String,
    /// The session that it belongs to: a later purge of the session revokes it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Id>,
    /// The account's roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What of the account's the bearer may do, separated by spaces (RFC 9068 §2.2.3); everything where it is absent.
    /// An API key has scopes; the tokens of a log-in have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// Why a token is refused. Clients are told only that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of unpadded base64url, or over [`TOKEN_BYTES_MAX`].
    #[error("the token is malformed")]
    Malformed,
    /// Algorithm or type is not the pinned one, or the header has members that we never write.
    #[error("the token's header is not one that we issue")]
    WrongHeader,
    /// No key of that `kid`.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// Made for another deployment.
    #[error("the token is for another audience")]
    WrongAudience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `iat` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// The public keys whose tokens are accepted, by `kid`. Clones share one set: what an origin accepts after its keys have
/// changed, the edge in its process accepts at once.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Arc<RwLock<Vec<(String, VerifyingKey)>>>,
}

impl KeySet {
    /// Accepts tokens of one more key.
    pub fn insert(&mut self, key: VerifyingKey) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).push((key_id(&key), key));
    }

    /// Accepts tokens of these keys, and of no others.
    pub fn replace(&self, keys: impl IntoIterator<Item = VerifyingKey>) {
        let keys = keys.into_iter().map(|key| (key_id(&key), key)).collect();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn find(&self, kid: &str) -> Option<VerifyingKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|(id, _)| id == kid).map(|(_, key)| *key)
    }

    /// Each key with its `kid`, as JWKS publishes them.
    pub fn all(&self) -> Vec<(String, VerifyingKey)> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The `kid` of a key: the hash of the key itself, so that edges and origins agree without a register.
pub fn key_id(key: &VerifyingKey) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(key.as_bytes()))
}

/// Signs `claims`.
pub fn sign(claims: &Claims, key: &SigningKey) -> String {
    let kid = key_id(&key.verifying_key());
    let header = Header { alg: ALGORITHM, typ: TYPE, kid: &kid };
    // Strings and numbers always serialise.
    let encode = |json: Result<Vec<u8>, _>| BASE64URL_NOPAD.encode(&json.unwrap_or_default());
    let mut token = encode(serde_json::to_vec(&header));
    token.push('.');
    token.push_str(&encode(serde_json::to_vec(claims)));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    token.push_str(&BASE64URL_NOPAD.encode(&signature.to_bytes()));
    token
}

/// Checks everything about a token but whether its account was purged since, and returns what it says.
pub fn verify(token: &str, keys: &KeySet, audience: &str, now: Timestamp) -> Result<Claims, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| TokenError::Malformed);

    let header = decode(header)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenError::WrongHeader)?;
    if header.alg != ALGORITHM || header.typ != TYPE {
        return Err(TokenError::WrongHeader);
    }
    let key = keys.find(header.kid).ok_or(TokenError::UnknownKey)?;
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| TokenError::Malformed)?;
    key.verify_strict(signed.as_bytes(), &signature).map_err(|_| TokenError::BadSignature)?;

    let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError::Malformed)?;
    if claims.aud != audience {
        return Err(TokenError::WrongAudience);
    }
    claims.check_time(now)?;
    Ok(claims)
}

impl Claims {
    /// The tags whose purge revokes the token.
    pub fn revocable_by(&self) -> Vec<TagHash> {
        let session = self.sid.map(|session| Tag::session(session).hash());
        [Tag::account(self.sub).hash()].into_iter().chain(session).collect()
    }

    /// Whether the token is within its time. All else about a token never changes, so a host may remember verified
    /// claims and check only this.
    pub fn check_time(&self, now: Timestamp) -> Result<(), TokenError> {
        if now.as_secs() >= self.exp {
            Err(TokenError::Expired)
        } else if self.iat > now.as_secs().saturating_add(SKEW_SECS) {
            Err(TokenError::NotYetValid)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    fn key(seed: u8) -> (SigningKey, KeySet) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let mut keys = KeySet::default();
        keys.insert(key.verifying_key());
        (key, keys)
    }

    fn claims() -> Claims {
        Claims {
            aud: "here".into(),
            sub: Id::from_column(7).unwrap(),
            iat: NOW.as_secs(),
            exp: NOW.as_secs() + 900,
            pos: "1-2".into(),
            sid: None,
            roles: Vec::new(),
            scope: None,
        }
    }

    fn forged(header: &str) -> String {
        let (key, _) = key(1);
        let claims = serde_json::to_vec(&claims()).unwrap();
        let signed =
            format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(&claims));
        let signature = BASE64URL_NOPAD.encode(&key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }

    #[test]
    fn a_signed_token_verifies_within_its_time() {
        let (key, keys) = key(1);
        let token = sign(&claims(), &key);
        assert_eq!(verify(&token, &keys, "here", NOW), Ok(claims()));
        assert_eq!(verify(&token, &keys, "here", NOW.plus_ms(900_000)), Err(TokenError::Expired));
        let early = Timestamp::from_ms(NOW.as_ms() - 31_000);
        assert_eq!(verify(&token, &keys, "here", early), Err(TokenError::NotYetValid));
        assert_eq!(verify(&token, &keys, "elsewhere", NOW), Err(TokenError::WrongAudience));
    }

    #[test]
    fn clones_of_a_set_change_together() {
        let ((old, keys), (new, _)) = (key(1), key(2));
        let elsewhere = keys.clone();
        keys.replace([new.verifying_key()]);
        assert_eq!(verify(&sign(&claims(), &new), &elsewhere, "here", NOW), Ok(claims()));
        assert_eq!(verify(&sign(&claims(), &old), &elsewhere, "here", NOW), Err(TokenError::UnknownKey));
    }

    #[test]
    fn a_token_is_revoked_by_its_account_and_by_its_session() {
        let of = |sid| Claims { sid, ..claims() }.revocable_by();
        let account = Tag::account(claims().sub).hash();
        assert_eq!(of(None), [account]);
        let session = Id::from_column(9).unwrap();
        assert_eq!(of(Some(session)), [account, Tag::session(session).hash()]);
    }

    #[test]
    fn another_key_or_another_algorithm_is_refused() {
        let (stranger, _) = key(2);
        let (ours, keys) = key(1);
        assert_eq!(verify(&sign(&claims(), &stranger), &keys, "here", NOW), Err(TokenError::UnknownKey));
        let kid = key_id(&ours.verifying_key());
        for (alg, typ) in [("none", TYPE), ("HS256", TYPE), ("EdDSA", "JWT")] {
            let header = format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{kid}"}}"#);
            assert_eq!(verify(&forged(&header), &keys, "here", NOW), Err(TokenError::WrongHeader));
        }
        let extended = format!(r#"{{"alg":"EdDSA","typ":"{TYPE}","kid":"{kid}","crit":["b64"]}}"#);
        assert_eq!(verify(&forged(&extended), &keys, "here", NOW), Err(TokenError::WrongHeader));
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_noticed(place in 0..400_usize, bit in 0..7_u32) {
            let (key, keys) = key(1);
            let mut token = sign(&claims(), &key).into_bytes();
            let place = place % token.len();
            token[place] ^= 1 << bit;
            if let Ok(token) = String::from_utf8(token) {
                prop_assert!(verify(&token, &keys, "here", NOW).is_err());
            }
        }

        #[test]
        fn no_text_stops_the_verifier(token in "\\PC{0,200}|([A-Za-z0-9_-]{0,60}\\.){0,4}[A-Za-z0-9_-]{0,60}") {
            let (_, keys) = key(1);
            prop_assert!(verify(&token, &keys, "here", NOW).is_err());
        }
    }
}
