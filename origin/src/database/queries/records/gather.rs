//! Single records that are asked for at the same time are read together.
//!
//! A statement costs two switches between threads, which is more than reading a record does. While connections are
//! busy, asks wait in one place, and whoever gets a connection first takes all of them with one statement. An ask that
//! nobody joins goes alone, at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;
use tokio::sync::oneshot;

use super::row::Stored;
use super::single;
use super::table::Table;
use crate::database::{Error, Read, Replicas};

/// Asks that one statement takes at most: enough to make the switches cheap, few enough to answer the first one soon.
const TOGETHER_MAX: usize = 32;

/// The asks of one collection that wait.
#[derive(Default)]
pub struct Gather {
    waiting: Mutex<Vec<Ask>>,
}

struct Ask {
    id: Id,
    answer: oneshot::Sender<Result<Found, Error>>,
}

/// What an ask came to.
#[derive(Clone)]
pub struct Found {
    /// The row, if there is one.
    pub row: Option<Arc<Stored>>,
    /// The log position read before it.
    pub position: Position,
}

impl fmt::Debug for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").field("waiting", &self.waiting().len()).finish()
    }
}

impl Gather {
    /// The record of that id, from a replica that includes `at_least`.
    pub async fn by_id(
        &self,
        replicas: &Replicas,
        table: &Table,
        id: Id,
        at_least: Option<Position>,
    ) -> Result<Found, Error> {
        replicas.reach(at_least).await;
        let (answer, mut answered) = oneshot::channel();
        self.waiting().push(Ask { id, answer });
        tokio::select! {
            biased;
            found = &mut answered => if let Ok(found) = found { return found },
            read = replicas.read(None) => {
                let mut read = read?;
                let asks = self.take();
                if !asks.is_empty() {
                    // Again, since asks may have come after the connection did: each must find its bookmark included.
                    read.move_position(replicas.position());
                    answer_all(&mut read, table, asks).await;
                }
            }
        }
        match answered.await {
            Ok(found) => found,
            // Whoever took the ask gave up, as the request behind it did. This one still wants to know.
            Err(_) => alone(&mut replicas.read(at_least).await?, table, id).await,
        }
    }

    fn take(&self) -> Vec<Ask> {
        let mut waiting = self.waiting();
        // The oldest first.
        let count = waiting.len().min(TOGETHER_MAX);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Ask>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn alone(read: &mut Read, table: &Table, id: Id) -> Result<Found, Error> {
    let position = read.position();
    let row = single::by_id(read, table, id).await?.map(Arc::new);
    Ok(Found { row, position })
}

/// Reads what is asked for and answers everybody, those who no longer listen included.
async fn answer_all(read: &mut Read, table: &Table, asks: Vec<Ask>) {
    if let [ask] = asks.as_slice() {
        let found = alone(read, table, ask.id).await;
        for ask in asks {
            let _ = ask.answer.send(found.clone());
        }
        return;
    }
    let position = read.position();
    let rows = together(read, table, &asks).await;
    for ask in asks {
        let found = rows.as_ref().map(|rows| Found { row: rows.get(&ask.id).cloned(), position });
        let _ = ask.answer.send(found.map_err(Clone::clone));
    }
}

async fn together(read: &mut Read, table: &Table, asks: &[Ask]) -> Result<HashMap<Id, Arc<Stored>>, Error> {
    let mut ids: Vec<Id> = asks.iter().map(|ask| ask.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = single::by_ids(read, table, &ids).await?;
    rows.into_iter().map(|row| Ok((row.id()?, Arc::new(row)))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::records::testing::{World, path, text};

    #[tokio::test]
    async fn every_one_of_many_at_once_gets_its_own_record() {
        let world = World::start().await;
        let mut posts = Vec::new();
        for n in 0..100 {
            posts.push(world.create("posts", &json!({ "title": format!("post {n}") })).await);
        }
        // Twice each, and some that are not there.
        let asked: Vec<_> =
            posts.iter().chain(&posts).map(|post| (path("posts", post), Some(post))).collect();
        let absent =
            (0..9).map(|n| (format!("{}{n}", path("posts", &json!({ "id": "000000000000" }))), None));
        let asked: Vec<_> = asked.into_iter().chain(absent).collect();
        let answers =
            futures_util::future::join_all(asked.iter().map(|(path, _)| world.origin.get(path))).await;
        for ((path, post), answer) in asked.iter().zip(answers) {
            match post {
                Some(post) => assert_eq!(
                    (answer.status.as_u16(), text(&answer.json()["title"])),
                    (200, text(&post["title"]))
                ),
                None => assert_eq!(answer.status, 404, "{path}"),
            }
        }
    }
}
