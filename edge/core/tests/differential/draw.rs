//! Cases, most of them plain, in values that often meet at their edges.

use http::Method;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::case::{Asked, Case, fields};

/// Plain policies.
const POLICIES: &[&str] = &[
    "cache-control: max-age=60",
    "cache-control: max-age=60, public",
    "cache-control: s-maxage=10, max-age=60",
    "cache-control: max-age=0",
    "cache-control: public",
    "cache-control: no-store, max-age=60",
    "cache-control: private, max-age=60",
    "cache-control: no-cache, max-age=60",
    "cache-control: max-age=60, must-revalidate",
    "cache-control: max-age=3600",
    "cache-control: max-age=3600",
    "cache-control: max-age=86400",
    "expires: @60",
    "expires: @-60",
    "expires: 0",
    "x: no policy",
];

/// Policies that the two read differently.
const ODD_POLICIES: &[&str] = &[
    "cache-control: MAX-AGE=60",
    "cache-control: max-age=60, No-Store",
    "cache-control: max-age=60, ext=\"a, no-store, b\"",
    "cache-control: max-age=60, private=\"x-p\"",
    "cache-control: max-age=60, no-cache=\"x-c\"",
    "cache-control: max-age=60, no-store, must-understand",
    "cache-control: max-age=60, must-understand",
    "cache-control: max-age=60, proxy-revalidate",
    "cache-control: max-age=10, stale-while-revalidate=50",
    "cache-control: max-age=60, max-age=10",
    "cache-control: max-age=10, max-age=60",
    "cache-control: max-age",
    "cache-control: max-age= 60",
    "cache-control: max-age=+60",
    "cache-control: max-age=-60",
    "cache-control: max-age=6x",
    "cache-control: max-age=\"60\"",
    "cache-control: max-age=99999999999999999999999",
    "cache-control: immutable",
    "cdn-cache-control: max-age=60\ncache-control: no-store",
    "cdn-cache-control: no-store\ncache-control: max-age=60",
    "cdn-cache-control: max-age=10\nexpires: @60",
    "cdn-cache-control: max-age=10, &\ncache-control: max-age=60",
    "expires: @60\nexpires: @60",
    "expires: Sunday, 18-Oct-26 00:01:00 GMT",
    "expires: Sun Oct 18 00:01:00 2026",
    "expires: Sun, 18 Oct 2026 00:01:00 EST",
    "expires: Sun, 18 Oct 2026 00:01:00 +0000",
];

/// What else answers say.
const ANSWERED: &[&str] = &[
    "date: @0",
    "date: @0",
    "date: @-50",
    "age: 5",
    "age: 55",
    "etag: \"1\"",
    "etag: \"1\"",
    "etag: W/\"1\"",
    "last-modified: @-600",
    "last-modified: @-36000",
    "vary: foo",
    "vary: Foo, Bar",
    "x-p: 1\nx-c: 1",
];

/// The same, as the two read it differently.
const ODDLY_ANSWERED: &[&str] = &[
    "date: @50",
    "date: Sunday, 18-Oct-26 00:00:00 GMT",
    "date: yesterday",
    "age: 5, 55",
    "age: x",
    "age: 99999999999999999999999",
    "last-modified: @-100000000",
    "last-modified: Sun Oct 18 00:00:00 2020",
    "vary: *",
    "vary: foo, *",
    "vary: accept-language",
    "set-cookie: a=b",
    "pragma: no-cache",
];

const FIRST_ASKED: &[&str] = &[
    "foo: 1",
    "foo: 1",
    "foo: 2",
    "bar: 1",
    "authorization: x",
    "cache-control: no-store",
    "accept-language: de",
];

const THEN_ASKED: &[&str] = &[
    "foo: 1",
    "foo: 1",
    "foo: 2",
    "bar: 1",
    "cache-control: no-cache",
    "cache-control: max-age=30",
    "cache-control: max-age=0",
    "cache-control: min-fresh=30",
    "cache-control: max-stale",
    "cache-control: max-stale=60",
    "cache-control: no-store",
    "cache-control: only-if-cached",
    "pragma: no-cache",
];

