//! One end of a connection, in a test's hands.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

/// What comes, comes at once; a test that waits longer fails and does not hang.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// One connection, read and written as text.
pub struct Line<S> {
    stream: S,
    unread: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, unread: String::new() }
    }

    /// What comes up to `end`, that included. Fails the test when the connection ends before.
    pub async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.unread.find(end) {
                let rest = self.unread.split_off(at + end.len());
                return std::mem::replace(&mut self.unread, rest);
            }
            assert!(self.more().await, "the connection ended at {:?}", self.unread);
        }
    }

    /// The head of the next message.
    pub async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await
    }

    /// All that comes before the connection ends.
    pub async fn rest(&mut self) -> String {
        while self.more().await {}
        std::mem::take(&mut self.unread)
    }

    /// The connection itself, of which nothing has been read yet.
    pub fn into_stream(self) -> S {
        self.stream
    }

    pub async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn more(&mut self) -> bool {
        let mut buffer = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await.unwrap().unwrap_or(0);
        self.unread.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        read > 0
    }
}
