//! Which orders of a list the declared indexes serve without sorting, and which of them a list takes.
//!
//! An index serves a list when the columns of the list's equality filters are its first columns, in whatever order
//! among themselves; these are the shapes of `collections::sets`, since a list that no write purges must not be. What follows them is the order that reading the index yields, and backwards its reverse. A range
//! filter must be on the first of those columns. The id ends every order, so that it is total; databases append it to
//! each index of their own accord, in the direction of the last column (see `collections::plan`).

use std::fmt::Write as _;

use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::collections::sets::takes_equality;

/// A column and the direction in which a list follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The column.
    pub column: Column,
    /// Whether larger values come first.
    pub descending: bool,
}

/// A total order of records: the last key, and no other, is the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order(Vec<Key>);

/// Why no index serves a list. The texts of what would be served are as a client writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// No index begins with the columns of the equality filters; these sets of columns begin one.
    Filters(Vec<String>),
    /// With these equality filters, no index goes on with the range's column; it goes on with these.
    Range(Vec<String>),
    /// With these filters, records come in these orders.
    Sort(Vec<String>),
}

/// The columns of each index in order: declared indexes, unique fields, the primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths(Vec<Vec<Key>>);

impl Order {
    /// The keys, the id last.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// `keys` up to the id, which follows the last of them where they do not name it.
    fn total(keys: &[Key], last_descending: bool) -> Self {
        let mut total: Vec<Key> = Vec::with_capacity(keys.len() + 1);
        for key in keys {
            total.push(*key);
            if key.column == Column::Id {
                return Self(total);
            }
        }
        total.push(Key { column: Column::Id, descending: last_descending });
        Self(total)
    }

    fn reversed(&self) -> Self {
        Self(self.0.iter().map(|key| Key { descending: !key.descending, ..*key }).collect())
    }

    /// As the parameter `sort` says it, without the id that every order ends with.
    pub fn text(&self, collection: &Collection) -> String {
        let named =
            if self.0.len() > 1 { self.0.split_last().map_or(&[][..], |(_, keys)| keys) } else { &self.0 };
        let mut text = String::new();
        for key in named {
            let separator = if text.is_empty() { "" } else { "," };
            let sign = if key.descending { "-" } else { "" };
            let _ = write!(text, "{separator}{sign}{}", key.column.name(collection));
        }
        text
    }

    /// What a client who does not say gets, best first: the newest records first, else whatever the index yields.
    fn rank(&self) -> u8 {
        match self.0.first() {
            Some(Key { column: Column::Created, descending: true }) => 0,
            Some(Key { column: Column::Id, descending: true }) => 1,
            _ => 2,
        }
    }
}

impl Paths {
    /// The paths of a collection.
    pub fn of(collection: &Collection) -> Self {
        let declared = collection.indexes.iter().map(|index| {
            let keys = index.columns.iter().filter_map(|column| {
                Some(Key { column: Column::find(collection, &column.name)?, descending: column.descending })
            });
            keys.collect()
        });
        let unique = collection.fields.iter().enumerate().filter(|(_, field)| field.unique);
        let unique = unique.map(|(place, _)| vec![Key { column: Column::Field(place), descending: false }]);
        let primary = vec![Key { column: Column::Id, descending: false }];
        Self(declared.chain(unique).chain([primary]).collect())
    }

    /// The order of a list with these filters. `equal` is one set of columns, or several where the list joins several
    /// sets of records: then the order must be served for each of them.
    pub fn order(
        &self,
        collection: &Collection,
        equal: &[Vec<Column>],
        range: Option<Column>,
        sort: &[Key],
    ) -> Result<Order, Unserved> {
        let served = self.served(equal, range);
        if served.is_empty() {
            return Err(self.unserved(collection, equal));
        }
        // Filtered to one value, a column orders nothing.
        let fixed = |key: &&Key| equal.iter().all(|columns| columns.contains(&key.column));
        let sort: Vec<Key> = sort.iter().filter(|key| !fixed(key)).copied().collect();
        let found = if sort.is_empty() {
            served.iter().min_by_key(|order| order.rank())
        } else {
            served.iter().find(|order| order.0.starts_with(&sort))
        };
        match found {
            Some(order) => Ok(order.clone()),
            None => Err(Unserved::Sort(distinct(served.iter().map(|order| order.text(collection))))),
        }
    }

    /// Every order of lists with these filters.
    pub fn served(&self, equal: &[Vec<Column>], range: Option<Column>) -> Vec<Order> {
        let begins = |order: &Order, column| order.0.first().is_some_and(|key| key.column == column);
        let mut served = self.common(equal);
        served.retain(|order| range.is_none_or(|column| begins(order, column)));
        served
    }

    /// Why there is none.
    fn unserved(&self, collection: &Collection, equal: &[Vec<Column>]) -> Unserved {
        let without_range = self.served(equal, None);
        if without_range.is_empty() {
            return Unserved::Filters(self.prefixes(collection));
        }
        let firsts = without_range.iter().filter_map(|order| order.0.first());
        Unserved::Range(distinct(firsts.map(|key| key.column.name(collection).to_owned())))
    }

