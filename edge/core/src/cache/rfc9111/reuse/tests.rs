use super::super::testing::{after_s, asked, head, log, stored, stored_for, variants};
use super::*;

/// What becomes of a request, so many seconds after this was stored, in a word.
fn word(policy: &[&str], request: &str, lines: &[&str], seconds: u64) -> String {
    let held = variants([stored(policy, "content")]);
    tell(Some(&held), request, lines, &log(), seconds)
}

fn tell(
    held: Option<&Variants<std::sync::Arc<Stored>>>,
    request: &str,
    lines: &[&str],
    log: &PurgeLog,
    seconds: u64,
) -> String {
    let head = head(request, lines);
    let options = Options { unreachable_stale_ms: 60_000, ..Options::default() };
    match decide(held, &asked(&head), &head.headers, log, after_s(seconds), &options) {
        Verdict::Serve { left_ms, .. } => format!("serve {}", left_ms / 1000),
        Verdict::ServeStale { past_ms, revalidate, .. } => {
            format!("stale {}{}", past_ms / 1000, if revalidate { " and revalidate" } else { "" })
        }
        Verdict::NotStored => "504".to_owned(),
        Verdict::Ask(ask) => {
            let cover = match ask.cover {
                Cover { errors: true, .. } => ", covers errors",
                Cover { silence: true, .. } => ", covers silence",
                Cover { .. } => "",
            };
            format!("{:?} {:?}{cover}", ask.reason, ask.how)
        }
    }
}

#[test]
fn age_decides() {
    let fresh = &["cache-control: max-age=10"][..];
    assert_eq!(word(fresh, "GET /", &[], 9), "serve 1");
    assert_eq!(word(fresh, "HEAD /", &[], 0), "serve 10");
    assert_eq!(word(fresh, "GET /", &[], 10), "Expired Plainly, covers silence");
    assert_eq!(word(fresh, "GET /", &[], 70), "Expired Plainly");
    let aged = &["cache-control: max-age=10", "age: 8", "etag: \"a\""][..];
    assert_eq!(word(aged, "GET /", &[], 1), "serve 1");
    assert_eq!(word(aged, "GET /", &[], 2), "Expired Conditionally, covers silence");
}

#[test]
fn what_the_origin_says_of_staleness_holds() {
    let window = "cache-control: max-age=1, stale-while-revalidate=5, stale-if-error=9";
    assert_eq!(word(&[window], "GET /", &[], 5), "stale 4 and revalidate");
    assert_eq!(word(&[window], "GET /", &[], 6), "Expired Plainly, covers errors");
    assert_eq!(word(&[window], "GET /", &[], 10), "Expired Plainly, covers silence");
    for strict in ["must-revalidate", "proxy-revalidate", "s-maxage=1"] {
        let policy = format!("{window}, {strict}");
        assert_eq!(word(&[&policy], "GET /", &[], 5), "Expired Plainly", "{strict}");
        assert_eq!(word(&[&policy], "GET /", &["cache-control: max-stale"], 5), "Expired Plainly");
    }
    let asks = &["cache-control: max-age=9, no-cache", "etag: \"a\""][..];
    assert_eq!(word(asks, "GET /", &[], 0), "Expired Conditionally");
}

#[test]
fn what_the_client_says_holds() {
    let fresh = &["cache-control: max-age=10", "etag: \"a\""][..];
    let ask = "Request Conditionally";
    for (line, seconds, expected) in [
        ("cache-control: no-cache", 0, ask),
        ("pragma: no-cache", 0, ask),
        ("cache-control: max-age=3", 3, "serve 7"),
        ("cache-control: max-age=3", 4, "Request Conditionally, covers silence"),
        ("cache-control: min-fresh=7", 3, "serve 7"),
        ("cache-control: min-fresh=8", 3, "Request Conditionally, covers silence"),
        ("cache-control: max-stale=2", 12, "stale 2"),
        ("cache-control: max-stale=2", 13, "Expired Conditionally, covers silence"),
        ("cache-control: max-stale", 60, "stale 50"),
        ("cache-control: max-age=3, max-stale=2", 5, "stale 2"),
        ("cache-control: stale-if-error=9", 12, "Expired Conditionally, covers errors"),
        ("cache-control: only-if-cached", 9, "serve 1"),
        ("cache-control: only-if-cached", 10, "504"),
    ] {
        assert_eq!(word(fresh, "GET /", &[line], seconds), expected, "{line} {seconds}");
    }
    assert_eq!(tell(None, "GET /", &["cache-control: only-if-cached"], &log(), 0), "504");
}

