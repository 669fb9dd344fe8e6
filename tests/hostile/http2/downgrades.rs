//! Requests of HTTP/2 that would be two, or another one, once they are written as HTTP/1.1 (RFC 9113 §10.3), sent through
//! an edge to an origin that notes every byte.

use stepwell_tests::edge::Edge;
use stepwell_tests::http2::frames::{GET, data, flag, headers, ping, request, reset};
use stepwell_tests::http2::{Connection, ErrorCode};
use stepwell_tests::raw::RawOrigin;
use stepwell_tests::tls::Identity;

/// What no origin may be sent, wherever it is put.
const INNER: &str = "GET /smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\n";

/// An edge that speaks TLS in front of an origin that says which host it heard.
struct Front {
    origin: RawOrigin,
    edge: Edge,
    identity: Identity,
}

impl Front {
    async fn start() -> Self {
        let origin = RawOrigin::start(|heard| {
            let host = heard.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
            let length = host.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: {length}\r\n\r\n");
            (head + host).into_bytes()
        })
        .await;
        let identity = Identity::generate();
        let settings = identity.settings();
        let settings = settings.each_ref().map(|(name, value)| (*name, &**value));
        let edge = Edge::with(origin.address(), &settings);
        Self { origin, edge, identity }
    }

    async fn connect(&self) -> Connection {
        let stream = self.identity.connect(self.edge.address(), "h2").await;
        Connection::open(stream.expect("it is trusted")).await
    }

    /// Sends what asks something on the first stream, and returns the status of its answer, if there is one.
    async fn try_out(&self, sent: impl AsRef<[u8]>) -> Option<u16> {
        let mut connection = self.connect().await;
        connection.send(sent).await;
        let heard = connection.until(|heard| heard.is_settled(1)).await;
        heard.statuses.get(&1).copied()
    }

    /// What the origin was sent so far.
    fn heard(&self) -> Vec<String> {
        self.origin.heard()
    }

