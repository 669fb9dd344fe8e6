//! The collections that a configuration declares.

use crate::collections::{self, Collections};
use crate::complaint::Complaint;
use crate::config::Config;
use crate::config::data::Declarations;

/// Reads them, or the built-in example where there is no configuration.
pub fn collections(config: &Config) -> Result<Collections, Vec<Complaint>> {
    match &config.data.collections {
        Declarations::Example => collections::example(),
        Declarations::Folder(folder) if folder.is_dir() => collections::load(folder),
        Declarations::Folder(_) => {
            let fix = "make the folder, with one file a collection; `stepwell init` makes one to begin with";
            Err(vec![config.complain("data.collections", "is not a folder", fix)])
        }
    }
}
