//! What an edge of ours adds to a request, so that the origin knows it for one.

use http::{HeaderMap, Method};
use stepwell_shared::time::Timestamp;

use crate::event;

/// This edge's name and key.
#[derive(Debug, Default)]
pub struct Signer {}

impl Signer {
    /// Says whose request it is, and signs it.
    pub fn put_on(&self, _: &Method, _: &event::Request, _: &mut HeaderMap, _: bool, _: Timestamp) {}
}
