//! Whether a write finds the lists that it can change, and no others: random records, writes and lists, judged by
//! evaluating each list before and after.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use proptest::prelude::*;
use stepwell_shared::ids::Id;
use stepwell_shared::limits::LIST_RECORD_TAGS_MAX;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;

use super::*;
use crate::collections::testing::collection;
use crate::domain::validate::Assignments;

/// Few values of each field, so that writes and lists meet often.
const THINGS: &str = r#"
    [fields]
    color = { type = "select", options = ["r", "g"] }
    size = { type = "integer" }
    code = { type = "text", max = 10, unique = true }
    body = { type = "text" }
    [rules]
    read = "public"
    update = "owner"
    [indexes]
    by_color = ["color", "-size"]
    by_size = ["size", "color", "-created"]
    by_age = ["color", "-updated"]
"#;
const COLOR: Column = Column::Field(0);
const SIZE: Column = Column::Field(1);
const CODE: Column = Column::Field(2);
const BODY: Column = Column::Field(3);

/// A list as a client may ask for it: a set, an order that an index yields behind its filters, a range of the first
/// column of that order, and a page.
#[derive(Clone, Debug)]
struct List {
    equal: Vec<(Column, Value)>,
    order: Vec<Column>,
    backwards: bool,
    at_least: Option<Value>,
    skip: usize,
    limit: usize,
}