    /// A request in good faith: of this host, and no other's.
    async fn serves(&self, host: &str, path: &str) {
        let fields = [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", path)];
        let answer = self.connect().await.ask(1, &fields).await;
        assert_eq!(answer, Some((200, host.as_bytes().to_vec())));
    }
}

fn asked(fields: [&str; 4], more: &[(&str, &str)]) -> Vec<u8> {
    let [method, scheme, authority, path] = fields;
    let mut all = vec![(":method", method), (":scheme", scheme), (":authority", authority), (":path", path)];
    all.extend(more);
    request(1, &all)
}

#[tokio::test]
async fn what_http1_would_read_as_another_request_never_reaches_an_origin() {
    let front = Front::start().await;
    for (target, name) in [
        (format!("/ HTTP/1.1\r\nHost: a\r\n\r\n{INNER}"), "a path that is a request"),
        ("/x\r\nX: smuggled".to_owned(), "a path with a field behind it"),
        ("/x\nX: smuggled".to_owned(), "a path with half a line's end"),
        ("/x\rX: smuggled".to_owned(), "a path with the other half"),
        ("/smuggled HTTP/1.1".to_owned(), "a path with a version"),
        ("/x\t/smuggled".to_owned(), "a path with a tab"),
        ("/x\0/smuggled".to_owned(), "a path with NUL"),
        ("smuggled".to_owned(), "a path without a slash"),
        ("https://smuggled/".to_owned(), "a path that is a URI"),
        ("?smuggled".to_owned(), "a path that is a query"),
        ("*/smuggled".to_owned(), "a path that begins as none"),
        ("@smuggled/".to_owned(), "a path that continues a host"),
    ] {
        let status = front.try_out(asked(["GET", "https", "a", &target], &[])).await;
        assert!(matches!(status, None | Some(400)), "{name}: {status:?}");
    }
    for method in ["GET /smuggled HTTP/1.1\r\nX:", "GET /smuggled", "GET\r\nX: smuggled", "G\0T", "GET\t", ""]
    {
        let status = front.try_out(asked([method, "https", "a", "/"], &[])).await;
        assert!(matches!(status, None | Some(400)), "{method:?}: {status:?}");
    }
    for scheme in ["https://smuggled/?", "https\r\nX: smuggled", "https /smuggled", "", "javascript"] {
        let status = front.try_out(asked(["GET", scheme, "smuggled", "/"], &[])).await;
        assert!(matches!(status, None | Some(400)), "{scheme:?}: {status:?}");
    }
    for host in ["a\r\nX: smuggled", "a\nX: smuggled", "a smuggled", "a/smuggled", "a?smuggled", "a#smuggled"]
        .into_iter()
        .chain(["a@smuggled", "a\\smuggled", "a\tsmuggled", "a:80:smuggled", "[smuggled"])
    {
        let status = front.try_out(asked(["GET", "https", host, "/"], &[])).await;
        assert!(matches!(status, None | Some(400)), "{host:?}: {status:?}");
    }
    assert!(front.heard().is_empty(), "{:?}", front.heard());
    front.serves("a", "/").await;
}

#[tokio::test]
async fn fields_that_http1_would_frame_by_never_reach_an_origin() {
    let front = Front::start().await;
    for (name, value) in [
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "identity"),
        ("transfer-encoding", "xchunked"),
        ("Transfer-Encoding", "chunked"),
        ("transfer-encoding ", "chunked"),
        (" transfer-encoding", "chunked"),
        ("x: y\r\ntransfer-encoding", "chunked"),
        ("x", "y\r\nTransfer-Encoding: chunked"),
        ("x", "y\nTransfer-Encoding: chunked"),
        ("x", "y\rTransfer-Encoding: chunked"),
        ("x", "y\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a"),
        ("transfer-encoding:chunked", ""),
        ("content-length:0", ""),
        ("connection", "content-length"),
        ("proxy-connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("upgrade", "h2c"),
        ("te", "chunked"),
        ("host", "smuggled"),
        ("content-length", "+44"),
        ("content-length", "44, 44"),
        ("content-length", "0x2c"),
    ] {
        let mut sent = headers(
            1,
            flag::NONE,
            &[(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/"), (name, value)],
        );
        sent.extend(data(1, flag::END_STREAM, format!("0\r\n\r\n{INNER}").as_bytes()));
        let status = front.try_out(sent).await;
        assert!(matches!(status, None | Some(400)), "{name:?}: {value:?}: {status:?}");
    }
    assert!(front.heard().is_empty(), "{:?}", front.heard());
    front.serves("a", "/").await;
}

fn post(path: &str, length: Option<&str>, parts: &[&str]) -> Vec<u8> {
    let mut fields = vec![(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", path)];
    fields.extend(length.map(|length| ("content-length", length)));
    let mut sent = headers(1, flag::NONE, &fields);
    for (at, part) in parts.iter().enumerate() {
        let flags = if at + 1 == parts.len() { flag::END_STREAM } else { flag::NONE };
        sent.extend(data(1, flags, part.as_bytes()));
    }
    sent
}

/// Content that looks like the end of a message and another one stays what it is, in a message of one framing.
#[tokio::test]
async fn content_of_http2_is_one_message_to_an_origin() {
    let front = Front::start().await;
    let content = format!("0\r\n\r\n{INNER}");
    let length = content.len().to_string();
    let (half, rest) = content.split_at(7);
    for (length, parts) in [
        (None, &[&*content][..]),
        (Some(&*length), &[&content]),
        (None, &[half, rest]),
        (Some(&length), &[half, rest]),
    ] {
        let before = front.heard().len();
        assert_eq!(front.try_out(post("/", length, parts)).await, Some(200));
        let heard = front.heard().split_off(before);
        let [one] = &heard[..] else { panic!("{heard:?}") };
        let (head, body) = one.split_once("\r\n\r\n").expect("a message has a head");
        let framings = [head.contains("content-length: "), head.contains("transfer-encoding: chunked")];
        assert_eq!(framings.iter().filter(|is_there| **is_there).count(), 1, "{head}");
        if length.is_some() {
            assert_eq!(body, content);
        } else {
            assert_eq!(content_of_chunks(body), content);
        }
    }
    front.serves("a", "/").await;
}

fn content_of_chunks(mut rest: &str) -> String {
    let mut content = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n").expect("a chunk has its size");
        let size = usize::from_str_radix(size, 16).expect("sizes are in hex");
        let (chunk, after) = after.split_at(size);
        content.push_str(chunk);
        rest = after.strip_prefix("\r\n").expect("a chunk ends");
        if size == 0 {
            assert_eq!(rest, "", "nothing comes behind");
            return content;
        }
    }
}

/// A length that is not true: the origin never gets a whole message, and none of what is over.
#[tokio::test]
async fn content_of_another_length_than_it_says_is_no_message_to_an_origin() {
    let front = Front::start().await;
    for (length, parts) in [
        ("0", &[INNER][..]),
        ("5", &["01234", INNER]),
        ("5", &["012", INNER]),
        ("500", &[INNER]),
        ("9999999999", &["x", "y"]),
        ("44", &[""]),
    ] {
        let status = front.try_out(post("/", Some(length), parts)).await;
        assert!(status.is_none_or(|status| status >= 400), "{length}: {status:?}");
    }
    let heard = front.heard();
    assert!(!heard.concat().contains("smuggled"), "{heard:?}");
    front.serves("a", "/").await;
}

/// Content that is broken off, whatever its client calls that, does not become content that ended.
#[tokio::test]
async fn content_of_http2_that_is_broken_off_is_no_message_to_an_origin() {
    let front = Front::start().await;
    let begun = |stream| {
        let fields = [(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/smuggled")];
        [headers(stream, flag::NONE, &fields), data(stream, flag::NONE, b"half")].concat()
    };
    for code in [ErrorCode::NONE, ErrorCode::CANCEL, ErrorCode::PROTOCOL] {
        for _ in 0..200 {
            let mut connection = front.connect().await;
            connection.send([begun(1), ping([1; 8])].concat()).await;
            connection.until(|heard| !heard.pongs.is_empty()).await;
            connection.send([reset(1, code), request(3, &GET)].concat()).await;
            connection.until(|heard| heard.is_settled(3)).await;
            connection.send(begun(5)).await;
        }
    }
    let heard = front.heard();
    assert!(!heard.concat().contains("smuggled"), "{heard:?}");
}

/// Fields behind the content are no fields of the request: neither here nor there.
#[tokio::test]
async fn trailers_of_http2_change_nothing_of_a_request() {
    let front = Front::start().await;
    for (name, value) in [
        ("host", "smuggled"),
        ("content-length", "0"),
        ("authorization", "Bearer smuggled"),
        ("cache-control", "no-store, smuggled"),
        ("x-forwarded-host", "smuggled"),
        ("x", "smuggled"),
    ] {
        let mut sent = headers(
            1,
            flag::NONE,
            &[(":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/trailers")],
        );
        sent.extend(data(1, flag::NONE, b"content"));
        sent.extend(headers(1, flag::END_STREAM, &[(name, value)]));
        let status = front.try_out(sent).await;
        let heard = front.heard().concat();
        assert!(matches!(status, None | Some(200 | 400)), "{name}: {status:?}");
        assert!(!heard.contains("smuggled"), "{name}: {heard}");
    }
    front.serves("a", "/trailers").await;
}

/// The host that decides what is kept is the host that the origin hears.
#[tokio::test]
async fn the_authority_of_http2_is_the_host_for_key_and_origin_alike() {
    let front = Front::start().await;
    for host in ["b", ""] {
        let both = asked(["GET", "https", host, "/page"], &[("host", "a")]);
        assert!(matches!(front.try_out(both).await, None | Some(400)), "{host:?}");
    }
    let [method, scheme, path] = [(":method", "GET"), (":scheme", "https"), (":path", "/page")];
    let twice = request(1, &[method, scheme, path, ("host", "a"), ("host", "b")]);
    assert!(matches!(front.try_out(twice).await, None | Some(400)));
    assert!(front.heard().is_empty(), "{:?}", front.heard());

    let evil = front.connect().await.ask(1, &[method, scheme, (":authority", "evil"), path]).await;
    assert_eq!(evil, Some((200, b"evil".to_vec())));
    front.serves("a", "/page").await;
    let host_alone = front.connect().await.ask(1, &[method, scheme, path, ("host", "a")]).await;
    assert_eq!(host_alone, Some((200, b"a".to_vec())));
    // One request a host: the third was answered out of the store.
    let heard = front.heard();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard.iter().all(|request| request.matches("\r\nhost: ").count() == 1), "{heard:?}");
}
