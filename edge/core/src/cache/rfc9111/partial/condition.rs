//! `If-Range`: a range only of the representation that the client has parts of already (RFC 9110 §13.1.5).

use http::header::{DATE, ETAG, IF_RANGE, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};
use stepwell_shared::time::Timestamp;

use super::super::date;

/// How much older than `Date` a `Last-Modified` must be to be a strong validator, in milliseconds.
///
/// RFC 9110 §8.8.2.2 asks for a second, and for enough more that clocks which differ cannot matter; 60 seconds is what
/// its predecessor (RFC 7232 §2.2.2) asked for.
const STRONG_AFTER_MS: u64 = 60_000;

/// Whether a stored answer may be served in part, as far as the request's `If-Range` says. Without the field, yes; where
/// it does not hold, `Range` is ignored. `now` is for dates with years of two digits.
pub fn may_serve_range(request: &HeaderMap, stored_response: &HeaderMap, now: Timestamp) -> bool {
    let mut lines = request.get_all(IF_RANGE).iter();
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(validator), None) => {
            is_strong_etag(validator, stored_response) || is_strong_date(validator, stored_response, now)
        }
        _ => false,
    }
}

/// The strong comparison (RFC 9110 §8.8.3.2).
fn is_strong_etag(validator: &HeaderValue, stored_response: &HeaderMap) -> bool {
    strong_etag(stored_response).is_some_and(|etag| etag == validator)
}

/// The one entity tag of an answer, if it is strong.
pub(super) fn strong_etag(response: &HeaderMap) -> Option<&HeaderValue> {
    let mut lines = response.get_all(ETAG).iter();
    let (Some(etag), None) = (lines.next(), lines.next()) else { return None };
    let opaque = etag.as_bytes().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    (!opaque.contains(&b'"')).then_some(etag)
}

/// Whether the validator is exactly the stored `Last-Modified`, and that is strong.
fn is_strong_date(validator: &HeaderValue, stored_response: &HeaderMap, now: Timestamp) -> bool {
    let of = |name| date::of(stored_response, name, now);
    let (Some(modified), Some(sent)) = (of(&LAST_MODIFIED), of(&DATE)) else { return false };
    stored_response.get(LAST_MODIFIED) == Some(validator) && sent.since_ms(modified) >= STRONG_AFTER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn may(if_range: &[&str], etag: &[&str], last_modified: &str, date: &str) -> bool {
        let text = |text: &str| HeaderValue::from_str(text).unwrap();
        let (mut request, mut stored) = (HeaderMap::new(), HeaderMap::new());
        for line in if_range {
            request.append(IF_RANGE, text(line));
        }
        for line in etag {
            stored.append(ETAG, text(line));
        }
        stored.append(LAST_MODIFIED, text(last_modified));
        stored.append(DATE, text(date));
        may_serve_range(&request, &stored, Timestamp::default())
    }

    #[test]
    fn entity_tags_are_compared_strongly() {
        let may = |if_range, etag: &[&str]| may(&[if_range], etag, "", "");
        assert!(may("\"a\"", &["\"a\""]));
        assert!(!may("\"a\"", &["\"b\""]));
        assert!(!may("\"a\"", &["W/\"a\""]));
        assert!(!may("W/\"a\"", &["\"a\""]));
        assert!(!may("W/\"a\"", &["W/\"a\""]));
        assert!(!may("a", &["a"]));
        assert!(!may("\"", &["\""]));
        assert!(!may("\"a\", \"b\"", &["\"a\", \"b\""]));
        assert!(!may("*", &["\"a\""]));
        assert!(!may("\"a\"", &[]));
        assert!(!may("\"a\"", &["\"a\"", "\"b\""]));
    }

    #[test]
    fn dates_must_be_the_same_and_strong() {
        let minute_later = "Sun, 06 Nov 1994 08:50:37 GMT";
        let sooner = "Sun, 06 Nov 1994 08:50:36 GMT";
        assert!(may(&[MODIFIED], &[], MODIFIED, minute_later));
        assert!(!may(&[MODIFIED], &[], MODIFIED, sooner));
        assert!(!may(&[MODIFIED], &[], MODIFIED, ""));
        assert!(!may(&[minute_later], &[], MODIFIED, minute_later));
        assert!(!may(&["x"], &[], "x", minute_later));
    }

    #[test]
    fn without_the_field_there_is_no_condition_and_with_two_it_fails() {
        assert!(may(&[], &[], "", ""));
        assert!(!may(&["\"a\"", "\"a\""], &["\"a\""], "", ""));
    }
}
