//! Header blocks that cannot be decoded (RFC 7541): both ends would go on with different tables, so the connection ends
//! (RFC 9113 §4.3).

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{GET, block, flag, frame, kind};

use super::Outcome::Connection;
use super::{Deviation, ONE, ONE_CODE, Rule, are_kept, rule};

const COMPRESSION: ErrorCode = ErrorCode::COMPRESSION;

/// Ways to break a block, behind the fields of a request.
const BROKEN: &[(&str, &str, &[u8])] = &[
    ("2.3.3", "no field has the number 0", b"\x80"),
    ("2.3.3", "no number is above the tables", b"\xff\x80\x01"),
    ("2.3.3", "no number of a name is above the tables", b"\x7f\x80\x01\x01x"),
    ("4.2", "the table's size is said first", b"\x20"),
    ("4.2", "the table does not grow above what was offered", b"\x3f\xff\xff\x03"),
    ("5.1", "no integer is too large to be one", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
    ("5.1", "no integer ends midway", b"\xff"),
    ("5.2", "no text ends midway", b"\x00\x05ab"),
    ("5.2", "no text is longer than can be", b"\x00\x7f\xff\xff\xff\xff\x0f"),
    ("5.2", "padding is shorter than a byte", b"\x00\x82\x1f\xff\x01x"),
    ("5.2", "padding is made of ones", b"\x00\x81\x18\x01x"),
    ("5.2", "no text has the end of texts in it", b"\x00\x84\xff\xff\xff\xff\x01x"),
];

fn rules() -> Vec<Rule> {
    let sent = |broken: &[u8]| {
        let block = [&block(&GET)[..], broken].concat();
        frame(kind::HEADERS, flag::END_STREAM | flag::END_HEADERS, ONE, &block)
    };
    let rules = BROKEN
        .iter()
        .map(|(section, says, broken)| rule(section, says, sent(broken), &[Connection(COMPRESSION)]));
    rules.collect()
}

#[tokio::test]
async fn a_header_block_that_cannot_be_decoded_ends_its_connection() {
    let one_code = |(_, says, _): &(_, &'static str, _)| Deviation {
        says,
        does: Connection(ErrorCode::PROTOCOL),
        because: ONE_CODE,
    };
    are_kept(&rules(), &BROKEN.iter().map(one_code).collect::<Vec<_>>()).await;
}
