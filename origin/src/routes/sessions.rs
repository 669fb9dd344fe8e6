//! Sessions: signing in, staying signed in, signing out.

mod cookies;
pub mod create;
pub mod end;
pub mod guessing;
pub mod list;
pub mod opened;
pub mod refresh;

#[cfg(test)]
mod tests;
