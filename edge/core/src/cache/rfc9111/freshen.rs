//! How a later answer without content brings a stored one up to date (RFC 9111 §4.3.4, §4.3.5).

use http::header::{CONTENT_LENGTH, ETAG, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};

use super::header::merged;
use super::options::Options;
use super::stored::Stored;
use super::storing::Answer;

/// What came of a `HEAD`.
#[derive(Debug)]
pub enum Learnt {
    /// The stored answer still stands; this is it, freshened.
    Stands(Box<Stored>),
    /// The resource has changed since: the stored answer is invalid.
    Changed,
    /// Nothing about it.
    Nothing,
}

/// The stored answer that a `304` to its validators makes of it: the old content under the new header. `None` where the
/// `304` speaks of other content, or the outcome may not be stored any more; the origin then has to be asked for the
/// whole.
pub fn by_not_modified(stored: &Stored, answer: &Answer<'_>, options: &Options) -> Option<Stored> {
    if !may_speak_of(stored, answer.headers) {
        return None;
    }
    updated(stored, answer, options)
}

/// What a `200` to a `HEAD` tells of the stored answer to a `GET`: it stands where every validator that came is its own
/// (RFC 9111 §4.3.5), which is so as well where none came. But then nothing confirms that the content is not older than
/// the `HEAD`, and purges since it was filled still count.
pub fn by_head(stored: &Stored, answer: &Answer<'_>, options: &Options) -> Learnt {
    if answer.status != StatusCode::OK || stored.entry.status != StatusCode::OK {
        return Learnt::Nothing;
    }
    let (came, held) = (answer.headers, &stored.entry.headers);
    let validators = [ETAG, LAST_MODIFIED].into_iter().filter(|name| came.contains_key(name));
    let has_changed = validators.clone().any(|name| came.get(&name) != held.get(&name));
    let length = came.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if has_changed || length.is_some_and(|length| length != stored.entry.body.len()) {
        return Learnt::Changed;
    }
    let confirms = validators.count() > 0;
    let position = if confirms { answer.position } else { stored.entry.position };
    let answer = Answer { position, ..*answer };
    updated(stored, &answer, options).map_or(Learnt::Nothing, |stored| Learnt::Stands(Box::new(stored)))
}

/// Whether a `304` speaks of this stored answer (RFC 9111 §4.3.4): by a strong validator it must name this very one; by a
/// weak one or a date, which the stored answer may lack, it must not name another.
fn may_speak_of(stored: &Stored, not_modified: &HeaderMap) -> bool {
    match (not_modified.get(ETAG), stored.entry.headers.get(ETAG)) {
        (Some(new), Some(old)) if is_weak(new.as_bytes()) => opaque(new.as_bytes()) == opaque(old.as_bytes()),
        (Some(new), Some(old)) => new == old,
        (Some(new), None) => is_weak(new.as_bytes()),
        (None, _) => match (not_modified.get(LAST_MODIFIED), stored.entry.headers.get(LAST_MODIFIED)) {
            (Some(new), Some(old)) => new == old,
            _ => true,
        },
    }
}

fn is_weak(tag: &[u8]) -> bool {
    tag.starts_with(b"W/")
}

