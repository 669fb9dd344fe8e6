//! What is read from header fields.

mod dates;
mod policy;
mod ranges;
mod references;
mod variance;

use http::HeaderMap;
use stepwell_shared::time::Timestamp;

use crate::scripts::script;

/// When all of it is read: Sun, 18 Oct 2026 00:00:00 GMT and a part of a second.
const NOW: Timestamp = Timestamp::from_ms(1_792_281_600_123);
/// Lines of a header at the most.
const LINES_MAX: usize = 32;

/// Reads a header, a field a line, as that of a request and as that of an answer.
///
/// # Panics
/// Where a claim does not hold.
pub fn check(text: &[u8]) {
    let mut headers = HeaderMap::new();
    for (name, value) in text.split(|byte| *byte == b'\n').take(LINES_MAX).filter_map(script::field) {
        headers.append(name, value);
    }
    policy::check(&headers);
    dates::check(&headers);
    ranges::check(&headers);
    variance::check(&headers);
    references::check(&headers);
}