const THEN_ODDLY_ASKED: &[&str] = &[
    "cache-control: No-Cache",
    "cache-control: max-age=x",
    "cache-control: min-fresh=x",
    "cache-control: max-stale=x",
    "cache-control: max-age=10, max-stale=60",
    "cache-control: min-fresh=100, max-stale",
    "cache-control: max-stale=0",
    "cache-control: max-stale=50",
    "cache-control: x\npragma: no-cache",
    "foo: 1\nfoo: 2",
    "foo:  1 , 2",
    "accept-language: DE;q=1.0",
    "accept-language: de, en;q=0.5",
    "if-match: \"1\"",
    "if-none-match: \"1\"",
    "if-none-match: \"9\"",
    "if-modified-since: @-600",
    "range: bytes=0-1",
];

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let status = prop_oneof![
        12 => Just(200_u16),
        6 => select(vec![203, 204, 301, 308, 404, 410, 302, 303, 307]),
        1 => select(vec![206, 304, 400, 403, 416, 418, 500, 503, 599]),
    ];
    let under_way_s = prop_oneof![8 => Just(0_u64), 1 => Just(3)];
    let later_s = prop_oneof![
        4 => select(vec![0_u64, 1, 5, 9, 10, 11, 30, 31, 45, 54, 55, 56, 57, 59, 60, 61]),
        2 => select(vec![100_u64, 110, 119, 120, 121, 599, 600, 601, 3599, 3600, 3601]),
        1 => select(vec![86_399_u64, 86_400, 86_401, 1_000_000_000]),
    ];
    (asked(FIRST_ASKED, &[]), status, headers(), under_way_s, later_s, asked(THEN_ASKED, THEN_ODDLY_ASKED))
        .prop_map(|(mut first, status, mut headers, under_way_s, later_s, mut second)| {
            if second.method == Method::POST {
                second.method = Method::GET;
            }
            if status == 206 {
                first.headers.extend(fields(&["range: bytes=0-9"]));
                headers.extend(fields(&["content-range: bytes 0-9/10"]));
            }
            Case { first, status, headers, under_way_s, later_s, second }
        })
}

fn asked(plain: &'static [&'static str], odd: &'static [&'static str]) -> impl Strategy<Value = Asked> {
    let method = prop_oneof![40 => Just(Method::GET), 2 => Just(Method::HEAD), 1 => Just(Method::POST)];
    let target = prop_oneof![30 => Just("/a"), 1 => Just("/b")];
    let odd = if odd.is_empty() { 0..1 } else { 0..2 };
    let odd_pool = if odd.end == 1 { plain } else { THEN_ODDLY_ASKED };
    (method, target, some(plain, 0..3), some(odd_pool, odd)).prop_map(|(method, target, plain, odd)| {
        let lines = plain + &odd;
        Asked { method, target, headers: fields(&lines.lines().collect::<Vec<_>>()) }
    })
}

fn headers() -> impl Strategy<Value = http::HeaderMap> {
    let policy = prop_oneof![3 => select(POLICIES), 1 => select(ODD_POLICIES)];
    let odd = prop_oneof![3 => Just(0..1_usize), 1 => Just(1..2_usize)];
    let odd = odd.prop_flat_map(|count| some(ODDLY_ANSWERED, count));
    (policy, some(ANSWERED, 0..4), odd).prop_map(|(policy, plain, odd)| {
        let lines = format!("{policy}\n{plain}{odd}");
        // Of a field that is one value, one is drawn: what several mean is drawn as such.
        let mut seen = Vec::new();
        let is_new = |line: &&str| {
            let name = line.split(':').next().unwrap_or_default().to_owned();
            let single = ["date", "age", "etag", "last-modified"].contains(&&*name);
            let is_new = !single || !seen.contains(&name);
            seen.push(name);
            is_new
        };
        fields(&lines.lines().filter(is_new).collect::<Vec<_>>())
    })
}

/// Some entries out of a pool, each at most once.
fn some(pool: &'static [&'static str], count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<Index>(), count).prop_map(move |places| {
        let mut lines: Vec<&str> = places.iter().map(|place| *place.get(pool)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    })
}
