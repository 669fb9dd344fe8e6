//! Who an edge is to a Stepwell origin elsewhere: its name, and the key that it shares with it.

use secrecy::{ExposeSecret as _, SecretString};
use stepwell_shared::edge_signature::{EdgeKey, EdgeName};

use crate::config::reader::Reader;

const NAME: &str = "edge.name";
const KEY: &str = "edge.key";

/// An edge that signs what it forwards.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name.
    pub name: EdgeName,
    /// Its key.
    pub key: EdgeKey,
}

/// Reads both, of which neither is of use without the other. `None` is an edge before any origin.
pub fn read_identity(reader: &mut Reader) -> Option<Identity> {
    let name: Option<String> = reader.setting(NAME, None);
    let key: Option<SecretString> = reader.secret(KEY);
    let name_is_wrong = name.as_ref().is_some_and(|name| name.parse::<EdgeName>().is_err());
    if name_is_wrong {
        let fix = "write the name by which the origin's access.edges knows this edge, such as \"fra-1\"";
        reader.refuse(NAME, "is no edge's name: lower-case letters, digits, '-', '_' and '.'", fix);
    }
    let parsed = key.as_ref().map(|key| key.expose_secret().parse::<EdgeKey>());
    if let Some(Err(bad)) = &parsed {
        reader.refuse(KEY, format!("cannot be used: {bad}"), "make one with `stepwell keys edge NAME`");
    }
    match (name, parsed) {
        (Some(name), Some(Ok(key))) => Some(Identity { name: name.parse().ok()?, key }),
        (Some(_), None) if !name_is_wrong => {
            let fix =
                "name its key's file in edge.key_file, or set STEPWELL_EDGE_KEY; or leave edge.name out";
            reader.refuse(NAME, "names an edge of a Stepwell origin, and there is no key to sign with", fix);
            None
        }
        (None, Some(_)) => {
            let fix = "write in edge.name by which name the origin's access.edges knows this key";
            reader.refuse(NAME, "is not set, and there is a key to sign with", fix);
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint_with, read_with};

    const VARIABLE: &str = "STEPWELL_EDGE_KEY";

    #[test]
    fn a_name_and_a_key_make_an_edge_of_a_stepwell_and_neither_makes_one_of_any_origin() {
        let key = "a".repeat(64);
        let identity = read_with("[edge]\nname = 'fra-1'", &[(VARIABLE, &key)], read_identity).unwrap();
        assert_eq!(identity.name.as_str(), "fra-1");
        assert!(!format!("{identity:?}").contains("aaaa"));
        assert!(read_with("", &[], read_identity).is_none());
    }

    #[test]
    fn one_without_the_other_is_refused() {
        let key = "a".repeat(64);
        let alone = complaint_with("[edge]\nname = 'fra-1'", &[], read_identity);
        assert!(alone.key == NAME && alone.fix.contains("edge.key_file"), "{alone}");
        let nameless = complaint_with("", &[(VARIABLE, &key)], read_identity);
        assert!(nameless.key == NAME && nameless.fix.contains("access.edges"), "{nameless}");
        let short = complaint_with("[edge]\nname = 'fra-1'", &[(VARIABLE, "c0ffee")], read_identity);
        assert!(short.key == KEY && !short.to_string().contains("c0ffee"), "{short}");
        let bad = complaint_with("[edge]\nname = 'Fra 1'", &[(VARIABLE, &key)], read_identity);
        assert_eq!(bad.key, NAME);
    }
}