#[test]
fn what_may_not_be_looked_up_is_asked() {
    let fresh = &["cache-control: max-age=10"][..];
    assert_eq!(word(fresh, "POST /", &[], 0), "Method Plainly");
    assert_eq!(word(fresh, "GET /", &["content-length: 3"], 0), "NotStored Plainly");
}

#[test]
fn other_variants_and_purged_answers_are_passed_over() {
    let policy = &["cache-control: max-age=10", "vary: accept-language", "etag: \"a\""][..];
    let german = stored_for(&head("GET /", &["accept-language: de"]), 200, policy, "de").unwrap();
    let held = variants([german]);
    let mut log = log();
    assert_eq!(tell(Some(&held), "GET /", &["accept-language: de"], &log, 0), "serve 10");
    assert_eq!(tell(Some(&held), "GET /", &["accept-language: fr"], &log, 0), "OtherVariant Plainly");
    log.purge(&[super::super::uri::tag("h/")]);
    assert_eq!(tell(Some(&held), "GET /", &["accept-language: de"], &log, 0), "Purged Conditionally");
}

#[test]
fn what_is_purged_or_outdated_while_the_origin_is_asked_covers_nothing() {
    let held = variants([stored(&["cache-control: max-age=10, stale-if-error=5"], "content")]);
    let head = head("GET /", &[]);
    let (asked, mut log) = (asked(&head), log());
    let options = Options { unreachable_stale_ms: 9000, ..Options::default() };
    let verdict = decide(Some(&held), &asked, &head.headers, &log, after_s(10), &options);
    let Verdict::Ask(mut ask) = verdict else { panic!("{verdict:?}") };
    log.purge(&[super::super::uri::tag("h/other")]);
    for (seconds, errors, silence) in [(14, true, true), (15, false, true), (19, false, false)] {
        ask.recheck(&asked, &log, after_s(seconds), &options);
        assert_eq!(ask.cover, Cover { errors, silence }, "{seconds}");
    }
    ask.cover = Cover { errors: true, silence: true };
    log.purge(&[super::super::uri::tag("h/")]);
    ask.recheck(&asked, &log, after_s(10), &options);
    assert_eq!(ask.cover, Cover::default());
}

#[test]
fn a_part_serves_what_it_holds_and_is_completed_while_it_is_fresh() {
    let lines = &["cache-control: max-age=10", "content-range: bytes 0-4/10", "etag: \"a\""][..];
    let held = variants([stored_for(&head("GET /", &["range: bytes=0-4"]), 206, lines, "01234").unwrap()]);
    let tell = |lines: &[&str], seconds| tell(Some(&held), "GET /", lines, &log(), seconds);
    assert_eq!(tell(&["range: bytes=1-2"], 0), "serve 10");
    assert_eq!(tell(&["range: bytes=1-2", "if-range: \"b\""], 0), "Partial Plainly");
    assert_eq!(tell(&["range: bytes=4-5"], 0), "Partial Plainly");
    assert_eq!(tell(&["range: bytes=10-"], 0), "Partial Plainly");
    assert_eq!(tell(&[], 0), "Partial ForTheRest");
    assert_eq!(tell(&[], 10), "Partial Plainly");
    assert_eq!(tell(&["range: bytes=1-2"], 10), "Expired Conditionally, covers silence");
}
