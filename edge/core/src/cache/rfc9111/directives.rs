//! Cache directives: `Cache-Control` (RFC 9111 §5.2), read with the tolerance that the specification asks for.
//!
//! What cannot be understood errs on the safe side: a lifetime that is no number is no lifetime at all, a restriction
//! with an odd argument still restricts.

#[cfg(test)]
mod tests;

use http::header::{CACHE_CONTROL, PRAGMA};
use http::{HeaderMap, HeaderName};

/// The longest span that is believed: 2^31 seconds, RFC 9111 §1.2.2's stand-in for "never within our lives".
pub const DELTA_S_MAX: u64 = 1 << 31;

/// Whether a directive holds for the whole answer or for some of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Restriction {
    /// It is not there.
    #[default]
    None,
    /// It holds for these fields alone (`no-cache="set-cookie"`).
    Fields(Box<[HeaderName]>),
    /// It holds for the answer.
    All,
}

/// The directives of an answer (RFC 9111 §5.2.2, RFC 5861, RFC 8246).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a directive of the protocol")]
pub struct ResponseDirectives {
    /// Seconds of freshness; 0 where the argument could not be read.
    pub max_age_s: Option<u64>,
    /// The same for shared caches alone.
    pub s_maxage_s: Option<u64>,
    /// Not to be reused without asking.
    pub no_cache: Restriction,
    /// Not for shared caches.
    pub private: Restriction,
    /// Not to be stored.
    pub no_store: bool,
    /// May be stored whatever else says that it may not by default.
    pub public: bool,
    /// Not to be served stale, even when the origin cannot be reached.
    pub must_revalidate: bool,
    /// The same for shared caches alone.
    pub proxy_revalidate: bool,
    /// To be stored only by those who know what its status asks of caches.
    pub must_understand: bool,
    /// Seconds past freshness within which it may be served while it is revalidated (RFC 5861 §3).
    pub stale_while_revalidate_s: Option<u64>,
    /// Seconds past freshness within which it may be served instead of an error (RFC 5861 §4).
    pub stale_if_error_s: Option<u64>,
}

/// The directives of a request (RFC 9111 §5.2.1, RFC 5861 §4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDirectives {
    /// Nothing older, in seconds.
    pub max_age_s: Option<u64>,
    /// Stale by up to so many seconds is welcome.
    pub max_stale_s: Option<u64>,
    /// To be fresh for so many seconds more.
    pub min_fresh_s: Option<u64>,
    /// Only after asking the origin.
    pub no_cache: bool,
    /// Keep nothing of request or answer.
    pub no_store: bool,
    /// Only from the store.
    pub only_if_cached: bool,
    /// Seconds past freshness within which a stored answer is welcome instead of an error.
    pub stale_if_error_s: Option<u64>,
}

impl ResponseDirectives {
    /// Reads every `Cache-Control` line. Of a directive that comes twice the first counts (RFC 9111 §4.2.1).
    pub fn of(headers: &HeaderMap) -> Self {
        let mut directives = Self::default();
        for_each(headers, |directive| directives.take(&directive));
        directives
    }

    fn take(&mut self, directive: &Directive<'_>) {
        match &*directive.name {
            "max-age" => first(&mut self.max_age_s, directive.seconds().unwrap_or(0)),
            "s-maxage" => first(&mut self.s_maxage_s, directive.seconds().unwrap_or(0)),
            "no-cache" => self.no_cache.widen(directive.fields()),
            "private" => self.private.widen(directive.fields()),
            "no-store" => self.no_store = true,
            "public" => self.public = true,
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "must-understand" => self.must_understand = true,
            "stale-while-revalidate" => {
                first(&mut self.stale_while_revalidate_s, directive.seconds().unwrap_or(0));
            }
            "stale-if-error" => first(&mut self.stale_if_error_s, directive.seconds().unwrap_or(0)),
            // RFC 9111 §5.2.3: what is not known is passed over.
            _ => {}
        }
    }

    /// Whether a stale answer must not be served, not even when the origin cannot be reached (RFC 9111 §4.2.4). A
    /// lifetime for shared caches says the same to them (§5.2.2.10).
    pub const fn forbids_stale(&self) -> bool {
        self.must_revalidate || self.proxy_revalidate || self.s_maxage_s.is_some()
    }
}

