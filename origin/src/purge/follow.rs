//! Following the log: a page at once, then one for each commit, and a heartbeat when nothing happens.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use stepwell_shared::api::purges::LogLine;
use stepwell_shared::limits::LOG_HEARTBEAT_MS;
use tokio::sync::watch;

use super::census::Follower;
use super::{Census, Log};
use crate::database::Error;

/// The media type of [`lines`].
pub const CONTENT_TYPE: &str = "application/x-ndjson";

/// One edge's place in the log.
struct Place {
    log: Log,
    heads: watch::Receiver<u64>,
    /// Where the next page begins; `None` before the first page of an edge that begins at the end.
    after: Option<u64>,
    /// Whether more is known to be there already.
    behind: bool,
    follower: Follower,
}

/// What happens in the log after a sequence, for as long as the stream is read; from now on for `None`. The first line
/// comes at once. Ends with an error when the log cannot be read; the edge asks again then.
pub fn follow(
    log: Log,
    census: &Arc<Census>,
    edge: String,
    after: Option<u64>,
) -> impl Stream<Item = Result<LogLine, Error>> + Send + 'static {
    let heads = log.subscribe();
    let place = Place { log, heads, after, behind: true, follower: census.join(edge) };
    stream::unfold(Some(place), |place| async {
        let mut place = place?;
        match place.next().await {
            Ok(line) => Some((Ok(line), Some(place))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// The same as newline-delimited JSON; each page carries the revision that is told at its time.
pub fn lines(
    log: Log,
    census: &Arc<Census>,
    edge: String,
    after: Option<u64>,
    revision: impl Fn() -> String + Send + 'static,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    use futures_util::StreamExt as _;
    follow(log, census, edge, after).map(move |line| {
        let mut line = line?;
        if let LogLine::Page(page) = &mut line {
            page.revision = revision();
        }
        let mut json = serde_json::to_vec(&line).map_err(|_| Error::Damaged("a line of the log"))?;
        json.push(b'\n');
        Ok(json.into())
    })
}

impl Place {
    async fn next(&mut self) -> Result<LogLine, Error> {
        if !self.behind {
            let heartbeat = Duration::from_millis(LOG_HEARTBEAT_MS);
            tokio::select! {
                // The log lives as long as this place does, so that a change is the only outcome.
                _ = self.heads.changed() => {}
                question = self.follower.question() => return Ok(LogLine::Census(question)),
                () = tokio::time::sleep(heartbeat) => {}
            }
        }
        // Before the page is read: a head that comes later is news again.
        self.heads.mark_unchanged();
        let page = self.log.page(self.after).await?;
        self.after = Some(page.through);
        self.behind = page.through < page.head;
        Ok(LogLine::Page(page))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::StreamExt as _;
    use stepwell_shared::api::purges::{CensusAnswer, PurgePage};
    use stepwell_shared::tags::Tag;
    use stepwell_shared::time::Timestamp;

    use super::*;
    use crate::clock::Clock;
    use crate::database::{Database, Settings};

    async fn open(folder: &tempfile::TempDir) -> (Database, Log) {
        let clock = Clock::standing_at(Timestamp::from_ms(1_800_000_000_000));
        let database = Database::open(folder.path(), &Settings::default(), clock).await.unwrap();
        let log = Log::new(Arc::clone(&database.tail), database.replicas.clone());
        (database, log)
    }

    async fn purge_all(database: &Database) {
        let job = database.primary.write::<_, Error, _>(|tx| {
            tx.purge([Tag::all()]);
            Box::pin(async { Ok(()) })
        });
        job.await.unwrap();
    }

    fn page(line: Option<Result<LogLine, Error>>) -> PurgePage {
        match line {
            Some(Ok(LogLine::Page(page))) => page,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_follower_hears_at_once_then_of_each_commit_then_heartbeats() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder).await;
        purge_all(&database).await;
        let mut lines = pin!(follow(log, &Arc::default(), "one".into(), None));
        let first = page(lines.next().await);
        assert_eq!((first.after, first.through, first.purges.len()), (1, 1, 0));
        purge_all(&database).await;
        purge_all(&database).await;
        let news = page(lines.next().await);
        assert_eq!((news.after, news.through, news.purges.len()), (1, 3, 2));
        let heartbeat = page(lines.next().await);
        assert_eq!((heartbeat.after, heartbeat.through, heartbeat.purges.len()), (3, 3, 0));
    }

    #[tokio::test]
    async fn a_follower_that_was_away_gets_what_it_missed() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder).await;
        for _ in 0..3 {
            purge_all(&database).await;
        }
        let mut lines = pin!(follow(log, &Arc::default(), "one".into(), Some(1)));
        let missed = page(lines.next().await);
        assert_eq!(missed.purges.iter().map(|purge| purge.sequence).collect::<Vec<_>>(), [2, 3]);
    }

    #[tokio::test]
    async fn a_question_reaches_the_edges_that_follow_and_silence_is_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (_database, log) = open(&folder).await;
        let census = Arc::<Census>::default();
        let mut answering = Box::pin(follow(log.clone(), &census, "answering".into(), None));
        let _silent = follow(log, &census, "silent".into(), None);
        let answer = async {
            loop {
                if let Some(Ok(LogLine::Census(question))) = answering.next().await {
                    assert_eq!(question.tags, [Tag::all().hash()]);
                    census.answer("answering", &CensusAnswer { question: question.question, entries: 7 });
                    break;
                }
            }
        };
        let (counts, ()) = tokio::join!(census.ask(vec![Tag::all().hash()]), answer);
        let counts: Vec<_> = counts.iter().map(|count| (count.edge.as_str(), count.entries)).collect();
        assert_eq!(counts, [("answering", Some(7)), ("silent", None)]);
        drop(answering);
        let left: Vec<_> = census.ask(vec![]).await.into_iter().map(|count| count.edge).collect();
        assert_eq!(left, ["silent"]);
    }
}
