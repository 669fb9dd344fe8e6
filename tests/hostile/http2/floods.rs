//! Frames that cost their sender little and their receiver much. No time is asserted: others are answered all the while,
//! the server holds little more memory than before, and where there is no end to it, the connection has one.

use stepwell_tests::http2::frames::{
    GET, block, data, flag, frame, get, headers, kind, ping, post, reset, setting, settings, window_update,
};
use stepwell_tests::http2::{Connection, ErrorCode, Heard};

use super::Secure;

/// What a flood may add to the most memory that the server has held: room for the answers that wait for one connection
/// that does not read, with all that an allocator keeps.
const MEMORY_MAX: u64 = 64 << 20;
/// How often each flood comes, and somebody else asks in between.
const ROUNDS: u32 = 50;

/// What is sent on one stream.
type Frames = fn(u32) -> Vec<u8>;

/// A server and somebody in good faith.
struct Besieged {
    secure: Secure,
    other: Connection,
    asked: u32,
    memory: u64,
}

impl Besieged {
    async fn start() -> Self {
        let secure = Secure::start();
        let mut besieged = Self { other: secure.connect().await, asked: 0, memory: 0, secure };
        besieged.serves().await;
        besieged.memory = besieged.secure.server.memory_peak_bytes();
        besieged
    }

    /// Somebody else is answered, on the connection that was there before.
    async fn serves(&mut self) {
        let answer = self.other.ask(2 * self.asked + 1, &GET).await;
        assert_eq!(answer.map(|(status, _)| status), Some(200));
        self.asked += 1;
    }

    /// Sends a flood in rounds until its connection ends or there were enough, and returns what the server did.
    async fn withstands(&mut self, name: &str, flood: impl Fn(u32) -> Vec<u8>) -> Heard {
        let mut attacker = self.secure.connect().await;
        for round in 0..ROUNDS {
            let is_open = attacker.send(flood(round)).await;
            self.serves().await;
            if !is_open {
                attacker.until(|_| false).await;
                break;
            }
        }
        self.secure.serves().await;
        self.holds_little(name);
        attacker.heard
    }

    /// The same of one that goes on until its connection ends.
    async fn ends(&mut self, name: &str, flood: impl Fn(u32) -> Vec<u8>) {
        let heard = self.withstands(name, flood).await;
        // Some of it may still be unread where the connection was closed in a hurry.
        assert!(heard.is_closed, "{name}: it goes on");
        let calm = [None, Some(ErrorCode::ENHANCE_YOUR_CALM), Some(ErrorCode::PROTOCOL)];
        assert!(calm.contains(&heard.goaway), "{name}: {:?}", heard.goaway);
    }

    fn holds_little(&self, name: &str) {
        let more = self.secure.server.memory_peak_bytes() - self.memory;
        assert!(more < MEMORY_MAX, "{name}: {} MiB more", more >> 20);
    }
}

/// Streams of one round.
fn streams(round: u32, count: u32) -> impl Iterator<Item = u32> {
    (round * count..(round + 1) * count).map(|number| 2 * number + 1)
}

/// CVE-2023-44487: asked and taken back, thousands of times.
#[tokio::test]
async fn requests_that_are_all_taken_back_end_their_connection() {
    let mut besieged = Besieged::start().await;
    let at_once = |stream| [get(stream), reset(stream, ErrorCode::CANCEL)].concat();
    besieged.ends("at once", |round| streams(round, 100).flat_map(at_once).collect()).await;
    let in_turn = |round| {
        let asked = streams(round, 100).flat_map(|stream| post(stream, &[]));
        asked.chain(streams(round, 100).flat_map(|stream| reset(stream, ErrorCode::CANCEL))).collect()
    };
    besieged.ends("a hundred at a time", in_turn).await;

    // Each is under way before it is taken back, so that h2 has nothing to complain of.
    let mut attacker = besieged.secure.connect().await;
    let mut taken_back = 0;
    for stream in streams(0, 2000) {
        let sign = u64::from(stream).to_be_bytes();
        attacker.send([post(stream, &[]), ping(sign)].concat()).await;
        attacker.until(|heard| heard.pongs.last().is_some_and(|pong| **pong == sign)).await;
        if attacker.heard.is_closed || !attacker.send(reset(stream, ErrorCode::CANCEL)).await {
            break;
        }
        taken_back += 1;
    }
    assert!(attacker.heard.is_closed || taken_back < 2000, "it goes on: {:?}", attacker.heard);
    besieged.serves().await;
}

/// CVE-2025-8671: asked, and the server made to take it back.
#[tokio::test]
async fn requests_that_the_server_is_made_to_break_off_end_their_connection() {
    let mut besieged = Besieged::start().await;
    let broken: [(&str, Frames); 3] = [
        ("by a window", |stream| [post(stream, &[]), window_update(stream, 0)].concat()),
        ("by a length", |stream| [post(stream, &[("content-length", "1")]), data(stream, 0, b"xy")].concat()),
        ("by trailers", |stream| [post(stream, &[]), headers(stream, 0, &[("x", "y")])].concat()),
    ];
    for (name, one) in broken {
        besieged.ends(name, |round| streams(round, 100).flat_map(one).collect()).await;
    }
}

