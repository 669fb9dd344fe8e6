//! `[rules]`: who may do what. What is not mentioned, nobody may.

use super::reader::{Item, Reader};
use crate::collections::collection::{Field, FieldKind, Rule, Rules};
use crate::collections::column::ACCOUNTS;
use crate::complaint::closest;
use crate::domain::caller::is_role;

const KNOWN: [&str; 4] = ["read", "create", "update", "delete"];

/// The rules; `fields` are those that a rule may name.
pub(super) fn read(reader: &mut Reader<'_>, item: Option<&Item<'_>>, fields: &[Field]) -> Rules {
    let Some(section) = item.and_then(|item| reader.section(item)) else { return Rules::default() };
    reader.refuse_unknown(&section, &KNOWN);
    let mut rule =
        |name| section.get(name).and_then(|item| read_rule(reader, item, fields)).unwrap_or_default();
    let rules =
        Rules { read: rule("read"), create: rule("create"), update: rule("update"), delete: rule("delete") };
    if let (Rule::Owner | Rule::Named(_), Some(item)) = (&rules.create, section.get("create")) {
        let fix = "write \"signed_in\": whoever creates a record is its owner";
        reader.complain(item, "names the owner of a record that does not exist yet", fix);
    }
    rules
}

fn read_rule(reader: &mut Reader<'_>, item: &Item<'_>, fields: &[Field]) -> Option<Rule> {
    let text = reader.text(item, "\"public\", \"signed_in\", \"owner\" or \"nobody\"")?;
    match text {
        "public" => return Some(Rule::Public),
        "signed_in" => return Some(Rule::SignedIn),
        "owner" => return Some(Rule::Owner),
        "nobody" => return Some(Rule::Nobody),
        _ => {}
    }
    if let Some(role) = text.strip_prefix("role:") {
        if is_role(role) {
            return Some(Rule::Role(role.to_owned()));
        }
        let fix = "write a letter, then letters, digits, \"_\" and \"-\", such as \"role:editor\"";
        reader.complain(item, "names no role: roles are words in lower case of at most 32 letters", fix);
        return None;
    }
    let names_account = |field: &&Field| matches!(&field.kind, FieldKind::Relation { to } if to == ACCOUNTS);
    if fields.iter().filter(names_account).any(|field| field.name == text) {
        return Some(Rule::Named(text.to_owned()));
    }
    if reader.unread.iter().any(|name| name == text) {
        return None;
    }
    if fields.iter().any(|field| field.name == text) {
        let fix =
            format!("declare {text} = {{ type = \"relation\", to = \"{ACCOUNTS}\" }}, or write another rule");
        reader.complain(item, "is a field that names no account", fix);
        return None;
    }
    let words = ["public", "signed_in", "owner", "nobody"];
    let known = words.into_iter().chain(fields.iter().filter(names_account).map(|field| field.name.as_str()));
    let fix = closest(text, known).map_or_else(
        || {
            "write \"public\", \"signed_in\", \"owner\", \"nobody\", \"role:NAME\" or the name of a relation to accounts"
                .to_owned()
        },
        |known| format!("did you mean {known:?}?"),
    );
    reader.complain(item, "is not a rule", fix);
    None
}