impl RequestDirectives {
    /// Reads `Cache-Control`, or where there is none `Pragma: no-cache` (RFC 9111 §5.4).
    pub fn of(headers: &HeaderMap) -> Self {
        let mut directives = Self::default();
        if !headers.contains_key(CACHE_CONTROL) {
            let mut lines = headers.get_all(PRAGMA).iter().filter_map(|line| line.to_str().ok());
            directives.no_cache = lines
                .any(|line| line.split(',').any(|member| member.trim().eq_ignore_ascii_case("no-cache")));
        }
        for_each(headers, |directive| match &*directive.name {
            "max-age" => first(&mut directives.max_age_s, directive.seconds().unwrap_or(0)),
            "max-stale" => {
                // Without an argument, any staleness will do, even one beyond the longest span (§5.2.1.2).
                let bound =
                    if directive.value.is_some() { directive.seconds().unwrap_or(0) } else { u64::MAX };
                first(&mut directives.max_stale_s, bound);
            }
            "min-fresh" => first(&mut directives.min_fresh_s, directive.seconds().unwrap_or(DELTA_S_MAX)),
            "no-cache" => directives.no_cache = true,
            "no-store" => directives.no_store = true,
            "only-if-cached" => directives.only_if_cached = true,
            "stale-if-error" => {
                first(&mut directives.stale_if_error_s, directive.seconds().unwrap_or(0));
            }
            _ => {}
        });
        directives
    }
}

impl Restriction {
    fn widen(&mut self, other: Self) {
        *self = match (std::mem::take(self), other) {
            (Self::Fields(known), Self::Fields(more)) => {
                Self::Fields(known.into_iter().chain(more).collect())
            }
            (Self::None, other) | (other, Self::None) => other,
            _ => Self::All,
        };
    }
}

fn first(slot: &mut Option<u64>, value: u64) {
    slot.get_or_insert(value);
}

/// One directive: its name in lower case, and its argument as it stands.
struct Directive<'l> {
    name: String,
    value: Option<&'l str>,
}

impl Directive<'_> {
    /// The argument as delta-seconds (RFC 9111 §1.2.2), as a token or quoted: digits and nothing else.
    fn seconds(&self) -> Option<u64> {
        let value = self.value?;
        let digits = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Nothing but digits: what does not fit is too large.
        Some(digits.parse().unwrap_or(DELTA_S_MAX).min(DELTA_S_MAX))
    }

    /// The argument as names of fields. One that cannot be read leaves nobody to except: it holds for all.
    fn fields(&self) -> Restriction {
        let Some(value) = self.value else { return Restriction::All };
        let list = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        let names: Result<Box<[HeaderName]>, _> =
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::parse).collect();
        match names {
            Ok(names) if !names.is_empty() => Restriction::Fields(names),
            _ => Restriction::All,
        }
    }
}

/// Every directive of every line, in order.
fn for_each(headers: &HeaderMap, mut take: impl FnMut(Directive<'_>)) {
    for line in headers.get_all(CACHE_CONTROL) {
        // A line that is not ASCII may hide a restriction; what of it is ASCII still counts.
        let text = String::from_utf8_lossy(line.as_bytes());
        for member in members(&text) {
            let (name, value) = match member.split_once('=') {
                // Space around `=` is not allowed: the argument then starts with it, and is no number.
                Some((name, _)) if name.ends_with([' ', '\t']) => (name.trim_end(), Some("")),
                Some((name, value)) => (name, Some(value)),
                None => (member, None),
            };
            take(Directive { name: name.to_ascii_lowercase(), value });
        }
    }
}

/// The members of a list, trimmed; a comma within quotes belongs to its member (RFC 9110 §5.6.1, §5.6.4).
pub(super) fn members(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_member(text);
        rest = text.get(end.saturating_add(1)..);
        text.get(..end)
    })
    .map(|member| member.trim_matches([' ', '\t']))
    .filter(|member| !member.is_empty())
}

/// Where the first member ends: at a comma outside quotes, or with the text.
fn end_of_member(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return place,
            _ => {}
        }
    }
    text.len()
}
