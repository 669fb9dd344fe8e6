//! What can go wrong with the database.

use std::path::PathBuf;
use std::sync::Arc;

use super::migrate::own_tables::OwnTablesError;

/// Why the database could not be opened. Shown to the operator, whole.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the data folder.
    #[error("the data folder {} is in use by another stepwell process{}; stop that one first, or use another folder with --data", folder.display(), holder(*.pid))]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The other process, where it could be read.
        pid: Option<u32>,
    },
    /// A file of the data folder could not be made or read.
    #[error("{}: {source}; the data folder must exist and be writable by this user", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused the file.
    #[error("the database {}: {source}", path.display())]
    Database {
        /// The database's file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// Stepwell's own tables could not be brought up to date.
    #[error("the database {}: {source}", path.display())]
    OwnTables {
        /// The database's file.
        path: PathBuf,
        /// What went wrong.
        source: OwnTablesError,
    },
    /// The database could not be read at the start.
    #[error(transparent)]
    Failed(#[from] Error),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// Why a read or a write failed. Never shown to a client as it is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Too many reads or writes wait already; nothing was done.
    #[error("too many requests wait for the database")]
    Overloaded,
    /// The process is stopping.
    #[error("the database is closed")]
    Closed,
    /// The job panicked or took longer than it may; it was rolled back.
    #[error("a write was abandoned: {0}")]
    Abandoned(&'static str),
    /// The group that the job was part of could not be committed. It is not known whether the write is there.
    #[error("the group could not be committed: {0}")]
    NotCommitted(Arc<sqlx::Error>),
    /// A statement failed.
    #[error("a statement failed: {0}")]
    Statement(Arc<sqlx::Error>),
    /// A row holds what Stepwell never writes.
    #[error("a row is damaged: {0}")]
    Damaged(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(Arc::new(error))
    }
}

impl Error {
    /// Whether a unique index or a primary key refused the value; `detail` of SQLite names the columns.
    pub fn is_unique_violation(&self) -> bool {
        self.database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }

    /// Whether a foreign key refused the change.
    pub fn is_foreign_key_violation(&self) -> bool {
        self.database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
    }

    /// What the database itself said, if it was the database.
    pub fn database_error(&self) -> Option<&(dyn sqlx::error::DatabaseError + 'static)> {
        match self {
            Self::Statement(error) => error.as_database_error(),
            _ => None,
        }
    }
}
