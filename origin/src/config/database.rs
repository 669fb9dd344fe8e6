//! Which database holds the records, and how it is worked.

use clap::ValueEnum;

use super::reader::Reader;
use super::value::{Setting, Written, read_choice, write_choice};

/// Section `[database]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The product.
    pub kind: Kind,
    /// Connections that read at the same time.
    pub readers: usize,
    /// Writes that are committed as one group at most.
    pub group_commit_max: usize,
    /// Whether `serve` applies what only expands before it serves; else it refuses to start until `stepwell migrate`
    /// has run.
    pub migrate_on_start: bool,
}

/// A database product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A file in the data folder; nothing else to install.
    #[value(name = "sqlite")]
    Sqlite,
}

/// Each reader costs a thread and its page cache.
const READERS_MAX: usize = 256;
/// A group that is too large holds up its first write for its last.
const GROUP_COMMIT_MAX: usize = 10_000;

impl Database {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            kind: reader.setting("database.kind", Kind::Sqlite),
            readers: reader.setting_within("database.readers", 4, &(1..=READERS_MAX)),
            group_commit_max: reader.setting_within(
                "database.group_commit_max",
                256,
                &(1..=GROUP_COMMIT_MAX),
            ),
            migrate_on_start: reader.setting("database.migrate_on_start", true),
        }
    }
}

impl Setting for Kind {
    const NAME: &'static str = "a database that this version knows";
    const EXAMPLE: &'static str = "\"sqlite\"";

    fn read(written: &Written) -> Option<Self> {
        read_choice(written)
    }

    fn write(&self) -> String {
        write_choice(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::complaint;

    #[test]
    fn a_pool_of_nothing_and_an_unknown_product_are_refused() {
        let complaint = |text| complaint(text, Database::read).to_string();
        assert!(complaint("[database]\nreaders = 0").contains("write a whole number from 1 to 256"));
        assert!(
            complaint("[database]\nkind = \"oracle\"")
                .contains("write one such as \"sqlite\"; the default is")
        );
    }
}
