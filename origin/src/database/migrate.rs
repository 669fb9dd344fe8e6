//! Making the database follow the declared collections, and recording what was done.

pub mod own_tables;
mod sqlite;
#[cfg(test)]
mod tests;

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection};
use stepwell_shared::time::Timestamp;

use super::lock::DataLock;
use super::{FILE, OpenError};
use crate::collections::Collections;
use crate::collections::plan::{Effect, Plan, Step};
use crate::collections::schema;

/// Why a plan was not applied. Shown to the operator, whole.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A declaration contradicts the data that is there.
    #[error("the declared collections contradict the database: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Conflicts(Vec<Step>),
    /// Records share a value that is now declared unique.
    #[error(
        "cannot {step}: some records share a value. Change those records first, or take `unique` out of the declaration"
    )]
    NotUnique {
        /// The step that failed; none was applied.
        step: Step,
    },
    /// A statement failed.
    #[error("cannot {step}: {source}")]
    Failed {
        /// The step that failed; none was applied.
        step: Step,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database could not be asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// A database that no other process uses while it is changed.
pub struct Migration {
    connection: SqliteConnection,
    plan: Plan,
    _lock: DataLock,
}

impl Migration {
    /// Compares the database of a data folder with the declarations. The folder must exist; what Stepwell itself needs
    /// is made if it is not there.
    pub async fn examine(folder: &Path, collections: &Collections) -> Result<Self, MigrateError> {
        let lock = DataLock::acquire(folder)?;
        let mut connection = super::sqlite::create(&folder.join(FILE)).await?;
        let actual = sqlite::introspect(&mut connection).await?;
        let plan = Plan::between(&actual, &schema::declared(collections));
        Ok(Self { connection, plan, _lock: lock })
    }

    /// What has to be done.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Applies what expands and, if it is allowed, what loses data, in one transaction, and records it. Returns the
    /// steps that were applied.
    pub async fn apply(mut self, allow_data_loss: bool, now: Timestamp) -> Result<Vec<Step>, MigrateError> {
        let conflicts: Vec<Step> = self.plan.steps_that(Effect::Conflicts).cloned().collect();
        if !conflicts.is_empty() {
            return Err(MigrateError::Conflicts(conflicts));
        }
        let wanted = |step: &&Step| allow_data_loss || step.effect() == Effect::Expands;
        let steps: Vec<Step> = self.plan.steps.iter().filter(wanted).cloned().collect();
        if !steps.is_empty() {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            sqlite::defer_references(&mut transaction).await?;
            for step in &steps {
                sqlite::apply(&mut transaction, step).await.map_err(|source| failed(step, source))?;
            }
            sqlite::record(&mut transaction, &steps, now).await?;
            transaction.commit().await?;
        }
        self.connection.close().await?;
        Ok(steps)
    }
}

fn failed(step: &Step, source: sqlx::Error) -> MigrateError {
    let step = step.clone();
    match source.as_database_error() {
        Some(error) if error.is_unique_violation() => MigrateError::NotUnique { step },
        _ => MigrateError::Failed { step, source },
    }
}
