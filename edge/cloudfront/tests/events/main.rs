//! The handlers, called with events of CloudFront's documented shape.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod origin_side;
mod support;
mod viewer_side;
