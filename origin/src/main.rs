//! The `stepwell` command.

mod complaint;

fn main() {}
