//! Other origins whose pages may use this service, and whom to tell of a hole in it.

use stepwell_edge_core::cors::{ANY, OtherOrigins};
use url::Url;

use crate::config::reader::Reader;

const TRUSTED: &str = "access.trusted_origins";
const READERS: &str = "access.cors_origins";
const CONTACT: &str = "access.security_contact";

/// Reads both lists, each origin in the one form in which browsers write it: scheme and host in lower case, a port that
/// is not the scheme's own.
pub fn read_origins(reader: &mut Reader) -> OtherOrigins {
    let trusted = read_list(reader, TRUSTED, |_| false);
    let readers = read_list(reader, READERS, |one| one == ANY);
    if readers.len() > 1 && readers.iter().any(|one| one == ANY) {
        reader.refuse(READERS, "names all origins and some", "write \"*\" alone, or leave it out");
    }
    OtherOrigins { readers, trusted }
}

fn read_list(reader: &mut Reader, key: &'static str, may_also_be: fn(&str) -> bool) -> Vec<String> {
    let origins: Vec<String> = reader.setting(key, Vec::new());
    if let Some(wrong) = origins.iter().find(|one| !is_origin(one) && !may_also_be(one)) {
        let fix = "write scheme, host and port as browsers do in Origin, such as \"https://app.example.com\"";
        reader.refuse(key, format!("{wrong:?} is not an origin"), fix);
    }
    origins
}

/// What has no host, such as `null`, has no origin that could be told from others; and a pattern is none.
fn is_origin(text: &str) -> bool {
    let is_as_browsers_write = |url: Url| url.has_host() && url.origin().ascii_serialization() == text;
    !text.contains('*') && Url::parse(text).is_ok_and(is_as_browsers_write)
}

/// Whom to tell of a hole: a URI (RFC 9116 §2.5.3), which on the web must be safe on its way.
pub fn read_contact(reader: &mut Reader) -> Option<String> {
    let contact: Option<String> = reader.setting(CONTACT, None);
    let is_contact = |text: &String| {
        // Printable ASCII in one line, as the parser takes it: it would pass over a line's end.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        is_plain && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "mailto" | "https" | "tel"))
    };
    if contact.as_ref().is_some_and(|text| !is_contact(text)) {
        let fix = "write a URI such as \"mailto:security@example.com\" or \"https://example.com/security\"";
        reader.refuse(CONTACT, "is not a URI of mailto, https or tel", fix);
    }
    contact
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (key, list) in [
            (TRUSTED, (|origins| origins.trusted) as fn(OtherOrigins) -> Vec<String>),
            (READERS, |origins| origins.readers),
        ] {
            let name = key.strip_prefix("access.").unwrap();
            let text = |origin: &str| format!("[access]\n{name} = [{origin:?}]");
            for good in ["https://app.example.com", "http://localhost:3000"] {
                assert_eq!(list(read(&text(good), read_origins)), [good]);
            }
            for bad in [
                "app.example.com",
                "https://app.example.com/",
                "https://App.example.com",
                "https://*.example.com",
                "null",
                "data:x",
                "https://a:443",
            ] {
                assert_eq!(complaint(&text(bad), read_origins).key, key, "{bad}");
            }
            assert!(list(read("", read_origins)).is_empty());
        }
    }

    #[test]
    fn all_may_read_but_never_change() {
        assert_eq!(read("[access]\ncors_origins = [\"*\"]", read_origins).readers, ["*"]);
        assert_eq!(complaint("[access]\ntrusted_origins = [\"*\"]", read_origins).key, TRUSTED);
        let both = "[access]\ncors_origins = [\"*\", \"https://a.example\"]";
        assert_eq!(complaint(both, read_origins).fix, "write \"*\" alone, or leave it out");
    }

    #[test]
    fn a_contact_is_a_uri_in_one_line() {
        let text = |contact: &str| format!("[access]\nsecurity_contact = {contact:?}");
        for good in ["mailto:security@example.com", "https://example.com/security", "tel:+1-201-555-0123"] {
            assert_eq!(read(&text(good), read_contact).as_deref(), Some(good));
        }
        for bad in ["security@example.com", "http://example.com", "mailto:a@b\nPolicy: x", "javascript:x"] {
            assert_eq!(complaint(&text(bad), read_contact).key, CONTACT, "{bad}");
        }
        assert_eq!(read("", read_contact), None);
    }
}
