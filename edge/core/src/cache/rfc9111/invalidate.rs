//! What a request that may have changed something makes invalid (RFC 9111 §4.4, RFC 9875 §3).

use http::header::{CONTENT_LOCATION, LOCATION};
use http::{HeaderMap, StatusCode};
use stepwell_shared::tags::TagHash;

use super::asked::Asked;
use super::{groups, uri};

/// The tags to purge once the origin has answered: those of the target and of what `Location` and `Content-Location`
/// lead to on the same host, and of the groups that the answer names. Nothing where the method is safe or it failed.
pub fn after(asked: &Asked, status: StatusCode, answer: &HeaderMap) -> Vec<TagHash> {
    if !asked.is_unsafe() || !(status.is_success() || status.is_redirection()) {
        return Vec::new();
    }
    let mut tags: Vec<TagHash> = keys(asked, answer).map(|key| uri::tag(&key)).collect();
    tags.extend(groups::invalidated_by(answer, asked.host()));
    tags
}

/// The keys among what [`after`] purges, for hosts whose store others share, who do not see this host's log.
pub fn keys(asked: &Asked, answer: &HeaderMap) -> impl Iterator<Item = Box<str>> {
    let referred = [LOCATION, CONTENT_LOCATION].into_iter().flat_map(|name| answer.get_all(name));
    let referred = referred.filter_map(|reference| uri::key(asked, reference.as_bytes()));
    referred.chain([asked.key.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Request};

    fn asked(method: &str) -> Asked {
        let request = Request::builder().method(method).uri("/a").header("host", "h").body(()).unwrap();
        Asked::of(&request.into_parts().0, true).unwrap()
    }

    #[test]
    fn a_change_takes_what_it_names_along() {
        let mut answer = HeaderMap::new();
        answer.insert(LOCATION, HeaderValue::from_static("/b"));
        answer.insert(CONTENT_LOCATION, HeaderValue::from_static("http://elsewhere/c"));
        let tags = after(&asked("M-SEARCH"), StatusCode::SEE_OTHER, &answer);
        assert_eq!(tags, [uri::tag("h/b"), uri::tag("h/a")]);
    }

    #[test]
    fn a_failure_or_a_look_changes_nothing() {
        let none = HeaderMap::new();
        assert!(after(&asked("POST"), StatusCode::INTERNAL_SERVER_ERROR, &none).is_empty());
        assert!(after(&asked("POST"), StatusCode::NOT_FOUND, &none).is_empty());
        assert!(after(&asked("OPTIONS"), StatusCode::OK, &none).is_empty());
        assert!(!after(&asked("DELETE"), StatusCode::NO_CONTENT, &none).is_empty());
    }
}
