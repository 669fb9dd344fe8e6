//! That every page is read from an index, in order, whatever selects it.

use sqlx::{AssertSqlSafe, Row as _};

use super::*;
use crate::collections::column::Column;
use crate::collections::testing::collections;
use crate::database::queries::records::order::{Key, Order};
use crate::database::queries::records::selection::{Bound, Range};
use crate::routes::testing::Origin;

const THINGS: &str = r#"
    [fields]
    name = { type = "text", unique = true, max = 80 }
    kind = { type = "text", max = 80 }
    rank = { type = "integer" }
    [rules]
    read = "public"
    [indexes]
    by_kind = ["kind", "-rank", "-created"]
    by_rank = ["rank", "-kind"]
"#;

/// What SQLite says that it will do.
async fn explained(origin: &Origin, table: &Table, selection: &Selection) -> String {
    let text = Text::of_page(table, selection).unwrap();
    let statement = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", text.sql)));
    let arguments = text.arguments.into_iter();
    let statement = arguments.fold(statement, |statement, value| bind(statement, Some(value)));
    let mut read = origin.app.database.replicas.read(None).await.unwrap();
    let rows = read.fetch_all(statement).await.unwrap();
    rows.iter().map(|row| row.get::<&str, _>("detail")).collect::<Vec<_>>().join("; ")
}

fn place(order: &Order, null: Option<Column>) -> Place {
    let value = |key: &Key| match key.column {
        column if Some(column) == null => None,
        Column::Id => Some(Value::Id(stepwell_shared::ids::Id::from_column(9).unwrap())),
        Column::Created => Some(Value::DateTime(5)),
        Column::Field(2) => Some(Value::Integer(1)),
        _ => Some(Value::Text("x".to_owned())),
    };
    order.keys().iter().map(value).collect()
}

#[tokio::test]
async fn no_page_is_sorted_and_no_page_reads_a_table_from_its_start() {
    let declared = collections(&[("things", THINGS)]);
    let origin = Origin::start(declared).await;
    let table = &origin.app.records.get("things").unwrap().table;
    let (kind, rank) = (Column::Field(1), Column::Field(2));
    let by = |column: Column| Value::Text(column.name(&table.collection).to_owned());
    let cases: [(Equalities, Option<Column>); 6] = [
        (vec![], None),
        (vec![(kind, by(kind))], None),
        (vec![(kind, by(kind)), (rank, Value::Integer(1))], None),
        (vec![(Column::Field(0), by(Column::Field(0)))], None),
        (vec![], Some(rank)),
        (vec![(kind, by(kind))], Some(rank)),
    ];
    for (equal, ranged) in cases {
        let columns: Vec<Column> = equal.iter().map(|(column, _)| *column).collect();
        for order in table.paths.served(&[columns], ranged) {
            for after in [
                None,
                Some(place(&order, None)),
                Some(place(&order, order.keys().first().map(|key| key.column))),
            ] {
                let starts_null = after.as_ref().is_some_and(|place| place.first() == Some(&None));
                if starts_null && (ranged.is_some() || order.keys().len() == 1) {
                    continue;
                }
                let bound = || Some(Bound { value: Value::Integer(1), inclusive: true });
                let selection = Selection {
                    sets: vec![equal.clone()],
                    range: ranged.map(|column| Range { column, lower: bound(), upper: bound() }),
                    order: order.clone(),
                    after: after.clone(),
                    limit: 20,
                };
                let plan = explained(&origin, table, &selection).await;
                let context = format!("{equal:?} {ranged:?} {order:?} {after:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{context}");
                let bounded = !equal.is_empty() || ranged.is_some() || after.is_some();
                let scans = plan.split("; ").filter(|step| step.contains("SCAN things")).count();
                assert!(!bounded || scans == 0, "{context}");
            }
        }
    }
}

#[tokio::test]
async fn a_snapshot_stays_as_it_was_and_leaves_its_connection_in_order() {
    let origin = Origin::start(collections(&[("things", THINGS)])).await;
    let table = &origin.app.records.get("things").unwrap().table;
    let order = table.paths.served(&[vec![]], None).remove(0);
    let selection = Selection { sets: vec![vec![]], range: None, order, after: None, limit: 20 };
    let create = async || {
        let create = origin.app.database.primary.write(|transaction| {
            Box::pin(async move {
                let thing = "INSERT INTO things (created, updated, version) VALUES (1, 1, 1)";
                transaction.execute(sqlx::query(thing)).await
            })
        });
        create.await.unwrap();
    };
    let mut read = origin.app.database.replicas.read(None).await.unwrap();
    let mut snapshot = read.snapshot().await.unwrap();
    assert_eq!(count(&mut snapshot, table, &selection).await.unwrap(), 0);
    create().await;
    assert!(page(&mut snapshot, table, &selection).await.unwrap().rows.is_empty());
    drop(snapshot);
    drop(read);
    // The pool hands out the connection that was used last.
    let mut read = origin.app.database.replicas.read(None).await.unwrap();
    assert_eq!(count(&mut read, table, &selection).await.unwrap(), 1);
}
