//! The database: one writer that commits in groups, replicas that read, and the purge log's outbox between them.
//!
//! Every query says by its argument's type where it may run: a [`Read`] reaches replicas only, a [`Transaction`]
//! exists only inside a job of the [`Primary`]. SQL text is in [`queries`] and in `migrate`, nowhere else.

pub mod error;
mod housekeeping;
pub mod lock;
pub mod measures;
pub mod migrate;
pub mod outbox;
pub mod primary;
pub mod queries;
pub mod replicas;
pub mod source;
pub mod sqlite;

use std::path::Path;
use std::sync::Arc;

pub use error::{Error, OpenError};
pub use primary::{Opening, Primary, Transaction};
pub use replicas::{Read, Replicas};
pub use source::{Row, Source, Statement};

use crate::clock::Clock;
use lock::DataLock;
use outbox::Tail;
use primary::Writer;

/// The database's file in the data folder.
pub const FILE: &str = "stepwell.sqlite";

/// What the operator decides about the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections that read at the same time.
    pub readers: usize,
    /// Writes that are committed as one group at most.
    pub group_jobs_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { readers: 4, group_jobs_max: 256 }
    }
}

/// An open database. The process that holds it is the only one on its data folder.
#[derive(Debug)]
pub struct Database {
    /// Where writes go.
    pub primary: Primary,
    /// Where reads go.
    pub replicas: Replicas,
    /// The purge log's recent end.
    pub tail: Arc<Tail>,
    /// Held, not used: another process on the same folder is refused for as long as this lives.
    _lock: DataLock,
}

impl Database {
    /// Opens the database of a data folder, which must exist; creates what is missing in it.
    pub async fn open(folder: &Path, settings: &Settings, clock: Clock) -> Result<Self, OpenError> {
        let lock = DataLock::acquire(folder)?;
        let path = folder.join(FILE);
        let mut connection = sqlite::create(&path).await?;
        let tail = Arc::new(outbox::load(&mut connection).await?);
        Ok(Self {
            primary: Primary::start(Writer::new(
                connection,
                sqlite::writer(&path),
                Arc::clone(&tail),
                clock,
                settings.group_jobs_max,
            )),
            replicas: Replicas::new(sqlite::reader(&path), settings.readers, Arc::clone(&tail)),
            tail,
            _lock: lock,
        })
    }

    /// Whether it answers reads and takes writes.
    pub async fn check(&self) -> Result<(), Error> {
        self.primary.check()?;
        queries::check(&mut self.replicas.read(None).await?).await
    }

    /// Finishes the writes that wait, refuses new ones, and closes the files in good order.
    pub async fn close(&self) {
        // The writer last: only a connection that may write can fold the log into the database's file and remove it.
        self.replicas.close().await;
        self.primary.close().await;
    }
}
