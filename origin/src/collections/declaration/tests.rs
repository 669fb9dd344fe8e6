//! What a declaration may say, and what is told where it says something else.

use crate::collections::collection::{FieldKind, Index, IndexColumn, Lifetimes, Rule, Value};
use crate::collections::testing::{collection, collections, complaints};

/// `line: key: problem (fix)` of each complaint about one file.
fn told(toml: &str) -> Vec<String> {
    complaints(&[("things", toml)])
        .iter()
        .map(|complaint| {
            let place = complaint.place.to_string();
            let line = place.rsplit_once(':').map_or("file", |(_, line)| line);
            format!("{line}: {}: {} ({})", complaint.key, complaint.problem, complaint.fix)
        })
        .collect()
}

/// One field, on line 2.
fn field(declaration: &str) -> Vec<String> {
    told(&format!("[fields]\nf = {{ {declaration} }}"))
}

fn index(name: &str, columns: &[&str]) -> Index {
    let column = |text: &&str| IndexColumn {
        name: text.trim_start_matches('-').to_owned(),
        descending: text.starts_with('-'),
    };
    Index { name: name.to_owned(), columns: columns.iter().map(column).collect() }
}

#[test]
fn a_whole_declaration_is_read() {
    let things = collection(
        r#"
        name = "things"
        [fields]
        zeta = { type = "text", required = true, min = 1, max = 200 }
        alpha = { type = "integer", default = 0x10 }
        [fields.when]
        type = "datetime"
        default = 2026-01-01T00:00:00Z
        [fields.friend]
        type = "relation"
        to = "accounts"
        [rules]
        read = "friend"
        create = "signed_in"
        update = "owner"
        [indexes]
        by_alpha = ["alpha", "-zeta"]
        [cache]
        record = { edge = "1h 30m" }
        list = { edge = "0s", stale = "7d" }
        strategy = "refresh-ahead"
        [placement]
        database = "archive"
        shard_by = "friend"
        archive_after = "3 years"
        "#,
    );
    let names: Vec<&str> = things.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["zeta", "alpha", "when", "friend"], "in the order in which they are written");
    assert_eq!(things.fields[0].kind, FieldKind::Text { min: 1, max: 200 });
    assert_eq!(things.fields[1].default, Some(Value::Integer(16)));
    assert_eq!(things.fields[2].default, Some(Value::DateTime(1_767_225_600_000)));
    assert_eq!(things.rules.read, Rule::Named("friend".into()));
    assert_eq!(things.rules.delete, Rule::Nobody, "what is not mentioned, nobody may");
    assert_eq!(things.cache.record, Lifetimes { edge_s: 5400, stale_s: 86_400 });
    assert_eq!(things.cache.list, Lifetimes { edge_s: 0, stale_s: 604_800 });
    assert_eq!(things.placement.database, "archive");
    assert_eq!(things.placement.shard_by.as_deref(), Some("friend"));
    assert_eq!(things.placement.archive_after_months, Some(36));
}

#[test]
fn indexes_that_rules_and_relations_need_are_there_unless_declared() {
    let rules = "[rules]\nupdate = \"owner\"";
    let fields =
        "[fields]\nname = { type = \"text\", max = 80 }\nparent = { type = \"relation\", to = \"things\" }";
    let plain = collection(&format!("{fields}\n{rules}"));
    assert_eq!(
        plain.indexes,
        [
            index("created", &["-created"]),
            index("owner", &["owner", "-created"]),
            index("parent", &["parent", "-created"])
        ]
    );
    let declared = collection(&format!(
        "{fields}\n{rules}\n[indexes]\ncreated = [\"-created\"]\ntree = [\"parent\", \"-created\", \"name\"]"
    ));
    assert_eq!(
        declared.indexes,
        [
            index("created", &["-created"]),
            index("tree", &["parent", "-created", "name"]),
            index("owner", &["owner", "-created"]),
        ]
    );
    let taken = told(&format!("{fields}\n{rules}\n[indexes]\nowner = [\"owner\", \"name\"]"));
    assert!(taken[0].contains("\"owner\" is an index that every such collection has"), "{taken:?}");
}

