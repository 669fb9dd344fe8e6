//! Filters of a list: `filter[topic]=ID`, and a range of one column: `filter[created][gte]=2026-01-01T00:00:00Z`.

use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::database::queries::records::selection::{Bound, Equalities, Range};
use crate::domain::value::from_text;
use crate::routes::records::parameters::column;

/// The filters of one list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Columns that have one value.
    pub equal: Equalities,
    /// A range of one more column.
    pub range: Option<Range>,
}

/// What is between the brackets of `filter[…]` or `filter[…][…]`; `None` for any other name.
pub fn brackets(name: &str) -> Option<(&str, Option<&str>)> {
    let inside = name.strip_prefix("filter[")?.strip_suffix(']')?;
    let (column, operator) = match inside.split_once("][") {
        Some((column, operator)) => (column, Some(operator)),
        None => (inside, None),
    };
    let plain = |part: &str| !part.contains(['[', ']']);
    (plain(column) && operator.is_none_or(plain)).then_some((column, operator))
}

impl Filters {
    /// Adds a filter. The error completes the sentence "filter[…]: …".
    pub fn add(
        &mut self,
        collection: &Collection,
        name: &str,
        operator: Option<&str>,
        text: &str,
    ) -> Result<(), String> {
        let column = column(collection, name)?;
        let kind = column.kind(collection).ok_or("is no field")?;
        let value = from_text(&kind, text).map_err(|broken| broken.detail)?;
        let bound = |inclusive| Bound { value: value.clone(), inclusive };
        match operator {
            None => {
                self.equal.push((column, value));
                Ok(())
            }
            Some("gte") => place(&mut self.range_of(collection, column)?.lower, bound(true)),
            Some("gt") => place(&mut self.range_of(collection, column)?.lower, bound(false)),
            Some("lte") => place(&mut self.range_of(collection, column)?.upper, bound(true)),
            Some("lt") => place(&mut self.range_of(collection, column)?.upper, bound(false)),
            Some(other) => Err(format!("there is no operator {other:?}; known are gte, gt, lte and lt")),
        }
    }

    /// What contradicts itself, once all filters are known.
    pub fn check(&self, collection: &Collection) -> Result<(), String> {
        let ranged = self.range.as_ref().map(|range| range.column);
        match ranged.filter(|column| self.equal.iter().any(|(equal, _)| equal == column)) {
            Some(column) => Err(format!(
                "{} is filtered to one value and to a range; leave one out",
                column.name(collection)
            )),
            None => Ok(()),
        }
    }

    fn range_of(&mut self, collection: &Collection, column: Column) -> Result<&mut Range, String> {
        let range = self.range.get_or_insert(Range { column, lower: None, upper: None });
        if range.column == column {
            return Ok(range);
        }
        let other = range.column.name(collection);
        Err(format!("there is a range of {other} already; a list has a range of one field"))
    }
}

fn place(slot: &mut Option<Bound>, bound: Bound) -> Result<(), String> {
    match slot.replace(bound) {
        None => Ok(()),
        Some(_) => Err("the range has this end already; leave one out".to_owned()),
    }
}
