//! What a page of a list holds, and the conditions by which an index yields it.
//!
//! A page never skips rows (OFFSET): it begins where the last one ended. "After (v1, v2, id) in the order c1, c2, id" is
//! said as steps, each of which is one range of an index: `c1 = v1 AND c2 = v2 AND id > ?`, then `c1 = v1 AND c2 > v2`,
//! then `c1 > v1`. One condition with OR would let the database read all ties of v1 again and again.

use std::cmp::Ordering;

use super::order::{Key, Order};
use crate::collections::collection::Value;
use crate::collections::column::Column;

/// Equality filters: each column has this value.
pub type Equalities = Vec<(Column, Value)>;
/// The values that a record has in the columns of an order: a place in a list.
pub type Place = Vec<Option<Value>>;

/// Which records a page holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// One set of filters, or several: the list is their union, without repetition. None at all: nothing.
    pub sets: Vec<Equalities>,
    /// On the first column of the order.
    pub range: Option<Range>,
    /// The order, which an index serves for each set.
    pub order: Order,
    /// Where the last page ended.
    pub after: Option<Place>,
    /// Records at most.
    pub limit: usize,
}

/// A range of values of one column. Null is in no range.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The column.
    pub column: Column,
    /// No smaller value.
    pub lower: Option<Bound>,
    /// No larger value.
    pub upper: Option<Bound>,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: Value,
    /// Whether the value itself is in the range.
    pub inclusive: bool,
}

/// What one column must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Equal(Value),
    Null,
    NotNull,
    Above(Bound),
    Below(Bound),
}

/// Conditions that hold together.
pub(super) type Conditions = Vec<(Column, Test)>;

/// One range of an index: its rows, in the order of `keys`, come after those of the steps before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step<'a> {
    pub conditions: Conditions,
    pub keys: &'a [Key],
}

impl Range {
    /// Whether a value is in the range.
    pub fn contains(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return false };
        let fits = |bound: Option<&Bound>, outside: Ordering| {
            bound.is_none_or(|bound| match compare(Some(value), Some(&bound.value)) {
                Ordering::Equal => bound.inclusive,
                side => side != outside,
            })
        };
        fits(self.lower.as_ref(), Ordering::Less) && fits(self.upper.as_ref(), Ordering::Greater)
    }

    pub(super) fn conditions(&self) -> Conditions {
        let lower = self.lower.iter().map(|bound| Test::Above(bound.clone()));
        let upper = self.upper.iter().map(|bound| Test::Below(bound.clone()));
        lower.chain(upper).map(|test| (self.column, test)).collect()
    }
}

impl Selection {
    /// The steps in their order, without the equality filters.
    pub(super) fn steps(&self) -> Vec<Step<'_>> {
        let keys = self.order.keys();
        let in_range = || self.range.iter().flat_map(Range::conditions);
        let Some(after) = &self.after else {
            return vec![Step { conditions: in_range().collect(), keys }];
        };
        let mut steps = Vec::new();
        for depth in (0..keys.len()).rev() {
            let (Some((fixed, rest)), Some((ties, [value, ..]))) =
                (keys.split_at_checked(depth), after.split_at_checked(depth))
            else {
                continue;
            };
            let Some(key) = rest.first() else { continue };
            let ties: Conditions =
                fixed.iter().zip(ties).map(|(key, value)| (key.column, tie(value.as_ref()))).collect();
            for test in beyond(*key, value.as_ref()) {
                let mut conditions = ties.clone();
                // The range's own bound on this side is the weaker one: the place lies inside the range.
                conditions.extend(in_range().filter(|(_, bound)| depth > 0 || !test.replaces(bound)));
                conditions.push((key.column, test));
                steps.push(Step { conditions, keys: rest });
            }
        }
        steps
    }

    /// Which of two places comes first.
    pub(super) fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let sides = self.order.keys().iter().zip(a.iter().zip(b)).map(|(key, (a, b))| {
            let side = compare(a.as_ref(), b.as_ref());
            if key.descending { side.reverse() } else { side }
        });
        sides.fold(Ordering::Equal, Ordering::then)
    }
}

impl Test {
    /// Whether both bound the same side.
    fn replaces(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Above(_), Self::Above(_)) | (Self::Below(_), Self::Below(_)))
    }
}

fn tie(value: Option<&Value>) -> Test {
    value.cloned().map_or(Test::Null, Test::Equal)
}

/// What a column is after `value`: null is smaller than any value (in SQLite and in MySQL).
fn beyond(key: Key, value: Option<&Value>) -> Vec<Test> {
    let bound = |value: &Value| Bound { value: value.clone(), inclusive: false };
    match (key.descending, value) {
        (false, Some(value)) => vec![Test::Above(bound(value))],
        (false, None) => vec![Test::NotNull],
        // The id, which ends every order, is never null.
        (true, Some(value)) if key.column == Column::Id => vec![Test::Below(bound(value))],
        (true, Some(value)) => vec![Test::Below(bound(value)), Test::Null],
        (true, None) => Vec::new(),
    }
}

/// The order of values of one column, as the databases have it: null first, texts by their bytes.
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Text(a) | Value::Json(a)), Some(Value::Text(b) | Value::Json(b))) => a.cmp(b),
        (Some(Value::Integer(a) | Value::DateTime(a)), Some(Value::Integer(b) | Value::DateTime(b))) => {
            a.cmp(b)
        }
        // Floats of records are finite.
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Some(Value::Boolean(a)), Some(Value::Boolean(b))) => a.cmp(b),
        (Some(Value::Id(a)), Some(Value::Id(b))) => a.cmp(b),
        // Values of one column are of one kind; what is left is null.
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
