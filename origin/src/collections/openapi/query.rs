//! The query parameters of a collection's routes: filters, orders, pages, and how records are shown.

use serde_json::{Value, json};
use stepwell_shared::limits::{PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};

use super::components::parameter;
use super::field;
use super::orders::sorts;
use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::collections::routes::{Filter, RANGE_OPERATORS, expandable, filters};

/// Parameters of everything that shows records.
pub(super) fn shown(collection: &Collection) -> Vec<Value> {
    let columns: Vec<&str> = Column::all(collection).map(|column| column.name(collection)).collect();
    let mut parameters =
        vec![names("fields", "Fields to show beside `id`; all when it is left out.", &columns)];
    let relations: Vec<&str> = expandable(collection).map(|(field, _)| field).collect();
    if !relations.is_empty() {
        let description = "Relations to show the records of, one level deep, in `expand`.";
        let mut expand = names("expand", description, &relations);
        expand["schema"]["uniqueItems"] = true.into();
        parameters.push(expand);
    }
    parameters
}

/// Parameters of a list, beside those of [`shown`].
pub(super) fn listed(collection: &Collection) -> Vec<Value> {
    let mut parameters: Vec<Value> =
        filters(collection).iter().flat_map(|filter| of_filter(collection, filter)).collect();
    parameters.push(sort(collection));
    parameters.extend(["limit", "after", "count"].map(parameter));
    parameters
}

/// Parameters that are the same for every list, by the name of the component.
pub(super) fn shared() -> [(&'static str, Value); 3] {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": PAGE_RECORDS_MAX, "default": PAGE_RECORDS_DEFAULT });
    let count = json!({ "type": "boolean", "default": false });
    let after = "The cursor that the last page answered as `next`, with the same filters and `sort`.";
    [
        ("limit", query("limit", "Records of a page.", &limit)),
        ("after", query("after", after, &json!({ "type": "string" }))),
        ("count", query("count", "Whether to count the records of all pages.", &count)),
    ]
}

fn query(name: &str, description: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// A parameter of comma-separated names.
fn names(name: &str, description: &str, known: &[&str]) -> Value {
    let items = json!({ "type": "string", "enum": known });
    let schema = json!({ "type": "array", "minItems": 1, "items": items });
    let mut parameter = query(name, description, &schema);
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

fn of_filter(collection: &Collection, filter: &Filter) -> Vec<Value> {
    let name = filter.column.name(collection);
    let schema = filter.column.kind(collection).map(|kind| field::filtered(&kind)).unwrap_or_default();
    let equality = filter.equality.then(|| {
        query(&format!("filter[{name}]"), &format!("Only records whose `{name}` is this."), &schema)
    });
    let ranges = RANGE_OPERATORS.into_iter().filter(|_| filter.range).map(|operator| {
        let description = format!("Only records whose `{name}` is {} this.", in_words(operator));
        query(&format!("filter[{name}][{operator}]"), &description, &schema)
    });
    equality.into_iter().chain(ranges).collect()
}

/// What a range operator means.
fn in_words(operator: &str) -> &'static str {
    match operator {
        "gt" => "above",
        "gte" => "at least",
        "lt" => "below",
        _ => "at most",
    }
}

fn sort(collection: &Collection) -> Value {
    let description = "The order, `-` before a field whose larger values come first; the id decides between equals. Left \
        out, the newest come first where an index with the filters has that order. Which order goes with which filters, \
        the list's description says.";
    query("sort", description, &json!({ "type": "string", "enum": sorts(collection) }))
}
