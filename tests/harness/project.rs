//! A folder with what one server serves and keeps.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A temporary folder: declared collections or the built-in example, the data, the log. Gone when dropped.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
    declares: bool,
}

impl Project {
    /// Serves the built-in example.
    pub fn example() -> Self {
        Self { folder: temporary_folder(), declares: false }
    }

    /// Serves these collections: pairs of a name and its declaration.
    pub fn declaring(collections: &[(&str, &str)]) -> Self {
        let project = Self { folder: temporary_folder(), declares: true };
        let folder = project.collections();
        std::fs::create_dir(&folder).expect("the temporary folder can be written");
        for (name, declaration) in collections {
            project.declare(name, declaration);
        }
        project
    }

    /// Writes or replaces a collection's declaration.
    pub fn declare(&self, name: &str, declaration: &str) {
        let file = self.collections().join(format!("{name}.toml"));
        std::fs::write(file, declaration).expect("the temporary folder can be written");
    }

    /// The folder itself: where commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    fn collections(&self) -> PathBuf {
        self.folder().join("collections")
    }

    /// The settings that every command of this project is given, as environment variables.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let mut environment = vec![("STEPWELL_DATA_FOLDER", self.data())];
        if self.declares {
            environment.push(("STEPWELL_DATA_COLLECTIONS", self.collections()));
        }
        environment
    }
}

fn temporary_folder() -> TempDir {
    TempDir::with_prefix("stepwell-test-").expect("the system has a folder for temporary files")
}
