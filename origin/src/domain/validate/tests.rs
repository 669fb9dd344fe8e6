use proptest::prelude::*;

use super::*;
use crate::collections::testing::collection;

const THINGS: &str = r#"
    [fields]
    title = { type = "text", required = true, max = 5 }
    stars = { type = "integer", min = 0, max = 5, default = 3 }
    extra = { type = "json", max_bytes = 30 }
    photo = { type = "media" }
"#;

fn errors<T: std::fmt::Debug>(result: Result<T, Rejected>) -> Vec<(String, String)> {
    match result.unwrap_err() {
        Rejected::Invalid(errors) => errors.into_iter().map(|error| (error.pointer, error.code)).collect(),
        Rejected::Malformed(detail) => panic!("malformed: {detail}"),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn a_create_assigns_every_field_and_fills_in_defaults() {
    let things = collection(THINGS);
    let text = |text: &str| Some(Value::Text(text.into()));
    let created = create(&things, br#"{"title":"a"}"#).unwrap();
    assert_eq!(created, [(0, text("a")), (1, Some(Value::Integer(3))), (2, None), (3, None)]);
    // Null is said, so that the default does not speak.
    let created = create(&things, br#"{"stars":null,"title":"a"}"#).unwrap();
    assert_eq!(created[1], (1, None));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let things = collection(THINGS);
    let body =
        br#"{"stars":9,"extra":{"a":{"b":1,"b":2}},"photo":"x","titel":"a","id":"x","owner":null,"a/b~":1}"#;
    assert_eq!(
        errors(create(&things, body)),
        pairs(&[
            ("/stars", "max"),
            ("/extra/a/b", "duplicate"),
            ("/photo", "unsupported"),
            ("/titel", "unknown"),
            ("/id", "read-only"),
            ("/owner", "read-only"),
            ("/a~1b~0", "unknown"),
            ("/title", "required"),
        ])
    );
    let detail = match create(&things, br#"{"titel":"a","title":"b"}"#) {
        Err(Rejected::Invalid(errors)) => errors[0].detail.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(detail, "is not a field of things; did you mean \"title\"?");
}

#[test]
fn a_member_that_comes_twice_is_refused_also_where_escapes_hide_it() {
    let things = collection(THINGS);
    for body in [r#"{"title":"a","title":"b"}"#, r#"{"title":"a","titl\u0065":"a"}"#] {
        assert_eq!(errors(create(&things, body.as_bytes())), pairs(&[("/title", "duplicate")]), "{body}");
        assert_eq!(errors(patch(&things, body.as_bytes())), pairs(&[("/title", "duplicate")]), "{body}");
    }
}

#[test]
fn what_is_no_object_is_malformed() {
    let things = collection(THINGS);
    let nested = format!("{{\"extra\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(errors(create(&things, nested.as_bytes()))[0].1, "depth");
    for body in ["", " ", "[]", "null", "\"a\"", "{", "{\"a\":}", "{} {}", "{\"a\":1,}", "\u{feff}{}"] {
        assert!(matches!(create(&things, body.as_bytes()), Err(Rejected::Malformed(_))), "{body:?}");
    }
    assert!(matches!(create(&things, b"{\"title\":\"\xff\"}"), Err(Rejected::Malformed(_))));
}

#[test]
fn errors_are_bounded_in_number_and_length() {
    let things = collection(THINGS);
    let many: Vec<String> = (0..1000).map(|n| format!("\"{}{n}\":1", "x".repeat(200))).collect();
    let Err(Rejected::Invalid(errors)) = create(&things, format!("{{{}}}", many.join(",")).as_bytes()) else {
        panic!("accepted")
    };
    assert_eq!(errors.len(), FIELD_ERRORS_MAX);
    assert!(errors.iter().all(|error| error.pointer.len() < 70));
}

#[test]
fn a_patch_changes_what_it_mentions_and_null_removes() {
    let things = collection(THINGS);
    let json = |text: &str| Some(Value::Json(text.into()));
    let before =
        [Some(Value::Text("a".into())), Some(Value::Integer(1)), json(r#"{"a":1,"b":{"c":2}}"#), None];
    let changes = |body: &str| patch(&things, body.as_bytes()).unwrap().changes(&things, &before).unwrap();
    assert_eq!(changes("{}"), []);
    assert_eq!(changes(r#"{"title":"a","photo":null}"#), []);
    assert_eq!(changes(r#"{"stars":null,"title":"b"}"#), [(0, Some(Value::Text("b".into()))), (1, None)]);
    // RFC 7396 reaches into JSON values.
    assert_eq!(changes(r#"{"extra":{"b":{"c":null,"d":3}}}"#), [(2, json(r#"{"a":1,"b":{"d":3}}"#))]);
    assert_eq!(changes(r#"{"extra":[1]}"#), [(2, json("[1]"))]);
    assert_eq!(errors(patch(&things, br#"{"title":null}"#)), pairs(&[("/title", "required")]));
    let grown = patch(&things, br#"{"extra":{"long":"xxxxxxxxx"}}"#).unwrap();
    assert_eq!(errors(grown.changes(&things, &before)), pairs(&[("/extra", "max")]));
}

proptest! {
    #[test]
    fn no_body_stops_the_validator(body in prop::collection::vec(any::<u8>(), 0..60)) {
        let things = collection(THINGS);
        let _ = create(&things, &body);
        let _ = patch(&things, &body);
    }

    #[test]
    fn what_a_create_accepts_a_patch_accepts_and_changes_nothing(
        title in "[a-z]{1,5}", stars in prop::option::of(0..=5_i64), extra in prop::option::of("[a-z]{0,5}"),
    ) {
        let things = collection(THINGS);
        let body = serde_json::json!({"title": title, "stars": stars, "extra": extra}).to_string();
        let created = create(&things, body.as_bytes()).unwrap();
        let fields: Vec<_> = created.into_iter().map(|(_, value)| value).collect();
        let patch = patch(&things, body.as_bytes()).unwrap();
        prop_assert_eq!(patch.changes(&things, &fields).unwrap(), vec![]);
    }
}
