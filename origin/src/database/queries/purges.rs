//! The purge log's table.

use sqlx::{Row as _, SqliteConnection};
use stepwell_shared::api::purges::Purge;
use stepwell_shared::bookmark::Epoch;
use stepwell_shared::time::Timestamp;

use crate::database::{Error, Read, Row, Source as _, Transaction};

/// What the table says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The timeline.
    pub epoch: Epoch,
    /// The last sequence ever given; 0 before the first.
    pub head: u64,
    /// Everything up to and including this sequence is no longer there.
    pub floor: u64,
}

const EXTENT: &str = "SELECT
    (SELECT value FROM stepwell_meta WHERE name = 'epoch'),
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'stepwell_purges'), 0),
    (SELECT min(sequence) - 1 FROM stepwell_purges)";

/// The table's extent, at the start of the process.
pub async fn extent(connection: &mut SqliteConnection) -> Result<Extent, Error> {
    let row = sqlx::query(EXTENT).fetch_one(connection).await?;
    let epoch: i64 = row.try_get(0)?;
    let head: i64 = row.try_get(1)?;
    let floor: Option<i64> = row.try_get(2)?;
    let damaged = |_| Error::Damaged("the purge log's extent");
    let head = u64::try_from(head).map_err(damaged)?;
    Ok(Extent {
        epoch: Epoch(u32::try_from(epoch).map_err(damaged)?),
        head,
        floor: floor.map_or(Ok(head), u64::try_from).map_err(damaged)?,
    })
}

const AFTER: &str =
    "SELECT sequence, tags FROM stepwell_purges WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";

/// Purges after a sequence, in order, at most `limit`.
pub async fn after(read: &mut Read, sequence: u64, limit: usize) -> Result<Vec<Purge>, Error> {
    let statement = sqlx::query(AFTER).bind(column(sequence)).bind(column(limit as u64));
    read.fetch_all(statement).await?.iter().map(purge).collect()
}

/// The same on a connection of one's own, for the start of the process and for a writer that lost its connection.
pub async fn tail(
    connection: &mut SqliteConnection,
    sequence: u64,
    limit: usize,
) -> Result<Vec<Purge>, Error> {
    let statement = sqlx::query(AFTER).bind(column(sequence)).bind(column(limit as u64));
    statement.fetch_all(connection).await?.iter().map(purge).collect()
}

/// The index `stepwell_purges_that_revoke` has this very condition. It lets through a path's tag that looks like it;
/// what revokes is told by each tag itself.
const REVOKING: &str = "SELECT sequence, tags FROM stepwell_purges
    WHERE sequence > ?1 AND (instr(tags, 'account/') > 0 OR instr(tags, 'session/') > 0)
    ORDER BY sequence LIMIT ?2";

/// Purges that may revoke tokens, after a sequence, in order, at most `limit`: for the start of the process.
pub async fn revoking(
    connection: &mut SqliteConnection,
    sequence: u64,
    limit: usize,
) -> Result<Vec<Purge>, Error> {
    let statement = sqlx::query(REVOKING).bind(column(sequence)).bind(column(limit as u64));
    statement.fetch_all(connection).await?.iter().map(purge).collect()
}

/// Looks at the oldest `limit` purges. Returns the last of those from before `before`: always the end of a beginning of
/// the log, also where the clock stepped back.
pub async fn last_expired(read: &mut Read, before: Timestamp, limit: u32) -> Result<Option<u64>, Error> {
    let statement = sqlx::query(
        "SELECT max(sequence) FROM (
            SELECT sequence, max(at) OVER (ORDER BY sequence) AS latest
            FROM (SELECT sequence, at FROM stepwell_purges ORDER BY sequence LIMIT ?2)
         ) WHERE latest < ?1",
    );
    let row = read.fetch_one(statement.bind(column(before.as_ms())).bind(limit)).await?;
    let last: Option<i64> = row.try_get(0)?;
    Ok(last.map(i64::cast_unsigned))
}

/// The last purge from before `before`; `None` where all that are kept are later. It reads the purges since.
pub async fn last_before(read: &mut Read, before: Timestamp) -> Result<Option<u64>, Error> {
    let statement =
        sqlx::query("SELECT sequence FROM stepwell_purges WHERE at < ?1 ORDER BY sequence DESC LIMIT 1");
    let row = read.fetch_optional(statement.bind(column(before.as_ms()))).await?;
    row.map(|row| row.try_get(0).map(i64::cast_unsigned)).transpose().map_err(Error::from)
}

/// Forgets everything up to and including a sequence. Returns how many purges went.
pub async fn forget(transaction: &mut Transaction, through: u64) -> Result<u64, Error> {
    let statement = sqlx::query("DELETE FROM stepwell_purges WHERE sequence <= ?1");
    transaction.execute(statement.bind(column(through))).await
}

fn purge(row: &Row) -> Result<Purge, Error> {
    let sequence: i64 = row.try_get(0)?;
    let tags: &str = row.try_get(1)?;
    Ok(Purge::of(sequence.cast_unsigned(), tags.split(' ')))
}

/// Sequences and times stay far below 2^63.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
