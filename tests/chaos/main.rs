//! The process dies without warning, and what it acknowledged is there.

mod killed_writers;
mod ledger;
mod writer;
