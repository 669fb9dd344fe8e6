//! What to do with the origin's answer.

use std::ops::Deref;

use http::StatusCode;
use http::header::RANGE;

use super::freshen::by_not_modified;
use super::options::Options;
use super::reuse::{Ask, How};
use super::stored::Stored;
use super::storing::{Answer, Filing};
use crate::cache::filing::Refusal;

/// What to do with an answer.
#[derive(Debug)]
pub enum Received {
    /// Nothing has changed: store this in the place of what was stored, and serve it.
    Confirmed(Box<Stored>),
    /// Pass it on, and store it once its content is there.
    Storable(Box<Filing>),
    /// It is the rest of a stored part: put it together once its content is there, and serve the whole. Where no whole
    /// comes of it, ask again plainly.
    TheRest(Box<Filing>),
    /// Pass it on.
    NotStored(Refusal),
    /// The origin failed and the stored answer may stand in: serve that.
    Covered,
    /// It does not answer what the client asked: ask again plainly.
    AskAgain,
    /// It answers nothing that was asked: the origin does not speak HTTP well.
    Senseless,
}

/// Decides. The answer is to a request that was sent as `ask` says.
pub fn decide<S: Deref<Target = Stored>>(answer: &Answer<'_>, ask: &Ask<S>, options: &Options) -> Received {
    let stored: Option<&Stored> = ask.stored.as_deref();
    let out_of_place = if ask.how == How::Plainly { Received::Senseless } else { Received::AskAgain };
    match (answer.status, ask.how, stored) {
        // What was not looked up was sent with the client's own conditions; its answer is the client's.
        _ if !answer.asked.may_look_up || ask.how == How::Verbatim => answer.judge(options).map_or_else(Received::NotStored, storable),
        (StatusCode::NOT_MODIFIED, How::Conditionally, Some(stored)) => {
            by_not_modified(stored, answer, options)
                .map_or(Received::AskAgain, |stored| Received::Confirmed(Box::new(stored)))
        }
        (StatusCode::NOT_MODIFIED, ..) => out_of_place,
        (StatusCode::PARTIAL_CONTENT, How::ForTheRest, Some(stored)) => answer
            .judge(options)
            .map_or(Received::AskAgain, |filing| Received::TheRest(Box::new(filing.onto(stored)))),
        (StatusCode::RANGE_NOT_SATISFIABLE, How::ForTheRest, _) => Received::AskAgain,
        (StatusCode::PARTIAL_CONTENT, ..) if !answer.request.contains_key(RANGE) => out_of_place,
        (status, ..) if ask.cover.errors && is_failure(status) => Received::Covered,
        _ => answer.judge(options).map_or_else(Received::NotStored, |filing| match stored {
            Some(stored) => storable(filing.onto(stored)),
            None => storable(filing),
        }),
    }
}

fn storable(filing: Filing) -> Received {
    Received::Storable(Box::new(filing))
}

/// RFC 5861 §4's errors.
const fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}
