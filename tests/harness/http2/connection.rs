//! A connection: bytes of the test's choice in, and what the server does noted by stream.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::frames::{self, HEAD_BYTES, PREFACE, flag, kind, setting};
use super::{ErrorCode, status};

/// A server that neither answers nor closes by then hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client's end of a connection.
#[derive(Debug)]
pub struct Connection {
    reader: ReadHalf<TlsStream<TcpStream>>,
    writer: WriteHalf<TlsStream<TcpStream>>,
    unread: Vec<u8>,
    /// What the server did so far.
    pub heard: Heard,
}

/// What a server did on one connection.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The status of each answer, by stream.
    pub statuses: BTreeMap<u32, u16>,
    /// The content of each answer, as far as it came.
    pub contents: BTreeMap<u32, Vec<u8>>,
    /// The streams whose answers are complete.
    pub complete: BTreeSet<u32>,
    /// The streams that the server broke off.
    pub resets: BTreeMap<u32, ErrorCode>,
    /// The last GOAWAY.
    pub goaway: Option<ErrorCode>,
    /// The content of each PING that was acknowledged.
    pub pongs: Vec<Vec<u8>>,
    /// SETTINGS of the server's own.
    pub settings: usize,
    /// How often ours were acknowledged.
    pub acknowledged: usize,
    /// Whether the connection is closed.
    pub is_closed: bool,
}

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Heard {
    /// Whether the server has an answer to what was asked on this stream, or broke it off.
    pub fn is_settled(&self, stream: u32) -> bool {
        self.statuses.contains_key(&stream) || self.resets.contains_key(&stream)
    }

    fn note(&mut self, frame: Frame) {
        let Frame { kind, flags, stream, payload } = frame;
        let code = |bytes: Option<&[u8]>| {
            let bytes = bytes.and_then(|bytes| bytes.first_chunk::<4>());
            ErrorCode(u32::from_be_bytes(*bytes.expect("the server's frames have their length")))
        };
        let ends = flags & flag::END_STREAM != 0;
        match kind {
            kind::HEADERS => {
                let status = status::read(&payload);
                // Trailers have none.
                if let Some(status) = status {
                    self.statuses.entry(stream).or_insert(status);
                }
            }
            kind::DATA => self.contents.entry(stream).or_default().extend(payload),
            kind::RST_STREAM => drop(self.resets.insert(stream, code(Some(&payload)))),
            kind::GOAWAY => self.goaway = Some(code(payload.get(4..))),
            kind::PING if ends => self.pongs.push(payload),
            kind::SETTINGS if ends => self.acknowledged += 1,
            kind::SETTINGS => self.settings += 1,
            _ => {}
        }
        if ends && matches!(kind, kind::HEADERS | kind::DATA) {
            self.complete.insert(stream);
        }
    }
}

impl Connection {
    /// One on which nothing was said.
    pub fn silent(stream: TlsStream<TcpStream>) -> Self {
        let (reader, writer) = split(stream);
        Self { reader, writer, unread: Vec::new(), heard: Heard::default() }
    }

    /// One on which both sides have said what they go by.
    pub async fn open(stream: TlsStream<TcpStream>) -> Self {
        let mut connection = Self::silent(stream);
        let settings = frames::settings(&[(setting::HEADER_TABLE_SIZE, 0)]);
        connection.send([PREFACE, &settings].concat()).await;
        connection.until(|heard| heard.settings > 0 && heard.acknowledged > 0).await;
        connection.send(frames::frame(kind::SETTINGS, flag::ACK, 0, &[])).await;
        connection
    }

    /// Sends bytes, and takes in meanwhile what comes; `false` once the server does not listen any more.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let Self { reader, writer, unread, .. } = self;
        let mut writing = pin!(async {
            writer.write_all(bytes.as_ref()).await?;
            writer.flush().await
        });
        let sending = async {
            loop {
                tokio::select! {
                    biased;
                    written = &mut writing => return written.is_ok(),
                    read = reader.read_buf(unread) => {
                        if !matches!(read, Ok(1..)) {
                            return false;
                        }
                    }
                }
            }
        };
        let sent = tokio::time::timeout(PATIENCE, sending).await;
        sent.unwrap_or_else(|_| panic!("it neither reads nor closes"))
    }

    /// Sends bytes without taking anything in, as far as the server takes them.
    pub async fn send_blindly(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let writing = async {
            self.writer.write_all(bytes.as_ref()).await?;
            self.writer.flush().await
        };
        tokio::time::timeout(PATIENCE, writing).await.is_ok_and(|written| written.is_ok())
    }

    /// Takes in what the server does until that is enough, or the connection is closed.
    pub async fn until(&mut self, is_enough: impl Fn(&Heard) -> bool) -> &Heard {
        let hearing = async {
            while !self.heard.is_closed && !is_enough(&self.heard) {
                self.hear().await;
            }
        };
        let heard = tokio::time::timeout(PATIENCE, hearing).await;
        assert!(heard.is_ok(), "it neither answers nor closes: {:?}", self.heard);
        &self.heard
    }

    /// Sends this request, and returns the status and content of its answer; `None` where there is no whole one.
    pub async fn ask(&mut self, stream: u32, fields: &[(&str, &str)]) -> Option<(u16, Vec<u8>)> {
        self.send(frames::request(stream, fields)).await;
        let is_over = |heard: &Heard| heard.complete.contains(&stream) || heard.resets.contains_key(&stream);
        let heard = self.until(is_over).await;
        let content = heard.contents.get(&stream).cloned().unwrap_or_default();
        heard.complete.contains(&stream).then_some((*heard.statuses.get(&stream)?, content))
    }

    /// Takes in one frame, or the end.
    async fn hear(&mut self) {
        let frame = loop {
            if let Some(frame) = next(&mut self.unread) {
                break frame;
            }
            // A reset is a way to close as well.
            if !matches!(self.reader.read_buf(&mut self.unread).await, Ok(1..)) {
                self.heard.is_closed = true;
                return;
            }
        };
        if frame.kind == kind::PING && frame.flags & flag::ACK == 0 {
            self.send(frames::frame(kind::PING, flag::ACK, 0, &frame.payload)).await;
        }
        self.heard.note(frame);
    }
}

/// Takes the first whole frame out of what came.
fn next(unread: &mut Vec<u8>) -> Option<Frame> {
    let head = unread.first_chunk::<HEAD_BYTES>()?;
    let [high, middle, low, kind, flags, a, b, c, d] = *head;
    let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
    let stream = u32::from_be_bytes([a, b, c, d]) & (u32::MAX >> 1);
    let payload = unread.get(HEAD_BYTES..HEAD_BYTES + length)?.to_vec();
    unread.drain(..HEAD_BYTES + length);
    Some(Frame { kind, flags, stream, payload })
}