/// The tag without its mark of weakness.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// The stored content under its old header with the new fields over it.
fn updated(stored: &Stored, answer: &Answer<'_>, options: &Options) -> Option<Stored> {
    let headers = merged(&stored.entry.headers, answer.headers);
    let status = stored.entry.status;
    let mut freshened = Answer { status, headers: &headers, ..*answer }.weigh(options).ok()?;
    freshened.entry.body = stored.entry.body.clone();
    freshened.part = stored.part;
    Some(freshened)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, asked, fields, head, stored};
    use super::*;

    const POLICY: &str = "cache-control: max-age=9";

    fn confirmed(kept: &[&str], came: &[&str]) -> Option<Stored> {
        let head = head("GET /", &[]);
        let (asked, headers) = (asked(&head), fields(came));
        let answer = answer(&asked, &head.headers, 304, &headers);
        by_not_modified(&stored(kept, "content"), &answer, &Options::default())
    }

    fn learnt(kept: &[&str], status: u16, came: &[&str]) -> &'static str {
        let head = head("HEAD /", &[]);
        let (asked, headers) = (asked(&head), fields(came));
        match by_head(
            &stored(kept, "content"),
            &answer(&asked, &head.headers, status, &headers),
            &Options::default(),
        ) {
            Learnt::Stands(_) => "stands",
            Learnt::Changed => "changed",
            Learnt::Nothing => "nothing",
        }
    }

    #[test]
    fn a_304_speaks_of_what_it_names() {
        let date = "last-modified: Thu, 01 Jan 2026 00:00:00 GMT";
        let later = "last-modified: Fri, 02 Jan 2026 00:00:00 GMT";
        for (kept, came, stands) in [
            (&[POLICY, "etag: \"a\""][..], &["etag: \"a\""][..], true),
            (&[POLICY, "etag: W/\"a\""], &["etag: W/\"a\""], true),
            (&[POLICY, "etag: \"a\""], &["etag: W/\"a\""], true),
            (&[POLICY, date], &["etag: W/\"a\""], true),
            // A strong validator names the content to the byte, which a weak one never did.
            (&[POLICY, "etag: W/\"a\""], &["etag: \"a\""], false),
            (&[POLICY, "etag: \"a\""], &["etag: \"b\""], false),
            (&[POLICY, "etag: \"a\""], &[], true),
            (&[POLICY, date], &["etag: \"a\""], false),
            (&[POLICY, date], &[date], true),
            (&[POLICY, date], &[later], false),
            (&[POLICY, "etag: \"a\""], &["etag: \"a\"", "cache-control: no-store"], false),
        ] {
            assert_eq!(confirmed(kept, came).is_some(), stands, "{kept:?} {came:?}");
        }
    }

    #[test]
    fn new_fields_replace_old_ones_and_the_content_stays() {
        let kept = ["cache-control: max-age=9", "etag: \"a\"", "x-a: 1", "x-a: 2", "x-b: 1", "age: 5"];
        let came = ["cache-control: max-age=5", "etag: \"a\"", "x-a: 3", "content-length: 99"];
        let fresh = confirmed(&kept, &came).unwrap();
        let said =
            |name| fresh.entry.headers.get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!((said("x-a"), said("x-b"), said("content-length")), (vec!["3"], vec!["1"], vec![]));
        assert_eq!((fresh.entry.lifetimes.fresh_for_ms, fresh.entry.initial_age_ms), (5000, 0));
        assert_eq!(&*fresh.entry.body, b"content");
    }

    #[test]
    fn a_head_tells_whether_the_content_changed() {
        let kept = &[POLICY, "etag: \"a\""][..];
        assert_eq!(learnt(kept, 200, &[POLICY, "etag: \"a\"", "content-length: 7"]), "stands");
        assert_eq!(learnt(kept, 200, &[POLICY]), "stands");
        assert_eq!(learnt(kept, 200, &[POLICY, "etag: \"b\""]), "changed");
        assert_eq!(learnt(kept, 200, &[POLICY, "content-length: 8"]), "changed");
        assert_eq!(learnt(kept, 200, &["cache-control: no-store"]), "nothing");
        assert_eq!(learnt(kept, 404, &["etag: \"b\""]), "nothing");
        assert_eq!(learnt(&[POLICY], 200, &["etag: \"a\""]), "changed");
    }

    #[test]
    fn only_a_validator_brings_the_content_itself_up_to_date() {
        let head = head("HEAD /", &[]);
        let asked = asked(&head);
        let sequence = |came: &[&str]| {
            let headers = fields(came);
            let mut answer = answer(&asked, &head.headers, 200, &headers);
            answer.position.sequence = 9;
            let kept = stored(&[POLICY, "etag: \"a\""], "content");
            assert_eq!(kept.entry.position.sequence, 0);
            match by_head(&kept, &answer, &Options::default()) {
                Learnt::Stands(stored) => stored.entry.position.sequence,
                _ => panic!("{came:?}"),
            }
        };
        assert_eq!(sequence(&["etag: \"a\""]), 9);
        assert_eq!(sequence(&[POLICY, "content-length: 7"]), 0);
    }
}
