//! How SQLite says what is there, and how it is told to change it.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};
use stepwell_shared::time::Timestamp;

use crate::collections::plan::Step;
use crate::collections::schema::{ColumnKind, Schema, Table, TableColumn, TableIndex};

/// The tables that are there, but for Stepwell's and SQLite's own.
pub async fn introspect(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let tables = sqlx::query_scalar::<_, String>(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'stepwell\\_%' ESCAPE '\\'",
    );
    let mut schema = Schema::new();
    for name in tables.fetch_all(&mut *connection).await? {
        let columns = columns(connection, &name).await?;
        let indexes = indexes(connection, &name).await?;
        schema.insert(name, Table { columns, indexes });
    }
    Ok(schema)
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<TableColumn>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT info.name, info.type, info.pk, reference.\"table\"
         FROM pragma_table_info(?1) AS info
         LEFT JOIN pragma_foreign_key_list(?1) AS reference ON reference.\"from\" = info.name
         ORDER BY info.cid",
    );
    let column = |row: &sqlx::sqlite::SqliteRow| {
        let (kind, key): (String, i64) = (row.try_get(1)?, row.try_get(2)?);
        let kind = match kind.to_ascii_uppercase().as_str() {
            "INTEGER" if key > 0 => ColumnKind::Key,
            "INTEGER" => ColumnKind::Integer,
            "TEXT" => ColumnKind::Text,
            "REAL" => ColumnKind::Real,
            _ => ColumnKind::Foreign,
        };
        Ok(TableColumn { name: row.try_get(0)?, kind, references: row.try_get(3)? })
    };
    rows.bind(table.to_owned()).fetch_all(connection).await?.iter().map(column).collect()
}

async fn indexes(
    connection: &mut SqliteConnection,
    table: &str,
) -> Result<BTreeMap<String, TableIndex>, sqlx::Error> {
    // Origin 'c': made by CREATE INDEX, not implied by a constraint. Key columns only, not the row id that follows.
    let rows = sqlx::query(
        "SELECT list.name, list.\"unique\", info.name, info.\"desc\"
         FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS info
         WHERE list.origin = 'c' AND info.key = 1 ORDER BY list.name, info.seqno",
    );
    let mut indexes: BTreeMap<String, TableIndex> = BTreeMap::new();
    for row in rows.bind(table.to_owned()).fetch_all(connection).await? {
        let unique: bool = row.try_get(1)?;
        // An expression has no name; no declared index has one.
        let column: Option<String> = row.try_get(2)?;
        let index = indexes.entry(row.try_get(0)?).or_insert(TableIndex { columns: Vec::new(), unique });
        index.columns.push((column.unwrap_or_default(), row.try_get(3)?));
    }
    Ok(indexes)
}

/// Until the transaction ends, records may refer to what is gone: tables that refer to each other go one by one.
pub async fn defer_references(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(connection).await.map(drop)
}

/// Takes a step.
pub async fn apply(connection: &mut SqliteConnection, step: &Step) -> Result<(), sqlx::Error> {
    let sql = match step {
        Step::CreateTable { table, columns } => {
            let columns: Vec<String> = columns.iter().map(definition).collect();
            format!("CREATE TABLE {} ({}) STRICT", quoted(table), columns.join(", "))
        }
        Step::AddColumn { table, column } => {
            format!("ALTER TABLE {} ADD COLUMN {}", quoted(table), definition(column))
        }
        Step::CreateIndex { table, name, index } => {
            let columns: Vec<String> = index
                .columns
                .iter()
                .map(|(column, descending)| {
                    format!("{}{}", quoted(column), if *descending { " DESC" } else { "" })
                })
                .collect();
            let unique = if index.unique { "UNIQUE " } else { "" };
            format!("CREATE {unique}INDEX {} ON {} ({})", quoted(name), quoted(table), columns.join(", "))
        }
        Step::DropIndex { name } => format!("DROP INDEX {}", quoted(name)),
        Step::DropColumn { table, column } => {
            format!("ALTER TABLE {} DROP COLUMN {}", quoted(table), quoted(column))
        }
        Step::DropTable { table } => format!("DROP TABLE {}", quoted(table)),
        // Refused before anything is applied.
        Step::ChangeKind { .. } | Step::TakeOver { .. } => return Ok(()),
    };
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

fn definition(column: &TableColumn) -> String {
    let kind = match column.kind {
        ColumnKind::Key => "INTEGER PRIMARY KEY NOT NULL",
        ColumnKind::Integer => "INTEGER",
        ColumnKind::Real => "REAL",
        ColumnKind::Text | ColumnKind::Foreign => "TEXT",
    };
    let references = column.references.as_ref().map(|table| format!(" REFERENCES {} (`id`)", quoted(table)));
    format!("{} {kind}{}", quoted(&column.name), references.unwrap_or_default())
}

/// Names come from declarations, which allow letters, digits and underscores, or from the database itself.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Records an applied plan.
pub async fn record(
    connection: &mut SqliteConnection,
    steps: &[Step],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let steps = serde_json::to_string(steps).unwrap_or_default();
    let at = i64::try_from(now.as_ms()).unwrap_or(i64::MAX);
    let statement = sqlx::query("INSERT INTO stepwell_plans (at, steps) VALUES (?, ?)").bind(at).bind(steps);
    statement.execute(connection).await.map(drop)
}
