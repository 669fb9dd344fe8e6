//! From what a list asks for, and what its caller may read, to what an index yields.

use super::cursor;
use super::request::Request;
use crate::collections::collection::{Collection, Value};
use crate::collections::column::Column;
use crate::database::queries::records::order::Unserved;
use crate::database::queries::records::selection::{Equalities, Selection};
use crate::database::queries::records::table::Table;
use crate::domain::access::Scope;
use crate::routes::records::parameters::BadParameter;

/// The page that `request` asks for, of the records in `scope`.
pub fn plan(table: &Table, request: &Request, scope: &Scope) -> Result<Selection, BadParameter> {
    let collection = &table.collection;
    let scoped = scoped(collection, &request.filters.equal, scope);
    let columns: Vec<Vec<Column>> = scoped.iter().map(columns).collect();
    let range = request.filters.range.as_ref().map(|range| range.column);
    let order = table.paths.order(collection, &columns, range, &request.sort);
    let mut selection = Selection {
        order: order.map_err(|unserved| explained(&unserved, collection))?,
        sets: scoped.into_iter().filter(is_consistent).map(distinct).collect(),
        range: request.filters.range.clone(),
        after: None,
        limit: request.limit,
    };
    if let Some(after) = &request.after {
        let place = cursor::decode(collection, &selection, after);
        selection.after = Some(place.map_err(|refused| BadParameter::new("after", refused.to_string()))?);
    }
    Ok(selection)
}

/// The filters with what the scope adds to them. A column may come twice, with the same value or with another.
fn scoped(collection: &Collection, equal: &Equalities, scope: &Scope) -> Vec<Equalities> {
    let with = |column: Column, account| {
        let mut set = equal.clone();
        set.push((column, Value::Id(account)));
        set
    };
    match scope {
        Scope::All => vec![equal.clone()],
        Scope::OwnedBy(account) => vec![with(Column::Owner, *account)],
        Scope::OwnedByOrNaming { account, field } => {
            let naming = Column::find(collection, field).map(|column| with(column, *account));
            [with(Column::Owner, *account)].into_iter().chain(naming).collect()
        }
    }
}

/// Whether no column has two values: whoever filters by another's name in their own records finds none.
fn is_consistent(set: &Equalities) -> bool {
    set.iter().all(|(column, value)| set.iter().all(|(other, same)| other != column || same == value))
}

fn columns(set: &Equalities) -> Vec<Column> {
    distinct(set.iter().map(|(column, _)| *column).collect())
}

fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut distinct = Vec::with_capacity(all.len());
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

fn explained(unserved: &Unserved, collection: &Collection) -> BadParameter {
    let name = &collection.name;
    BadParameter::saying(match unserved {
        Unserved::Filters(possible) if possible.is_empty() => {
            format!("{name} has no index to filter by; declare one that begins with the filtered fields")
        }
        Unserved::Filters(possible) => format!(
            "no index of {name} serves these filters together; one value can be asked for of {}, \
             or declare an index that begins with the filtered fields",
            possible.join(", of ")
        ),
        Unserved::Range(possible) => format!(
            "no index of {name} serves this range with these filters; a range can be of {}, \
             or declare an index in which the field follows the filtered ones",
            possible.join(", of ")
        ),
        Unserved::Sort(possible) => format!(
            "sort: no index of {name} serves this order with these filters; possible are {}, \
             or declare an index that has the fields in this order behind the filtered ones",
            possible.join("; ")
        ),
    })
}
