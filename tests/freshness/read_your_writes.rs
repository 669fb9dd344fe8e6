//! A write followed at once by a read: with its bookmark never the old value, without it never later than a second.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::people::{Person, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{Record, create_post, records};
use stepwell_tests::server::{Server, UNLIMITED};
use tokio::task::JoinSet;

const WRITES: usize = 10_000;
const WRITERS: usize = 16;
const READERS: usize = 4;
/// The promise to readers without a bookmark, from the write's acknowledgement to the read's beginning.
const STALENESS_MAX: Duration = Duration::from_secs(1);

/// A record that one writer changes and everybody reads. Its title is the number of the last write.
struct Shared {
    record: Record,
    /// When each write was acknowledged, in order: the first entry is write 1.
    acknowledged: Mutex<Vec<Instant>>,
}

impl Shared {
    /// The least number that a read which begins now may show without a bookmark.
    fn least_now(&self) -> usize {
        let now = Instant::now();
        let acknowledged = self.acknowledged.lock().expect("no holder of the lock fails");
        acknowledged.partition_point(|at| now.duration_since(*at) >= STALENESS_MAX)
    }

    fn acknowledge(&self) {
        self.acknowledged.lock().expect("no holder of the lock fails").push(Instant::now());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_writes_are_read_back_at_once() {
    let server = Server::with(Project::example(), &UNLIMITED);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mut shared = Vec::new();
    for _ in 0..WRITERS {
        let record = create_post(&client, &ada, "0").await;
        client.get(&record.path).send().await.expect(200);
        shared.push(Arc::new(Shared { record, acknowledged: Mutex::default() }));
    }
    let written = Arc::new(AtomicBool::new(false));
    let hits = Arc::new(AtomicUsize::new(0));
    let mut readers = JoinSet::new();
    for place in 0..READERS {
        let (client, shared, written, hits) = (client.clone(), shared.clone(), written.clone(), hits.clone());
        readers.spawn(async move { read_without_bookmark(&client, &shared, place, &written, &hits).await });
    }
    let mut writers = JoinSet::new();
    for shared in &shared {
        writers.spawn(write_and_read(client.clone(), ada.clone(), Arc::clone(shared)));
    }
    let bookmarked_hits: usize = writers.join_all().await.into_iter().sum();
    written.store(true, Ordering::Relaxed);
    readers.join_all().await;

    // Else the edge was cold, and the test has shown nothing.
    let hits = hits.load(Ordering::Relaxed);
    println!("{bookmarked_hits} bookmarked reads and {hits} others were hits");
    assert!(hits > 0, "no read was served from the edge's store");
    for shared in shared {
        let last = client.get(&shared.record.path).send().await.expect(200);
        assert!(title(&last.json()) >= shared.least_now());
    }
}

/// Writes 1, 2, 3, …, and reads each back with its bookmark: the record, and now and then the list that shows it.
/// Returns how many reads of the record were hits.
async fn write_and_read(client: Client, person: Person, shared: Arc<Shared>) -> usize {
    let mut hits = 0;
    for number in 1..=WRITES / WRITERS {
        let change = json!({ "title": number.to_string() });
        let written = client.patch(&shared.record.path, &change).signed_in(&person).send().await.expect(200);
        shared.acknowledge();
        let bookmark = written.bookmark();
        let read = client.get(&shared.record.path).bookmark(bookmark).send().await.expect(200);
        assert_eq!(
            title(&read.json()),
            number,
            "{} at {bookmark}: {:?}",
            shared.record.id,
            read.cache_status()
        );
        hits += usize::from(read.cache_status().hit);
        if number % 25 == 0 {
            let list = client.get(&records("posts")).bookmark(bookmark).send().await.expect(200);
            let items = list.json();
            let items = items["items"].as_array().expect("a list has items");
            let item = items.iter().find(|item| item["id"] == shared.record.id.as_str());
            assert_eq!(item.map(title), Some(number), "in the list at {bookmark}: {:?}", list.cache_status());
        }
    }
    hits
}

async fn read_without_bookmark(
    client: &Client,
    shared: &[Arc<Shared>],
    first: usize,
    written: &AtomicBool,
    hits: &AtomicUsize,
) {
    for place in (first..).step_by(READERS) {
        if written.load(Ordering::Relaxed) {
            return;
        }
        let shared = &shared[place % shared.len()];
        let least = shared.least_now();
        let read = client.get(&shared.record.path).send().await.expect(200);
        let shown = title(&read.json());
        assert!(
            shown >= least,
            "{}: {shown} is older than {least}: {:?}",
            shared.record.id,
            read.cache_status()
        );
        hits.fetch_add(usize::from(read.cache_status().hit), Ordering::Relaxed);
    }
}

fn title(record: &Value) -> usize {
    record["title"].as_str().and_then(|title| title.parse().ok()).expect("the title is a number")
}
