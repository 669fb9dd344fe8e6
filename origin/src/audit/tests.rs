use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::database::{Database, Settings};

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

async fn open(folder: &tempfile::TempDir) -> Database {
    Database::open(folder.path(), &Settings::default(), Clock::standing_at(NOW)).await.unwrap()
}

async fn whats(folder: &tempfile::TempDir) -> Vec<String> {
    let mut whats = Vec::new();
    beside::read(folder.path(), None, None, |row| whats.push(row.what)).await.unwrap();
    whats
}

async fn write(database: &Database, at: Timestamp, what: What) {
    let row = Change::new(at, what, Actor::Anybody, Trail::default());
    database
        .primary
        .write::<_, Error, _>(move |tx| Box::pin(async move { row.write(tx).await }))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_is_kept_for_its_time_and_then_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder).await;
    let kept = Duration::from_hours(24);
    write(&database, NOW, What::AccountMade).await;
    write(&database, NOW.plus_ms(1), What::Purged).await;
    let day_ms = 86_400_000;
    database.forget_audit(NOW.plus_ms(day_ms), kept).await.unwrap();
    assert_eq!(whats(&folder).await, ["account-made", "purged"]);
    database.forget_audit(NOW.plus_ms(day_ms + 1), kept).await.unwrap();
    assert_eq!(whats(&folder).await, ["purged"]);
}

#[tokio::test]
async fn a_row_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder).await;
    write(&database, NOW, What::Purged).await;
    let changing = database.primary.write::<_, Error, _>(|tx| {
        Box::pin(async move { tx.execute(sqlx::query("UPDATE stepwell_audit SET what = 'nothing'")).await })
    });
    assert!(changing.await.is_err());
    assert_eq!(whats(&folder).await, ["purged"]);
}

#[tokio::test]
async fn what_is_changed_beside_a_server_is_noted_if_it_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let _served = open(&folder).await;
    let row = || Change::new(NOW, What::SigningKeyRotated, Actor::Command, Trail::default()).with("kid");
    beside::make(folder.path(), || Ok::<_, std::io::Error>(((), row()))).await.unwrap();
    let failed = || Err::<((), Change), _>(std::io::Error::other("no room"));
    assert!(beside::make(folder.path(), failed).await.is_err());
    assert_eq!(whats(&folder).await, ["signing-key-rotated"]);
    // Without a database there is nothing to write to, and nothing stands in the way.
    let empty = tempfile::tempdir().unwrap();
    beside::make(empty.path(), || Ok::<_, std::io::Error>(((), row()))).await.unwrap();
    assert_eq!(whats(&empty).await, [""; 0]);
}

#[test]
fn a_detail_is_cut_between_characters() {
    let row = Change::new(NOW, What::Purged, Actor::Command, Trail::default());
    let detail = row.with("ä".repeat(DETAIL_BYTES_MAX)).detail;
    assert_eq!(detail.len(), DETAIL_BYTES_MAX);
    let row = Change::new(NOW, What::Purged, Actor::Command, Trail::default());
    assert_eq!(row.with(format!("x{}", "ä".repeat(DETAIL_BYTES_MAX))).detail.len(), DETAIL_BYTES_MAX - 1);
}
