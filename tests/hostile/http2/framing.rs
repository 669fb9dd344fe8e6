//! Frames of each type, of the wrong size, on the wrong stream, with the wrong content (RFC 9113 §3.4, §4, §6).

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{
    GET, PREFACE, block, data, flag, frame, get, goaway, headers, kind, ping, post, reset, settings,
    window_update,
};

use super::Outcome::{Answered, Closed, Connection, Ignored, Stream};
use super::{Deviation, ONE, ONE_CODE, Rule, are_kept, rule, ungreeted};

const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL;
const FRAME_SIZE: ErrorCode = ErrorCode::FRAME_SIZE;
/// One more than a frame may have, unless its receiver says so.
const TOO_LARGE: usize = 16 * 1024 + 1;

fn unfinished(stream: u32) -> Vec<u8> {
    frame(kind::HEADERS, flag::END_STREAM, stream, &block(&GET))
}

fn continuation(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::CONTINUATION, flags, stream, &block(fields))
}

fn beginnings() -> Vec<Rule> {
    let (first, second) = GET.split_at(2);
    vec![
        ungreeted(
            "3.4",
            "a connection begins with the preface",
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            &[Connection(PROTOCOL), Closed],
        ),
        ungreeted(
            "3.4",
            "the preface is whole",
            [&PREFACE[..20], b"XX\r\n", &settings(&[])].concat(),
            &[Connection(PROTOCOL), Closed],
        ),
        ungreeted("3.4", "SETTINGS come first", [PREFACE, &ping([1; 8])].concat(), &[Connection(PROTOCOL)]),
        rule("4.1", "a frame of an unknown type is ignored", frame(0x16, 0xff, 0, b"anything"), &[Ignored]),
        rule("4.1", "an unknown type is ignored on any stream", frame(0xfe, 0, 77, b"anything"), &[Ignored]),
        rule("4.1", "a flag that means nothing is ignored", frame(kind::PING, 0xf6, 0, &[2; 8]), &[Ignored]),
        rule("4.1", "the reserved bit is ignored", frame(kind::PING, 0, 1 << 31, &[3; 8]), &[Ignored]),
        rule(
            "4.2",
            "DATA of the largest size is taken",
            [headers(ONE, flag::NONE, &GET), data(ONE, flag::END_STREAM, &[b' '; TOO_LARGE - 1])].concat(),
            &[Answered(200)],
        ),
        rule(
            "4.2",
            "DATA is not larger than agreed",
            [post(ONE, &[]), data(ONE, flag::END_STREAM, &[b' '; TOO_LARGE])].concat(),
            &[Stream(FRAME_SIZE)],
        ),
        rule(
            "4.2",
            "HEADERS are not larger than agreed",
            frame(kind::HEADERS, 5, ONE, &[0x82; TOO_LARGE]),
            &[Connection(FRAME_SIZE)],
        ),
        rule(
            "4.2",
            "SETTINGS are not larger than agreed",
            frame(kind::SETTINGS, 0, 0, &[0; 16_386]),
            &[Connection(FRAME_SIZE)],
        ),
        rule(
            "4.2",
            "no frame has the largest length of all",
            b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
            &[Stream(FRAME_SIZE)],
        ),
        rule(
            "6.10",
            "a header block may have several parts",
            [
                frame(kind::HEADERS, flag::END_STREAM, ONE, &block(first)),
                continuation(flag::NONE, ONE, second),
                continuation(flag::NONE, ONE, &[]),
                continuation(flag::END_HEADERS, ONE, &[("accept", "*/*")]),
            ]
            .concat(),
            &[Answered(200)],
        ),
    ]
}

fn interrupted() -> Vec<Rule> {
    let amid =
        |says, other: Vec<u8>| rule("6.10", says, [unfinished(ONE), other].concat(), &[Connection(PROTOCOL)]);
    let end = flag::END_HEADERS;
    vec![
        amid("no PRIORITY amid a header block", frame(kind::PRIORITY, 0, ONE, &[0, 0, 0, 0, 1])),
        amid("no DATA amid a header block", data(ONE, flag::NONE, b"x")),
        amid("no PING amid a header block", ping([4; 8])),
        amid("no other HEADERS amid a header block", get(3)),
        amid("no HEADERS of its own amid a header block", unfinished(ONE)),
        amid("no unknown frame amid a header block", frame(0x16, 0, 0, b"")),
        amid("no CONTINUATION of another stream", continuation(end, 3, &[])),
        amid("no CONTINUATION of stream 0", continuation(end, 0, &[])),
        rule("6.10", "no CONTINUATION of nothing", continuation(end, ONE, &GET), &[Connection(PROTOCOL)]),
        rule(
            "6.10",
            "no CONTINUATION of a whole header block",
            [get(ONE), continuation(end, ONE, &[])].concat(),
            &[Connection(PROTOCOL), Stream(ErrorCode::STREAM_CLOSED)],
        ),
    ]
}

