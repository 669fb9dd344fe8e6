//! How much the origin takes on at once. Above what it can do in time, more work only waits: then each answer comes late
//! and none comes sooner. So each kind of work has so many places, found out from how long answers take
//! ([`limit`]), and who finds none is told at once to come back (503), before a body is read or the database asked.
//!
//! Kinds have places of their own, so that a flood of one leaves the others theirs.

pub mod held;
pub mod kind;
pub mod limit;
pub mod limiter;

use std::sync::Arc;

use kind::Kind;
use limit::Bounds;
use limiter::Limiter;

/// The limiters of an origin.
#[derive(Clone, Debug)]
pub struct Overload {
    reads: Arc<Limiter>,
    writes: Arc<Limiter>,
    log_ins: Arc<Limiter>,
}

/// How many places each kind of work has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Of reads past the edge.
    pub reads: Bounds,
    /// Of changes.
    pub writes: Bounds,
    /// Of what hashes passwords.
    pub log_ins: Bounds,
}

impl Overload {
    /// With these bounds, and nothing under way.
    pub fn new(settings: &Settings) -> Self {
        let limiter = |bounds: &Bounds| Arc::new(Limiter::new(bounds.clone()));
        Self {
            reads: limiter(&settings.reads),
            writes: limiter(&settings.writes),
            log_ins: limiter(&settings.log_ins),
        }
    }

    /// The limiter of one kind.
    pub fn of(&self, kind: Kind) -> &Arc<Limiter> {
        match kind {
            Kind::Read => &self.reads,
            Kind::Write => &self.writes,
            Kind::LogIn => &self.log_ins,
        }
    }
}
