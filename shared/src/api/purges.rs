//! The purge log, as edges follow it, and the operator's purge command.

use serde::{Deserialize, Serialize};

use crate::bookmark::{Epoch, Position};
use crate::tags::{self, TagHash};

/// The value of `since` that begins the log where the oldest token that may still be good was issued.
pub const OLDEST_TOKEN: &str = "oldest-token";
/// The largest sequence that there can be: databases' whole numbers have 63 bits.
pub const SEQUENCE_MAX: u64 = i64::MAX.cast_unsigned();

/// A stretch of the purge log: everything after `after`, up to and including `through`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgePage {
    /// The timeline.
    pub epoch: Epoch,
    /// The sequence asked for, or `floor` where the log no longer reaches that far back.
    pub after: u64,
    /// The last sequence that this page covers: its last purge, or `head` when nothing is left.
    pub through: u64,
    /// The log's last sequence. More pages follow while `through` is below it.
    pub head: u64,
    /// The log has forgotten everything up to and including this sequence.
    pub floor: u64,
    /// In order; sequences may have gaps.
    pub purges: Vec<Purge>,
    /// The name of what the origin declares and which keys it publishes ([`crate::api::edge::EdgeBriefing`]); empty where
    /// nobody asks, which says that nothing has changed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision: String,
}

impl PurgePage {
    /// The position that a follower has reached after this page.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, sequence: self.through }
    }
}

/// What one write, or one command, purged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// Its place in the log.
    pub sequence: u64,
    /// The tags, hashed.
    pub tags: Vec<TagHash>,
    /// Those of them that revoke tokens: of accounts and sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<TagHash>,
}

impl Purge {
    /// A purge of tags by name.
    pub fn of<'a>(sequence: u64, tags: impl Iterator<Item = &'a str> + Clone) -> Self {
        let revoked = tags.clone().filter(|tag| tags::revokes_tokens(tag)).map(TagHash::of).collect();
        Self { sequence, tags: tags.map(TagHash::of).collect(), revoked }
    }
}

/// A line of the log's stream (`GET /v1/purges?after=…` with `Accept: application/x-ndjson`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLine {
    /// News, or a heartbeat when it is empty.
    Page(PurgePage),
    /// A question: how many of your entries carry one of these tags?
    Census(CensusQuestion),
}

/// How many entries would a purge of these tags drop?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusQuestion {
    /// Repeated in the answer.
    pub question: u64,
    /// The tags, hashed.
    pub tags: Vec<TagHash>,
}

/// An edge's answer to a [`CensusQuestion`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusAnswer {
    /// Which question.
    pub question: u64,
    /// How many entries the purge would drop.
    pub entries: u64,
}

/// The operator's command: `POST /v1/purges`. Everything named is purged together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PurgeCommand {
    /// Tags by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Records, as `collection/id`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
    /// Whole collections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
    /// Paths, without query: every stored variant of each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// All that is stored.
    pub everything: bool,
    /// Purge nothing; count what would go.
    pub dry_run: bool,
}

/// What a purge command did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeOutcome {
    /// Whether it only counted.
    pub dry_run: bool,
    /// The tags that the command came to.
    pub tags: Vec<String>,
    /// The position of the purge in the log, as a bookmark; absent after a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<String>,
    /// After a dry run: each edge that follows the log, and its count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<EdgeCount>,
}

/// One edge's part in a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeCount {
    /// The edge's name.
    pub edge: String,
    /// The entries that the purge would drop there; absent when the edge did not answer in time.
    pub entries: Option<u64>,
}