#[test]
fn everything_that_is_wrong_is_told_with_its_line() {
    let told = told(
        r#"nmae = "things"
[fields]
Title = { type = "text" }
id = { type = "integer" }
state = { type = "selct" }
count = { type = "integer", max = "5", colour = "red" }
[rules]
read = "pubic"
create = "owner"
update = "count"
[indexes]
by_state = ["stars", "-state", "state"]
[cache]
record = { edge = "ten minutes" }
[placement]
shard_by = "count"
"#,
    );
    assert_eq!(
        told,
        [
            "1: nmae: is not known (did you mean \"name\"?)",
            "3: fields.Title: is not a name of 1 to 48 characters a-z, 0-9 and _ that begins with a letter (write \"title\")",
            "4: fields.id: is a column that every record has already (leave it out, or choose another name)",
            "5: fields.state.type: is not a type (did you mean \"select\"?)",
            "6: fields.count.colour: is not known (leave it out; known here are type, required, unique, default, min, max)",
            "6: fields.count.max: is not a whole number from -9007199254740991 to 9007199254740991 (write such a number, without quotes)",
            "8: rules.read: is not a rule (did you mean \"public\"?)",
            "9: rules.create: names the owner of a record that does not exist yet (write \"signed_in\": whoever creates a record is its owner)",
            "10: rules.update: is a field that names no account (declare count = { type = \"relation\", to = \"accounts\" }, or write another rule)",
            "12: indexes.by_state: is no field of the collection (write the names of fields, or of owner, created, updated or version)",
            "14: cache.record.edge: is not a duration (write \"30s\", \"10m\", \"1h 30m\" or \"7d\")",
            "16: placement.shard_by: is neither owner nor a relation (write \"owner\" or the name of a relation)",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_alone() {
    let told = told("[fields]\nf = { type = \"text\"\n[rules]\nread = public\n");
    assert!(told.iter().all(|line| line.contains("is not TOML")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("4:")), "{told:?}");
}

#[test]
fn a_field_says_what_it_is() {
    let has = |told: Vec<String>, part: &str| {
        assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:?}");
    };
    has(field(""), "2: fields.f: has no type");
    has(field("type = 1"), "is not a string");
    has(field("type = \"relation\""), "does not say what it relates to");
    has(field("type = \"select\""), "does not say what can be selected");
    has(field("type = \"select\", options = []"), "holds 0 options");
    has(field("type = \"select\", options = [\"a\", \"a\"]"), "is there twice");
    has(field("type = \"select\", options = [\"a\", 1]"), "is not an array of strings");
    has(field("type = \"text\", min = 5, max = 4"), "leaves no value between min and max");
    has(field("type = \"text\", min = -1"), "is not a whole number from 0");
    has(field("type = \"number\", max = inf"), "is not a finite number");
    has(field("type = \"boolean\", max = 1"), "is not known");
    has(field("type = \"json\", unique = true"), "cannot be unique");
    has(field("type = \"text\", required = \"yes\""), "is neither true nor false");
    has(field("type = \"text\", unique = true"), "is too long to be unique");
    has(told("[fields]\nf = 1"), "is not a table");
    has(told("[fields]"), "holds 0 fields");
    has(told(""), "file: fields: is missing");
}

#[test]
fn a_default_is_a_value_that_a_request_could_send() {
    let default = |declaration: &str| {
        collection(&format!("[fields]\nf = {{ {declaration} }}")).fields[0].default.clone().unwrap()
    };
    assert_eq!(default("type = \"number\", default = 1"), Value::Number(1.0));
    assert_eq!(
        default("type = \"json\", default = { a = [1, 2.5, \"x\"] }"),
        Value::Json(r#"{"a":[1,2.5,"x"]}"#.into())
    );
    assert_eq!(default("type = \"select\", options = [\"a\"], default = \"a\""), Value::Text("a".into()));
    for (declaration, problem) in [
        ("type = \"integer\", max = 5, default = 6", "is no default: it must be at most 5"),
        ("type = \"integer\", default = \"6\"", "is no default: it must be a whole number"),
        ("type = \"select\", options = [\"a\"], default = \"b\"", "is no default: it must be one of a"),
        ("type = \"datetime\", default = 2026-01-01", "is no default: it must be a date and time"),
        ("type = \"number\", default = nan", "is not a finite value"),
        ("type = \"text\", max = 9, unique = true, default = \"a\"", "would be taken by the first record"),
    ] {
        let told = field(declaration);
        assert!(told[0].contains(problem), "{declaration}: {told:?}");
    }
}

#[test]
fn names_are_neutral() {
    let fields = "[fields]\nf = { type = \"text\" }";
    for (name, problem) in [
        ("accounts", "is built in"),
        ("sqlite_stat1", "is reserved"),
        ("stepwell_x", "is reserved"),
        ("Posts", "is not a name"),
        ("2posts", "is not a name"),
        ("a__b", "holds two _ in a row"),
        ("select", ""),
    ] {
        if problem.is_empty() {
            collections(&[(name, fields)]);
            continue;
        }
        let complaints = complaints(&[(name, fields)]);
        assert!(complaints[0].problem.contains(problem), "{name}: {complaints:?}");
    }
    for name in ["id", "version", "expand", "stepwell_x", "a-b", "\"\""] {
        assert_eq!(told(&format!("[fields]\n{name} = {{ type = \"boolean\" }}")).len(), 1, "{name}");
    }
    let other = told(&format!("name = \"stuff\"\n{fields}"));
    assert_eq!(
        other,
        ["1: name: is not the file's name (write \"things\", or rename the file to stuff.toml)"]
    );
}

#[test]
fn indexes_are_bounded() {
    let lines = |lines: Vec<String>| lines.join("\n");
    let fields = lines((0..20).map(|n| format!("f{n} = {{ type = \"integer\" }}")).collect());
    let indexes = lines((0..16).map(|n| format!("i{n} = [\"f{n}\"]")).collect());
    let over = told(&format!("[fields]\n{fields}\n[indexes]\n{indexes}"));
    assert!(over[0].contains("there are 17 indexes"), "{over:?}");
    let long: Vec<String> = (0..9).map(|n| format!("\"f{n}\"")).collect();
    let over = told(&format!("[fields]\n{fields}\n[indexes]\ni = [{}]", long.join(", ")));
    assert!(over[0].contains("has 9 columns"), "{over:?}");
    let wide: Vec<String> = (0..9)
        .map(|n| (0..8).map(|m| format!("\"f{}\"", (n + m) % 20)).collect::<Vec<_>>().join(", "))
        .collect();
    let indexes = lines(wide.iter().enumerate().map(|(n, columns)| format!("i{n} = [{columns}]")).collect());
    let over = told(&format!("[fields]\n{fields}\n[indexes]\n{indexes}"));
    assert!(over[0].contains("sets of fields"), "{over:?}");
    let text = "[fields]\nf = { type = \"text\", max = 800 }\n[indexes]\n";
    assert!(told(&format!("{text}i = [\"f\"]"))[0].contains("is 3200 bytes long"));
    assert!(told("[fields]\nf = { type = \"json\" }\n[indexes]\ni = [\"f\"]")[0].contains("has no order"));
    assert!(
        told("[fields]\nf = { type = \"boolean\" }\n[indexes]\ni = [\"f\", \"id\"]")[0]
            .contains("is the last column")
    );
    assert!(
        told("[fields]\nf = { type = \"boolean\" }\n[indexes]\ni = [\"f\"]\nj = [\"f\"]")[0]
            .contains("is the same as i")
    );
}

#[test]
fn a_relation_points_to_a_declared_collection() {
    let to = |name: &str| format!("[fields]\nf = {{ type = \"relation\", to = {name:?} }}");
    collections(&[("posts", &to("posts")), ("likes", &to("posts")), ("friends", &to("accounts"))]);
    let complaints = complaints(&[("posts", &to("post")), ("likes", &to("people"))]);
    let told: Vec<_> =
        complaints.iter().map(|complaint| (complaint.key.as_str(), complaint.fix.as_str())).collect();
    assert_eq!(
        told,
        [
            ("fields.f.to", "did you mean \"posts\"?"),
            ("fields.f.to", "declare it in people.toml, or write the name of a declared collection"),
        ]
    );
    assert_eq!(complaints[1].place.to_string(), "likes.toml:2");
}

#[test]
fn a_rule_may_name_a_role() {
    let desk = |rule: &str| {
        format!("[fields]\nname = {{ type = \"text\" }}\n[rules]\nread = {rule:?}\ncreate = {rule:?}")
    };
    let rules = collection(&desk("role:editor")).rules;
    assert_eq!((rules.read, rules.create), (Rule::Role("editor".into()), Rule::Role("editor".into())));
    for wrong in ["role:", "role:Editor", "role:a b", "role:2nd"] {
        let told = told(&desk(wrong));
        assert!(told.len() == 2 && told.iter().all(|one| one.contains("names no role")), "{told:?}");
    }
}
