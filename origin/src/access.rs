//! Who a request comes from: passwords, the tokens that they yield, and the operator.

pub mod email;
pub mod keys;
pub mod operator;
pub mod passwords;
mod secret_file;
pub mod tokens;
