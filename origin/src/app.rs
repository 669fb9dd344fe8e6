//! What every route shares: the process's one instance of each thing.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;

use crate::access::keys::{KeyError, Keys};
use crate::access::operator::OperatorToken;
use crate::access::passwords::Passwords;
use crate::access::tokens::Tokens;
use crate::briefing::Briefing;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::collections::Collections;
use crate::collections::plan::Effect;
use crate::complaint::Complaint;
use crate::config::Config;
use crate::database::migrate::{MigrateError, Migration};
use crate::database::{self, Database, OpenError};
use crate::ids::IdGenerator;
use crate::overload::Overload;
use crate::purge;
use crate::routes::jwks;
use crate::telemetry::Telemetry;

/// How often it is looked whether the keys in the data folder have changed.
const KEYS_LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The state that routes share.
pub struct App {
    /// What time it is.
    pub clock: Clock,
    /// New ids.
    pub ids: IdGenerator,
    /// Reads and writes.
    pub database: Arc<Database>,
    /// What edges follow.
    pub purges: purge::Log,
    /// The edges that follow it.
    pub census: Arc<purge::Census>,
    /// How much is taken on at once.
    pub overload: Overload,
    /// Passwords.
    pub passwords: Passwords,
    /// Access tokens.
    pub tokens: Tokens,
    /// What the operator's requests carry.
    pub operator: OperatorToken,
    /// How long a session lasts that is not renewed, in milliseconds.
    pub session_lifetime_ms: u64,
    /// Other origins whose pages may change things with their visitors' cookies.
    pub trusted_origins: Vec<String>,
    /// Whom to tell of a hole, as a URI.
    pub security_contact: Option<String>,
    /// Characters of a password at the least.
    pub password_characters_min: usize,
    /// The declared collections.
    pub collections: Collections,
    /// The same, as the routes of records need them.
    pub records: Catalog,
    /// What edges elsewhere must know.
    pub briefing: Briefing,
    /// Every route that exists.
    pub routes: RouteTable,
    /// What the API looks like to a program.
    pub openapi: OnceLock<Bytes>,
    /// Where spans of requests go, if anywhere.
    pub telemetry: Option<Arc<Telemetry>>,
    /// Whether it was told to stop.
    stops: AtomicBool,
}

/// A request extension: the request comes from the edge of that name, in this process or verified by its signature. It
/// is set in the process alone; nothing in a request from outside can cause it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromEdge {
    /// The edge's name, as `stepwell purge --dry-run` shows it.
    pub name: String,
}

/// Why an origin does not start. Shown to the operator, whole.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The database could not be made to follow the declared collections.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// It may not be made to, by configuration.
    #[error(
        "the database does not follow the declared collections yet, and database.migrate_on_start is false; run `stepwell migrate`"
    )]
    NotMigrated,
    /// It could not be noted what is declared now.
    #[error("what is declared could not be published to edges: {0}")]
    Publish(database::Error),
    /// The key that signs tokens.
    #[error("the signing key: {0}")]
    Key(#[from] KeyError),
    /// The operator's token, or the data folder itself.
    #[error("{0}")]
    Folder(String),
    /// The configured cost of hashing is none that Argon2 has.
    #[error("access.argon2_memory and access.argon2_iterations: {0}")]
    Argon2(argon2::Error),
    /// The collector that is configured.
    #[error("{0}")]
    Telemetry(Box<Complaint>),
}

