use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::Row as _;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;
use tempfile::TempDir;

use super::take::Unseen;
use super::*;
use crate::clock::Clock;
use crate::database::{Database, Error, OpenError, Settings, Source as _};

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

async fn open(folder: &Path) -> Database {
    Database::open(folder, &Settings::default(), Clock::standing_at(NOW)).await.unwrap()
}

/// A database of pairs: each write adds two rows and one purge.
async fn fixture(folder: &Path) -> Database {
    let database = open(folder).await;
    let made = database.primary.write::<_, Error, _>(|tx| {
        Box::pin(
            async move { tx.execute(sqlx::query("CREATE TABLE pairs (n INTEGER NOT NULL) STRICT")).await },
        )
    });
    made.await.unwrap();
    database
}

async fn add_pair(database: &Database, n: u64) {
    let job = database.primary.write::<_, Error, _>(move |tx| {
        Box::pin(async move {
            for _ in 0..2 {
                tx.execute(sqlx::query("INSERT INTO pairs VALUES (?1)").bind(n.cast_signed())).await?;
            }
            tx.purge([Tag::all()]);
            Ok(())
        })
    });
    job.await.unwrap();
}

/// How many pairs there are, having checked that none is halved.
async fn pairs(database: &Database) -> u64 {
    let mut read = database.replicas.read(None).await.unwrap();
    let rows = read.fetch_all(sqlx::query("SELECT count(*) FROM pairs GROUP BY n")).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<i64, _>(0) == 2));
    rows.len() as u64
}

async fn back_up(data: &Path) -> (TempDir, Manifest) {
    let to = tempfile::tempdir().unwrap();
    let manifest = take(data, to.path(), NOW, &Unseen).await.unwrap();
    (to, manifest)
}

#[tokio::test]
async fn what_was_backed_up_under_writes_is_one_moments_and_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let database = Arc::new(fixture(data.path()).await);
    fs::write(data.path().join(crate::access::keys::FILE), "a key").unwrap();
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writing = tokio::spawn({
        let (database, stop, acknowledged) = (database.clone(), stop.clone(), acknowledged.clone());
        async move {
            for n in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                add_pair(&database, n).await;
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    while acknowledged.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    let before = acknowledged.load(Ordering::SeqCst);
    let (backup, manifest) = back_up(data.path()).await;
    let after = acknowledged.load(Ordering::SeqCst) + 1;
    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();

    let place = tempfile::tempdir().unwrap();
    restore(backup.path(), &place.path().join("data"), false, NOW, &Unseen).await.unwrap();
    let restored = open(&place.path().join("data")).await;
    let found = pairs(&restored).await;
    assert!((before..=after).contains(&found), "{before} <= {found} <= {after}");
    assert_eq!(restored.tail.head().sequence, found, "each pair with its purge");
    assert_eq!(manifest.rows["pairs"], 2 * found);
    assert_ne!(
        restored.tail.head().epoch,
        database.tail.head().epoch,
        "bookmarks of the old timeline mean nothing here"
    );
    let key = place.path().join("data").join(crate::access::keys::FILE);
    assert_eq!(fs::read_to_string(key).unwrap(), "a key");
}

#[tokio::test]
async fn a_database_that_nobody_serves_is_backed_up_too() {
    let data = tempfile::tempdir().unwrap();
    let database = fixture(data.path()).await;
    add_pair(&database, 1).await;
    database.close().await;
    drop(database);
    let (_, manifest) = back_up(data.path()).await;
    assert_eq!(manifest.rows["pairs"], 2);
}

#[tokio::test]
async fn nothing_is_overwritten_and_what_is_replaced_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let database = fixture(data.path()).await;
    add_pair(&database, 1).await;
    let (backup, _) = back_up(data.path()).await;
    add_pair(&database, 2).await;
    let again = |replace| restore(backup.path(), data.path(), replace, NOW, &Unseen);
    assert!(matches!(again(true).await, Err(BackupError::InUse(OpenError::InUse { .. }))));
    database.close().await;
    drop(database);
    assert!(matches!(again(false).await, Err(BackupError::NotEmpty(_))));

    let aside = again(true).await.unwrap().replaced.unwrap();
    assert_eq!(pairs(&open(data.path()).await).await, 1);
    assert_eq!(pairs(&open(&aside).await).await, 2);
    let taken = take(data.path(), backup.path(), NOW, &Unseen).await;
    assert!(matches!(taken, Err(BackupError::NotEmpty(_))));
}

#[tokio::test]
async fn a_damaged_backup_is_refused_before_anything_changes() {
    let data = tempfile::tempdir().unwrap();
    let database = fixture(data.path()).await;
    let (backup, _) = back_up(data.path()).await;
    database.close().await;
    let file = backup.path().join(crate::database::FILE);
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();

    let place = tempfile::tempdir().unwrap();
    let refused = restore(backup.path(), place.path(), false, NOW, &Unseen).await.unwrap_err();
    assert!(matches!(refused, BackupError::Damaged { .. }), "{refused}");
    assert!(!place.path().join(crate::database::FILE).exists());
}

#[tokio::test]
async fn a_folder_without_a_manifest_or_a_database_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let place = empty.path().join("data");
    let refused = restore(empty.path(), &place, false, NOW, &Unseen).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoBackup { .. }), "{refused}");
    let refused = take(empty.path(), &place, NOW, &Unseen).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoDatabase(_)), "{refused}");
}
