//! What of a request is in CloudFront's cache key beside its normalised target, as one field.
//!
//! `Stepwell-Key: 0123456789abc.1-2f`: the caller's account, where the answer is for some alone, and the bookmark, where
//! there is one, each `-` when absent. Two requests with different bookmarks share no entry: CloudFront cannot compare
//! positions, and an entry that was filled for a bookmark includes what its sender has seen.

use http::{HeaderName, HeaderValue};
use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;

/// The field, as the generated cache policy names it.
pub const KEY: HeaderName = HeaderName::from_static("stepwell-key");
/// The caller's token on its way past CloudFront, which takes `Authorization` away from what it caches.
pub const CREDENTIALS: HeaderName = HeaderName::from_static("stepwell-credentials");

/// The key of an answer for everybody, or for one account.
pub fn of(account: Option<Id>, bookmark: Option<Position>) -> HeaderValue {
    let account = account.map_or_else(|| "-".to_owned(), |account| account.to_string());
    let bookmark = bookmark.map_or_else(|| "-".to_owned(), |bookmark| bookmark.to_string());
    text(&format!("{account}.{bookmark}"))
}

/// The key of a request that shares its answer with no other, by the name that CloudFront gave it.
pub fn alone(request_id: &str) -> HeaderValue {
    text(&format!("alone.{request_id}"))
}

/// The account that a key names; `None` where its answer is for everybody or for one request.
pub fn account(key: &HeaderValue) -> Option<Id> {
    key.to_str().ok()?.split_once('.')?.0.parse().ok()
}

/// A key that cannot be written is one that nothing is stored under: [`crate::origin_response`] looks at it again.
fn text(key: &str) -> HeaderValue {
    HeaderValue::try_from(key).unwrap_or_else(|_| HeaderValue::from_static("alone."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwell_shared::bookmark::Epoch;
    use stepwell_shared::time::Timestamp;

    #[test]
    fn callers_and_bookmarks_have_keys_of_their_own() {
        let [one, other] = [1, 2].map(|n| Id::new(Timestamp::from_ms(0), 0, n));
        let at = |sequence| Some(Position { epoch: Epoch(1), sequence });
        let keys =
            [of(None, None), of(None, at(1)), of(None, at(2)), of(Some(one), None), of(Some(other), None)];
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(place));
        }
        assert_eq!(account(&of(Some(one), at(1))), Some(one));
        assert_eq!((account(&of(None, at(1))), account(&alone("abc"))), (None, None));
    }
}
