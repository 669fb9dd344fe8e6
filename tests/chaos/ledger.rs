//! What a writer was told, and what it does not know: the account by which the server is judged.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepwell_shared::bookmark::Position;
use stepwell_tests::client::Client;
use stepwell_tests::records::{record, records};

/// Records of one batch.
pub(crate) const BATCH: usize = 5;

/// What one writer knows of its records.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Acknowledged records by id.
    pub(crate) records: BTreeMap<String, Known>,
    /// Labels of batches that were acknowledged.
    pub(crate) batches: Vec<String>,
    /// The write that was on its way when the server died: it may have happened or not.
    pub(crate) open: Option<Open>,
    /// Writes that were acknowledged: the record, and between which positions its purge is.
    pub(crate) acknowledged: Vec<Acknowledged>,
}

/// A record as it was acknowledged last.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) text: String,
    pub(crate) bookmark: Position,
}

/// A write without an answer.
#[derive(Clone, Debug)]
pub(crate) enum Open {
    /// A record or a whole batch under this label.
    Create { label: String, count: usize },
    /// A record's new text.
    Update { id: String, text: String },
}

/// A purge that must be in the log: after `after`, up to and including `through`.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) id: String,
    pub(crate) after: u64,
    pub(crate) through: Position,
}

impl Ledger {
    /// Notes an acknowledged write of a record.
    pub(crate) fn acknowledge(&mut self, id: &str, text: &str, bookmark: Position) {
        let known = Known { text: text.to_owned(), bookmark };
        let before = self.records.insert(id.to_owned(), known);
        let after = before.map_or(0, |before| before.bookmark.sequence);
        self.acknowledged.push(Acknowledged { id: id.to_owned(), after, through: bookmark });
    }

    /// Asks the server for everything that was acknowledged, and settles what was open.
    pub(crate) async fn check(&mut self, client: &Client) {
        let open = self.open.take();
        for (id, known) in &mut self.records {
            let read = client.get(&record("entries", id)).bookmark(known.bookmark).send().await.expect(200);
            let text = read.json()["text"].as_str().map(str::to_owned).expect("an entry has a text");
            let may_be_newer =
                matches!(&open, Some(Open::Update { id: open, text: newer }) if open == id && *newer == text);
            assert!(
                text == known.text || may_be_newer,
                "{id}: {text:?} is there, {:?} was acknowledged",
                known.text
            );
            known.text = text;
        }
        for label in &self.batches {
            assert_eq!(count(client, label).await, BATCH, "of acknowledged batch {label}");
        }
        if let Some(Open::Create { label, count: wanted }) = open {
            let there = count(client, &label).await;
            assert!(
                there == 0 || there == wanted,
                "{there} of {wanted} records of unanswered {label} are there"
            );
        }
    }
}

/// How many records carry a label. Nothing is cached yet: the server has just started.
async fn count(client: &Client, label: &str) -> usize {
    let target = format!("{}?filter[label]={label}&limit=100", records("entries"));
    let list = client.get(&target).send().await.expect(200).json();
    list["items"].as_array().map_or_else(|| panic!("no items in {list}"), Vec::len)
}

/// The body of an entry.
pub(crate) fn entry(label: &str, text: &str) -> Value {
    json!({ "label": label, "text": text })
}
