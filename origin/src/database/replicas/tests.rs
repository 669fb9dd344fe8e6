use futures_util::FutureExt as _;
use sqlx::Row as _;
use stepwell_shared::api::purges::Purge;
use stepwell_shared::bookmark::Epoch;
use stepwell_shared::time::Timestamp;

use super::*;
use crate::clock::Clock;
use crate::database::{Database, Settings};

async fn open(folder: &tempfile::TempDir, readers: usize) -> Database {
    let clock = Clock::standing_at(Timestamp::from_ms(1_800_000_000_000));
    let settings = Settings { readers, ..Settings::default() };
    Database::open(folder.path(), &settings, clock).await.unwrap()
}

async fn works(mut read: Read) -> bool {
    read.fetch_one(sqlx::query("SELECT 1")).await.is_ok()
}

#[tokio::test]
async fn a_read_waits_for_its_bookmark() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 1).await;
    let head = database.tail.head();
    let wanted = Position { sequence: head.sequence + 1, ..head };
    let mut read = Box::pin(database.replicas.read(Some(wanted)));
    assert!(read.as_mut().now_or_never().is_none());
    database.tail.publish(vec![Purge { sequence: wanted.sequence, tags: Vec::new(), revoked: Vec::new() }]);
    assert!(read.await.unwrap().position().includes(wanted));
}

#[tokio::test]
async fn a_bookmark_that_cannot_be_reached_holds_nobody_up_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 1).await;
    let Position { epoch, sequence } = database.tail.head();
    let of_another_timeline = Position { epoch: Epoch(epoch.0.wrapping_add(1)), sequence: sequence + 1 };
    let never_given_out = Position { epoch, sequence: u64::MAX };
    for bookmark in [of_another_timeline, never_given_out] {
        assert!(works(database.replicas.read(Some(bookmark)).await.unwrap()).await);
    }
}

#[tokio::test]
async fn connections_are_bounded_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 1).await;
    let first = database.replicas.read(None).await.unwrap();
    let mut second = Box::pin(database.replicas.read(None));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    assert!(works(second.await.unwrap()).await);
}

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 1).await;
    database.replicas.read(None).await.unwrap().lost();
    assert!(works(database.replicas.read(None).await.unwrap()).await);
}

#[tokio::test]
async fn a_snapshot_stays_one_state_and_is_let_go_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 1).await;
    let purge = || {
        database.primary.write::<_, Error, _>(|tx| {
            tx.purge([stepwell_shared::tags::Tag::all()]);
            Box::pin(async { Ok(()) })
        })
    };
    let mut read = database.replicas.read(None).await.unwrap();
    let mut snapshot = read.snapshot().await.unwrap();
    assert_eq!(purges(&mut snapshot).await, 0);
    purge().await.unwrap();
    assert_eq!(purges(&mut snapshot).await, 0);
    drop(snapshot);
    assert_eq!(purges(&mut read).await, 1);
}

async fn purges(source: &mut impl Source) -> i64 {
    source.fetch_one(sqlx::query("SELECT count(*) FROM stepwell_purges")).await.unwrap().get(0)
}

#[tokio::test]
async fn a_closed_database_refuses_reads() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder, 2).await;
    database.close().await;
    assert!(matches!(database.replicas.read(None).await, Err(Error::Closed)));
    assert!(matches!(database.check().await, Err(Error::Closed)));
}