fn things() -> Collection {
    collection(THINGS)
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
        (Some(Value::Integer(a) | Value::DateTime(a)), Some(Value::Integer(b) | Value::DateTime(b))) => {
            a.cmp(b)
        }
        (Some(Value::Id(a)), Some(Value::Id(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

impl List {
    /// Every record of the set, in order, and in the range.
    fn members<'r>(&self, records: &'r [Record]) -> Vec<&'r Record> {
        let in_range = |record: &Record| match (&self.at_least, self.order.first()) {
            (Some(bound), Some(column)) => {
                let value = record.value(*column);
                value.is_some() && compare(value.as_ref(), Some(bound)).is_ge()
            }
            _ => true,
        };
        let in_set = |record: &Record| {
            self.equal.iter().all(|(column, value)| record.value(*column).as_ref() == Some(value))
        };
        let mut members: Vec<&Record> =
            records.iter().filter(|record| in_set(record) && in_range(record)).collect();
        members.sort_by(|a, b| {
            let keys =
                self.order.iter().map(|column| compare(a.value(*column).as_ref(), b.value(*column).as_ref()));
            keys.fold(Ordering::Equal, Ordering::then).then(a.id.cmp(&b.id))
        });
        if self.backwards {
            members.reverse();
        }
        members
    }

    /// What the client sees, the total count included.
    fn answer(&self, records: &[Record]) -> (usize, Vec<Record>) {
        let members = self.members(records);
        (members.len(), members.into_iter().skip(self.skip).take(self.limit).cloned().collect())
    }

    fn tags(&self, things: &Collection, records: &[Record]) -> BTreeSet<Tag> {
        let ids: Vec<Id> = self.answer(records).1.iter().map(|record| record.id).collect();
        list_tags(things, &[set(things, &self.equal)], &ids, &[], None).into_iter().collect()
    }
}

fn any_value(column: Column) -> BoxedStrategy<Value> {
    let id = |number: i64| Value::Id(Id::from_column(number).unwrap());
    match column {
        COLOR => prop::sample::select(vec!["r", "g"]).prop_map(|color| Value::Text(color.into())).boxed(),
        SIZE => (0..3_i64).prop_map(Value::Integer).boxed(),
        Column::Owner => (1..3_i64).prop_map(id).boxed(),
        Column::Created | Column::Updated => (0..4_i64).prop_map(Value::DateTime).boxed(),
        _ => prop::sample::select(vec!["x", "y", "z"]).prop_map(|text| Value::Text(text.into())).boxed(),
    }
}

fn any_list() -> impl Strategy<Value = List> {
    let things = things();
    let mut shapes: Vec<(Vec<Column>, Vec<Column>)> = Vec::new();
    for path in paths(&things) {
        let usable = path.iter().take_while(|column| takes_equality(**column)).count();
        shapes.extend((0..=usable).map(|length| (path[..length].to_vec(), path[length..].to_vec())));
    }
    let shape = prop::sample::select(shapes).prop_flat_map(|(equal, order)| {
        let values = equal.iter().map(|column| any_value(*column)).collect::<Vec<_>>();
        let bound =
            order.first().map_or(Just(None).boxed(), |column| prop::option::of(any_value(*column)).boxed());
        (values, bound, Just(equal), Just(order))
    });
    (shape, any::<bool>(), 0..3_usize, 1..5_usize).prop_map(
        |((values, at_least, equal, order), backwards, skip, limit)| List {
            equal: equal.into_iter().zip(values).collect(),
            order,
            backwards,
            at_least,
            skip,
            limit,
        },
    )
}

prop_compose! {
    fn any_record(number: i64)(
        owner in prop::option::of(1..3_i64), created in 0..4_u64, updated in 0..4_u64,
        color in prop::option::of(any_value(COLOR)), size in prop::option::of(any_value(SIZE)),
        code in prop::option::of(any_value(CODE)), body in prop::option::of(any_value(BODY)),
    ) -> Record {
        let id = |number| Id::from_column(number).unwrap();
        Record {
            id: id(number), owner: owner.map(id), version: 1, fields: vec![color, size, code, body],
            created: Timestamp::from_ms(created), updated: Timestamp::from_ms(updated),
        }
    }
}

fn any_records() -> impl Strategy<Value = Vec<Record>> {
    (0..8_i64).prop_flat_map(|count| (0..count).map(|number| any_record(10 + number)).collect::<Vec<_>>())
}

/// `before` with these fields changed, as an update stores it.
fn changed(before: &Record, change: Assignments) -> Record {
    let mut after = before.clone();
    for (place, value) in change {
        after.fields[place] = value;
    }
    after.updated = before.updated.plus_ms(1);
    after.version += 1;
    after
}

/// Some fields, each with a new value or none.
fn any_change() -> impl Strategy<Value = Assignments> {
    let field = |(place, column)| {
        let value = prop::option::of(any_value(column)).prop_map(move |value| (place, value));
        prop::option::weighted(0.3, value)
    };
    let fields: Vec<_> = [COLOR, SIZE, CODE, BODY].into_iter().enumerate().map(field).collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect())
}

fn meet(purged: &[Tag], carried: &BTreeSet<Tag>) -> bool {
    purged.iter().any(|tag| carried.contains(tag))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_create_or_a_delete_reaches_every_list_that_changes_and_none_of_another_set(
        records in any_records(), one in any_record(50), list in any_list(),
    ) {
        let things = things();
        let with: Vec<Record> = records.iter().chain([&one]).cloned().collect();
        let (before, after) = (list.answer(&records), list.answer(&with));
        let in_set = list.equal.iter().all(|(column, value)| one.value(*column).as_ref() == Some(value));
        prop_assert_eq!(meet(&created(&things, &one), &list.tags(&things, &records)), in_set);
        prop_assert_eq!(meet(&deleted(&things, &one), &list.tags(&things, &with)), in_set);
        prop_assert!(in_set || before == after, "the oracle itself: a list changed by a record outside its set");
    }

    #[test]
    fn an_update_reaches_every_list_that_changes_and_none_that_cannot(
        records in any_records(), one in any_record(50), change in any_change(), list in any_list(),
    ) {
        let things = things();
        let after = changed(&one, change);
        let with = |record: &Record| records.iter().chain([record]).cloned().collect::<Vec<_>>();
        let (old, new) = (with(&one), with(&after));
        let purged = updated(&things, &one, &after);
        let reached = meet(&purged, &list.tags(&things, &old));
        // Never too few.
        if list.answer(&old) != list.answer(&new) {
            prop_assert!(reached);
        }
        // Never another filter value.
        let in_set = |record: &Record| {
            list.equal.iter().all(|(column, value)| record.value(*column).as_ref() == Some(value))
        };
        if !in_set(&one) && !in_set(&after) {
            prop_assert!(!reached);
        }
        // Never a page that neither shows the record nor depends on what changed.
        let shows = list.answer(&old).1.iter().any(|record| record.id == one.id);
        let shape = shapes(&things).into_iter().find(|shape| {
            shape.equal == list.equal.iter().map(|(column, _)| *column).collect()
        }).unwrap();
        let moves = in_set(&one) != in_set(&after)
            || shape.order.iter().any(|column| one.value(*column) != after.value(*column));
        if !shows && !moves {
            prop_assert!(!reached);
        }
    }
}

#[test]
fn a_long_list_is_reached_by_a_change_of_any_record_in_it() {
    let things = things();
    let records: Vec<Record> = (0..=i64::try_from(LIST_RECORD_TAGS_MAX).unwrap())
        .map(|number| Record {
            id: Id::from_column(number).unwrap(),
            owner: None,
            created: Timestamp::from_ms(0),
            updated: Timestamp::from_ms(0),
            version: 1,
            fields: vec![Some(Value::Text("r".into())), None, None, None],
        })
        .collect();
    let ids: Vec<Id> = records.iter().map(|record| record.id).collect();
    let carried = |filters: &[(Column, Value)]| {
        list_tags(&things, &[set(&things, filters)], &ids, &[], None).into_iter().collect()
    };
    let mut after = records[7].clone();
    after.fields[3] = Some(Value::Text("new".into()));
    let purged = updated(&things, &records[7], &after);
    assert!(meet(&purged, &carried(&[(COLOR, Value::Text("r".into()))])));
    assert!(!meet(&purged, &carried(&[(COLOR, Value::Text("g".into()))])));
}

#[test]
fn the_order_of_filters_does_not_matter() {
    let things = things();
    let (color, size) = ((COLOR, Value::Text("r".into())), (SIZE, Value::Integer(1)));
    assert_eq!(set(&things, &[color.clone(), size.clone()]), set(&things, &[size, color]));
}

#[test]
fn shapes_are_distinct_and_times_are_not_among_them() {
    let shapes = shapes(&things());
    let equal: Vec<Vec<Column>> = shapes.iter().map(|shape| shape.equal.iter().copied().collect()).collect();
    assert_eq!(
        equal,
        [vec![], vec![COLOR], vec![COLOR, SIZE], vec![SIZE], vec![Column::Owner], vec![CODE]],
        "two indexes over the same columns are one shape"
    );
}

#[test]
fn tags_of_expansions_fit_or_give_way_to_their_collections() {
    let things = things();
    let id = |number: i64| Id::from_column(number).unwrap();
    let ids: Vec<Id> = (0..20).map(id).collect();
    let few: Vec<(&str, Id)> = (100..105).map(|number| ("topics", id(number))).collect();
    let tags = list_tags(&things, &[set(&things, &[])], &ids, &few, None);
    assert!(tags.contains(&Tag::record("topics", id(100))) && tags.contains(&Tag::collection("topics")));
    let many: Vec<(&str, Id)> = (100..140).map(|number| ("topics", id(number))).collect();
    let tags = list_tags(&things, &[set(&things, &[])], &ids, &many, None);
    assert!(tags.len() <= stepwell_shared::limits::TAGS_MAX);
    let all = set(&things, &[]);
    assert!(tags.contains(&Tag::contents("topics", all)) && tags.contains(&Tag::list("topics", all)));
}
