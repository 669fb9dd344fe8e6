//! A server with something to attack, and the questions that every test asks in the end.

use std::net::SocketAddr;

use serde_json::json;
use stepwell_tests::answer::Answer;
use stepwell_tests::client::Client;
use stepwell_tests::people::{Person, sign_up};
use stepwell_tests::raw;
use stepwell_tests::records::{Record, create, create_post};
use stepwell_tests::server::Server;

/// The built-in example with a public record and a private one.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) ada: Person,
    /// Everybody reads it.
    pub(crate) post: Record,
    /// Ada alone reads it.
    pub(crate) note: Record,
}

/// What the note says, and what nobody else may ever be told.
pub(crate) const SECRET: &str = "the-secret-of-ada";

impl World {
    pub(crate) async fn start() -> Self {
        let server = Server::start();
        let client = server.client();
        let ada = sign_up(&client, "ada").await;
        let post = create_post(&client, &ada, "water").await;
        let note = create(&client, &ada, "notes", &json!({ "text": SECRET })).await;
        Self { server, client, ada, post, note }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Whoever asks for the post in good faith gets it as it was written, be it kept or not.
    #[track_caller]
    pub(crate) fn is_the_post(answer: Answer) {
        let answer = answer.expect(200);
        assert_eq!(answer.json()["title"], "water", "{}", answer.what);
        for evil in ["evil", "set-cookie"] {
            assert!(!told(&answer).contains(evil), "{}: {}", answer.what, told(&answer));
        }
    }

    /// Two plain requests: the second is served from the store, and both are right. So the server lives.
    pub(crate) async fn serves_the_post(&self) {
        Self::is_the_post(self.client.get(&self.post.path).send().await);
        let again = self.client.get(&self.post.path).send().await;
        assert!(again.cache_status().hit, "{}: {:?}", again.what, again.cache_status());
        Self::is_the_post(again);
    }

    /// Empties the store.
    pub(crate) fn forgets(&self) {
        self.server.run(&["purge", "--everything"]).succeeded();
    }

    /// Nobody but Ada gets anything at this target.
    pub(crate) async fn hides(&self, target: &str) {
        let answer = raw::ask(
            self.address(),
            format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        )
        .await;
        assert!(!answer.status.is_success(), "{target}: {}", answer.status);
        assert!(!told(&answer).contains(SECRET), "{target}: {}", told(&answer));
    }
}

/// Everything that an answer says, in lower case.
pub(crate) fn told(answer: &Answer) -> String {
    let mut text = format!(
        "{:?}
",
        answer.headers
    );
    text.push_str(&answer.text());
    text.to_lowercase()
}

/// A request in text: its line, then its fields, and the end of the connection.
pub(crate) fn closing(line: &str, fields: &[&str]) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
    for field in fields {
        text.push_str(field);
        text.push_str("\r\n");
    }
    text + "\r\n"
}
