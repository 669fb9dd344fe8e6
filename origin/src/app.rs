//! What every route shares: the process's one instance of each thing.

use std::path::PathBuf;
use std::sync::Arc;

use stepwell_shared::routes::RouteTable;

use crate::clock::Clock;
use crate::collections::Collections;
use crate::database::{Database, OpenError};
use crate::ids::IdGenerator;
use crate::purge;

/// What an origin is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder; must exist.
    pub folder: PathBuf,
    /// The database's.
    pub database: crate::database::Settings,
    /// The declared collections.
    pub collections: Collections,
    /// Every route that the edge lets through.
    pub routes: RouteTable,
}

/// The state that routes share.
#[derive(Debug)]
pub struct App {
    /// What time it is.
    pub clock: Clock,
    /// New ids.
    pub ids: IdGenerator,
    /// Reads and writes.
    pub database: Database,
    /// What edges follow.
    pub purges: purge::Log,
    /// The declared collections.
    pub collections: Collections,
    /// Every route that exists.
    pub routes: RouteTable,
}

/// A request extension: the request comes from the edge of that name, in this process or verified by its signature. It
/// is set in the process alone; nothing in a request from outside can cause it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromEdge {
    /// The edge's name, as `stepwell purge --dry-run` shows it.
    pub name: String,
}

impl App {
    /// Opens everything.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Arc<Self>, OpenError> {
        let database = Database::open(&settings.folder, &settings.database, clock.clone()).await?;
        Ok(Arc::new(Self {
            ids: IdGenerator::new(clock.clone()),
            purges: purge::Log::new(Arc::clone(&database.tail), database.replicas.clone()),
            database,
            clock,
            collections: settings.collections,
            routes: settings.routes,
        }))
    }
}