    /// Every order that is served with these equality filters, as the parameter `sort` says it: for the documents.
    pub fn orders_as_text(&self, collection: &Collection, equal: &[Vec<Column>]) -> Vec<String> {
        distinct(self.common(equal).iter().map(|order| order.text(collection)))
    }

    /// The orders that are served for each of the sets.
    fn common(&self, equal: &[Vec<Column>]) -> Vec<Order> {
        let mut sets = equal.iter().map(|columns| self.orders(columns));
        let first = sets.next().unwrap_or_default();
        sets.fold(first, |common, more| common.into_iter().filter(|order| more.contains(order)).collect())
    }

    fn orders(&self, equal: &[Column]) -> Vec<Order> {
        let mut orders = Vec::new();
        for path in &self.0 {
            let Some((prefix, rest)) = path.split_at_checked(equal.len()) else { continue };
            let filtered = |key: &Key| takes_equality(key.column) && equal.contains(&key.column);
            if !prefix.iter().all(filtered) {
                continue;
            }
            let order = Order::total(rest, path.last().is_some_and(|key| key.descending));
            let reversed = order.reversed();
            orders.extend([order, reversed]);
        }
        orders
    }

    /// The sets of columns that equality filters may name, as text.
    fn prefixes(&self, collection: &Collection) -> Vec<String> {
        let usable = |path: &[Key]| path.iter().take_while(|key| takes_equality(key.column)).count();
        let prefixes =
            self.0.iter().flat_map(|path| (1..=usable(path)).filter_map(|length| path.get(..length)));
        distinct(prefixes.map(|prefix| {
            let names: Vec<_> = prefix.iter().map(|key| key.column.name(collection)).collect();
            names.join("+")
        }))
    }
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::testing::collection;

    fn things() -> Collection {
        collection(
            r#"
            [fields]
            kind = { type = "text", max = 80 }
            rank = { type = "integer" }
            slug = { type = "text", unique = true, max = 80 }
            [indexes]
            by_kind = ["kind", "rank", "-created"]
            by_both = ["rank", "kind"]
            "#,
        )
    }

    fn order(equal: &[&[&str]], range: Option<&str>, sort: &[(&str, bool)]) -> Result<String, Unserved> {
        let things = things();
        let column = |name: &str| Column::find(&things, name).unwrap();
        let equal: Vec<Vec<Column>> =
            equal.iter().map(|set| set.iter().map(|name| column(name)).collect()).collect();
        let sort: Vec<Key> = sort
            .iter()
            .map(|(name, descending)| Key { column: column(name), descending: *descending })
            .collect();
        let found = Paths::of(&things).order(&things, &equal, range.map(column), &sort)?;
        Ok(found.keys().iter().map(|key| text(&things, key)).collect::<Vec<_>>().join(","))
    }

    fn text(things: &Collection, key: &Key) -> String {
        format!("{}{}", if key.descending { "-" } else { "" }, key.column.name(things))
    }

    #[test]
    fn an_order_is_what_follows_the_filters_in_an_index_and_ends_with_the_id() {
        assert_eq!(order(&[&[]], None, &[]).unwrap(), "-created,-id");
        assert_eq!(order(&[&["kind"]], None, &[]).unwrap(), "rank,-created,-id");
        assert_eq!(order(&[&["kind"]], None, &[("rank", true)]).unwrap(), "-rank,created,id");
        // Filters have no order among themselves, so that either index may serve them.
        assert_eq!(order(&[&["rank", "kind"]], None, &[]).unwrap(), "-created,-id");
        assert_eq!(order(&[&["rank", "kind"]], None, &[("id", false)]).unwrap(), "id");
        assert_eq!(order(&[&["slug"]], None, &[]).unwrap(), "-id");
        assert_eq!(
            order(&[&["kind"]], Some("rank"), &[("kind", true), ("rank", false)]).unwrap(),
            "rank,-created,-id"
        );
    }

    #[test]
    fn several_sets_need_an_order_that_each_has() {
        assert_eq!(order(&[&["kind"], &["kind"]], None, &[]).unwrap(), "rank,-created,-id");
        assert!(matches!(order(&[&["kind"], &["slug"]], None, &[]), Err(Unserved::Filters(_))));
    }

    #[test]
    fn what_is_not_served_says_what_would_be() {
        let filters = |unserved| match unserved {
            Err(Unserved::Filters(possible)) => possible,
            other => panic!("{other:?}"),
        };
        let possible = filters(order(&[&["slug", "kind"]], None, &[]));
        assert_eq!(possible, ["kind", "kind+rank", "rank", "rank+kind", "slug"]);
        // The id and times are no filters of one value: no write would purge such lists.
        filters(order(&[&["id"]], None, &[]));
        filters(order(&[&["created"]], None, &[]));
        assert_eq!(order(&[&["slug"]], Some("rank"), &[]), Err(Unserved::Range(vec!["id".into()])));
        let sorted = order(&[&["kind"]], None, &[("created", true)]);
        assert_eq!(sorted, Err(Unserved::Sort(vec!["rank,-created".into(), "-rank,created".into()])));
    }
}
