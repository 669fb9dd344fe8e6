//! HTTP/2 as the listener with TLS speaks it, rule by rule of RFC 9113: what is sent, what the rule says must come of it,
//! and what does.

mod blocks;
mod downgrades;
mod floods;
mod framing;
mod messages;
mod settings;
mod streams;
mod windows;

use std::time::Duration;

use stepwell_tests::http2::frames::{self, GET};
use stepwell_tests::http2::{Connection, ErrorCode, Heard};
use stepwell_tests::project::Project;
use stepwell_tests::server::Server;
use stepwell_tests::tls::Identity;

/// The stream on which each connection is asked in the end whether it lives.
const PROBE: u32 = 100_001;
/// The stream on which rules are broken.
pub(crate) const ONE: u32 = 1;
/// What does not come by then, where a rule says that it comes, does not come. Only a failure waits for it.
const SILENCE: Duration = Duration::from_secs(3);

/// h2 ends the connection where it should, and says the same code of every frame and header block that it cannot read.
const ONE_CODE: &str =
    "h2 says PROTOCOL_ERROR of whatever it cannot parse (hyperium/h2#900 would change that)";

/// What comes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: the connection answers what comes next.
    Ignored,
    /// The request on the first stream gets this status.
    Answered(u16),
    /// The first stream is broken off.
    Stream(ErrorCode),
    /// The connection is.
    Connection(ErrorCode),
    /// The connection ends without a reason.
    Closed,
}

/// A rule and how to break it, or how to try its limits.
pub(crate) struct Rule {
    section: &'static str,
    /// Names it.
    says: &'static str,
    sent: Vec<u8>,
    must: Vec<Outcome>,
    greets: bool,
}

/// A rule that h2 keeps in a way of its own. An entry that is no longer true fails the test.
pub(crate) struct Deviation {
    pub(crate) says: &'static str,
    pub(crate) does: Outcome,
    pub(crate) because: &'static str,
}

/// What is sent after both sides have greeted each other, and one of what must come of it.
pub(crate) fn rule(
    section: &'static str,
    says: &'static str,
    sent: impl AsRef<[u8]>,
    must: &[Outcome],
) -> Rule {
    Rule { section, says, sent: sent.as_ref().to_vec(), must: must.to_vec(), greets: true }
}

/// The same on a connection on which nothing was said.
pub(crate) fn ungreeted(
    section: &'static str,
    says: &'static str,
    sent: impl AsRef<[u8]>,
    must: &[Outcome],
) -> Rule {
    Rule { greets: false, ..rule(section, says, sent, must) }
}

impl Rule {
    /// Whoever sees a stream in error may end its connection (RFC 9113 §5.4), and may do so without a word (§5.4.1).
    fn allows(&self, outcome: Outcome) -> bool {
        self.must.iter().any(|must| match (*must, outcome) {
            (Outcome::Stream(code), Outcome::Connection(other)) => code == other,
            (Outcome::Stream(_) | Outcome::Connection(_), Outcome::Closed) => true,
            (must, outcome) => must == outcome,
        })
    }
}

/// A server that speaks TLS.
pub(crate) struct Secure {
    pub(crate) server: Server,
    pub(crate) identity: Identity,
}

impl Secure {
    pub(crate) fn start() -> Self {
        let identity = Identity::generate();
        let [certificate, key] = identity.settings();
        // What one client may ask for is tried elsewhere.
        let settings = [
            (certificate.0, &*certificate.1),
            (key.0, &*key.1),
            ("STEPWELL_EDGE_RATE_READS", "off"),
            ("STEPWELL_EDGE_RATE_WRITES", "off"),
            ("STEPWELL_EDGE_RATE_SIGN_INS", "off"),
        ];
        let server = Server::with(Project::example(), &settings);
        Self { server, identity }
    }

    pub(crate) async fn connect(&self) -> Connection {
        let stream = self.identity.connect(self.server.address(), "h2").await;
        Connection::open(stream.expect("it is trusted")).await
    }

    /// Somebody else is answered, on a connection of their own.
    pub(crate) async fn serves(&self) {
        let mut connection = self.connect().await;
        let (status, content) = connection.ask(1, &GET).await.expect("it is answered");
        assert_eq!((status, content.is_empty()), (200, false));
    }

    async fn try_out(&self, rule: &Rule, awaited: &[Outcome]) -> Outcome {
        let stream = self.identity.connect(self.server.address(), "h2").await.expect("it is trusted");
        let mut connection =
            if rule.greets { Connection::open(stream).await } else { Connection::silent(stream) };
        connection.send(&rule.sent).await;
        connection.send(frames::get(PROBE)).await;
        connection.until(|heard| heard.is_settled(PROBE)).await;
        let has_come = |heard: &Heard| awaited.iter().any(|outcome| outcome.is_in(heard));
        // What is not said by then is judged as it is.
        let _ = tokio::time::timeout(SILENCE, connection.until(has_come)).await;
        Outcome::of(&connection.heard)
    }
}

impl Outcome {
    fn of(heard: &Heard) -> Self {
        if let Some(code) = heard.goaway.filter(|code| *code != ErrorCode::NONE) {
            return Self::Connection(code);
        }
        if let Some(code) = heard.resets.get(&ONE) {
            return Self::Stream(*code);
        }
        if let Some(status) = heard.statuses.get(&ONE) {
            return Self::Answered(*status);
        }
        if heard.is_closed { Self::Closed } else { Self::Ignored }
    }

    fn is_in(self, heard: &Heard) -> bool {
        match self {
            Self::Ignored => true,
            Self::Answered(_) => heard.statuses.contains_key(&ONE),
            Self::Stream(_) => heard.resets.contains_key(&ONE),
            Self::Connection(_) | Self::Closed => heard.is_closed,
        }
    }
}

/// Tries each rule on a connection of its own, and says of all at once which are not kept.
pub(crate) async fn are_kept(rules: &[Rule], deviations: &[Deviation]) {
    let secure = Secure::start();
    let mut wrong = Vec::new();
    for rule in rules {
        let Rule { section, says, must, .. } = rule;
        let known = deviations.iter().find(|known| known.says == *says);
        let does = secure.try_out(rule, &known.map_or(must.clone(), |known| vec![known.does])).await;
        match known {
            None if rule.allows(does) => {}
            None => wrong.push(format!("§{section}: {says}: {does:?} instead of {must:?}")),
            Some(known) if rule.allows(does) || known.does != does => {
                wrong.push(format!("§{section}: {says}: {does:?}, and no longer {:?}", known.does));
            }
            Some(known) => assert!(!known.because.is_empty()),
        }
    }
    for known in deviations {
        assert!(rules.iter().any(|rule| rule.says == known.says), "no rule says: {}", known.says);
    }
    secure.serves().await;
    assert!(wrong.is_empty(), "{} of {} rules:\n{}", wrong.len(), rules.len(), wrong.join("\n"));
}
