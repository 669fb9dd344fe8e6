//! `[cache]` and `[placement]`.

use super::names;
use super::reader::{Item, Reader, Section};
use crate::collections::collection::{CachePolicy, Field, FieldKind, Lifetimes, Placement};
use crate::complaint::closest;
use crate::units::parse_duration;

/// What answers live for where the declaration does not say. Long, since every write purges what it changes.
const LIFETIMES: Lifetimes = Lifetimes { edge_s: 600, stale_s: 86_400 };
/// A year: RFC 9111 readers take no longer lifetime for longer.
const LIFETIME_MAX_S: u64 = 365 * 86_400;
/// How a record cache fills; larger steps of the ladder use it.
const STRATEGIES: [&str; 3] = ["aside", "through", "refresh-ahead"];

/// `[cache]`.
pub(super) fn read_cache(reader: &mut Reader<'_>, item: Option<&Item<'_>>) -> CachePolicy {
    let mut policy = CachePolicy { record: LIFETIMES, list: LIFETIMES };
    let Some(section) = item.and_then(|item| reader.section(item)) else { return policy };
    reader.refuse_unknown(&section, &["record", "list", "strategy"]);
    for (name, lifetimes) in [("record", &mut policy.record), ("list", &mut policy.list)] {
        let Some(section) = section.get(name).and_then(|item| reader.section(item)) else { continue };
        reader.refuse_unknown(&section, &["edge", "stale"]);
        lifetimes.edge_s = read_lifetime(reader, &section, "edge").unwrap_or(lifetimes.edge_s);
        lifetimes.stale_s = read_lifetime(reader, &section, "stale").unwrap_or(lifetimes.stale_s);
    }
    if let Some(item) = section.get("strategy") {
        let text = reader.text(item, "strategy = \"aside\"").unwrap_or("aside");
        if !STRATEGIES.contains(&text) {
            let fix = closest(text, STRATEGIES).map_or_else(
                || format!("write one of {}", STRATEGIES.join(", ")),
                |name| format!("did you mean {name:?}?"),
            );
            reader.complain(item, "is not a strategy", fix);
        }
    }
    policy
}

fn read_lifetime(reader: &mut Reader<'_>, section: &Section<'_>, name: &str) -> Option<u64> {
    let item = section.get(name)?;
    let text = reader.text(item, &format!("{name} = \"10m\""))?;
    match parse_duration(text) {
        Some(duration) if duration.subsec_nanos() == 0 && duration.as_secs() <= LIFETIME_MAX_S => {
            Some(duration.as_secs())
        }
        Some(_) => {
            reader.complain(
                item,
                "is no number of seconds up to a year",
                "write a duration such as \"10m\" or \"1d\"",
            );
            None
        }
        None => {
            reader.complain(item, "is not a duration", "write \"30s\", \"10m\", \"1h 30m\" or \"7d\"");
            None
        }
    }
}

/// `[placement]`.
pub(super) fn read_placement(
    reader: &mut Reader<'_>,
    item: Option<&Item<'_>>,
    fields: &[Field],
) -> Placement {
    let mut placement = Placement { database: "main".to_owned(), shard_by: None, archive_after_months: None };
    let Some(section) = item.and_then(|item| reader.section(item)) else { return placement };
    reader.refuse_unknown(&section, &["database", "shard_by", "archive_after"]);
    if let Some(item) = section.get("database")
        && let Some(name) = reader.text(item, "database = \"main\"")
    {
        if let Err((problem, fix)) = names::check_form(name) {
            reader.complain(item, problem, fix);
        }
        name.clone_into(&mut placement.database);
    }
    if let Some(item) = section.get("shard_by")
        && let Some(name) = reader.text(item, "shard_by = \"owner\"")
    {
        let relation = |field: &&Field| matches!(field.kind, FieldKind::Relation { .. });
        let known = name == "owner"
            || reader.unread.iter().any(|unread| unread == name)
            || fields.iter().filter(relation).any(|field| field.name == name);
        if !known {
            reader.complain(
                item,
                "is neither owner nor a relation",
                "write \"owner\" or the name of a relation",
            );
        }
        placement.shard_by = Some(name.to_owned());
    }
    placement.archive_after_months = section.get("archive_after").and_then(|item| read_months(reader, item));
    placement
}

/// `"36 months"` or `"3 years"`.
fn read_months(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u32> {
    let text = reader.text(item, "archive_after = \"36 months\"")?;
    let months = text.split_once(' ').and_then(|(number, unit)| {
        let months = match unit {
            "month" | "months" => 1,
            "year" | "years" => 12,
            _ => return None,
        };
        number.parse::<u32>().ok()?.checked_mul(months).filter(|months| (1..=1200).contains(months))
    });
    if months.is_none() {
        reader.complain(item, "is no time of 1 to 1200 months", "write \"36 months\" or \"3 years\"");
    }
    months
}
