//! The threat model names the test that shows each defence. A name without a test would be a defence without one.

use std::path::Path;

use stepwell_tests::binary::root;

/// What is said in `THREATS.md` of tests stands in the last column of its tables, each name in backticks.
fn named(document: &str) -> Vec<&str> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// All the Rust under a folder of `tests/`, in one text.
fn source(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let text = |path: &Path| std::fs::read_to_string(path).expect("sources are text");
    paths.map(|path| if path.is_dir() { source(&path) } else { text(&path) }).collect()
}

#[test]
fn every_test_that_the_threat_model_names_exists_and_every_hostile_one_is_named() {
    let document = std::fs::read_to_string(root().join("THREATS.md")).expect("there is a threat model");
    let named = named(&document);
    assert!(named.len() > 40, "the tables are read wrong: {named:?}");
    let hostile = source(&root().join("tests/hostile"));
    let tests = hostile.clone() + &source(&root().join("tests/journeys"));
    for name in &named {
        assert!(tests.contains(&format!("async fn {name}()")), "THREATS.md names {name}, which is no test");
    }
    for test in hostile.split("#[tokio::test]").skip(1) {
        let name = test.split("async fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or_default();
        assert!(named.contains(&name), "THREATS.md does not say what {name} shows");
    }
}
