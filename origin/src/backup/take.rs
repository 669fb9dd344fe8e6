//! Taking a backup, beside a running server or without one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};
use stepwell_shared::bookmark::Position;
use stepwell_shared::time::Timestamp;

use super::manifest::Manifest;
use super::{BackupError, Progress, at, files};
use crate::access::{keys, operator};
use crate::database;
use crate::database::queries::{backup as queries, purges};
use crate::database::sqlite;
use crate::domain::datetime;

/// Secrets that `serve` keeps in the data folder; either may be configured elsewhere instead.
pub(super) const SECRETS: [&str; 3] = [keys::FILE, keys::RETIRED_FILE, operator::FILE];
/// How often the growth of the copy is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Copies what `data` holds into `to`, a new or empty folder.
pub async fn take(
    data: &Path,
    to: &Path,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Manifest, BackupError> {
    let source = data.join(database::FILE);
    if !source.is_file() {
        return Err(BackupError::NoDatabase(data.to_owned()));
    }
    if files::holds_anything(to, &[]).map_err(at(to))? {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    files::make_folder(to).map_err(at(to))?;
    let copy = to.join(database::FILE);
    copy_database(&source, &copy, progress).await?;

    let mut manifest = describe(&copy, now).await?;
    for secret in SECRETS.iter().filter(|secret| data.join(secret).is_file()) {
        let (from, to) = (data.join(secret), to.join(secret));
        let entry = files::copy_synced(&from, &to, &Unseen).map_err(at(&from))?;
        manifest.files.insert((*secret).to_owned(), entry);
    }
    progress.begin("reading it back", fs::metadata(&copy).map_err(at(&copy))?.len());
    let entry = files::digest(&copy, progress).map_err(at(&copy))?;
    manifest.files.insert(database::FILE.to_owned(), entry);
    manifest.write(to)?;
    files::sync_folder(to).map_err(at(to))?;
    Ok(manifest)
}

async fn copy_database(source: &Path, copy: &Path, progress: &dyn Progress) -> Result<(), BackupError> {
    let failed = |error| BackupError::Database { path: source.to_owned(), source: error };
    let not_text = || at(copy)(std::io::Error::other("the name is not UTF-8, which SQLite needs"));
    let target = copy.to_str().ok_or_else(not_text)?;
    let mut connection = sqlite::writer(source).connect().await.map_err(failed)?;
    progress.begin("copying the database", queries::size_bytes(&mut connection).await.map_err(failed)?);
    tokio::select! {
        copied = queries::copy_into(&mut connection, target) => copied.map_err(failed)?,
        never = watch_growth(copy, progress) => match never {},
    }
    connection.close().await.map_err(failed)?;
    let private = fs::set_permissions(copy, Permissions::from_mode(0o600));
    private.and_then(|()| fs::File::open(copy)?.sync_all()).map_err(at(copy))
}

async fn watch_growth(copy: &Path, progress: &dyn Progress) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        // It is not there at first.
        progress.reach(fs::metadata(copy).map_or(0, |metadata| metadata.len()));
    }
}

/// What the copy holds; read from it, not from the database that goes on changing.
async fn describe(copy: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    let failed = |source| BackupError::Database { path: copy.to_owned(), source };
    let mut connection = open_alone(copy).await.map_err(failed)?;
    let no_backup =
        |error: database::Error| BackupError::Damaged { file: copy.to_owned(), problem: error.to_string() };
    let extent = purges::extent(&mut connection).await.map_err(no_backup)?;
    let position = Position { epoch: extent.epoch, sequence: extent.head };
    let mut manifest = Manifest::new(datetime::to_text(now.as_ms().cast_signed()), position.to_string());
    manifest.rows = queries::row_counts(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(manifest)
}

/// Opens a database that nobody else has, without the files that writing beside others would leave.
pub(super) async fn open_alone(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    sqlite::alone(path).connect().await
}

/// For files too small to show.
pub(super) struct Unseen;

impl Progress for Unseen {
    fn begin(&self, _: &'static str, _: u64) {}
    fn reach(&self, _: u64) {}
}
