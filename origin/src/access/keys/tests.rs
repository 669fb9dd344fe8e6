use std::time::Duration;

use stepwell_shared::claims::{TokenError, verify};
use stepwell_shared::ids::Id;

use super::*;

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);
const LIFETIME: Duration = Duration::from_mins(15);

fn token(keys: &Keys) -> String {
    keys.sign(&Claims {
        aud: "here".into(),
        sub: Id::from_column(7).unwrap(),
        iat: NOW.as_secs(),
        exp: NOW.as_secs() + 3600,
        pos: "1-2".into(),
        sid: None,
        roles: Vec::new(),
        scope: None,
    })
}

fn kids(keys: &Keys) -> Vec<String> {
    keys.set().all().into_iter().map(|(kid, _)| kid).collect()
}

#[test]
fn the_key_of_a_folder_is_made_once_and_a_configured_one_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let made = Keys::open(folder.path(), None, NOW).unwrap().jwks();
    assert_eq!(Keys::open(folder.path(), None, NOW).unwrap().jwks(), made);
    let configured = SigningKey::from_bytes(&[7; 32]);
    let configured = Keys::open(folder.path(), Some(&configured), NOW).unwrap();
    assert_ne!(configured.jwks(), made);
    assert!(!configured.follow(NOW).unwrap());
}

#[test]
fn a_file_that_holds_no_key_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), "not a key").unwrap();
    assert!(matches!(Keys::open(folder.path(), None, NOW), Err(KeyError::Malformed(_))));
    assert!(matches!(rotate(folder.path(), LIFETIME, NOW), Err(KeyError::Malformed(_))));
    assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), "not a key");
}

#[test]
fn only_the_public_half_is_published() {
    let keys = Keys::new(SigningKey::from_bytes(&[7; 32]), None);
    let jwks = keys.jwks();
    let names: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    assert_eq!(jwks["keys"][0]["x"], BASE64URL_NOPAD.encode(keys.signing().verifying_key().as_bytes()));
}

#[test]
fn a_new_key_is_published_before_it_signs_and_the_old_one_counts_to_its_tokens_end() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), None, NOW).unwrap();
    let edges = keys.set().clone();
    let old_token = token(&keys);
    assert!(!keys.follow(NOW).unwrap(), "nothing has changed");
    let (new, old) = rotate(folder.path(), LIFETIME, NOW).unwrap();
    assert_eq!(list(folder.path(), NOW).unwrap(), [new.clone(), old.clone()]);

    assert!(keys.follow(NOW).unwrap());
    assert_eq!(kids(&keys), [old.kid.clone(), new.kid.clone()]);
    assert_eq!(token(&keys), old_token, "the old one signs until every edge has the new one");
    let later = NOW.plus_ms(HEAD_START_MS);
    keys.follow(later).unwrap();
    let new_token = token(&keys);
    assert_ne!(new_token, old_token);
    let verifies = |token: &str| verify(token, &edges, "here", later).map(drop);
    assert_eq!((verifies(&old_token), verifies(&new_token)), (Ok(()), Ok(())));
    // A start in between knows both, and signs with the new one.
    let restarted = Keys::open(folder.path(), None, later).unwrap();
    assert_eq!((kids(&restarted), token(&restarted)), (vec![new.kid.clone(), old.kid], new_token.clone()));

    let until = old.until.unwrap();
    assert_eq!(until, NOW.plus_ms(16 * 60 * 1000));
    assert!(!keys.follow(Timestamp::from_ms(until.as_ms() - 1)).unwrap());
    assert!(keys.follow(until).unwrap());
    assert_eq!(kids(&keys), std::slice::from_ref(&new.kid));
    assert_eq!(verifies(&old_token), Err(TokenError::UnknownKey));
    assert_eq!(list(folder.path(), until).unwrap(), [new]);
}

#[test]
fn several_rotations_leave_every_key_that_may_have_signed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), None, NOW).unwrap();
    let first = rotate(folder.path(), LIFETIME, NOW).unwrap().1;
    let (third, second) = rotate(folder.path(), LIFETIME, NOW.plus_ms(1)).unwrap();
    keys.follow(NOW.plus_ms(2)).unwrap();
    let mut known = kids(&keys);
    known.sort();
    let mut expected = [first.kid, second.kid, third.kid];
    expected.sort();
    assert_eq!(known, expected);
}

#[test]
fn what_cannot_be_read_changes_nothing_and_a_folder_without_a_key_has_none_to_rotate() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(rotate(folder.path(), LIFETIME, NOW), Err(KeyError::Missing(_))));
    let keys = Keys::open(folder.path(), None, NOW).unwrap();
    let before = kids(&keys);
    std::fs::write(folder.path().join(RETIRED_FILE), "soon abc\n").unwrap();
    assert!(matches!(keys.follow(NOW), Err(KeyError::MalformedRetired(_))));
    std::fs::remove_file(folder.path().join(FILE)).unwrap();
    assert!(matches!(keys.follow(NOW), Err(KeyError::Missing(_))));
    assert_eq!(kids(&keys), before);
}