/// CVE-2024-27316: a header block without end.
#[tokio::test]
async fn a_header_block_without_end_ends_its_connection() {
    let mut besieged = Besieged::start().await;
    let field = block(&[("x-name", "value")]);
    let large = field.repeat(16 * 1024 / field.len());
    for (name, part) in [("nothing", &[][..]), ("small", &field), ("large", &large)] {
        let part = frame(kind::CONTINUATION, flag::NONE, 1, part);
        let begin = frame(kind::HEADERS, flag::END_STREAM, 1, &block(&GET));
        let flood = |round| [if round == 0 { &begin[..] } else { &[] }, &part.repeat(200)].concat();
        besieged.ends(name, flood).await;
    }
}

/// A few bytes that stand for many (RFC 7541 §7.3): more fields than one request may have, however they are written.
#[tokio::test]
async fn fields_that_grow_when_they_are_read_are_not_taken() {
    let mut besieged = Besieged::start().await;
    // A field of almost all that the table holds, kept there, and then named again and again.
    let mut bomb = [&block(&GET)[..], b"\x40\x01x\x7f\x99\x1e", &[b'a'; 4000]].concat();
    bomb.resize(16 * 1024, 0xbe);
    let heard = besieged
        .withstands("a table", |round| {
            let sent = |stream| frame(kind::HEADERS, flag::END_STREAM | flag::END_HEADERS, stream, &bomb);
            streams(round, 1).flat_map(sent).collect()
        })
        .await;
    assert!(heard.is_closed || heard.statuses.values().all(|status| *status == 431), "{heard:?}");
    assert!(heard.goaway.is_none_or(|code| code == ErrorCode::ENHANCE_YOUR_CALM), "{heard:?}");

    let value = "a".repeat(400);
    let many: Vec<(&str, &str)> = GET.into_iter().chain(std::iter::repeat_n(("x", &*value), 90)).collect();
    let many = block(&many);
    let (first, rest) = many.split_at(16 * 1024);
    let mut sent = frame(kind::HEADERS, flag::END_STREAM, 1, first);
    for part in rest.chunks(16 * 1024) {
        sent.extend(frame(kind::CONTINUATION, flag::NONE, 1, part));
    }
    sent.extend(frame(kind::CONTINUATION, flag::END_HEADERS, 1, &[]));
    let mut attacker = besieged.secure.connect().await;
    attacker.send(sent).await;
    let heard = attacker.until(|heard| heard.is_settled(1)).await;
    assert_eq!(heard.statuses.get(&1), Some(&431), "{heard:?}");
    besieged.serves().await;
}

/// Frames that each want a word back, or a thought: from one who takes in what comes, and one who does not.
#[tokio::test]
async fn frames_without_a_request_keep_nobody_else_waiting() {
    let mut besieged = Besieged::start().await;
    let priority = frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 0, 16]);
    let floods = [
        ("SETTINGS", settings(&[(setting::INITIAL_WINDOW_SIZE, 1000)])),
        ("empty SETTINGS", settings(&[])),
        ("PING", ping([1; 8])),
        ("PRIORITY", priority),
        ("unknown frames", frame(0x16, 0, 1, &[0; 1024])),
        ("acknowledgements", frame(kind::PING, flag::ACK, 0, &[1; 8])),
        ("windows", window_update(0, 1)),
    ];
    for (name, one) in &floods {
        besieged.withstands(name, |_| one.repeat(1000)).await;
    }
    for (name, one) in &floods {
        let mut attacker = besieged.secure.connect().await;
        let flood = one.repeat(200_000);
        let others = async {
            for _ in 0..20 {
                besieged.serves().await;
            }
        };
        let sending = async {
            attacker.send_blindly(&flood).await;
            // It ends when the others have been answered.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = others => {}
            () = sending => {}
        }
        besieged.holds_little(name);
    }
}

/// Content in frames that hold nothing (CVE-2019-9518).
#[tokio::test]
async fn content_in_empty_frames_ends_its_connection() {
    let mut besieged = Besieged::start().await;
    let empty = data(1, flag::NONE, b"").repeat(1000);
    let padded = frame(kind::DATA, flag::PADDED, 1, &[0]).repeat(1000);
    for (name, frames) in [("empty", empty), ("padding", padded)] {
        let begin = post(1, &[]);
        let flood = |round| [if round == 0 { &begin[..] } else { &[] }, &frames].concat();
        besieged.ends(name, flood).await;
    }
}

/// Answers that nobody takes: for want of a window, or because nobody reads.
#[tokio::test]
async fn clients_of_http2_that_take_no_answer_keep_nobody_else_waiting() {
    let mut besieged = Besieged::start().await;
    let large = [GET[0], GET[1], GET[2], (":path", "/v1/openapi.json")];
    let asking: Vec<u8> =
        streams(0, 128).flat_map(|stream| headers(stream, flag::END_STREAM, &large)).collect();
    let mut stalled = Vec::new();
    for window in [0, 1, 1 << 30] {
        for _ in 0..8 {
            let mut attacker = besieged.secure.connect().await;
            let opening = [settings(&[(setting::INITIAL_WINDOW_SIZE, window)]), window_update(0, 1 << 30)];
            attacker.send_blindly([opening.concat(), asking.clone()].concat()).await;
            stalled.push(attacker);
            besieged.serves().await;
        }
    }
    // A byte more of each, as whoever keeps them alive asks for it.
    for attacker in &mut stalled {
        attacker.send_blindly(window_update(1, 1)).await;
    }
    besieged.serves().await;
    besieged.secure.serves().await;
    besieged.holds_little("answers that wait");
}
