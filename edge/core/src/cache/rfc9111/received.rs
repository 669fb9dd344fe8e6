//! What to do with the origin's answer.

use std::ops::Deref;

use http::StatusCode;
use http::header::RANGE;

use super::extent::suffices;
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
        _ if !answer.asked.may_look_up || ask.how == How::Verbatim => {
            answer.judge(options).map_or_else(Received::NotStored, storable)
        }
        (StatusCode::NOT_MODIFIED, How::Conditionally, Some(stored)) => {
            by_not_modified(stored, answer, options)
                // Under its new header a part may not be what `If-Range` speaks of any more.
                .filter(|stored| suffices(stored, answer.asked, answer.request, answer.exchange.answered_at))
                .map_or(Received::AskAgain, |stored| Received::Confirmed(Box::new(stored)))
        }
        (StatusCode::NOT_MODIFIED, ..) => out_of_place,
        (StatusCode::PARTIAL_CONTENT, How::ForTheRest, Some(stored)) => answer
            .judge_onto(stored, options)
            .map_or(Received::AskAgain, |filing| Received::TheRest(Box::new(filing))),
        (StatusCode::RANGE_NOT_SATISFIABLE, How::ForTheRest, _) => Received::AskAgain,
        (StatusCode::PARTIAL_CONTENT, ..) if !answer.request.contains_key(RANGE) => out_of_place,
        (status, ..) if ask.cover.errors && is_failure(status) => Received::Covered,
        _ => match stored {
            Some(stored) => answer.judge_onto(stored, options),
            None => answer.judge(options),
        }
        .map_or_else(Received::NotStored, storable),
    }
}

fn storable(filing: Filing) -> Received {
    Received::Storable(Box::new(filing))
}

/// RFC 5861 §4's errors.
const fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::reuse::Cover;
    use super::super::testing::{answer, asked, fields, head, stored, stored_for};
    use super::*;
    use crate::cache::decide::Reason;

    /// What becomes of an answer to `GET /` that was sent in this way, in a word.
    fn word(how: How, kept: Option<Stored>, request: &[&str], status: u16, came: &[&str]) -> &'static str {
        let head = head("GET /", request);
        let (asked, headers) = (asked(&head), fields(came));
        let cover = Cover { errors: kept.is_some(), silence: kept.is_some() };
        let ask = Ask { reason: Reason::Expired, how, stored: kept.map(Arc::new), cover };
        match decide(&answer(&asked, &head.headers, status, &headers), &ask, &Options::default()) {
            Received::Confirmed(_) => "confirmed",
            Received::Storable(_) => "storable",
            Received::TheRest(_) => "the rest",
            Received::NotStored(_) => "not stored",
            Received::Covered => "covered",
            Received::AskAgain => "ask again",
            Received::Senseless => "senseless",
        }
    }

    const FRESH: &str = "cache-control: max-age=9";

    #[test]
    fn what_was_asked_gives_an_answer_its_sense() {
        let kept = || Some(stored(&[FRESH, "etag: \"a\""], "content"));
        assert_eq!(word(How::Conditionally, kept(), &[], 304, &["etag: \"a\""]), "confirmed");
        assert_eq!(word(How::Conditionally, kept(), &[], 304, &["etag: \"b\""]), "ask again");
        assert_eq!(word(How::Conditionally, kept(), &[], 200, &[FRESH]), "storable");
        assert_eq!(word(How::Conditionally, kept(), &[], 206, &[FRESH]), "ask again");
        assert_eq!(word(How::Plainly, None, &[], 304, &[]), "senseless");
        assert_eq!(word(How::Plainly, None, &[], 206, &[FRESH]), "senseless");
        assert_eq!(word(How::Verbatim, None, &["if-none-match: \"a\""], 304, &[]), "not stored");
        assert_eq!(word(How::Plainly, None, &[], 200, &["cache-control: private"]), "not stored");
    }

    #[test]
    fn a_stored_answer_stands_in_for_errors_alone() {
        let kept = || Some(stored(&[FRESH], "content"));
        for (status, expected) in [(500, "covered"), (504, "covered"), (501, "storable"), (404, "storable")] {
            assert_eq!(word(How::Plainly, kept(), &[], status, &[FRESH]), expected, "{status}");
        }
    }

    #[test]
    fn a_part_and_its_rest_make_the_whole() {
        let part = || {
            let lines = [FRESH, "content-range: bytes 0-4/10", "etag: \"a\""];
            stored_for(&head("GET /", &["range: bytes=0-4"]), 206, &lines, "01234").ok()
        };
        let rest = &[FRESH, "content-range: bytes 5-9/10", "etag: \"a\""];
        let word = |status, came: &[&str]| word(How::ForTheRest, part(), &[], status, came);
        assert_eq!(word(206, rest), "the rest");
        assert_eq!(word(206, &[FRESH]), "ask again");
        assert_eq!(word(416, &[]), "ask again");
        assert_eq!(word(200, &[FRESH]), "storable");
    }
}
