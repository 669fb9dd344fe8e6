//! Where things are on disk.

use std::path::PathBuf;

use super::reader::Reader;

/// Section `[data]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Everything that is kept: the database, keys. Made by `serve` when it is not there.
    pub folder: PathBuf,
    /// What is served.
    pub collections: Declarations,
}

/// Where the collections are declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declarations {
    /// A folder with one file a collection.
    Folder(PathBuf),
    /// The application that is built in, for whoever tries Stepwell without a configuration.
    Example,
}

const COLLECTIONS: &str = "data.collections";

impl Data {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        let folder = reader.path("data.folder", "data");
        let collections = if reader.has_file() || reader.is_written(COLLECTIONS) {
            Declarations::Folder(reader.path(COLLECTIONS, "collections"))
        } else {
            reader.absent(COLLECTIONS);
            Declarations::Example
        };
        Self { folder, collections }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::document::Document;
    use crate::config::testing::read_with;

    #[test]
    fn without_a_file_the_example_is_served_unless_the_environment_names_a_folder() {
        let data = |environment: &[(&str, &str)]| {
            let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
            Data::read(&mut Reader::new(Document::default(), environment, &[]))
        };
        assert_eq!(data(&[]).collections, Declarations::Example);
        assert_eq!(data(&[("STEPWELL_DATA_COLLECTIONS", "c")]).collections, Declarations::Folder("c".into()));
        assert_eq!(read_with("", &[], Data::read).collections, Declarations::Folder("collections".into()));
    }
}