impl App {
    /// Opens everything. The data folder is made if it is not there.
    pub async fn open(
        config: &Config,
        collections: Collections,
        routes: RouteTable,
        clock: Clock,
    ) -> Result<Arc<Self>, StartError> {
        let folder = &config.data.folder;
        let failed = |error| StartError::Folder(format!("the data folder {}: {error}", folder.display()));
        // For its owner alone: it holds keys, and a database with everybody's data.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        follow_declarations(config, &collections, &clock).await?;
        let settings = database::Settings {
            readers: config.database.readers,
            group_jobs_max: config.database.group_commit_max,
        };
        let database = Arc::new(Database::open(folder, &settings, clock.clone()).await?);
        database.keep_house(clock.clone(), config.access.audit_keep);
        let keys = Keys::open(folder, config.access.signing_key.as_ref(), clock.now())?;
        let operator = OperatorToken::open(folder, config.operator.token.as_ref());
        let app = Arc::new(Self {
            ids: IdGenerator::new(clock.clone()),
            purges: purge::Log::new(Arc::clone(&database.tail), database.replicas.clone()),
            census: Arc::default(),
            overload: Overload::new(&config.overload),
            passwords: Passwords::new(&config.access.argon2).map_err(StartError::Argon2)?,
            tokens: Tokens::new(keys, config.access.audience.clone(), config.access.token_lifetime),
            operator: operator
                .map_err(|error| StartError::Folder(format!("the operator's token: {error}")))?,
            session_lifetime_ms: u64::try_from(config.access.session_lifetime.as_millis())
                .unwrap_or(u64::MAX),
            trusted_origins: config.access.origins.trusted.clone(),
            security_contact: config.access.security_contact.clone(),
            password_characters_min: config.access.password_characters_min,
            database,
            clock,
            records: Catalog::new(&collections),
            briefing: Briefing::new(
                &collections,
                &routes,
                &config.access.audience,
                config.access.origins.clone(),
                &config.access.edges,
            ),
            collections,
            routes,
            openapi: OnceLock::new(),
            telemetry: Telemetry::start(config).map_err(StartError::Telemetry)?,
            stops: AtomicBool::new(false),
        });
        app.briefing
            .publish(&app.database, &app.tokens, app.clock.now())
            .await
            .map_err(StartError::Publish)?;
        app.follow_keys();
        Ok(app)
    }

    /// Looks each second whether the keys in the data folder have changed, for as long as the process serves.
    fn follow_keys(self: &Arc<Self>) {
        let app = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(KEYS_LOOK_INTERVAL).await;
                let Some(app) = app.upgrade() else { break };
                match app.tokens.keys().follow(app.clock.now()) {
                    Ok(false) => {}
                    Ok(true) => app.publish_keys().await,
                    Err(error) => tracing::error!(%error, "the keys stay as they were"),
                }
            }
        });
    }

    /// Tells edges that the published keys are others.
    async fn publish_keys(&self) {
        tracing::info!("the keys of access tokens have changed");
        let purging = self.database.primary.write::<_, database::Error, _>(|tx| {
            Box::pin(async move {
                tx.purge([Tag::path(jwks::PATH)]);
                Ok(())
            })
        });
        if let Err(error) = purging.await {
            tracing::warn!(%error, "edges hear of the new keys only when their copy of the old ones expires");
        }
    }

    /// When a session ends that is opened or renewed now.
    pub fn session_expires(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(self.session_lifetime_ms)
    }
}

impl App {
    /// From now on it tells who asks that it takes no more traffic.
    pub fn stop_taking_traffic(&self) {
        self.stops.store(true, Ordering::Relaxed);
    }

    /// Whether it takes traffic, as far as that is its own to say.
    pub fn takes_traffic(&self) -> bool {
        !self.stops.load(Ordering::Relaxed)
    }
}

/// Makes the database follow the declared collections, as far as nothing is lost by it.
async fn follow_declarations(
    config: &Config,
    collections: &Collections,
    clock: &Clock,
) -> Result<(), StartError> {
    let migration = Migration::examine(&config.data.folder, collections).await?;
    for step in migration.plan().steps_that(Effect::LosesData) {
        tracing::warn!(%step, "no longer declared; `stepwell migrate --allow-data-loss` would");
    }
    let behind = migration.plan().steps_that(Effect::Expands).next().is_some();
    if behind && !config.database.migrate_on_start {
        return Err(StartError::NotMigrated);
    }
    for step in migration.apply(false, clock.now()).await? {
        tracing::info!(%step, "migrated");
    }
    Ok(())
}
