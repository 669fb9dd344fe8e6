//! Which of all requests of a fleet belong together (W3C Trace Context): `traceparent`, read and written.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The field that carries it.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What others add to it; worth nothing without it (§3.3.1.5).
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// A request's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    span: u64,
    flags: u8,
    /// Whether it began here.
    is_new: bool,
}

impl Trace {
    /// A place in the trace that a request's header names, and otherwise in a new one. `id` and `span` are random
    /// numbers of the host; neither may be 0 (§3.2.2), so that 0 is taken for 1.
    pub fn of(headers: &HeaderMap, id: u128, span: u64) -> Self {
        let span = span.max(1);
        let mut fields = headers.get_all(TRACEPARENT).iter();
        // Two say nothing: which one is meant?
        let named = fields.next().filter(|_| fields.next().is_none()).and_then(read);
        match named {
            Some((id, flags)) => Self { id, span, flags, is_new: false },
            None => Self { id: id.max(1), span, flags: 0, is_new: true },
        }
    }

    /// Names it in a request that is sent on.
    pub fn put_on(self, headers: &mut HeaderMap) {
        let Self { id, span, flags, is_new } = self;
        if is_new {
            headers.remove(TRACESTATE);
        }
        if let Ok(value) = HeaderValue::try_from(format!("00-{id:032x}-{span:016x}-{flags:02x}")) {
            headers.insert(TRACEPARENT, value);
        }
    }

    /// What all requests of the trace share.
    pub const fn id(self) -> u128 {
        self.id
    }
}

/// The id of the trace that a request's header names, if it is well-formed.
pub fn id_of(headers: &HeaderMap) -> Option<u128> {
    headers.get(TRACEPARENT).and_then(read).map(|(id, _)| id)
}

/// The trace's id and its flags (§3.2). A later version is read as far as this one goes (§4.3).
fn read(field: &HeaderValue) -> Option<(u128, u8)> {
    let mut parts = field.to_str().ok()?.split('-');
    let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_known = version == "00" && parts.next().is_none();
    let is_later = version != "00" && version != "ff";
    if !(is_known || is_later) {
        return None;
    }
    hex(version, 2)?;
    let id = hex(id, 32).filter(|id| *id != 0)?;
    hex(span, 16).filter(|span| *span != 0)?;
    // Of the flags, whether the caller records the trace is the one that is known.
    let flags = u8::try_from(hex(flags, 2)?).ok()? & 1;
    Some((id, flags))
}

/// Lower-case hexadecimal digits, exactly so many.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == digits && text.bytes().all(is_hex)).then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACEPARENT, HeaderValue::from_static(value));
        }
        headers.insert(TRACESTATE, HeaderValue::from_static("a=1"));
        headers
    }

    fn sent_on(values: &[&'static str]) -> (String, bool) {
        let mut headers = headers(values);
        Trace::of(&headers, 7, 9).put_on(&mut headers);
        let all: Vec<_> = headers.get_all(TRACEPARENT).iter().collect();
        assert_eq!(all.len(), 1);
        (all[0].to_str().unwrap().to_owned(), headers.contains_key(TRACESTATE))
    }

    #[test]
    fn a_trace_goes_on_under_a_span_of_our_own() {
        let expected = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000009-01";
        assert_eq!(sent_on(&[GOOD]), (expected.to_owned(), true));
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-will-be";
        assert_eq!(sent_on(&[later]), (expected.to_owned(), true));
    }

    #[test]
    fn what_is_malformed_begins_a_new_one() {
        for bad in [
            &[][..],
            &[GOOD, GOOD],
            &["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"],
            &["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"],
            &["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"],
            &["00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"],
            &["00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        ] {
            let expected = "00-00000000000000000000000000000007-0000000000000009-00";
            assert_eq!(sent_on(bad), (expected.to_owned(), false), "{bad:?}");
        }
    }
}
