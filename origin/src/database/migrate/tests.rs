use sqlx::Row as _;
use stepwell_shared::time::Timestamp;

use super::*;
use crate::collections::testing::collections;

const BEFORE: (&str, &str) = (
    "things",
    "[fields]\ntitle = { type = \"text\", max = 20 }\nrank = { type = \"integer\", unique = true }\nother = { type = \"relation\", to = \"things\" }\n[indexes]\nby_rank = [\"-rank\"]",
);

fn now() -> Timestamp {
    Timestamp::from_ms(1)
}

async fn plan(folder: &Path, declared: &[(&str, &str)]) -> Vec<(Effect, String)> {
    let migration = Migration::examine(folder, &collections(declared)).await.unwrap();
    migration.plan().steps.iter().map(|step| (step.effect(), step.to_string())).collect()
}

async fn apply(folder: &Path, declared: &[(&str, &str)], loss: bool) -> Result<Vec<Step>, MigrateError> {
    Migration::examine(folder, &collections(declared)).await?.apply(loss, now()).await
}

async fn execute(folder: &Path, sql: &'static str) {
    let mut connection = crate::database::sqlite::create(&folder.join(FILE)).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_was_applied_needs_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let applied = apply(folder.path(), &[BEFORE], false).await.unwrap();
    let said: Vec<String> = applied.iter().map(ToString::to_string).collect();
    assert!(
        said[0].starts_with("create the table things with id, owner, created, updated, version, title, rank")
    );
    assert!(
        said.contains(&"create the index things__by_rank of things over -rank, -id".to_owned()),
        "{said:?}"
    );
    assert!(said.contains(&"create the unique index things__unique__rank of things over rank".to_owned()));
    assert!(said.contains(&"create the index things__other of things over other, -created, -id".to_owned()));
    assert_eq!(plan(folder.path(), &[BEFORE]).await, []);

    let mut connection = crate::database::sqlite::create(&folder.path().join(FILE)).await.unwrap();
    let recorded =
        sqlx::query("SELECT at, steps FROM stepwell_plans").fetch_one(&mut connection).await.unwrap();
    let steps: serde_json::Value = serde_json::from_str(recorded.get(1)).unwrap();
    assert_eq!((recorded.get::<i64, _>(0), steps.as_array().unwrap().len()), (1, applied.len()));
    assert_eq!(steps[0]["effect"], "expands");
}

#[tokio::test]
async fn a_new_field_expands_and_a_removed_one_stays_until_its_loss_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), &[BEFORE], false).await.unwrap();
    execute(folder.path(), "INSERT INTO things (id, title, rank) VALUES (1, 'kept', 7)").await;
    let after = [("things", "[fields]\ntitle = { type = \"text\" }\nnote = { type = \"text\" }")];
    let steps = plan(folder.path(), &after).await;
    assert!(steps.contains(&(Effect::Expands, "add the column note to things".into())), "{steps:?}");
    assert!(steps.contains(&(Effect::LosesData, "drop the column rank of things with its values".into())));

    apply(folder.path(), &after, false).await.unwrap();
    let left: Vec<Effect> = plan(folder.path(), &after).await.into_iter().map(|(effect, _)| effect).collect();
    assert_eq!(left, [Effect::LosesData; 2], "rank and other are still there");
    apply(folder.path(), &after, true).await.unwrap();
    assert_eq!(plan(folder.path(), &after).await, []);
}

#[tokio::test]
async fn a_removed_collection_stays_until_its_loss_is_allowed_and_strange_tables_always() {
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), &[BEFORE], false).await.unwrap();
    execute(folder.path(), "CREATE TABLE mine (id INTEGER PRIMARY KEY, x TEXT)").await;
    let steps = plan(folder.path(), &[]).await;
    assert_eq!(steps, [(Effect::LosesData, "drop the table things with its records".to_owned())]);
    assert_eq!(apply(folder.path(), &[], false).await.unwrap(), []);
    apply(folder.path(), &[], true).await.unwrap();
    assert_eq!(plan(folder.path(), &[]).await, []);
    execute(folder.path(), "INSERT INTO mine (x) VALUES ('still here')").await;
}

#[tokio::test]
async fn a_contradiction_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), &[BEFORE], false).await.unwrap();
    let after = [("things", "[fields]\ntitle = { type = \"integer\" }\nextra = { type = \"text\" }")];
    let error = apply(folder.path(), &after, true).await.unwrap_err();
    assert!(error.to_string().contains("things.title holds text and is declared as integers"), "{error}");
    let steps = plan(folder.path(), &after).await;
    assert!(
        steps.iter().any(|(_, step)| step == "add the column extra to things"),
        "nothing was applied: {steps:?}"
    );
}

#[tokio::test]
async fn a_relation_keeps_its_target_and_a_number_is_no_relation() {
    let folder = tempfile::tempdir().unwrap();
    let other = ("others", "[fields]\nname = { type = \"text\" }");
    let field = |declaration: &str| format!("[fields]\nf = {{ {declaration} }}");
    let to_others = field("type = \"relation\", to = \"others\"");
    apply(folder.path(), &[("things", &to_others), other], false).await.unwrap();
    for (now, words) in [
        (
            field("type = \"relation\", to = \"accounts\""),
            "holds ids of others and is declared as ids of stepwell_accounts",
        ),
        (field("type = \"integer\""), "holds ids of others and is declared as integers"),
    ] {
        let error = apply(folder.path(), &[("things", &now), other], true).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn collections_that_relate_to_each_other_can_be_dropped_together() {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str| format!("[fields]\nf = {{ type = \"relation\", to = {name:?} }}");
    apply(folder.path(), &[("a", &to("b")), ("b", &to("a")), ("c", &to("b"))], false).await.unwrap();
    execute(
        folder.path(),
        "INSERT INTO a (id) VALUES (1); INSERT INTO b (id, f) VALUES (2, 1); UPDATE a SET f = 2;
         INSERT INTO c (id, f) VALUES (3, 2);",
    )
    .await;
    // What is kept must not refer to what goes.
    apply(folder.path(), &[("c", "[fields]\nname = { type = \"text\" }")], true).await.unwrap();
    execute(folder.path(), "INSERT INTO c (id) VALUES (4)").await;
}

#[tokio::test]
async fn a_table_of_somebody_else_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    execute(folder.path(), "CREATE TABLE things (id INTEGER PRIMARY KEY, x TEXT)").await;
    let error = apply(folder.path(), &[BEFORE], true).await.unwrap_err();
    assert!(error.to_string().contains("the table things is no collection's"), "{error}");
}

#[tokio::test]
async fn a_unique_field_over_records_that_share_a_value_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let before = [("things", "[fields]\ntitle = { type = \"text\", max = 9 }")];
    apply(folder.path(), &before, false).await.unwrap();
    execute(folder.path(), "INSERT INTO things (id, title) VALUES (1, 'same'), (2, 'same')").await;
    let after = [(
        "things",
        "[fields]\ntitle = { type = \"text\", max = 9, unique = true }\nextra = { type = \"text\" }",
    )];
    let error = apply(folder.path(), &after, false).await.unwrap_err();
    assert!(matches!(error, MigrateError::NotUnique { .. }), "{error}");
    let steps = plan(folder.path(), &after).await;
    assert!(steps.iter().any(|(_, step)| step == "add the column extra to things"), "{steps:?}");
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let _held = DataLock::acquire(folder.path()).unwrap();
    assert!(matches!(
        Migration::examine(folder.path(), &collections(&[BEFORE])).await.err(),
        Some(MigrateError::Open(OpenError::InUse { .. }))
    ));
}
