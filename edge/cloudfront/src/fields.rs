//! Header fields, in CloudFront's form and in `http`'s.

use http::{HeaderMap, HeaderName, HeaderValue};
use stepwell_shared::limits::HEADERS_MAX;
use stepwell_shared::problem::{Code, Problem};

use crate::event::{Field, Fields};

/// Fields that a handler may read and must hand back as they came: CloudFront answers 502 otherwise ("Restrictions on edge
/// functions", read-only headers). `If-*` and `Accept-Encoding` are read-only at the origin only; nothing here changes them.
const READ_ONLY: [&str; 12] = [
    "accept-encoding",
    "content-length",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
    "transfer-encoding",
    "via",
    "expect",
];

/// As a map.
///
/// # Errors
/// [`Code::BadRequest`] for a name or a value that no HTTP message can hold, and for more than [`HEADERS_MAX`] fields.
pub fn read(fields: &Fields) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    for (name, lines) in fields {
        let parsed: HeaderName = name.parse().map_err(|_| unreadable(name))?;
        for line in lines {
            if headers.len() >= HEADERS_MAX {
                return Err(Problem::new(Code::BadRequest, format!("at most {HEADERS_MAX} fields")));
            }
            let value = HeaderValue::from_str(&line.value).map_err(|_| unreadable(name))?;
            headers.append(parsed.clone(), value);
        }
    }
    Ok(headers)
}

fn unreadable(name: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("the header field {name:?} cannot be read"))
}

/// As CloudFront takes them. A value that is no text is left out: JSON has no place for it.
pub fn write(headers: &HeaderMap) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in headers {
        let Ok(value) = value.to_str() else { continue };
        let line = Field { key: Some(name.as_str().to_owned()), value: value.to_owned() };
        fields.entry(name.as_str().to_owned()).or_default().push(line);
    }
    fields
}

/// The fields of a request with this header in place of the one that it came with: what is read-only stays as it was.
pub fn replaced(before: &Fields, headers: &HeaderMap) -> Fields {
    let mut fields = write(headers);
    fields.retain(|name, _| !is_read_only(name));
    for (name, lines) in before.iter().filter(|(name, _)| is_read_only(name)) {
        fields.insert(name.clone(), lines.clone());
    }
    fields
}

/// The chosen header, with those fields of a request that CloudFront sends whatever is chosen: a signature covers what
/// the origin gets.
pub fn with_read_only(before: &HeaderMap, mut chosen: HeaderMap) -> HeaderMap {
    for name in READ_ONLY.map(HeaderName::from_static) {
        chosen.remove(&name);
        for line in before.get_all(&name) {
            chosen.append(&name, line.clone());
        }
    }
    chosen
}

fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::new();
        for (name, value) in pairs {
            let line = Field { key: None, value: (*value).to_owned() };
            fields.entry((*name).to_owned()).or_default().push(line);
        }
        fields
    }

    #[test]
    fn a_field_of_several_lines_stays_one() {
        let headers = read(&fields(&[("cookie", "a=b"), ("cookie", "c=d"), ("host", "h")])).unwrap();
        assert_eq!(headers.get_all("cookie").iter().count(), 2);
        let again = write(&headers);
        assert_eq!(
            again["cookie"].iter().map(|line| line.value.as_str()).collect::<Vec<_>>(),
            ["a=b", "c=d"]
        );
    }

    #[test]
    fn what_no_message_can_hold_is_refused() {
        for bad in [("a b", "x"), ("a", "x\r\ny: z"), ("", "x")] {
            assert_eq!(read(&fields(&[bad])).unwrap_err().code, Code::BadRequest, "{bad:?}");
        }
        let many: Vec<(String, &str)> = (0..=HEADERS_MAX).map(|n| (format!("x-{n}"), "")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(read(&fields(&many)).unwrap_err().code, Code::BadRequest);
    }

    #[test]
    fn read_only_fields_are_handed_back_as_they_came() {
        let before = fields(&[("host", "h"), ("via", "2.0 cf"), ("x-gone", "1")]);
        let after = replaced(
            &before,
            &HeaderMap::from_iter([("x-new".parse().unwrap(), HeaderValue::from_static("1"))]),
        );
        assert_eq!(after.keys().map(String::as_str).collect::<Vec<_>>(), ["host", "via", "x-new"]);
        assert_eq!(after["via"], before["via"]);
    }
}
