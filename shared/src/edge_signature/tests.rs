use super::*;
use http::{Request, Uri};

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_500);

fn key(digit: &str) -> EdgeKey {
    digit.repeat(64).parse().unwrap()
}

fn name(text: &str) -> EdgeName {
    text.parse().unwrap()
}

/// Known: `one` by two keys, `two` by one of its own.
fn keys() -> EdgeKeys {
    let mut keys = EdgeKeys::default();
    for (of, digit) in [("one", "a"), ("one", "b"), ("two", "c")] {
        keys.insert(name(of), key(digit)).unwrap();
    }
    keys
}

fn head() -> Parts {
    let request = Request::patch("/v1/collections/notes/records/1?fields=text")
        .header("host", "example.com")
        .header("authorization", "Bearer x")
        .header("content-type", "application/json")
        .header("content-length", "12")
        .header("forwarded", "for=192.0.2.7;proto=https")
        .header("stepwell-bookmark", "1-2")
        .header("user-agent", "some");
    request.body(()).unwrap().into_parts().0
}

fn signed(digit: &str) -> Parts {
    let mut head = head();
    sign(&mut head, &name("one"), &key(digit), NOW);
    head
}

/// What becomes of a signed request that is changed on its way.
fn after(change: impl FnOnce(&mut Parts)) -> Result<EdgeName, Unsigned> {
    let mut head = signed("a");
    change(&mut head);
    verify(&head, &keys(), NOW)
}

fn value(text: &str) -> HeaderValue {
    text.parse().unwrap()
}

#[test]
fn what_an_edge_signs_is_taken_by_either_of_its_keys_and_by_no_other() {
    assert_eq!(verify(&signed("a"), &keys(), NOW), Ok(name("one")));
    assert_eq!(verify(&signed("b"), &keys(), NOW), Ok(name("one")));
    assert_eq!(verify(&signed("c"), &keys(), NOW), Err(Unsigned::OtherKey));
    assert_eq!(verify(&signed("a"), &EdgeKeys::default(), NOW), Err(Unsigned::OtherKey));
    assert_eq!(verify(&head(), &keys(), NOW), Err(Unsigned::Missing));
}

#[test]
fn what_is_covered_cannot_be_changed() {
    let others: [fn(&mut Parts); 7] = [
        |head| head.method = http::Method::DELETE,
        |head| head.uri = Uri::from_static("/v1/collections/notes/records/2?fields=text"),
        |head| head.uri = Uri::from_static("/v1/collections/notes/records/1"),
        |head| drop(head.headers.insert("authorization", value("Bearer y"))),
        |head| drop(head.headers.insert("forwarded", value("for=192.0.2.8;proto=https"))),
        |head| drop(head.headers.insert("stepwell-bookmark", value("1-1"))),
        |head| {
            head.headers.append("content-length", value("12"));
        },
    ];
    for change in others {
        assert_eq!(after(change), Err(Unsigned::OtherKey));
    }
}

#[test]
fn nothing_that_counts_can_be_added_or_taken_away() {
    let others: [fn(&mut Parts); 5] = [
        |head| drop(head.headers.insert("stepwell-purpose", value("edge"))),
        |head| drop(head.headers.insert("cookie", value("a=b"))),
        |head| drop(head.headers.insert("if-match", value("*"))),
        |head| drop(head.headers.remove("authorization")),
        |head| drop(head.headers.remove("stepwell-bookmark")),
    ];
    for change in others {
        assert_eq!(after(change), Err(Unsigned::OtherParts));
    }
    // A balancer in between may call the origin by its name and say that it was there.
    let taken = after(|head| {
        head.headers.insert("host", value("10.0.0.1"));
        head.headers.insert("x-forwarded-for", value("10.0.0.2"));
        head.headers.insert("traceparent", value("00-1-2-01"));
    });
    assert_eq!(taken, Ok(name("one")));
}

#[test]
fn a_signature_is_good_for_a_minute_by_either_clock() {
    let bound_ms = EDGE_SIGNATURE_SKEW_MAX_S * 1000;
    let head = signed("a");
    let at = |ms: u64| verify(&head, &keys(), Timestamp::from_ms(ms)).map(|_| ());
    let created_ms = NOW.as_secs() * 1000;
    assert_eq!([at(created_ms + bound_ms), at(created_ms - bound_ms)], [Ok(()), Ok(())]);
    assert_eq!(at(created_ms + bound_ms + 1000), Err(Unsigned::OtherTime));
    assert_eq!(at(created_ms - bound_ms - 1), Err(Unsigned::OtherTime));
}

#[test]
fn a_signature_has_one_form() {
    let malformed = |field: &HeaderName, change: &dyn Fn(&str) -> String| {
        let mut head = signed("a");
        let changed = change(head.headers[field].to_str().unwrap());
        assert_ne!(head.headers[field], changed.as_str(), "the change changes nothing");
        head.headers.insert(field, value(&changed));
        verify(&head, &keys(), NOW).unwrap_err()
    };
    let replaced = |from: &'static str, to: &'static str| move |text: &str| text.replace(from, to);
    for (from, to) in [
        ("stepwell=", "other="),
        ("hmac-sha256", "ed25519"),
        (";alg=\"hmac-sha256\"", ""),
        (";alg=", ";nonce=\"1\";alg="),
        (";keyid=\"one\"", ";keyid=one"),
        (";keyid=\"one\"", ";keyid=\"One\""),
        (";created=", ";created=-"),
        (";created=18", ";created=1.8"),
    ] {
        assert_eq!(malformed(&SIGNATURE_INPUT, &replaced(from, to)), Unsigned::Malformed, "{from} {to}");
    }
    assert_eq!(malformed(&SIGNATURE_INPUT, &|_| "stepwell=1".into()), Unsigned::Malformed);
    assert_eq!(malformed(&SIGNATURE_INPUT, &|text| format!("{text}, b=()")), Unsigned::Malformed);
    assert_eq!(malformed(&SIGNATURE, &|text| format!("{text}, b=:AAAA:")), Unsigned::Malformed);
    assert_eq!(malformed(&SIGNATURE, &|text| format!("{text};a=1")), Unsigned::Malformed);
    assert_eq!(malformed(&SIGNATURE, &|_| "stepwell=\"x\"".into()), Unsigned::Malformed);
    assert_eq!(malformed(&SIGNATURE, &|_| "stepwell=:AAAA:".into()), Unsigned::OtherKey);
    // The same parts in another order, one of them in part, one left out.
    for (from, to) in [
        ("\"@method\" \"@path\"", "\"@path\" \"@method\""),
        ("\"@path\"", "\"@path\";req"),
        ("\"authorization\" ", ""),
    ] {
        assert_eq!(malformed(&SIGNATURE_INPUT, &replaced(from, to)), Unsigned::OtherParts, "{from} {to}");
    }
}

#[test]
fn a_field_that_comes_twice_is_refused_and_an_older_signature_is_gone() {
    for field in [SIGNATURE, SIGNATURE_INPUT] {
        let doubled = after(|head| {
            let same = head.headers[&field].clone();
            head.headers.append(&field, same);
        });
        assert_eq!(doubled, Err(Unsigned::Malformed));
        assert_eq!(after(|head| drop(head.headers.remove(&field))), Err(Unsigned::Missing));
    }
    let mut head = signed("c");
    sign(&mut head, &name("one"), &key("a"), NOW);
    assert_eq!(verify(&head, &keys(), NOW), Ok(name("one")));
}
