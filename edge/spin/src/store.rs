//! Where entries are kept.

#[cfg(feature = "key-value")]
mod key_value;
#[cfg(not(feature = "key-value"))]
mod memory;

#[cfg(feature = "key-value")]
pub(crate) use key_value::Store;
#[cfg(not(feature = "key-value"))]
pub(crate) use memory::Store;
