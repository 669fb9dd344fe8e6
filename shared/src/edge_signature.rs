//! The signature by which an origin knows its edges: HTTP Message Signatures (RFC 9421) with a key that each edge shares
//! with the origin.
//!
//! Signer and verifier are both ours, so exactly one form is accepted: one signature of the label `stepwell`, by
//! `hmac-sha256`, over every part of the request that an origin decides by, in one order. What such a part is not
//! covered by, or what is covered and is not there, refuses the request. A body is not covered, since it streams: who can
//! change bodies between an edge and its origin is kept out by TLS. Nor is a request kept from being repeated within
//! [`EDGE_SIGNATURE_SKEW_MAX_S`] by whoever has seen it on that way.

mod base;
mod key;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use sfv::{BareItem, Dictionary, InnerList, ListEntry, Parser};
use sha2::Sha256;

use crate::headers::{SIGNATURE, SIGNATURE_INPUT};
use crate::limits::EDGE_SIGNATURE_SKEW_MAX_S;
use crate::problem::{Code, Problem};
use crate::time::Timestamp;
use base::Base;
pub use key::{BadKey, BadName, EdgeKey, EdgeKeys, EdgeName, TooManyKeys};

/// The signature's label in both fields.
const LABEL: &str = "stepwell";
/// RFC 9421 §6.2.2.
const ALGORITHM: &str = "hmac-sha256";

/// Why a request is not taken for one of an edge. None of them tells anything of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// There is no signature at all.
    #[error("only edges of this deployment are served here, and the request is not signed by one")]
    Missing,
    /// The fields are doubled or no structured fields, hold more than our signature, or it is not in our form.
    #[error("the signature is not in the form in which edges sign")]
    Malformed,
    /// Other parts of the request are covered than are there.
    #[error(
        "the signature does not cover exactly what the request holds; does something on its way change requests?"
    )]
    OtherParts,
    /// Made too long ago, or in the future.
    #[error(
        "the signature's time is more than {EDGE_SIGNATURE_SKEW_MAX_S} seconds from the origin's; set both clocks"
    )]
    OtherTime,
    /// No key of that edge made it, or no such edge is known.
    #[error("no key of an edge that is known here made the signature")]
    OtherKey,
}

impl From<Unsigned> for Problem {
    fn from(why: Unsigned) -> Self {
        Self::new(Code::UnknownEdge, why.to_string())
    }
}

/// Signs a request, whose header must not change any more. Signatures that it brought are gone.
pub fn sign(head: &mut Parts, name: &EdgeName, key: &EdgeKey, now: Timestamp) {
    head.headers.remove(SIGNATURE);
    head.headers.remove(SIGNATURE_INPUT);
    let covered = base::covered(head);
    let parameters = base::parameters(&covered, now.as_secs(), name);
    let base = Base::of(head, &covered, &parameters);
    let signature = mac(key, &base).map(|mac| data_encoding::BASE64.encode(&mac)).unwrap_or_default();
    // Both consist of characters that a field may hold. A request that were not signed would be refused.
    for (field, text) in
        [(SIGNATURE_INPUT, format!("{LABEL}={parameters}")), (SIGNATURE, format!("{LABEL}=:{signature}:"))]
    {
        if let Ok(value) = HeaderValue::try_from(text) {
            head.headers.insert(field, value);
        }
    }
}

/// Which edge signed a request.
///
/// # Errors
/// [`Unsigned`]: the request is no edge's of ours, as it is.
pub fn verify(head: &Parts, keys: &EdgeKeys, now: Timestamp) -> Result<EdgeName, Unsigned> {
    let input = match member(head, &SIGNATURE_INPUT)? {
        ListEntry::InnerList(input) => input,
        ListEntry::Item(_) => return Err(Unsigned::Malformed),
    };
    let signature = match member(head, &SIGNATURE)? {
        ListEntry::Item(item) if item.params.is_empty() => item.bare_item,
        _ => return Err(Unsigned::Malformed),
    };
    let BareItem::ByteSequence(signature) = signature else { return Err(Unsigned::Malformed) };
    let Said { created_s, name } = Said::read(&input)?;
    let covered = base::covered(head);
    if !covers(&input, &covered) {
        return Err(Unsigned::OtherParts);
    }
    if now.as_secs().abs_diff(created_s) > EDGE_SIGNATURE_SKEW_MAX_S {
        return Err(Unsigned::OtherTime);
    }
    let parameters = base::parameters(&covered, created_s, &name);
    let base = Base::of(head, &covered, &parameters);
    // Each comparison takes the same time wherever the first difference is.
    let is_signed_by =
        |key: &EdgeKey| keyed(key, &base).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    if keys.of(&name).iter().any(is_signed_by) { Ok(name) } else { Err(Unsigned::OtherKey) }
}

/// The one member of a field that must come once.
fn member(head: &Parts, field: &HeaderName) -> Result<ListEntry, Unsigned> {
    let mut lines = head.headers.get_all(field).iter();
    let line = lines.next().ok_or(Unsigned::Missing)?;
    if lines.next().is_some() {
        return Err(Unsigned::Malformed);
    }
    let mut members: Dictionary = Parser::new(line.as_bytes()).parse().map_err(|_| Unsigned::Malformed)?;
    match members.pop() {
        Some((label, member)) if label.as_str() == LABEL && members.is_empty() => Ok(member),
        _ => Err(Unsigned::Malformed),
    }
}

/// What a signature says of itself.
struct Said {
    created_s: u64,
    name: EdgeName,
}

impl Said {
    /// The three parameters that we write, in the order in which we write them.
    fn read(input: &InnerList) -> Result<Self, Unsigned> {
        let mut parameters = input.params.iter().map(|(name, value)| (name.as_str(), value));
        let said = [parameters.next(), parameters.next(), parameters.next(), parameters.next()];
        let [
            Some(("created", BareItem::Integer(created))),
            Some(("keyid", BareItem::String(name))),
            Some(("alg", BareItem::String(algorithm))),
            None,
        ] = said
        else {
            return Err(Unsigned::Malformed);
        };
        let created_s = u64::try_from(i64::from(*created)).map_err(|_| Unsigned::Malformed)?;
        let name = name.as_str().parse().map_err(|_| Unsigned::Malformed)?;
        if algorithm.as_str() == ALGORITHM { Ok(Self { created_s, name }) } else { Err(Unsigned::Malformed) }
    }
}

/// Whether the signature covers exactly these parts, in this order.
fn covers(input: &InnerList, covered: &[&str]) -> bool {
    let named = input.items.iter().map(|item| match &item.bare_item {
        BareItem::String(name) if item.params.is_empty() => Some(name.as_str()),
        _ => None,
    });
    named.eq(covered.iter().map(|name| Some(*name)))
}

/// The code of a base; `None` cannot be, since HMAC takes keys of every length.
fn mac(key: &EdgeKey, base: &Base) -> Option<Vec<u8>> {
    Some(keyed(key, base)?.finalize().into_bytes().to_vec())
}

fn keyed(key: &EdgeKey, base: &Base) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    mac.update(base.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests;
