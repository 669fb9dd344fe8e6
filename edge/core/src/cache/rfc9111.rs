//! A shared HTTP cache by RFC 9111, driven by nothing but what requests and responses say: the class `http`.
//!
//! Stepwell's own routes are cached by the purge log and a policy that their origin states ([`super::filing`],
//! [`super::decide`]). An origin that knows nothing of Stepwell states its wishes in HTTP's own header fields, and this
//! module obeys them to the letter. A file is a chapter of the specification.
//!
//! ```text
//! asked::Asked::of ── what the request asks of the cache        (or a problem)
//!       │ host reads its store: stored::Variants
//! reuse::decide ─┬─ Serve, ServeStale ► answer::from_stored ◄────────────────────┐
//!                ├─ NotStored         ► 504                                      │
//!                └─ Ask ► sent::headers ► host asks the origin                   │
//!                           received::decide ─┬─ Confirmed, Covered ─────────────┤
//!                                             ├─ TheRest ► Filing::complete ─────┘
//!                                             ├─ Storable ► host passes it on and stores Filing::complete
//!                                             ├─ NotStored ► host passes it on
//!                                             └─ AskAgain, Senseless
//! invalidate::after ── what an answer to an unsafe request takes from the store
//! freshen::by_head ── what an answer to a HEAD tells of what is stored
//! ```

pub mod age;
pub mod answer;
pub mod asked;
pub mod date;
pub mod directives;
mod extent;
pub mod freshen;
pub mod groups;
mod header;
pub mod invalidate;
pub mod lifetime;
pub mod options;
pub mod partial;
pub mod received;
pub mod reuse;
pub mod sent;
pub mod stored;
pub mod storing;
#[cfg(test)]
pub(crate) mod testing;
pub mod uri;
pub mod variance;
