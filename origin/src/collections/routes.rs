//! The routes of each collection, as both tiers know them.

use stepwell_shared::routes::{Access, Class, Parameter, Route, Verb};

use super::collection::{Collection, Collections, FieldKind, Rule};
use super::column::{ACCOUNTS, Column};
use super::sets::{paths, takes_equality};

/// Operators of a range filter, as `filter[created][gte]` says them.
pub const RANGE_OPERATORS: [&str; 4] = ["gt", "gte", "lt", "lte"];

/// The routes of all `collections`.
pub fn routes(collections: &Collections) -> Vec<Route> {
    collections.values().flat_map(|collection| routes_of(collection, collections)).collect()
}

fn routes_of(collection: &Collection, collections: &Collections) -> [Route; 2] {
    let rules = &collection.rules;
    let read = access(&rules.read);
    let (records, record) = (records_path(collection), format!("{}/{{id}}", records_path(collection)));
    let shown = shown_parameters(collection, collections);
    let listed = list_parameters(collection).into_iter().chain(shown.clone()).collect();
    [
        Route::at(records).with_parameters(Verb::Get, read, class_of_lists(&rules.read), listed).with(
            Verb::Post,
            access(&rules.create),
            Class::NoStore,
        ),
        Route::at(record)
            .with_parameters(Verb::Get, read, class_of_records(&rules.read), shown)
            .with(Verb::Patch, access(&rules.update), Class::NoStore)
            .with(Verb::Delete, access(&rules.delete), Class::NoStore),
    ]
}

/// The path of a collection's records.
pub fn records_path(collection: &Collection) -> String {
    format!("/v1/collections/{}/records", collection.name)
}

/// Who may send the request at all; the record itself may still say no.
const fn access(rule: &Rule) -> Access {
    match rule {
        Rule::Nobody => Access::Operator,
        Rule::Public => Access::Anyone,
        Rule::SignedIn | Rule::Owner | Rule::Named(_) | Rule::Role(_) => Access::SignedIn,
    }
}

/// A record is the same for all who may read it.
const fn class_of_records(read: &Rule) -> Class {
    match read {
        Rule::Nobody => Class::NoStore,
        Rule::Public => Class::Public,
        _ => Class::Authorised,
    }
}

/// A list holds what the caller may read, which is not the same for all where the record decides.
const fn class_of_lists(read: &Rule) -> Class {
    match read {
        Rule::Owner | Rule::Named(_) => Class::PerCaller,
        _ => class_of_records(read),
    }
}

/// Parameters of everything that shows records.
fn shown_parameters(collection: &Collection, collections: &Collections) -> Vec<Parameter> {
    let mut parameters = vec![Parameter::named("fields")];
    let relations: Vec<(&str, &str)> = expandable(collection).collect();
    if !relations.is_empty() {
        let is_private = |to: &str| collections.get(to).is_none_or(|to| to.rules.read != Rule::Public);
        let private = relations.iter().filter(|(_, to)| is_private(to));
        parameters.push(Parameter {
            name: "expand".into(),
            private_values: private.map(|(field, _)| (*field).to_owned()).collect(),
        });
    }
    parameters
}

/// The relations that `expand` may name, each with the collection that it points to. Accounts are nobody's to show.
pub fn expandable(collection: &Collection) -> impl Iterator<Item = (&str, &str)> {
    collection.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Relation { to } if to != ACCOUNTS => Some((field.name.as_str(), to.as_str())),
        _ => None,
    })
}

/// A column that lists may be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The column.
    pub column: Column,
    /// Whether by one value: `filter[topic]=…`.
    pub equality: bool,
    /// Whether by a range: `filter[created][gte]=…`.
    pub range: bool,
}

/// What lists of `collection` may be filtered by: columns of an index that follow only columns with one value each,
/// and unique fields; in the table's order.
pub fn filters(collection: &Collection) -> Vec<Filter> {
    let paths: Vec<Vec<Column>> = paths(collection).collect();
    let reached = |column: Column| {
        let follows = |path: &Vec<Column>| {
            let place = path.iter().position(|known| *known == column)?;
            path.get(..place).map(|before| before.iter().all(|column| takes_equality(*column)))
        };
        paths.iter().any(|path| follows(path) == Some(true))
    };
    Column::all(collection)
        .filter(|column| reached(*column))
        .map(|column| Filter {
            column,
            equality: takes_equality(column),
            range: has_order(collection, column),
        })
        .collect()
}

/// Whether ranges of a column mean something: ids and truth values have an order that nobody asks for.
fn has_order(collection: &Collection, column: Column) -> bool {
    let kind = column.kind(collection);
    kind.is_some_and(|kind| {
        matches!(
            kind.as_ref(),
            FieldKind::Text { .. }
                | FieldKind::Integer { .. }
                | FieldKind::Number { .. }
                | FieldKind::DateTime
        )
    })
}

