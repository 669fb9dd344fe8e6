//! One of the many who write until the server is gone.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use stepwell_tests::answer::Answer;
use stepwell_tests::client::{Client, Request};
use stepwell_tests::dice::Dice;
use stepwell_tests::people::Person;
use stepwell_tests::records::{Operation, batch, record, records};

use crate::ledger::{BATCH, Ledger, Open, entry};

/// Writes until a write gets no answer, and counts each acknowledged one in `acknowledged`.
pub(crate) struct Writer {
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) person: Person,
    pub(crate) dice: Dice,
    pub(crate) ledger: Ledger,
    written: usize,
}

impl Writer {
    pub(crate) fn new(number: u64, client: Client, person: Person) -> Self {
        Self {
            name: format!("writer-{number}"),
            client,
            person,
            dice: Dice::new(number),
            ledger: Ledger::default(),
            written: 0,
        }
    }

    /// Writes until the server dies.
    pub(crate) async fn write(mut self, acknowledged: &AtomicUsize) -> Self {
        loop {
            self.written += 1;
            let text = format!("{} wrote {}", self.name, self.written);
            let label = format!("{}-{}", self.name, self.written);
            let alive = match self.dice.below(3) {
                0 => self.create(&label, &text).await,
                1 => self.batch(&label, &text).await,
                _ => self.update(&label, &text).await,
            };
            if !alive {
                return self;
            }
            self.ledger.open = None;
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn create(&mut self, label: &str, text: &str) -> bool {
        self.ledger.open = Some(Open::Create { label: label.to_owned(), count: 1 });
        let request = self.client.post(&records("entries"), &entry(label, text));
        let Some(answer) = self.answered(request, 201).await else { return false };
        self.acknowledge(&answer, &answer.json(), text);
        true
    }

    async fn batch(&mut self, label: &str, text: &str) -> bool {
        self.ledger.open = Some(Open::Create { label: label.to_owned(), count: BATCH });
        let operations = vec![Operation::create("entries", &entry(label, text)); BATCH];
        let Some(answer) = self.answered(batch(&self.client, &operations), 200).await else { return false };
        let results = answer.json();
        let results = results["results"].as_array().expect("a batch answers its results");
        assert_eq!(results.len(), BATCH);
        for result in results {
            self.acknowledge(&answer, &result["record"], text);
        }
        self.ledger.batches.push(label.to_owned());
        true
    }

    /// Changes one of its records; the first time it has none, and creates one.
    async fn update(&mut self, label: &str, text: &str) -> bool {
        let ids: Vec<&String> = self.ledger.records.keys().collect();
        if ids.is_empty() {
            return self.create(label, text).await;
        }
        let id = (*self.dice.pick(&ids)).clone();
        self.ledger.open = Some(Open::Update { id: id.clone(), text: text.to_owned() });
        let request = self.client.patch(&record("entries", &id), &json!({ "text": text }));
        let Some(answer) = self.answered(request, 200).await else { return false };
        self.acknowledge(&answer, &answer.json(), text);
        true
    }

    /// The answer, or nothing once the server is dead. An answer of another status is a failure: the server may die,
    /// not lie.
    async fn answered(&self, request: Request, status: u16) -> Option<Answer> {
        Some(request.signed_in(&self.person).try_send().await.ok()?.expect(status))
    }

    fn acknowledge(&mut self, answer: &Answer, record: &serde_json::Value, text: &str) {
        let id = record["id"].as_str().unwrap_or_else(|| panic!("no id in {record}"));
        self.ledger.acknowledge(id, text, answer.bookmark());
    }
}
