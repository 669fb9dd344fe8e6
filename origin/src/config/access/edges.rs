//! The edges elsewhere whose requests this origin takes: a line each, the edge's name, a space and its key. An edge
//! whose key is being replaced has two lines.

use secrecy::{ExposeSecret as _, SecretString};
use stepwell_shared::edge_signature::{EdgeKey, EdgeKeys, EdgeName};

use crate::config::reader::Reader;

/// The setting; its file is `access.edges_file`.
pub const EDGES: &str = "access.edges";

/// Reads them. What is wrong is told by its line, which is not repeated.
pub fn read_edges(reader: &mut Reader) -> EdgeKeys {
    let mut keys = EdgeKeys::default();
    let text: Option<SecretString> = reader.secret(EDGES);
    let lines = text.as_ref().map(|text| text.expose_secret().lines()).into_iter().flatten();
    for (place, line) in lines.enumerate() {
        if let Err(why) = read_line(&mut keys, line) {
            let fix =
                "write a line an edge: its name, a space and its key, as `stepwell keys edge NAME` prints it";
            reader.refuse(EDGES, format!("has a wrong line {}: {why}", place + 1), fix);
        }
    }
    if text.is_some() && keys.is_empty() {
        reader.refuse(EDGES, "names no edge", "write a line with `stepwell keys edge NAME`, or leave it out");
    }
    keys
}

/// Takes in one line.
///
/// # Errors
/// What is wrong with it, without repeating it.
pub fn read_line(keys: &mut EdgeKeys, line: &str) -> Result<(), String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let (name, key) = line.split_once(char::is_whitespace).ok_or("there is no key behind the name")?;
    let name: EdgeName =
        name.parse().map_err(|bad: stepwell_shared::edge_signature::BadName| bad.to_string())?;
    let key: EdgeKey =
        key.trim().parse().map_err(|bad: stepwell_shared::edge_signature::BadKey| bad.to_string())?;
    keys.insert(name, key).map_err(|many| many.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint_with, read_with};

    const VARIABLE: &str = "STEPWELL_ACCESS_EDGES";

    fn names(text: &str) -> Vec<String> {
        let keys = read_with("", &[(VARIABLE, text)], read_edges);
        keys.names().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edge_is_a_line_and_two_while_its_key_is_replaced() {
        let [one, two] = ["a", "b"].map(|digit| digit.repeat(64));
        let text = format!("# ours\nfra {one}\n\nnyc\t{two}\nfra {two}\n");
        assert_eq!(names(&text), ["fra", "nyc"]);
        assert!(read_with("", &[], read_edges).is_empty());
    }

    #[test]
    fn a_wrong_line_is_told_by_its_number_and_not_repeated() {
        let good = "a".repeat(64);
        for (line, why) in [
            ("fra", "no key"),
            ("Fra aa", "name has"),
            ("fra hunter2", "hexadecimal digits or in base64"),
            ("fra c0ffee", "at least 32 bytes"),
            (&*format!("fra {good}\nfra {good}\nfra {good}"), "at most 2 keys"),
        ] {
            let complaint =
                complaint_with("", &[(VARIABLE, &*format!("# first\nnyc {good}\n{line}"))], read_edges);
            assert_eq!(complaint.key, EDGES);
            assert!(complaint.problem.contains(why), "{complaint}");
            let told = complaint.to_string();
            assert!(told.contains("line ") && !told.contains("hunter2") && !told.contains(&good), "{told}");
        }
        assert_eq!(complaint_with("", &[(VARIABLE, "# none")], read_edges).problem, "names no edge");
    }
}
