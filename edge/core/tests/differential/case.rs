//! A case: one exchange with an origin, and a request some time after it.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, request};
use stepwell_edge_core::cache::rfc9111::date;
use stepwell_shared::time::Timestamp;

/// When the answer came: Sun, 18 Oct 2026 00:00:00 GMT and just so much that an answer which was dated a second ago, and
/// so may have been made at that second's end, is a second old to the millisecond.
pub(crate) const ANSWERED_AT: Timestamp = Timestamp::from_ms(1_792_281_600_999);

/// A request: method, target and fields.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) target: &'static str,
    pub(crate) headers: HeaderMap,
}

/// A case.
#[derive(Clone)]
pub(crate) struct Case {
    /// What the answer was asked for by.
    pub(crate) first: Asked,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Seconds between question and answer.
    pub(crate) under_way_s: u64,
    /// Seconds between the answer and the second request.
    pub(crate) later_s: u64,
    pub(crate) second: Asked,
}

impl Asked {
    pub(crate) fn head(&self) -> request::Parts {
        let request = Request::builder().method(self.method.clone()).uri(self.target).body(());
        let mut head = request.expect("a request").into_parts().0;
        head.headers.clone_from(&self.headers);
        head.headers.insert("host", HeaderValue::from_static("a"));
        head
    }
}

impl Case {
    pub(crate) fn now(&self) -> Timestamp {
        ANSWERED_AT.plus_ms(self.later_s * 1000)
    }
}

/// `name: value` a line. A value `@N` is the date N seconds after the answer came.
pub(crate) fn fields(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().filter_map(|line| line.split_once(": ")) {
        let offset_s = value.strip_prefix('@').and_then(|offset_s| offset_s.parse().ok());
        let value = offset_s.map_or_else(|| HeaderValue::from_str(value).expect("a value"), at);
        headers.append(HeaderName::from_bytes(name.as_bytes()).expect("a name"), value);
    }
    headers
}

/// The date so many seconds after the answer came.
pub(crate) fn at(offset_s: i64) -> HeaderValue {
    date::format(Timestamp::from_ms(ANSWERED_AT.as_secs().saturating_add_signed(offset_s) * 1000))
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |f: &mut fmt::Formatter<'_>, headers: &HeaderMap| {
            headers
                .iter()
                .try_for_each(|(name, value)| writeln!(f, "{name}: {}", value.to_str().unwrap_or("?")))
        };
        writeln!(f, "\n{} {}", self.first.method, self.first.target)?;
        lines(f, &self.first.headers)?;
        writeln!(f, "... {} s ...\n{}", self.under_way_s, self.status)?;
        lines(f, &self.headers)?;
        writeln!(f, "... {} s ...\n{} {}", self.later_s, self.second.method, self.second.target)?;
        lines(f, &self.second.headers)
    }
}
