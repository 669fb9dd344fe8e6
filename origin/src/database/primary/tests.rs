use futures_util::FutureExt as _;
use futures_util::future::join_all;
use sqlx::Row as _;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;

use super::*;
use crate::clock::Clock;
use crate::database::{Database, Settings, Source as _};

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

struct Fixture {
    database: Database,
    folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let database =
        Database::open(folder.path(), &Settings::default(), Clock::standing_at(NOW)).await.unwrap();
    let made = database.primary.write(|tx| {
        Box::pin(
            async move { tx.execute(sqlx::query("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")).await },
        )
    });
    made.await.unwrap();
    Fixture { database, folder }
}

impl Fixture {
    /// Inserts a number and purges its tag, in one job; `then` decides how the job ends.
    async fn insert(
        &self,
        n: i64,
        then: impl FnOnce() -> Result<(), Error> + Send + 'static,
    ) -> Result<Position, Error> {
        let job = self.database.primary.write(move |tx| {
            Box::pin(async move {
                tx.execute(sqlx::query("INSERT INTO t VALUES (?1)").bind(n)).await?;
                tx.purge([tag(n)]);
                then()
            })
        });
        job.await.map(|committed: Committed<()>| committed.position)
    }

    async fn numbers(&self) -> Vec<i64> {
        let mut read = self.database.replicas.read(None).await.unwrap();
        let rows = read.fetch_all(sqlx::query("SELECT n FROM t ORDER BY n")).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The log as the table has it: sequences and tags.
    async fn log(&self) -> Vec<(i64, String)> {
        let mut read = self.database.replicas.read(None).await.unwrap();
        let rows =
            read.fetch_all(sqlx::query("SELECT sequence, tags FROM stepwell_purges ORDER BY sequence"));
        rows.await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

fn tag(n: i64) -> Tag {
    Tag::parse(&format!("record/t/{n}")).unwrap()
}

#[tokio::test]
async fn a_job_that_fails_is_undone_alone_and_its_purge_with_it() {
    let f = fixture().await;
    let refused = || Err(Error::Abandoned("by the test"));
    let (first, second, third) =
        tokio::join!(f.insert(1, || Ok(())), f.insert(2, refused), f.insert(3, || Ok(())));
    assert!(matches!(second, Err(Error::Abandoned("by the test"))));
    assert_eq!(f.numbers().await, [1, 3]);
    assert_eq!(f.log().await, [(1, "record/t/1".to_owned()), (2, "record/t/3".to_owned())]);
    assert_eq!((first.unwrap().sequence, third.unwrap().sequence), (1, 2));
}

#[tokio::test]
async fn a_statement_that_fails_leaves_the_jobs_beside_it_alone() {
    let f = fixture().await;
    let (first, twice, third) =
        tokio::join!(f.insert(1, || Ok(())), f.insert(1, || Ok(())), f.insert(3, || Ok(())));
    assert!(first.is_ok() && third.is_ok());
    assert!(twice.unwrap_err().is_unique_violation());
    assert_eq!(f.numbers().await, [1, 3]);
}

#[tokio::test]
async fn a_panic_in_a_job_harms_no_other() {
    let f = fixture().await;
    let (first, second, third) =
        tokio::join!(f.insert(1, || Ok(())), f.insert(2, || panic!("by the test")), f.insert(3, || Ok(())));
    assert!(matches!(second, Err(Error::Abandoned(_))));
    assert!(first.is_ok() && third.is_ok());
    assert_eq!(f.numbers().await, [1, 3]);
}

#[tokio::test]
async fn positions_are_in_the_order_of_commits_and_every_purge_is_published_by_its_acknowledgement() {
    let f = fixture().await;
    let writes = (1..=300).map(|n| {
        let f = &f;
        async move {
            let position = f.insert(n, || Ok(())).await.unwrap();
            // Acknowledged, so both logs have it.
            assert!(f.database.tail.head().includes(position));
            let published = f.database.tail.after(position.sequence - 1, 1).unwrap();
            assert_eq!(
                (published[0].sequence, &published[0].tags),
                (position.sequence, &vec![tag(n).hash()])
            );
            (position.sequence.cast_signed(), tag(n).to_string())
        }
    });
    let mut answered = join_all(writes).await;
    answered.sort();
    assert_eq!(f.log().await, answered);
    assert_eq!(answered.last().unwrap().0, 300);
}

#[tokio::test]
async fn tags_of_one_job_are_one_row_without_repeats_and_its_position_is_known_inside() {
    let f = fixture().await;
    let job = f.database.primary.write::<_, Error, _>(|tx| {
        Box::pin(async move {
            let before = tx.position();
            tx.purge([tag(2), tag(1)]);
            tx.purge([tag(2)]);
            Ok((before, tx.position()))
        })
    });
    let committed = job.await.unwrap();
    assert_eq!((committed.value.0.sequence, committed.value.1), (0, committed.position));
    assert_eq!(f.log().await, [(1, "record/t/1 record/t/2".to_owned())]);
}

#[tokio::test]
async fn a_job_that_purges_nothing_answers_the_head() {
    let f = fixture().await;
    f.insert(1, || Ok(())).await.unwrap();
    let job = f.database.primary.write::<_, Error, _>(|_| Box::pin(async { Ok(()) }));
    assert_eq!(job.await.unwrap().position, f.database.tail.head());
    assert_eq!(f.log().await.len(), 1);
}

#[tokio::test]
async fn a_caller_that_leaves_harms_no_other_and_what_began_is_committed() {
    let f = fixture().await;
    let primary = f.database.primary.clone();
    let (began, begins) = oneshot::channel();
    let (goes_on, go_on) = oneshot::channel::<()>();
    let caller = tokio::spawn(async move {
        let job = primary.write::<_, Error, _>(|tx| {
            Box::pin(async move {
                began.send(()).unwrap();
                go_on.await.unwrap();
                tx.execute(sqlx::query("INSERT INTO t VALUES (1)")).await
            })
        });
        job.await
    });
    begins.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    goes_on.send(()).unwrap();
    f.insert(2, || Ok(())).await.unwrap();
    assert_eq!(f.numbers().await, [1, 2]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_does_nothing() {
    let f = fixture().await;
    let (began, begins) = oneshot::channel();
    let (goes_on, go_on) = oneshot::channel::<()>();
    let holding = f.database.primary.write::<_, Error, _>(|_| {
        Box::pin(async move {
            began.send(()).unwrap();
            go_on.await.unwrap();
            Ok(())
        })
    });
    let flood = async {
        begins.await.unwrap();
        let mut waiting: Vec<_> =
            (0..).take(QUEUE_JOBS_MAX).map(|n| Box::pin(f.insert(n, || Ok(())))).collect();
        for write in &mut waiting {
            assert!(write.now_or_never().is_none());
        }
        assert!(matches!(f.insert(-1, || Ok(())).await, Err(Error::Overloaded)));
        goes_on.send(()).unwrap();
        join_all(waiting).await
    };
    let (held, flooded) = tokio::join!(holding, flood);
    held.unwrap();
    assert!(flooded.iter().all(Result::is_ok));
    assert_eq!(f.numbers().await.len(), QUEUE_JOBS_MAX);
}

/// A job that ends the group's transaction behind the writer's back stands for a full disk, on which SQLite does so.
#[tokio::test]
async fn a_group_that_cannot_be_committed_fails_whole_and_the_next_one_succeeds() {
    let f = fixture().await;
    let broken = f
        .database
        .primary
        .write::<_, Error, _>(|tx| Box::pin(async move { tx.execute(sqlx::query("ROLLBACK")).await }));
    let (beside, broken) = tokio::join!(f.insert(1, || Ok(())), broken);
    assert!(matches!(beside, Err(Error::NotCommitted(_))), "{beside:?}");
    assert!(matches!(broken, Err(Error::NotCommitted(_))), "{broken:?}");
    assert!(f.numbers().await.is_empty() && f.log().await.is_empty());
    assert_eq!(f.insert(2, || Ok(())).await.unwrap().sequence, 1);
    assert_eq!(f.numbers().await, [2]);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_refuses_the_rest() {
    let f = fixture().await;
    let waiting = f.insert(1, || Ok(()));
    let (kept, ()) = tokio::join!(waiting, f.database.close());
    kept.unwrap();
    assert!(matches!(f.insert(2, || Ok(())).await, Err(Error::Closed)));
    let Fixture { database, folder } = f;
    drop(database);
    let again = Database::open(folder.path(), &Settings::default(), Clock::standing_at(NOW)).await.unwrap();
    assert_eq!(again.tail.head().sequence, 1);
}
