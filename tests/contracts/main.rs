//! What Stepwell promises in documents, held against what it does.

mod documents;
mod problems;
mod threats;
