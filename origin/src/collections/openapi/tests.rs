use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stepwell_shared::ids::Id;
use stepwell_shared::routes::{Access, Class, RouteTable, Rule, Verb};

use super::{document, example};
use crate::collections::testing::collections;
use crate::collections::{Collections, routes};
use crate::domain::validate;

/// Every kind of field, every kind of rule, filters of one field and of two, and names that are easily mixed up.
const ALL_KINDS: &str = r#"
    [fields]
    title = { type = "text", required = true, min = 40, max = 60, unique = true }
    code = { type = "text", max = 3 }
    stars = { type = "integer", required = true, min = 2, max = 5, default = 3 }
    weight = { type = "number", max = 0.25 }
    done = { type = "boolean", default = false }
    due = { type = "datetime" }
    extra = { type = "json", required = true }
    tiny = { type = "json", max_bytes = 1 }
    state = { type = "select", options = ["draft", "published"] }
    contact = { type = "email" }
    site = { type = "url" }
    parent = { type = "relation", to = "everything" }
    diary = { type = "relation", to = "diaries" }
    author = { type = "relation", to = "accounts", required = true }
    photo = { type = "media" }
    [rules]
    read = "public"
    create = "public"
    update = "author"
    [indexes]
    by_state = ["state", "-stars", "due"]
    by_author = ["author", "-created"]
"#;
const DIARIES: &str = r#"
    [fields]
    text = { type = "text" }
    reader = { type = "relation", to = "accounts" }
    [rules]
    read = "reader"
    create = "signed_in"
    update = "owner"
    delete = "public"
"#;
const CLOSED: &str = "[fields]\nrecord = { type = \"text\" }";
const OWN: &str = "[fields]\nname = { type = \"text\" }\n[rules]\nread = \"owner\"";

const DESK: &str = r#"
    [fields]
    text = { type = "text" }
    [rules]
    read = "role:editor"
    create = "role:editor"
    update = "role:chief"
"#;

fn declared() -> Collections {
    collections(&[
        ("everything", ALL_KINDS),
        ("diaries", DIARIES),
        ("desk", DESK),
        ("closed", CLOSED),
        ("closed_record", OWN),
        ("account", OWN),
    ])
}

fn described() -> Value {
    document(&declared(), 10)
}

/// Every operation by method and path.
fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        let operations = item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        operations.into_iter().map(move |method| (method, path.clone())).collect::<Vec<_>>()
    };
    let all: Vec<_> = paths.flat_map(of_path).collect();
    all.into_iter()
        .map(|(method, path)| ((method.to_uppercase(), path.clone()), &document["paths"][path][method]))
        .collect()
}

/// Every rule of the route table by method and path.
fn rules() -> BTreeMap<(String, String), Rule> {
    let routes = RouteTable::fixed().routes.into_iter().chain(routes::routes(&declared()));
    let rules = routes.flat_map(|route| {
        let pattern = route.pattern.into_owned();
        route.rules.into_iter().map(move |rule| ((rule.verb.as_str().to_owned(), pattern.clone()), rule))
    });
    rules.collect()
}

fn visit<'v>(value: &'v Value, see: &mut impl FnMut(&'v Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        Value::Object(members) => members.values().for_each(|member| visit(member, see)),
        _ => {}
    }
}

fn resolve<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    let Some(reference) = value.get("$ref") else { return value };
    let found = document.pointer(reference.as_str().unwrap().strip_prefix('#').unwrap());
    found.unwrap_or_else(|| panic!("{reference} refers to nothing"))
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = described();
    let described: Vec<_> = operations(&document).into_keys().collect();
    let served: Vec<_> = rules().into_keys().collect();
    assert_eq!(described, served);
}

#[test]
fn operations_take_the_query_parameters_that_the_edge_knows() {
    let document = described();
    // What nobody may do has no parameters worth a word.
    for (at, rule) in rules().into_iter().filter(|(_, rule)| rule.access != Access::Operator) {
        let parameters = operations(&document)[&at]["parameters"].as_array().cloned().unwrap_or_default();
        let parameters: Vec<_> = parameters.iter().map(|parameter| resolve(&document, parameter)).collect();
        let of_query = parameters.iter().filter(|parameter| parameter["in"] == "query");
        let described: BTreeSet<_> = of_query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let known: BTreeSet<_> = rule.parameters.iter().map(|parameter| parameter.name.as_ref()).collect();
        assert_eq!(described, known, "{at:?}");
        let names: BTreeSet<_> =
            parameters.iter().map(|one| (one["in"].as_str(), one["name"].as_str())).collect();
        assert_eq!(names.len(), parameters.len(), "{at:?}");
    }
}

