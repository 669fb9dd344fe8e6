//! The audit log of a data folder, read and written by a command, also while a server has the folder open.

use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, Connection as _};
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::Change;
use crate::database;
use crate::database::queries::audit::{self, Row};
use crate::database::{Error, sqlite};

/// Rows that are read at once.
const PAGE_ROWS: u32 = 1000;

/// Why a change that is to be in the log was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E: std::error::Error + 'static> {
    /// It failed itself, and is not in the log.
    #[error(transparent)]
    Change(E),
    /// The log could not be written.
    #[error("the audit log cannot be written: {}: {source}", path.display())]
    Log {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: Error,
    },
}

/// Hands every row that is asked for to `show`, in order, some at a time. A folder without a database has none.
pub async fn read(
    folder: &Path,
    account: Option<Id>,
    since: Option<Timestamp>,
    mut show: impl FnMut(Row),
) -> Result<(), (PathBuf, Error)> {
    let path = folder.join(database::FILE);
    if !path.is_file() {
        return Ok(());
    }
    let failed = |error| (path.clone(), error);
    let mut connection = sqlite::reader(&path).connect().await.map_err(|error| failed(error.into()))?;
    let mut after = 0;
    loop {
        let rows = audit::after(&mut connection, account, since, after, PAGE_ROWS).await.map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        rows.into_iter().for_each(&mut show);
    }
}

/// Makes a change that is none of the database's, such as of a file, and writes it to the folder's log: both or, but for a
/// machine that fails between, neither. Where there is no database yet there is no log, and the change is made alone.
pub async fn make<T, E: std::error::Error + 'static>(
    folder: &Path,
    change: impl FnOnce() -> Result<(T, Change), E>,
) -> Result<T, ChangeError<E>> {
    let path = folder.join(database::FILE);
    if !path.is_file() {
        return change().map(|(made, _)| made).map_err(ChangeError::Change);
    }
    let failed = |source: sqlx::Error| ChangeError::Log { path: path.clone(), source: source.into() };
    let mut connection = sqlite::writer(&path).connect().await.map_err(failed)?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let (made, row) = change().map_err(ChangeError::Change)?;
    audit::statement(&row).execute(&mut *transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(made)
}
