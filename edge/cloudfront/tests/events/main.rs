//! The handlers, called with events of CloudFront's documented shape.

mod origin_side;
mod support;
mod viewer_side;
