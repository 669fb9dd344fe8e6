//! Scripts about one thing each, in words that often meet.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What a script is about: the fields that its requests and answers draw from.
#[derive(Clone, Copy, Debug)]
struct Theme {
    asked: &'static [&'static str],
    statuses: &'static [&'static str],
    answered: &'static [&'static str],
    policies: &'static [&'static str],
}

const LIFETIMES: &[&str] = &[
    "cache-control: max-age=60",
    "cache-control: max-age=5, stale-while-revalidate=60",
    "cache-control: max-age=5, stale-if-error=60",
    "cache-control: s-maxage=30, max-age=5",
    "cache-control: max-age=60, s-maxage=5",
    "cache-control: max-age=30, must-revalidate",
    "cache-control: no-cache",
    "cdn-cache-control: max-age=60",
    "expires: @30",
    "expires: 0",
    "last-modified: @-1000",
    "x: 1",
];
const FRESHNESS: Theme = Theme {
    asked: &[
        "cache-control: no-cache",
        "cache-control: max-age=3",
        "cache-control: max-stale=10",
        "cache-control: max-stale",
        "cache-control: min-fresh=10",
        "cache-control: only-if-cached",
        "cache-control: stale-if-error=60",
        "pragma: no-cache",
        "if-none-match: \"1\"",
        "if-modified-since: @-500",
    ],
    statuses: &["=", "=", "=", "200", "304", "404", "503", "500", "-"],
    answered: &[
        "etag: \"1\"",
        "etag: W/\"1\"",
        "etag: \"2\"",
        "date: @0",
        "date: @-20",
        "date: @20",
        "age: 4",
        "last-modified: @-1000",
        "content-length: 10",
    ],
    policies: LIFETIMES,
};

const VARIANTS: Theme = Theme {
    asked: &[
        "foo: 1",
        "foo: 2",
        "foo: 1, 2",
        "accept-language: de, en;q=0.5",
        "accept-language: en;q=1.0",
        "accept-encoding: gzip , br",
        "accept-encoding: br, gzip;q=1",
    ],
    statuses: &["=", "=", "200", "200", "304", "404"],
    answered: &[
        "vary: foo",
        "vary: Foo, Accept-Language",
        "vary: accept-encoding",
        "vary: *",
        "content-language: de",
        "content-language: en",
        "etag: \"1\"",
        "date: @-5",
    ],
    policies: &["cache-control: max-age=600", "cache-control: max-age=5", "cache-control: no-cache"],
};

const RANGES: Theme = Theme {
    asked: &[
        "range: bytes=0-4",
        "range: bytes=0-9",
        "range: bytes=2-5",
        "range: bytes=5-",
        "range: bytes=-3",
        "range: bytes=30-",
        "range: bytes=0-1,3-4",
        "if-range: \"1\"",
        "if-range: @-100000",
        "if-none-match: \"1\"",
    ],
    statuses: &["= 20", "= 20", "= 20", "= 20", "= 20", "206", "200 20", "200", "304", "416", "206 3"],
    answered: &[
        "content-range: bytes 0-4/20",
        "content-range: bytes 5-19/20",
        "content-range: bytes 3-9/20",
        "content-range: bytes 0-9/20",
        "content-range: bytes 0-4/*",
        "content-range: bytes 10-19/20",
        "etag: \"2\"",
        "last-modified: @-100000",
        "vary: foo",
    ],
    policies: &[
        "cache-control: max-age=600\netag: \"1\"",
        "cache-control: public, max-age=3600\netag: \"1\"",
        "cache-control: max-age=5\netag: \"1\"",
        "cache-control: max-age=600",
    ],
};

const CHANGES: Theme = Theme {
    asked: &[
        "authorization: x",
        "if-match: \"1\"",
        "cache-control: no-store",
        "content-length: 3",
        "cookie: a",
    ],
    statuses: &["=", "=", "=", "200", "201", "204", "304", "303", "404", "500", "-"],
    answered: &[
        "location: /b",
        "location: /a",
        "content-location: /a",
        "cache-groups: \"g\", \"h\"",
        "cache-group-invalidation: \"g\"",
        "cache-tag: t",
        "etag: \"1\"",
        "content-length: 10",
        "set-cookie: a=b",
        "connection: close, x",
        "x: 1",
        "keep-alive: 5",
    ],
    policies: &[
        "cache-control: max-age=600",
        "cache-control: max-age=600",
        "cache-control: public, max-age=600, private=\"x\"",
        "cache-control: max-age=600, no-cache=\"x\"",
        "cache-control: private",
        "cache-control: no-store",
        "cache-control: no-store, must-understand, max-age=9",
        "cdn-cache-control: no-store",
    ],
};

/// A script.
pub(super) fn script() -> impl Strategy<Value = String> {
    let theme = prop_oneof![Just(FRESHNESS), Just(VARIANTS), Just(RANGES), Just(CHANGES)];
    let options = prop_oneof![
        8 => Just(""),
        1 => Just("? never-stale\n"),
        1 => Just("? heeds-no-clients\n"),
        1 => Just("? keeps-no-cookies\n"),
    ];
    let script = (options, theme)
        .prop_flat_map(|(options, theme)| (Just(options), proptest::collection::vec(step(theme), 3..14)));
    script.prop_map(|(options, steps)| options.to_owned() + &steps.concat())
}

fn step(theme: Theme) -> impl Strategy<Value = String> {
    let method = prop_oneof![
        30 => Just("GET"),
        3 => Just("HEAD"),
        1 => Just("POST"),
        1 => Just("PUT"),
        1 => Just("DELETE"),
        1 => Just("OPTIONS"),
    ];
    let target = prop_oneof![5 => Just("/a"), 1 => Just("/b")];
    let answers = proptest::collection::vec(answer(theme), 1..3);
    (between(), method, target, some(theme.asked, 0..3), answers).prop_map(
        |(between, method, target, fields, answers)| {
            format!("{between}> {method} {target}\nhost: a\n{fields}{}", answers.concat())
        },
    )
}

fn answer(theme: Theme) -> impl Strategy<Value = String> {
    let under_way = prop_oneof![8 => Just(String::new()), 1 => Just("+ 1500\n".to_owned()), 1 => between()];
    let fields = some(theme.answered, 1..4);
    (under_way, select(theme.statuses), select(theme.policies), fields)
        .prop_map(|(under_way, status, policy, fields)| format!("{under_way}< {status}\n{policy}\n{fields}"))
}

/// What happens between two messages.
fn between() -> impl Strategy<Value = String> {
    let passes = prop_oneof![
        10 => Just(""),
        4 => Just("+ 4999\n"),
        4 => Just("+ 5001\n"),
        4 => Just("+ 31000\n"),
        2 => Just("+ 61000\n"),
        1 => Just("+ 7200000\n"),
        1 => Just("+ -5000\n"),
    ];
    let purges =
        prop_oneof![20 => Just(""), 1 => Just("! all\n"), 1 => Just("! t\n"), 1 => Just("! path//a\n")];
    (passes, purges).prop_map(|(passes, purges)| format!("{passes}{purges}"))
}

/// Some lines out of a pool, each at most once.
fn some(pool: &'static [&'static str], count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<Index>(), count).prop_map(move |places| {
        let mut lines: Vec<&str> = places.iter().map(|place| *place.get(pool)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    })
}
