//! What queries run on: a read from a replica, or the primary's transaction.

use std::future::Future;

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};

use super::Error;

/// A statement with its arguments, prepared once a connection and kept.
pub type Statement = Query<'static, Sqlite, SqliteArguments>;
/// A row of an answer.
pub type Row = SqliteRow;

/// Where a reading query runs. A query that takes `&mut impl Source` may run inside a write's transaction as well; one
/// that takes `&mut Read` may not, and one that takes `&mut Transaction` runs nowhere else.
pub trait Source: Send {
    /// The connection. For this module: queries call the methods below.
    fn connection(&mut self) -> &mut SqliteConnection;

    /// Notices that the connection itself is beyond use.
    fn lost(&mut self);

    /// Does what must come before the next statement.
    fn settle(&mut self) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// The first row, if there is one.
    fn fetch_optional(
        &mut self,
        statement: Statement,
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send {
        async move {
            self.settle().await?;
            let answer = statement.fetch_optional(self.connection()).await;
            answer.map_err(|error| self.noted(error))
        }
    }

    /// The one row that a statement such as `SELECT count(*)` always has.
    fn fetch_one(&mut self, statement: Statement) -> impl Future<Output = Result<Row, Error>> + Send {
        async move { self.fetch_optional(statement).await?.ok_or(Error::Damaged("a row is missing")) }
    }

    /// All rows; the statement bounds them.
    fn fetch_all(&mut self, statement: Statement) -> impl Future<Output = Result<Vec<Row>, Error>> + Send {
        async move {
            self.settle().await?;
            let answer = statement.fetch_all(self.connection()).await;
            answer.map_err(|error| self.noted(error))
        }
    }

    /// Turns a driver's error into ours, noticing a lost connection.
    fn noted(&mut self, error: sqlx::Error) -> Error {
        if matches!(error, sqlx::Error::WorkerCrashed) {
            self.lost();
        }
        error.into()
    }
}
