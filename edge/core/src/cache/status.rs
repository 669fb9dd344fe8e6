//! `Cache-Status` (RFC 9211): what the edge did with a request, and why.

use std::fmt::{self, Write as _};

use http::{HeaderValue, StatusCode};

use super::decide::Reason;
use super::filing::Refusal;

/// The name of this cache in the field.
const NAME: &str = "stepwell";

/// What happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// Served from the store, fresh for so many more milliseconds.
    Hit {
        /// Milliseconds.
        left_ms: u64,
    },
    /// Served from the store although stale for so long; it is being revalidated.
    StaleHit {
        /// Milliseconds.
        past_ms: u64,
    },
    /// Served from the store although stale for so long; the client asked for no better.
    Tolerated {
        /// Milliseconds.
        past_ms: u64,
    },
    /// Asked the origin.
    Forwarded(Forwarded),
    /// Answered by the edge itself.
    Generated,
}

/// A request that was forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// Why.
    pub reason: Reason,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a forwarded request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer was stored.
    Stored,
    /// The answer was not stored.
    Refused(Refusal),
    /// Another request had already asked; this one shared its answer.
    Collapsed,
    /// The origin confirmed what was stored.
    Revalidated,
    /// The origin failed with this status, and the stale entry was served instead.
    Covered(StatusCode),
    /// The origin could not be reached, and the stale entry was served instead.
    StoodIn,
}

impl fmt::Display for CacheStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        match self {
            Self::Hit { left_ms } => write!(f, "; hit; ttl={}", left_ms.div_ceil(1000)),
            Self::StaleHit { past_ms } => {
                write!(f, "; hit; ttl=-{}; detail=revalidating", past_ms.div_ceil(1000))
            }
            Self::Tolerated { past_ms } => {
                write!(f, "; hit; ttl=-{}; detail=max-stale", past_ms.div_ceil(1000))
            }
            Self::Forwarded(forwarded) => forwarded.fmt(f),
            Self::Generated => f.write_str("; detail=generated"),
        }
    }
}

impl Forwarded {
    fn fmt(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 9211 §2.2 names the reasons; ours that it does not know go into the detail.
        let (fwd, detail) = match self.reason {
            Reason::Missing => ("uri-miss", None),
            Reason::Expired => ("stale", None),
            Reason::Purged => ("stale", Some("purged")),
            Reason::Unknown => ("stale", Some("log-unknown")),
            Reason::Silent => ("stale", Some("log-silent")),
            Reason::Bookmark => ("request", Some("bookmark")),
            Reason::NotStored => ("bypass", None),
            Reason::Method => ("method", None),
            Reason::OtherVariant => ("vary-miss", None),
            Reason::Request => ("request", None),
            Reason::Partial => ("partial", None),
        };
        write!(f, "; fwd={fwd}")?;
        match self.outcome {
            Outcome::Stored => f.write_str("; stored")?,
            Outcome::Collapsed => f.write_str("; collapsed")?,
            Outcome::Revalidated => f.write_str("; fwd-status=304; stored")?,
            Outcome::Covered(status) => {
                return write!(f, "; fwd-status={}; detail=stale-if-error", status.as_u16());
            }
            Outcome::StoodIn => return f.write_str("; detail=origin-unreachable"),
            Outcome::Refused(Refusal::Class) => {}
            Outcome::Refused(refusal) if detail.is_none() => {
                return write!(f, "; detail=not-stored-{}", refusal.as_str());
            }
            Outcome::Refused(_) => {}
        }
        detail.map_or(Ok(()), |detail| write!(f, "; detail={detail}"))
    }
}

impl CacheStatus {
    /// Whether the answer was made for another request, and not confirmed for this one: it has an age (RFC 9111 §5.1).
    pub const fn is_reuse(self) -> bool {
        match self {
            Self::Hit { .. } | Self::StaleHit { .. } | Self::Tolerated { .. } => true,
            Self::Forwarded(Forwarded { outcome, .. }) => {
                matches!(outcome, Outcome::Collapsed | Outcome::Covered(_) | Outcome::StoodIn)
            }
            Self::Generated => false,
        }
    }

    /// The field's value.
    pub fn to_value(self) -> HeaderValue {
        let mut text = String::with_capacity(48);
        // Writing to a string cannot fail, and the text is ASCII.
        let _ = write!(text, "{self}");
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_tells_what_happened_and_why() {
        let forwarded = |reason, outcome| CacheStatus::Forwarded(Forwarded { reason, outcome }).to_string();
        assert_eq!(CacheStatus::Hit { left_ms: 1500 }.to_string(), "stepwell; hit; ttl=2");
        assert_eq!(
            CacheStatus::StaleHit { past_ms: 1 }.to_string(),
            "stepwell; hit; ttl=-1; detail=revalidating"
        );
        assert_eq!(forwarded(Reason::Missing, Outcome::Stored), "stepwell; fwd=uri-miss; stored");
        assert_eq!(forwarded(Reason::Missing, Outcome::Collapsed), "stepwell; fwd=uri-miss; collapsed");
        assert_eq!(forwarded(Reason::Purged, Outcome::Stored), "stepwell; fwd=stale; stored; detail=purged");
        assert_eq!(
            forwarded(Reason::Expired, Outcome::Covered(StatusCode::BAD_GATEWAY)),
            "stepwell; fwd=stale; fwd-status=502; detail=stale-if-error"
        );
        assert_eq!(forwarded(Reason::NotStored, Outcome::Refused(Refusal::Class)), "stepwell; fwd=bypass");
    }

    #[test]
    fn what_the_origin_made_or_confirmed_for_this_request_has_no_age() {
        let forwarded = |outcome| CacheStatus::Forwarded(Forwarded { reason: Reason::Expired, outcome });
        assert!(CacheStatus::Hit { left_ms: 1 }.is_reuse() && forwarded(Outcome::Collapsed).is_reuse());
        assert!(forwarded(Outcome::Covered(StatusCode::BAD_GATEWAY)).is_reuse());
        for outcome in [Outcome::Stored, Outcome::Revalidated, Outcome::Refused(Refusal::Class)] {
            assert!(!forwarded(outcome).is_reuse());
        }
    }
}