fn list_parameters(collection: &Collection) -> Vec<Parameter> {
    let mut names = Vec::new();
    for filter in filters(collection) {
        let name = filter.column.name(collection);
        if filter.equality {
            names.push(format!("filter[{name}]"));
        }
        if filter.range {
            names.extend(RANGE_OPERATORS.map(|operator| format!("filter[{name}][{operator}]")));
        }
    }
    names.extend(["sort", "limit", "after", "count"].map(str::to_owned));
    names.into_iter().map(Parameter::named).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use stepwell_shared::routes::RouteTable;

    use super::*;
    use crate::collections::testing::collections;

    const POSTS: &str = r#"
        [fields]
        title = { type = "text", max = 100, unique = true }
        topic = { type = "relation", to = "topics" }
        draft = { type = "relation", to = "drafts" }
        author = { type = "relation", to = "accounts" }
        stars = { type = "integer" }
        body = { type = "text" }
        [rules]
        read = "public"
        create = "signed_in"
        update = "author"
        [indexes]
        by_stars = ["topic", "-stars", "body"]
        by_time = ["-created", "stars"]
    "#;
    const OTHER: &str = "[fields]\nname = { type = \"text\" }\n[rules]\n";

    fn table() -> RouteTable {
        let topics = format!("{OTHER}read = \"public\"");
        let drafts = format!("{OTHER}read = \"owner\"");
        // 700 characters fit in an index beside two numbers.
        let posts = POSTS.replace("body = { type = \"text\" }", "body = { type = \"text\", max = 700 }");
        let mut table = RouteTable::fixed();
        table.routes.extend(routes(&collections(&[
            ("posts", &posts),
            ("topics", &topics),
            ("drafts", &drafts),
        ])));
        table
    }

    fn rule(table: &RouteTable, pattern: &str, method: &http::Method) -> stepwell_shared::routes::Rule {
        let route = table.routes.iter().find(|route| route.pattern == pattern).expect(pattern);
        route.rule(method).cloned().expect("the method")
    }

    #[test]
    fn rules_decide_who_asks_and_what_is_stored() {
        let table = table();
        let at = |pattern, method| {
            let rule = rule(&table, pattern, &method);
            (rule.access, rule.class)
        };
        let (list, one) = ("/v1/collections/posts/records", "/v1/collections/posts/records/{id}");
        assert_eq!(at(list, http::Method::GET), (Access::Anyone, Class::Public));
        assert_eq!(at(list, http::Method::POST), (Access::SignedIn, Class::NoStore));
        assert_eq!(at(one, http::Method::GET), (Access::Anyone, Class::Public));
        assert_eq!(at(one, http::Method::PATCH), (Access::SignedIn, Class::NoStore));
        assert_eq!(at(one, http::Method::DELETE), (Access::Operator, Class::NoStore));
        assert_eq!(
            at("/v1/collections/drafts/records", http::Method::GET),
            (Access::SignedIn, Class::PerCaller)
        );
        assert_eq!(
            at("/v1/collections/drafts/records/{id}", http::Method::GET),
            (Access::SignedIn, Class::Authorised)
        );
    }

    #[test]
    fn a_list_knows_the_filters_that_an_index_serves() {
        let list = rule(&table(), "/v1/collections/posts/records", &http::Method::GET);
        let names: Vec<&str> = list.parameters.iter().map(|parameter| parameter.name.as_ref()).collect();
        let has = |name: &str| names.contains(&name);
        for known in [
            "filter[title]",
            "filter[topic]",
            "filter[stars]",
            "filter[stars][gte]",
            "filter[body]",
            "filter[owner]",
        ] {
            assert!(has(known), "{known} {names:?}");
        }
        assert!(has("filter[created][lt]") && has("sort") && has("limit") && has("after") && has("count"));
        for unknown in ["filter[created]", "filter[topic][gt]", "filter[id]", "filter[updated][gt]"] {
            assert!(!has(unknown), "{unknown} {names:?}");
        }
    }

    #[test]
    fn what_not_everybody_reads_is_private_in_expand_and_accounts_are_not_there() {
        let table = table();
        for pattern in ["/v1/collections/posts/records", "/v1/collections/posts/records/{id}"] {
            let rule = rule(&table, pattern, &http::Method::GET);
            let expand = rule.parameters.iter().find(|parameter| parameter.name == "expand").expect("expand");
            assert_eq!(expand.private_values, ["draft"]);
        }
        let topics = rule(&table, "/v1/collections/topics/records", &http::Method::GET);
        assert!(topics.parameters.iter().all(|parameter| parameter.name != "expand"));
    }

    #[test]
    fn no_parameter_is_there_twice_and_no_pattern() {
        let table = table();
        let patterns: BTreeSet<_> = table.routes.iter().map(|route| &route.pattern).collect();
        assert_eq!(patterns.len(), table.routes.len());
        for route in &table.routes {
            for rule in &route.rules {
                let names: BTreeSet<_> = rule.parameters.iter().map(|known| &known.name).collect();
                assert_eq!(names.len(), rule.parameters.len());
            }
        }
    }
}
