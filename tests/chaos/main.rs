//! The process dies without warning, and what it acknowledged is there.
//!
//! A killed process leaves behind what the system had taken from it, so this shows that nothing is acknowledged before it
//! is written, whole and with its purges. That it is also synced to the disk before is the database's own test.

mod killed_writers;
mod ledger;
mod writer;
