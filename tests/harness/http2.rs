//! HTTP/2 frame by frame (RFC 9113), for what a client library would refuse to send.

mod code;
mod connection;
pub mod frames;
mod status;

pub use code::ErrorCode;
pub use connection::{Connection, Heard};
