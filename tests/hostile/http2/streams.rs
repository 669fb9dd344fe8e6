//! Frames for streams that are not there yet, or no longer (RFC 9113 §5.1).

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{
    GET, block, data, flag, frame, get, kind, post, request, reset, setting, settings, window_update,
};

use super::Outcome::{Connection, Ignored, Stream};
use super::{Deviation, ONE, Rule, are_kept, rule};

const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL;
const CLOSED: ErrorCode = ErrorCode::STREAM_CLOSED;

/// Asked, and not answered yet: there is no window for the answer.
fn asked() -> Vec<u8> {
    [settings(&[(setting::INITIAL_WINDOW_SIZE, 0)]), get(ONE)].concat()
}

fn idle() -> Vec<Rule> {
    let priority = |on: u32| frame(kind::PRIORITY, 0, ONE, &[&on.to_be_bytes()[..], &[16]].concat());
    vec![
        rule("5.1", "no DATA before HEADERS", data(ONE, flag::END_STREAM, b"x"), &[Connection(PROTOCOL)]),
        rule("5.1", "no RST_STREAM before HEADERS", reset(ONE, ErrorCode::CANCEL), &[Connection(PROTOCOL)]),
        rule("5.1", "no WINDOW_UPDATE before HEADERS", window_update(ONE, 100), &[Connection(PROTOCOL)]),
        rule("5.1", "PRIORITY may come before HEADERS", priority(0), &[Ignored]),
        rule("5.3", "what depends on itself has no priority", priority(ONE), &[Ignored, Stream(PROTOCOL)]),
        rule("5.1.1", "clients ask on odd streams", request(2, &GET), &[Connection(PROTOCOL)]),
        rule(
            "5.1.1",
            "a number that was passed over is gone",
            [get(5), get(3)].concat(),
            &[Connection(PROTOCOL), Connection(CLOSED)],
        ),
    ]
}

fn half_closed() -> Vec<Rule> {
    let then = |frame: Vec<u8>| [asked(), frame].concat();
    vec![
        rule("5.1", "no DATA after the end", then(data(ONE, flag::NONE, b"x")), &[Stream(CLOSED)]),
        rule("5.1", "no HEADERS after the end", then(get(ONE)), &[Stream(CLOSED)]),
        rule(
            "5.1",
            "no CONTINUATION after the end",
            then(frame(kind::CONTINUATION, flag::END_HEADERS, ONE, &block(&GET))),
            &[Stream(CLOSED), Connection(PROTOCOL)],
        ),
    ]
}

fn closed() -> Vec<Rule> {
    let taken_back = [post(ONE, &[]), reset(ONE, ErrorCode::CANCEL)].concat();
    let then = |frame: Vec<u8>| [taken_back.clone(), frame].concat();
    vec![
        rule("5.1", "no DATA after RST_STREAM", then(data(ONE, flag::NONE, b"x")), &[Stream(CLOSED)]),
        rule("5.1", "no HEADERS after RST_STREAM", then(get(ONE)), &[Stream(CLOSED), Connection(PROTOCOL)]),
        rule(
            "5.1",
            "no CONTINUATION after RST_STREAM",
            then(frame(kind::CONTINUATION, flag::END_HEADERS, ONE, &block(&GET))),
            &[Stream(CLOSED), Connection(PROTOCOL)],
        ),
        rule("5.1", "WINDOW_UPDATE may come late", then(window_update(ONE, 1)), &[Ignored]),
        rule("5.1", "RST_STREAM may come twice", then(reset(ONE, ErrorCode::CANCEL)), &[Ignored]),
    ]
}

#[tokio::test]
async fn frames_for_a_stream_that_is_not_open_end_what_the_rule_says() {
    let rules: Vec<Rule> = [idle(), half_closed(), closed()].into_iter().flatten().collect();
    let ended = |says| Deviation {
        says,
        does: Connection(PROTOCOL),
        because: "h2 ends the connection, and says PROTOCOL_ERROR of a client that goes on after its own end",
    };
    are_kept(&rules, &["no DATA after the end", "no HEADERS after the end"].map(ended)).await;
}
