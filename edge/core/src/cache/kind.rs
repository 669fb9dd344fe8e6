//! What an edge did with requests, in as few kinds as are worth counting apart.
//!
//! It is read from `Cache-Status`, which every answer states: so what is counted is what clients were told.

use http::HeaderValue;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $outcome:literal, $reason:literal;)*) => {
        /// A kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What came of the request, and why it went to the origin; empty where it did not.
            pub const fn labels(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($outcome, $reason),)* }
            }
        }
    };
}

kinds! {
    /// Served from the store, fresh.
    Hit = "hit", "";
    /// Served from the store, stale: it is confirmed behind the answer, or the client wanted no better.
    Stale = "stale", "";
    /// Shared the answer to another request.
    Collapsed = "collapsed", "";
    /// The origin confirmed what was stored.
    Revalidated = "revalidated", "";
    /// The origin failed, and what was stored stood in.
    StoodIn = "stood-in", "";
    /// The edge answered itself.
    Generated = "generated", "";
    /// Not of a class that is stored.
    Bypass = "bypass", "";
    /// Nothing was stored.
    Missing = "miss", "uri-miss";
    /// What was stored had outlived its lifetime.
    Expired = "miss", "stale";
    /// What was stored was purged.
    Purged = "miss", "purged";
    /// The log does not reach back to what was stored.
    Unknown = "miss", "log-unknown";
    /// The log was silent for too long.
    Silent = "miss", "log-silent";
    /// The client had seen something newer.
    Bookmark = "miss", "bookmark";
    /// What was stored varies from what was asked for.
    Variant = "miss", "vary-miss";
    /// The client wanted something fresher.
    Request = "miss", "request";
    /// Part of it was stored.
    Partial = "miss", "partial";
    /// The answer could not be stored.
    Refused = "refused", "";
}

impl Kind {
    /// The kind that a field of this edge's tells of.
    pub fn of(field: &HeaderValue) -> Self {
        const HIT: &[u8] = b"stepwell; hit; ttl=";
        if let Some(left) = field.as_bytes().strip_prefix(HIT) {
            return if left.starts_with(b"-") { Self::Stale } else { Self::Hit };
        }
        // Whatever a flood is refused with.
        if field.as_bytes() == b"stepwell; detail=generated" {
            return Self::Generated;
        }
        let parameters = || field.to_str().unwrap_or_default().split("; ").skip(1);
        let says = |what: &str| parameters().any(|parameter| parameter == what);
        if says("collapsed") {
            return Self::Collapsed;
        }
        if says("detail=stale-if-error") || says("detail=origin-unreachable") {
            return Self::StoodIn;
        }
        if says("fwd-status=304") {
            return Self::Revalidated;
        }
        if parameters().any(|parameter| parameter.starts_with("detail=not-stored-")) {
            return Self::Refused;
        }
        let details = [
            ("detail=purged", Self::Purged),
            ("detail=log-unknown", Self::Unknown),
            ("detail=log-silent", Self::Silent),
            ("detail=bookmark", Self::Bookmark),
            ("fwd=uri-miss", Self::Missing),
            ("fwd=stale", Self::Expired),
            ("fwd=vary-miss", Self::Variant),
            ("fwd=request", Self::Request),
            ("fwd=partial", Self::Partial),
            ("fwd=bypass", Self::Bypass),
            ("fwd=method", Self::Bypass),
        ];
        details.iter().find(|(what, _)| says(what)).map_or(Self::Generated, |(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::decide::Reason;
    use crate::cache::filing::Refusal;
    use crate::cache::status::{CacheStatus, Forwarded, Outcome};
    use http::StatusCode;

    #[test]
    fn each_statement_is_of_its_kind() {
        let kind = |status: CacheStatus| Kind::of(&status.to_value());
        assert_eq!(kind(CacheStatus::Hit { left_ms: 0 }), Kind::Hit);
        assert_eq!(kind(CacheStatus::StaleHit { past_ms: 5 }), Kind::Stale);
        assert_eq!(kind(CacheStatus::Tolerated { past_ms: 5 }), Kind::Stale);
        assert_eq!(kind(CacheStatus::Generated), Kind::Generated);
        let forwarded = |reason, outcome| kind(CacheStatus::Forwarded(Forwarded { reason, outcome }));
        for (outcome, expected) in [
            (Outcome::Collapsed, Kind::Collapsed),
            (Outcome::Revalidated, Kind::Revalidated),
            (Outcome::Covered(StatusCode::BAD_GATEWAY), Kind::StoodIn),
            (Outcome::StoodIn, Kind::StoodIn),
            (Outcome::Refused(Refusal::SetCookie), Kind::Refused),
            (Outcome::Stored, Kind::Expired),
        ] {
            assert_eq!(forwarded(Reason::Expired, outcome), expected, "{outcome:?}");
        }
        for (reason, expected) in [
            (Reason::Missing, Kind::Missing),
            (Reason::Purged, Kind::Purged),
            (Reason::Unknown, Kind::Unknown),
            (Reason::Silent, Kind::Silent),
            (Reason::Bookmark, Kind::Bookmark),
            (Reason::OtherVariant, Kind::Variant),
            (Reason::Request, Kind::Request),
            (Reason::Partial, Kind::Partial),
        ] {
            assert_eq!(forwarded(reason, Outcome::Stored), expected, "{reason:?}");
        }
        for reason in [Reason::NotStored, Reason::Method] {
            assert_eq!(forwarded(reason, Outcome::Refused(Refusal::Class)), Kind::Bypass);
        }
    }

    #[test]
    fn every_kind_has_labels_of_its_own() {
        let labels: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.labels()).collect();
        assert_eq!(labels.len(), Kind::ALL.len());
    }
}
