//! SETTINGS of all kinds (RFC 9113 §6.5).

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{flag, frame, kind, post, setting, settings, window_update};

use super::Outcome::{Connection, Ignored, Stream};
use super::{Deviation, ONE, ONE_CODE, Rule, are_kept, rule};

const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL;
const FRAME_SIZE: ErrorCode = ErrorCode::FRAME_SIZE;
const FLOW_CONTROL: ErrorCode = ErrorCode::FLOW_CONTROL;
/// The largest window (RFC 9113 §6.9.1).
const WINDOW_MAX: u32 = (1 << 31) - 1;
/// What each begins with.
const WINDOW_DEFAULT: u32 = 65_535;

fn rules() -> Vec<Rule> {
    let set = |name: u16, value: u32| settings(&[(name, value)]);
    vec![
        rule(
            "6.5",
            "an acknowledgement is empty",
            frame(kind::SETTINGS, flag::ACK, 0, &[0; 6]),
            &[Connection(FRAME_SIZE)],
        ),
        rule("6.5", "SETTINGS have no stream", frame(kind::SETTINGS, 0, ONE, &[]), &[Connection(PROTOCOL)]),
        rule(
            "6.5",
            "each setting is six bytes long",
            frame(kind::SETTINGS, 0, 0, &[0; 3]),
            &[Connection(FRAME_SIZE)],
        ),
        rule("6.5.2", "push is on or off", set(setting::ENABLE_PUSH, 2), &[Connection(PROTOCOL)]),
        rule(
            "6.5.2",
            "no window is above its limit",
            set(setting::INITIAL_WINDOW_SIZE, WINDOW_MAX + 1),
            &[Connection(FLOW_CONTROL)],
        ),
        rule("6.5.2", "the largest window is one", set(setting::INITIAL_WINDOW_SIZE, WINDOW_MAX), &[Ignored]),
        rule(
            "6.5.2",
            "no frame is smaller than every frame may be",
            set(setting::MAX_FRAME_SIZE, 16_383),
            &[Connection(PROTOCOL)],
        ),
        rule(
            "6.5.2",
            "no frame is larger than can be said",
            set(setting::MAX_FRAME_SIZE, 1 << 24),
            &[Connection(PROTOCOL)],
        ),
        rule("6.5.2", "a setting that is unknown is ignored", set(0xfefe, u32::MAX), &[Ignored]),
        rule(
            "6.5.2",
            "a table of any size may be offered",
            set(setting::HEADER_TABLE_SIZE, u32::MAX),
            &[Ignored],
        ),
        rule(
            "6.5.2",
            "a client need not take any promise",
            set(setting::MAX_CONCURRENT_STREAMS, 0),
            &[Ignored],
        ),
        rule(
            "6.9.2",
            "no window grows above its limit by a setting",
            [
                post(ONE, &[]),
                window_update(ONE, WINDOW_MAX - WINDOW_DEFAULT),
                set(setting::INITIAL_WINDOW_SIZE, WINDOW_DEFAULT + 1),
            ]
            .concat(),
            &[Connection(FLOW_CONTROL)],
        ),
        rule(
            "6.9.1",
            "the connection's window does not grow above its limit",
            window_update(0, WINDOW_MAX),
            &[Connection(FLOW_CONTROL)],
        ),
        rule(
            "6.9.1",
            "a stream's window does not grow above its limit",
            [post(ONE, &[]), window_update(ONE, WINDOW_MAX)].concat(),
            &[Stream(FLOW_CONTROL)],
        ),
    ]
}

#[tokio::test]
async fn settings_and_windows_out_of_their_limits_end_what_the_rule_says() {
    let one_code = |says| Deviation { says, does: Connection(PROTOCOL), because: ONE_CODE };
    let deviations =
        ["an acknowledgement is empty", "each setting is six bytes long", "no window is above its limit"];
    are_kept(&rules(), &deviations.map(one_code)).await;
}
