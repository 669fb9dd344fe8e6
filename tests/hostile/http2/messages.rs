//! Requests that are none (RFC 9113 §8): fields that may not be there, or not so, and content that is not as long as it
//! says.

use stepwell_tests::http2::ErrorCode;
use stepwell_tests::http2::frames::{GET, data, flag, headers, post, request};

use super::Outcome::{Answered, Stream};
use super::{ONE, Rule, are_kept, rule};

const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL;
/// A message that is malformed breaks its stream off, and may be answered before (RFC 9113 §8.1.1).
const MALFORMED: [super::Outcome; 2] = [Stream(PROTOCOL), Answered(400)];

type Fields<'a> = &'a [(&'a str, &'a str)];

fn with(more: Fields<'_>) -> Vec<u8> {
    request(ONE, &[&GET[..], more].concat())
}

/// The request whose field of this name has other values: none, one, or two.
fn other(name: &str, values: &[&'static str]) -> Vec<u8> {
    let mut fields = Vec::new();
    for (known, value) in GET {
        if known == name {
            fields.extend(values.iter().map(|value| (known, *value)));
        } else {
            fields.push((known, value));
        }
    }
    request(ONE, &fields)
}

fn malformed(section: &'static str, says: &'static str, sent: impl AsRef<[u8]>) -> Rule {
    rule(section, says, sent, &MALFORMED)
}

fn fields() -> Vec<Rule> {
    vec![
        malformed("8.2.1", "names are in lower case", with(&[("X-Name", "x")])),
        malformed("8.2.1", "no name has a space in it", with(&[("x name", "x")])),
        malformed("8.2.1", "no name has a colon in it", with(&[("x:name", "x")])),
        malformed("8.2.1", "no name is empty", with(&[("", "x")])),
        malformed("8.2.1", "no name has a line's end in it", with(&[("x\r\nx", "x")])),
        malformed("8.2.1", "no name has NUL in it", with(&[("x\0", "x")])),
        malformed("8.2.1", "no name has DEL in it", with(&[("x\u{7f}", "x")])),
        malformed("8.2.1", "names are in ASCII", with(&[("x-ü", "x")])),
        malformed("8.2.1", "no value has NUL in it", with(&[("x-name", "x\0y")])),
        malformed("8.2.1", "no value has CR in it", with(&[("x-name", "x\ry")])),
        malformed("8.2.1", "no value has LF in it", with(&[("x-name", "x\ny")])),
        malformed("8.2.1", "no value has a line's end in it", with(&[("x-name", "x\r\ny: z")])),
        malformed("8.2.1", "no value begins with a space", with(&[("x-name", " x")])),
        malformed("8.2.1", "no value ends with a tab", with(&[("x-name", "x\t")])),
        malformed("8.2.2", "there is no Connection", with(&[("connection", "close")])),
        malformed("8.2.2", "there is no Keep-Alive", with(&[("keep-alive", "timeout=5")])),
        malformed("8.2.2", "there is no Proxy-Connection", with(&[("proxy-connection", "keep-alive")])),
        malformed("8.2.2", "there is no Transfer-Encoding", with(&[("transfer-encoding", "chunked")])),
        malformed("8.2.2", "there is no Upgrade", with(&[("upgrade", "h2c")])),
        malformed("8.2.2", "TE says trailers alone", with(&[("te", "trailers, deflate")])),
        rule("8.2.2", "TE may say trailers", with(&[("te", "trailers")]), &[Answered(200)]),
        rule(
            "8.2.3",
            "cookies may come in parts",
            with(&[("cookie", "a=b"), ("cookie", "c=d")]),
            &[Answered(200)],
        ),
    ]
}

fn controls() -> Vec<Rule> {
    let late = [&[GET[0], GET[1], GET[2], ("x-name", "x")], &GET[3..]].concat();
    vec![
        malformed("8.3", "control data comes before fields", request(ONE, &late)),
        malformed("8.3", "no control data is unknown", with(&[(":evil", "x")])),
        malformed("8.3", "no request has a status", with(&[(":status", "200")])),
        malformed("8.3.1", "a request has a method", other(":method", &[])),
        malformed("8.3.1", "a request has a scheme", other(":scheme", &[])),
        malformed("8.3.1", "a request has a path", other(":path", &[])),
        malformed("8.3.1", "no path is empty", other(":path", &[""])),
        malformed("8.3.1", "a path begins with a slash", other(":path", &["healthz"])),
        malformed("8.3.1", "no path has a space in it", other(":path", &["/healthz HTTP/1.1"])),
        malformed("8.3.1", "no path has a line's end in it", other(":path", &["/healthz\r\nx: y"])),
        malformed("8.3.1", "a path is no URI", other(":path", &["https://a/healthz"])),
        malformed("8.3.1", "no method is empty", other(":method", &[""])),
        malformed("8.3.1", "no method has a space in it", other(":method", &["GET /evil"])),
        malformed("8.3.1", "no scheme has a space in it", other(":scheme", &["https /"])),
        malformed("8.3.1", "there is one method", other(":method", &["GET", "POST"])),
        malformed("8.3.1", "there is one scheme", other(":scheme", &["https", "http"])),
        malformed("8.3.1", "there is one path", other(":path", &["/healthz", "/evil"])),
        malformed("8.3.1", "there is one authority", other(":authority", &["a", "b"])),
        malformed("8.3.1", "no authority names a user", other(":authority", &["user@a"])),
        malformed("8.3.1", "no authority has a slash in it", other(":authority", &["a/b"])),
        malformed("8.3.1", "no authority is empty", other(":authority", &[""])),
        malformed("8.3.1", "there is a host", other(":authority", &[])),
        malformed("8.3.1", "Host and authority are one", with(&[("host", "b")])),
        rule("8.3.1", "Host may say the authority again", with(&[("host", "a")]), &[Answered(200)]),
        malformed("8.5", "a tunnel has no path", other(":method", &["CONNECT"])),
        rule(
            "8.5",
            "a tunnel leads nowhere",
            request(ONE, &[(":method", "CONNECT"), (":authority", "a:22")]),
            &[Answered(405)],
        ),
        malformed("RFC 8441", "a tunnel has no protocol", with(&[(":protocol", "websocket")])),
    ]
}

fn contents() -> Vec<Rule> {
    let of_length = |length: &'static str, parts: &[&str]| {
        let mut sent = post(ONE, &[("content-length", length)]);
        for (at, part) in parts.iter().enumerate() {
            let flags = if at + 1 == parts.len() { flag::END_STREAM } else { flag::NONE };
            sent.extend(data(ONE, flags, part.as_bytes()));
        }
        sent
    };
    let trailers = |flags: u8, fields: Fields<'_>| {
        [post(ONE, &[]), data(ONE, 0, b"{}"), headers(ONE, flags, fields)].concat()
    };
    vec![
        malformed("8.1.1", "content is not shorter than it says", of_length("3", &["{}"])),
        malformed("8.1.1", "content is not longer than it says", of_length("1", &["{}"])),
        malformed("8.1.1", "content in parts is not longer", of_length("3", &["{", " ", " ", "}"])),
        malformed("8.1.1", "content in parts is not shorter", of_length("9", &["{", "}"])),
        malformed("8.1.1", "no content is not some", with(&[("content-length", "2")])),
        malformed("8.1.1", "there is one length", with(&[("content-length", "0"), ("content-length", "2")])),
        malformed("8.1.1", "a length is a number", of_length("+2", &["{}"])),
        malformed("8.1.1", "a length is one number", of_length("2, 2", &["{}"])),
        malformed("8.1.1", "a length is no number without end", of_length("99999999999999999999", &["{}"])),
        malformed("8.1", "trailers end the stream", trailers(flag::NONE, &[("x-name", "x")])),
        malformed("8.1", "trailers have no control data", trailers(flag::END_STREAM, &[(":method", "GET")])),
        malformed("8.1", "no trailer has a line's end in it", trailers(flag::END_STREAM, &[("x", "x\ny")])),
    ]
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_of_http2_is_not_taken() {
    let rules: Vec<Rule> = [fields(), controls(), contents()].into_iter().flatten().collect();
    are_kept(&rules, &[]).await;
}
