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
    /// The span that the request names; 0 where the trace began here.
    parent: u64,
    flags: u8,
}

/// The flag of a trace that its caller records (§3.2.3.1).
const SAMPLED: u8 = 1;

impl Trace {
    /// A place in the trace that a request's header names, and otherwise in a new one. `id` and `span` are random
    /// numbers of the host; neither may be 0 (§3.2.2), so that 0 is taken for 1.
    pub fn of(headers: &HeaderMap, id: u128, span: u64) -> Self {
        let span = span.max(1);
        let mut fields = headers.get_all(TRACEPARENT).iter();
        // Two say nothing: which one is meant?
        let named = fields.next().filter(|_| fields.next().is_none()).and_then(read);
        match named {
            Some(Named { id, span: parent, flags }) => Self { id, span, parent, flags },
            None => Self { id: id.max(1), span, parent: 0, flags: 0 },
        }
    }

    /// The same, recorded if it began here and its id is one of so many in 2^63: others on its way that are asked for the
    /// same share choose the same traces. Of one that came, whoever began it has decided.
    #[must_use]
    pub const fn sampled(self, of_2_63: u64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "the lower half of the id is what is meant")]
        let chance = (self.id as u64) >> 1;
        let is_chosen = self.parent == 0 && chance < of_2_63;
        if is_chosen { Self { flags: self.flags | SAMPLED, ..self } } else { self }
    }

    /// Names it in a request that is sent on.
    pub fn put_on(self, headers: &mut HeaderMap) {
        let Self { id, span, parent, flags } = self;
        if parent == 0 {
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

    /// What is its own.
    pub const fn span(self) -> u64 {
        self.span
    }

    /// The span within which it was asked; `None` where the trace began here.
    pub const fn parent(self) -> Option<u64> {
        if self.parent == 0 { None } else { Some(self.parent) }
    }

    /// Whether the trace is recorded.
    pub const fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }
}

/// The id of the trace that a request's header names, if it is well-formed.
pub fn id_of(headers: &HeaderMap) -> Option<u128> {
    headers.get(TRACEPARENT).and_then(read).map(|named| named.id)
}

/// Whether a request's header names a trace that is recorded.
pub fn is_sampled(headers: &HeaderMap) -> bool {
    headers.get(TRACEPARENT).and_then(read).is_some_and(|named| named.flags & SAMPLED != 0)
}

/// What a field names.
struct Named {
    id: u128,
    span: u64,
    flags: u8,
}

/// A later version is read as far as this one goes (§3.2, §4.3).
fn read(field: &HeaderValue) -> Option<Named> {
    let mut parts = field.to_str().ok()?.split('-');
    let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_known = version == "00" && parts.next().is_none();
    let is_later = version != "00" && version != "ff";
    if !(is_known || is_later) {
        return None;
    }
    hex(version, 2)?;
    let id = hex(id, 32).filter(|id| *id != 0)?;
    let span = u64::try_from(hex(span, 16)?).ok().filter(|span| *span != 0)?;
    // Of the flags, whether the caller records the trace is the one that is known.
    let flags = u8::try_from(hex(flags, 2)?).ok()? & SAMPLED;
    Some(Named { id, span, flags })
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
    #[test]
    fn a_share_of_the_traces_that_begin_here_is_recorded_and_of_others_who_began_them_decides() {
        let of = |values: &[&'static str], id| Trace::of(&headers(values), id, 9);
        assert!(!of(&[], 1).sampled(0).is_sampled() && of(&[], u128::MAX).sampled(1 << 63).is_sampled());
        // The lower half of the id decides, less its last bit.
        let half = 1 << 62;
        assert!(of(&[], (7 << 64) | ((1 << 63) - 1)).sampled(half).is_sampled());
        assert!(!of(&[], (7 << 64) | (1 << 63)).sampled(half).is_sampled());
        assert!(of(&[GOOD], 1).sampled(0).is_sampled() && is_sampled(&headers(&[GOOD])));
        let unrecorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        assert!(!of(&[unrecorded], 1).sampled(1 << 63).is_sampled() && !is_sampled(&headers(&[unrecorded])));
        assert_eq!((of(&[GOOD], 1).parent(), of(&[], 1).parent()), (Some(0x00f0_67aa_0ba9_02b7), None));
    }
}
