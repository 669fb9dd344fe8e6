//! What a list's query asks for.

use stepwell_shared::limits::{PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};

use super::filters::{Filters, brackets};
use crate::collections::collection::Collection;
use crate::database::queries::records::order::Key;
use crate::routes::records::parameters::{BadParameter, column, decode};
use crate::routes::records::shape::Shape;

const KNOWN: [&str; 8] =
    ["filter[FIELD]", "filter[FIELD][gte|gt|lte|lt]", "sort", "limit", "after", "fields", "expand", "count"];

/// A list's query, checked against the collection.
#[derive(Debug)]
pub struct Request {
    /// Which records.
    pub filters: Filters,
    /// The order that is asked for; empty when any will do.
    pub sort: Vec<Key>,
    /// Records of a page.
    pub limit: usize,
    /// The cursor, unread.
    pub after: Option<String>,
    /// How each record is shown.
    pub shape: Shape,
    /// Whether to count the records of all pages.
    pub count: bool,
}

impl Request {
    /// Reads a query.
    pub fn read(collection: &Collection, query: &str) -> Result<Self, BadParameter> {
        let mut request = Self {
            filters: Filters::default(),
            sort: Vec::new(),
            limit: PAGE_RECORDS_DEFAULT,
            after: None,
            shape: Shape::default(),
            count: false,
        };
        for (name, value) in decode(query)? {
            let broken = |detail: String| BadParameter::new(&name, detail);
            match name.as_ref() {
                "sort" => request.sort = sort(collection, &value).map_err(broken)?,
                "limit" => request.limit = limit(&value).map_err(broken)?,
                "after" => request.after = Some(value.into_owned()),
                "fields" => request.shape.read_fields(collection, &value).map_err(broken)?,
                "expand" => request.shape.read_expand(collection, &value).map_err(broken)?,
                "count" => request.count = truth(&value).map_err(broken)?,
                other => {
                    let (column, operator) =
                        brackets(other).ok_or_else(|| BadParameter::unknown(other, &KNOWN))?;
                    request.filters.add(collection, column, operator, &value).map_err(broken)?;
                }
            }
        }
        request.filters.check(collection).map_err(BadParameter::saying)?;
        Ok(request)
    }
}

/// `-created,title`: columns in order, a minus for those whose larger values come first.
fn sort(collection: &Collection, text: &str) -> Result<Vec<Key>, String> {
    let mut keys: Vec<Key> = Vec::new();
    for part in text.split(',') {
        let (name, descending) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
        let column = column(collection, name)?;
        if keys.iter().any(|key| key.column == column) {
            return Err(format!("{name:?} comes twice"));
        }
        keys.push(Key { column, descending });
    }
    Ok(keys)
}

fn limit(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|limit| (1..=PAGE_RECORDS_MAX).contains(limit));
    number.ok_or_else(|| format!("must be a whole number from 1 to {PAGE_RECORDS_MAX}"))
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}
