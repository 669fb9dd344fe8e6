//! All SQL that is not a migration, a file a resource.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod backup;
pub mod groups;
pub mod idempotency;
pub mod meta;
pub mod purges;
pub mod records;
pub mod sessions;

use super::{Error, Read, Source as _};

/// Asks for nothing, to see whether the database answers.
pub async fn check(read: &mut Read) -> Result<(), Error> {
    read.fetch_one(sqlx::query("SELECT 1")).await.map(drop)
}
