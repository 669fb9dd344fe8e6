//! `kill -9` in the middle of many writers, again and again on the same data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stepwell_shared::api::purges::PurgePage;
use stepwell_shared::tags::{Tag, TagHash};
use stepwell_tests::client::Client;
use stepwell_tests::dice::Dice;
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::server::{Server, UNLIMITED};
use tokio::task::JoinSet;

use crate::ledger::Acknowledged;
use crate::writer::Writer;

const WRITERS: u64 = 32;
const KILLS: usize = 20;
/// The server is killed after so many acknowledged writes of a round, at the least and at the most.
const WRITES_A_ROUND: std::ops::Range<usize> = 40..800;

const ENTRIES: &str = r#"
name = "entries"
[fields]
label = { type = "text", required = true, max = 80 }
text = { type = "text", max = 200 }
[rules]
read = "public"
create = "signed_in"
update = "owner"
[indexes]
by_label = ["label"]
[cache]
record = { edge = "10m", stale = "1d" }
list = { edge = "10m", stale = "1d" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_outlives_a_kill_with_its_purges_and_no_batch_is_halved() {
    let mut server = Server::with(Project::declaring(&[("entries", ENTRIES)]), &UNLIMITED);
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let client = server.client();
        let person = sign_up(&client, &format!("writer{number}")).await;
        writers.push(Writer::new(number, client, person));
    }
    let mut dice = Dice::new(20);
    let mut log = Log::default();
    for round in 1..=KILLS {
        let wanted = WRITES_A_ROUND.start + dice.below(WRITES_A_ROUND.len());
        writers = write_until_killed(&mut server, writers, wanted).await;
        server.restart();
        log.follow(&server.client()).await;
        let mut checks = JoinSet::new();
        for mut writer in writers {
            log.check(&writer.ledger.acknowledged);
            writer.ledger.acknowledged.clear();
            checks.spawn(async move {
                let client = writer.client.clone();
                writer.ledger.check(&client).await;
                writer
            });
        }
        writers = checks.join_all().await;
        let records: usize = writers.iter().map(|writer| writer.ledger.records.len()).sum();
        println!("kill {round}: after {wanted} writes; {records} acknowledged records are there");
    }
}

/// Lets everybody write, and kills the server once `wanted` writes are acknowledged.
async fn write_until_killed(server: &mut Server, writers: Vec<Writer>, wanted: usize) -> Vec<Writer> {
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut writing = JoinSet::new();
    for writer in writers {
        let acknowledged = Arc::clone(&acknowledged);
        writing.spawn(async move { writer.write(&acknowledged).await });
    }
    while acknowledged.load(Ordering::Relaxed) < wanted {
        assert_eq!(writing.len(), usize::try_from(WRITERS).unwrap_or(0), "all write");
        if let Some(ended) = writing.try_join_next() {
            let writer = ended.expect("no writer fails");
            panic!("{} got no answer from a server that lives: {:?}", writer.name, writer.ledger.open);
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    server.kill();
    writing.join_all().await
}

/// The purge log as far as it was read: sequences by tag.
#[derive(Default)]
struct Log {
    through: u64,
    epoch: Option<u32>,
    purged: BTreeMap<TagHash, Vec<u64>>,
}

impl Log {
    /// Reads on from where it was left.
    async fn follow(&mut self, client: &Client) {
        loop {
            let answer = client.get(&format!("/v1/purges?after={}", self.through)).send().await.expect(200);
            let page: PurgePage = serde_json::from_slice(&answer.body).expect("the log answers a page");
            assert!(
                page.floor <= self.through,
                "the log has forgotten what was not read yet: {}",
                page.floor
            );
            assert_eq!(
                *self.epoch.get_or_insert(page.epoch.0),
                page.epoch.0,
                "a kill begins no new timeline"
            );
            for purge in page.purges {
                assert!(purge.sequence > self.through, "sequences grow");
                for tag in purge.tags {
                    self.purged.entry(tag).or_default().push(purge.sequence);
                }
            }
            self.through = page.through;
            if page.through >= page.head {
                return;
            }
        }
    }

    /// Each write has a purge of its record after the write before it and no later than its bookmark says.
    fn check(&self, writes: &[Acknowledged]) {
        for Acknowledged { id, after, through } in writes {
            assert_eq!(Some(through.epoch.0), self.epoch);
            let tag = Tag::record("entries", id.parse().expect("ids are canonical"));
            let sequences = self.purged.get(&tag.hash()).map(Vec::as_slice).unwrap_or_default();
            let named = sequences.iter().any(|sequence| (after + 1..=through.sequence).contains(sequence));
            assert!(named, "{tag} was acknowledged at {through}; the log names it at {sequences:?}");
        }
    }
}
