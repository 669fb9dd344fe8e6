//! Query parameters of the records routes, decoded, and what is wrong with one.

use std::borrow::Cow;

use stepwell_shared::limits::QUERY_PARAMETERS_MAX;
use stepwell_shared::problem::{Code, Problem};
use url::form_urlencoded;

use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::complaint::closest;

/// Decoded names and values, in the order of the query.
pub type Parameters<'q> = Vec<(Cow<'q, str>, Cow<'q, str>)>;

/// A parameter that is not known, comes twice, or has a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadParameter(String);

impl BadParameter {
    /// `detail` completes a sentence that begins with the parameter's name.
    pub fn new(name: &str, detail: impl AsRef<str>) -> Self {
        Self(format!("{name}: {}", detail.as_ref()))
    }

    /// A sentence of its own.
    pub fn saying(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A name that the route does not know.
    pub fn unknown(name: &str, known: &[&str]) -> Self {
        let hint = hint(name, known.iter().copied());
        Self(format!("there is no parameter {name:?} here{hint}; known are {}", known.join(", ")))
    }
}

impl From<BadParameter> for Problem {
    fn from(BadParameter(detail): BadParameter) -> Self {
        Self::new(Code::BadParameter, detail)
    }
}

/// Decodes a query, in which no name comes twice.
pub fn decode(query: &str) -> Result<Parameters<'_>, BadParameter> {
    let mut parameters = Parameters::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if parameters.len() == QUERY_PARAMETERS_MAX {
            return Err(BadParameter(format!("a query has at most {QUERY_PARAMETERS_MAX} parameters")));
        }
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(BadParameter::new(&name, "comes twice"));
        }
        parameters.push((name, value));
    }
    Ok(parameters)
}

/// The column of that name. The error completes the sentence that [`BadParameter::new`] begins.
pub fn column(collection: &Collection, name: &str) -> Result<Column, String> {
    Column::find(collection, name).ok_or_else(|| {
        let hint = hint(name, Column::all(collection).map(|column| column.name(collection)));
        format!("{} has no field {name:?}{hint}", collection.name)
    })
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    closest(name, known).map_or_else(String::new, |known| format!("; did you mean {known:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_nothing_in_it_comes_twice() {
        let parameters = decode("filter%5Btopic%5D=a+b&sort=-created").unwrap();
        assert_eq!(parameters, [("filter[topic]".into(), "a b".into()), ("sort".into(), "-created".into())]);
        assert!(decode("sort=a&s%6Frt=b").is_err());
        assert!(decode(&"a=1&".repeat(2)).is_err());
        let many: Vec<String> = (0..=QUERY_PARAMETERS_MAX).map(|n| format!("p{n}=")).collect();
        assert!(decode(&many.join("&")).is_err());
    }
}
