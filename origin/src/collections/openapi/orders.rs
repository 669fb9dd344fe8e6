//! Which filters and orders of a list go together: what one index serves.

use crate::collections::collection::{Collection, Rule};
use crate::collections::column::Column;
use crate::collections::sets::shapes;
use crate::database::queries::records::order::Paths;

/// Columns that equality filters name, with the orders that are served then.
struct Served {
    filters: Vec<String>,
    orders: Vec<String>,
}

/// For the description of a list; `CommonMark`.
pub(super) fn guide(collection: &Collection) -> String {
    let lines: Vec<String> = served(collection).iter().map(Served::line).collect();
    let rule = "One index serves the filters, the range and the order together. A range is of the first field of the \
        order, and `sort` may name the beginning of an order alone.";
    format!("{rule}\n\n{}", lines.join("\n"))
}

/// Every value that `sort` may have with one filter or another: the orders, and where they begin.
pub(super) fn sorts(collection: &Collection) -> Vec<String> {
    let mut sorts = Vec::new();
    for order in served(collection).into_iter().flat_map(|served| served.orders) {
        let ends = order.match_indices(',').map(|(end, _)| end).chain([order.len()]);
        for sort in ends.filter_map(|end| order.get(..end)) {
            if !sorts.iter().any(|known| known == sort) {
                sorts.push(sort.to_owned());
            }
        }
    }
    sorts
}

/// What lists of `collection` may combine, the one without filters first.
fn served(collection: &Collection) -> Vec<Served> {
    let paths = Paths::of(collection);
    let scopes = scopes(collection);
    let added = |equal: &[Column], scope: &[Column]| -> Vec<Column> {
        scope.iter().filter(|column| !equal.contains(column)).copied().collect()
    };
    let shapes = shapes(collection).into_iter().filter_map(|shape| {
        let equal: Vec<Column> = shape.equal.into_iter().collect();
        let with = |scope: &Vec<Column>| [equal.as_slice(), &added(&equal, scope)].concat();
        let sets: Vec<Vec<Column>> = scopes.iter().map(with).collect();
        let orders = paths.orders_as_text(collection, &sets);
        let filters = equal.iter().map(|column| column.name(collection).to_owned()).collect();
        // Who reads only their own gains nothing from a filter by owner.
        let says_something = scopes.iter().any(|scope| scope.is_empty() || !added(&equal, scope).is_empty());
        (says_something && !orders.is_empty()).then_some(Served { filters, orders })
    });
    shapes.collect()
}

/// The filters that the rule for reading adds to each list: one set, or two whose records are joined.
fn scopes(collection: &Collection) -> Vec<Vec<Column>> {
    let named = |field: &str| Column::find(collection, field).map(|column| vec![column]);
    match &collection.rules.read {
        Rule::Owner => vec![vec![Column::Owner]],
        Rule::Named(field) => [vec![Column::Owner]].into_iter().chain(named(field)).collect(),
        Rule::Nobody | Rule::Public | Rule::SignedIn | Rule::Role(_) => vec![Vec::new()],
    }
}

impl Served {
    fn line(&self) -> String {
        let quoted = |names: &[String], separator: &str| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(separator)
        };
        let orders = quoted(&self.orders, ", ");
        match self.filters.as_slice() {
            [] => format!("- Without filters: {orders}."),
            filters => format!("- With one value of {}: {orders}.", quoted(filters, " and ")),
        }
    }
}
