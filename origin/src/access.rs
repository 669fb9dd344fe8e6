//! Who a request comes from: passwords, the tokens that they yield, and the operator.

pub mod api_keys;
pub mod attempts;
pub mod email;
pub mod keys;
pub mod opaque;
pub mod operator;
pub mod passwords;
pub mod refresh;
pub mod revocations;
pub mod secret_file;
pub mod sessions;
pub mod tokens;