fn padded(kind: u8, padding: u8, content: &[u8]) -> Vec<u8> {
    frame(kind, flag::PADDED | flag::END_HEADERS, ONE, &[&[padding], content].concat())
}

fn contents() -> Vec<Rule> {
    let open = post(ONE, &[]);
    let then = |frame: Vec<u8>| [open.clone(), frame].concat();
    vec![
        rule("6.1", "DATA has a stream", data(0, 0, b"x"), &[Connection(PROTOCOL)]),
        rule(
            "6.1",
            "DATA has no more padding than it is long",
            then(padded(kind::DATA, 6, b"12345")),
            &[Connection(PROTOCOL)],
        ),
        rule(
            "6.1",
            "DATA says how much padding it has",
            then(frame(kind::DATA, flag::PADDED, ONE, b"")),
            &[Connection(PROTOCOL), Connection(FRAME_SIZE)],
        ),
        rule("6.2", "HEADERS have a stream", get(0), &[Connection(PROTOCOL)]),
        rule(
            "6.2",
            "HEADERS have no more padding than they are long",
            padded(kind::HEADERS, 9, &block(&[])),
            &[Connection(PROTOCOL)],
        ),
        rule(
            "6.2",
            "HEADERS have the priority that they say",
            frame(kind::HEADERS, 0x25, ONE, b"\0\0\0"),
            &[Connection(FRAME_SIZE), Connection(PROTOCOL)],
        ),
        rule(
            "6.3",
            "PRIORITY has a stream",
            frame(kind::PRIORITY, 0, 0, &[0, 0, 0, 3, 1]),
            &[Connection(PROTOCOL)],
        ),
        rule(
            "6.3",
            "PRIORITY is five bytes long",
            then(frame(kind::PRIORITY, 0, ONE, &[0, 0, 0, 3])),
            &[Stream(FRAME_SIZE)],
        ),
        rule("6.4", "RST_STREAM has a stream", reset(0, ErrorCode::CANCEL), &[Connection(PROTOCOL)]),
        rule(
            "6.4",
            "RST_STREAM is four bytes long",
            then(frame(kind::RST_STREAM, 0, ONE, &[0, 0, 8])),
            &[Connection(FRAME_SIZE)],
        ),
        rule(
            "6.6",
            "clients promise nothing",
            frame(kind::PUSH_PROMISE, 4, ONE, &[0, 0, 0, 2]),
            &[Connection(PROTOCOL)],
        ),
        rule("6.7", "PING has no stream", frame(kind::PING, 0, ONE, &[5; 8]), &[Connection(PROTOCOL)]),
        rule("6.7", "PING is eight bytes long", frame(kind::PING, 0, 0, &[6; 6]), &[Connection(FRAME_SIZE)]),
        rule(
            "6.7",
            "PING that nobody sent may be acknowledged",
            frame(kind::PING, flag::ACK, 0, &[7; 8]),
            &[Ignored],
        ),
        rule("6.8", "GOAWAY has no stream", frame(kind::GOAWAY, 0, ONE, &[0; 8]), &[Connection(PROTOCOL)]),
        rule(
            "6.8",
            "GOAWAY has a stream and a code in it",
            frame(kind::GOAWAY, 0, 0, &[0; 4]),
            &[Connection(FRAME_SIZE)],
        ),
        rule(
            "6.8",
            "what was asked before GOAWAY is answered",
            [get(ONE), goaway(ErrorCode::NONE)].concat(),
            &[Answered(200)],
        ),
        rule(
            "6.9",
            "WINDOW_UPDATE is four bytes long",
            frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 1]),
            &[Connection(FRAME_SIZE)],
        ),
        rule(
            "6.9",
            "the connection's window is opened by something",
            window_update(0, 0),
            &[Connection(PROTOCOL)],
        ),
        rule(
            "6.9",
            "a stream's window is opened by something",
            then(window_update(ONE, 0)),
            &[Stream(PROTOCOL)],
        ),
        rule("7", "an unknown code resets a stream", then(reset(ONE, ErrorCode(0xdead))), &[Ignored]),
    ]
}

#[tokio::test]
async fn frames_that_break_a_rule_of_http2_end_what_the_rule_says() {
    let rules: Vec<Rule> = [beginnings(), interrupted(), contents()].into_iter().flatten().collect();
    let one_code = |says| Deviation { says, does: Connection(PROTOCOL), because: ONE_CODE };
    let [priority, reset, ping, goaway, window_update] = [
        "PRIORITY is five bytes long",
        "RST_STREAM is four bytes long",
        "PING is eight bytes long",
        "GOAWAY has a stream and a code in it",
        "WINDOW_UPDATE is four bytes long",
    ]
    .map(one_code);
    let first = Deviation {
        says: "SETTINGS come first",
        does: Ignored,
        because: "h2 takes any frame behind the preface, and goes by the defaults until SETTINGS come",
    };
    are_kept(&rules, &[priority, reset, ping, goaway, window_update, first]).await;
}
