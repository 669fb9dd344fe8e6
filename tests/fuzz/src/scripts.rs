//! A cache of class `http`, played through a script of requests and answers while a witness watches.

mod player;
pub mod script;
mod tally;
mod witness;

pub use tally::Tally;

use script::Script;

/// Plays a script; says how often each outcome was reached.
///
/// # Panics
/// Where the cache did what it must not.
pub fn play(text: &[u8]) -> Tally {
    player::Player::of(Script::read(text)).play()
}