#[test]
fn a_token_is_asked_for_exactly_where_the_edge_asks() {
    let document = described();
    let (account, operator) = (json!({ "account": [] }), json!({ "operator": [] }));
    let browser = json!({ "browser": [] });
    for (at, rule) in rules() {
        let security = operations(&document)[&at]["security"].as_array().unwrap().clone();
        let of_collection = at.1.starts_with("/v1/collections/");
        let depends_on_caller = rule.parameters.iter().any(|parameter| !parameter.private_values.is_empty());
        let expected = match (rule.access, rule.class) {
            // What a declaration lets nobody do no token helps with.
            (Access::Operator, _) if of_collection => vec![],
            (Access::Operator, _) => vec![operator.clone()],
            (Access::SignedIn, _) => vec![account.clone(), browser.clone()],
            (Access::Anyone, Class::Public) if !depends_on_caller => vec![],
            (Access::Anyone, _) if of_collection => vec![json!({}), account.clone(), browser.clone()],
            (Access::Anyone, _) => vec![],
        };
        assert_eq!(security, expected, "{at:?}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = described();
    let mut references = 0;
    visit(&document, &mut |value| {
        references += usize::from(value.get("$ref").is_some());
        resolve(&document, value);
    });
    assert!(references > 100, "{references}");
}

#[test]
fn every_component_of_ours_is_used() {
    let document = described();
    let mut used = BTreeSet::new();
    visit(&document, &mut |value| used.extend(value.get("$ref").and_then(Value::as_str)));
    for kind in ["schemas", "parameters", "headers"] {
        let names = document["components"][kind].as_object().unwrap().keys();
        // What a collection's rules let nobody do leaves schemas over.
        for name in names.filter(|name| !declared().keys().any(|collection| name.starts_with(collection))) {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(reference.as_str()), "{reference}");
        }
    }
}

#[test]
fn ids_of_operations_are_unique_and_tags_are_declared() {
    let document = described();
    let operations = operations(&document);
    let ids: BTreeSet<_> =
        operations.values().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    visit(&document["paths"], &mut |value| {
        for link in value.get("links").and_then(Value::as_object).into_iter().flatten() {
            assert!(ids.contains(link.1["operationId"].as_str().unwrap()), "{link:?}");
        }
    });
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for operation in operations.values() {
        assert!(tags.contains(&&operation["tags"][0]), "{}", operation["tags"]);
    }
    assert_eq!(tags.iter().map(|tag| tag.as_str()).collect::<BTreeSet<_>>().len(), tags.len());
}

#[test]
fn paths_have_the_parameters_that_they_name() {
    let document = described();
    for ((_, path), operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = parameters.iter().any(|parameter| resolve(&document, parameter)["in"] == "path");
        assert_eq!(in_path, path.contains("/{id}"), "{path}");
    }
}

#[test]
fn examples_are_what_the_declaration_takes() {
    for collection in declared().values() {
        let new = example::new(collection).to_string();
        let patch = example::patch(collection).to_string();
        validate::create(collection, new.as_bytes()).unwrap_or_else(|rejected| panic!("{new}: {rejected:?}"));
        validate::patch(collection, patch.as_bytes())
            .unwrap_or_else(|rejected| panic!("{patch}: {rejected:?}"));
    }
    assert!(example::ID.parse::<Id>().is_ok() && example::ACCOUNT.parse::<Id>().is_ok());
    assert!(example::BOOKMARK.parse::<stepwell_shared::bookmark::Position>().is_ok());
}

#[test]
fn a_field_is_described_with_its_bounds() {
    let document = described();
    let new = &document["components"]["schemas"]["everything_new"];
    let field = |name: &str| &new["properties"][name];
    let text = json!({ "type": ["string", "null"], "maxLength": 3, "pattern": r"^[^\u0000]*$" });
    assert_eq!(field("code"), &text);
    assert_eq!(field("stars"), &json!({ "type": "integer", "minimum": 2, "maximum": 5, "default": 3 }));
    assert_eq!(field("weight"), &json!({ "type": ["number", "null"], "maximum": 0.25 }));
    assert_eq!(field("state"), &json!({ "type": ["string", "null"], "enum": ["draft", "published", null] }));
    assert_eq!(field("due"), &json!({ "type": ["string", "null"], "format": "date-time" }));
    assert_eq!(field("author")["$ref"], "#/components/schemas/Id");
    assert_eq!(field("parent")["anyOf"], json!([{ "$ref": "#/components/schemas/Id" }, { "type": "null" }]));
    assert!(!field("extra")["type"].as_array().unwrap().contains(&json!("null")));
    assert_eq!(new["required"], json!(["title", "extra", "author"]));
    let patch = &document["components"]["schemas"]["everything_patch"];
    assert_eq!((&patch["required"], &patch["properties"]["stars"]["default"]), (&Value::Null, &Value::Null));
    let record = &document["components"]["schemas"]["everything_record"];
    assert_eq!(record["properties"]["version"]["readOnly"], true);
    assert_eq!(record["required"].as_array().unwrap().len(), 5 + 15);
}

#[test]
fn a_list_offers_the_orders_that_an_index_serves() {
    let document = described();
    let list = |collection: &str| {
        let list = &document["paths"][format!("/v1/collections/{collection}/records")]["get"];
        let parameters = list["parameters"].as_array().unwrap();
        let sort = parameters.iter().find(|parameter| parameter["name"] == "sort").unwrap();
        (list["description"].as_str().unwrap().to_owned(), sort["schema"]["enum"].as_array().unwrap().clone())
    };
    let (description, orders) = list("everything");
    for order in ["-created", "created", "state", "state,-stars,due", "-stars,due", "title", "id"] {
        assert!(orders.contains(&json!(order)), "{order} {orders:?}");
    }
    assert!(!orders.contains(&json!("due,stars")), "{orders:?}");
    assert!(
        description.contains("- With one value of `state`: `-stars,due`, `stars,-due`."),
        "{description}"
    );
    // Whoever may read only what is theirs gets the orders that an index has behind the owner.
    let (description, orders) = list("closed_record");
    assert!(orders.contains(&json!("-created")), "{orders:?}");
    assert!(!orders.contains(&json!("owner,-created")), "{orders:?}");
    assert!(!description.contains("With one value of"), "{description}");
}

#[test]
fn without_collections_there_is_still_a_document() {
    let document = document(&Collections::new(), 12);
    let operations = operations(&document);
    assert!(operations.contains_key(&(Verb::Post.as_str().to_owned(), "/v1/accounts".to_owned())));
    let new = &document["components"]["schemas"]["NewAccount"]["properties"]["password"];
    assert_eq!(new["minLength"], 12);
    visit(&document, &mut |value| {
        resolve(&document, value);
    });
}
