//! From text to a value of the right type: the text of a query parameter, or the content of a JSON string.

use email_address::{EmailAddress, Options};
use stepwell_shared::ids::Id;
use stepwell_shared::limits::INTEGER_MAX;
use url::Url;

use super::{Broken, without_negative_zero};
use crate::collections::collection::{FieldKind, Value};
use crate::complaint::closest;
use crate::domain::datetime;

/// RFC 5321 §4.5.3.1.3: a path is at most 256 octets, angle brackets included.
pub const EMAIL_BYTES_MAX: usize = 254;
/// Browsers and CDNs take 2,000 characters everywhere; longer addresses break somewhere.
pub const URL_BYTES_MAX: usize = 2048;

/// The value that a filter's text means. Bounds are not asked for: a filter may name a value that no record can have
/// any more, and finds nothing.
pub fn from_text(kind: &FieldKind, text: &str) -> Result<Value, Broken> {
    match kind {
        FieldKind::Text { .. } | FieldKind::Select { .. } | FieldKind::Email | FieldKind::Url => {
            read_text(kind, text.to_owned())
        }
        FieldKind::Integer { .. } => {
            let whole = || Broken::new("type", "must be a whole number between -(2^53-1) and 2^53-1");
            let number: i64 = text.parse().map_err(|_| whole())?;
            let in_range = (-INTEGER_MAX..=INTEGER_MAX).contains(&number);
            if in_range { Ok(Value::Integer(number)) } else { Err(whole()) }
        }
        FieldKind::Number { .. } => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(without_negative_zero(number))),
            _ => Err(Broken::new("type", "must be a number")),
        },
        FieldKind::Boolean => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(Broken::new("type", "must be true or false")),
        },
        FieldKind::DateTime => datetime::parse(text).map(Value::DateTime).ok_or_else(not_a_datetime),
        FieldKind::Relation { to } => text.parse::<Id>().map(Value::Id).map_err(|_| not_an_id(to)),
        FieldKind::Media => text.parse::<Id>().map(Value::Id).map_err(|_| not_an_id("media")),
        FieldKind::Json { .. } => Err(Broken::new("unsupported", "cannot be filtered by: it holds JSON")),
    }
}

/// A value of one of the kinds whose JSON is a string and whose value is text. `kind` is one of them.
pub(super) fn read_text(kind: &FieldKind, text: String) -> Result<Value, Broken> {
    match kind {
        FieldKind::Select { options } if !options.contains(&text) => {
            let hint = closest(&text, options.iter().map(String::as_str))
                .map_or_else(String::new, |option| format!("; did you mean {option:?}?"));
            let detail = format!("must be one of {}{hint}", options.join(", "));
            Err(Broken::new("option", detail))
        }
        FieldKind::Email => email(text),
        FieldKind::Url => url(&text),
        // SQL tools take U+0000 for the end of a text, so what they show and what is stored would differ.
        FieldKind::Text { .. } if text.contains('\0') => {
            Err(Broken::new("format", "must not contain the character U+0000"))
        }
        _ => Ok(Value::Text(text)),
    }
}

pub(super) fn not_a_datetime() -> Broken {
    Broken::new("format", "must be a date and time as RFC 3339 writes them, such as 2026-11-23T19:00:00Z")
}

pub(super) fn not_an_id(of: &str) -> Broken {
    Broken::new(
        "format",
        format!("must be an id of {of}: 13 characters of 0-9 and a-z without i, l, o and u"),
    )
}

fn email(text: String) -> Result<Value, Broken> {
    // A bare address: no name around it, no IP address after the @.
    let options = Options::default().without_display_text().without_domain_literal();
    let fits = text.len() <= EMAIL_BYTES_MAX && EmailAddress::parse_with_options(&text, options).is_ok();
    if fits {
        Ok(Value::Text(text))
    } else {
        Err(Broken::new("format", "must be an e-mail address, such as ada@example.org"))
    }
}

/// Kept as the WHATWG parser writes it, so that one address has one text.
fn url(text: &str) -> Result<Value, Broken> {
    let format =
        || Broken::new("format", "must be an absolute http or https URL, such as https://example.org/");
    let url = Url::parse(text).map_err(|_| format())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format());
    }
    if url.as_str().len() > URL_BYTES_MAX {
        return Err(Broken::new("max", format!("must be at most {URL_BYTES_MAX} bytes long")));
    }
    Ok(Value::Text(url.into()))
}
