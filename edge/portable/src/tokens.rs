//! Tokens that have verified, so that a signature is checked once an instance and not at each request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use stepwell_edge_core::authenticate::TokenMemory;
use stepwell_shared::claims::Claims;

/// Tokens of one generation; about 600 bytes each.
const GENERATION_MAX: usize = 512;

/// The memory, keyed by the whole token: nothing shorter would tell a forged one apart. When a generation is full the one
/// before it is forgotten; whoever still comes with its tokens is remembered anew.
#[derive(Default)]
pub(crate) struct Tokens {
    generations: RefCell<[HashMap<Box<str>, Arc<Claims>>; 2]>,
}

impl Tokens {
    /// Forgets all: their keys may be accepted no more.
    pub(crate) fn clear(&self) {
        *self.generations.borrow_mut() = Default::default();
    }
}

impl TokenMemory for Tokens {
    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        let found = {
            let [young, old] = &*self.generations.borrow();
            if let Some(claims) = young.get(token) {
                return Some(claims.clone());
            }
            old.get(token).cloned()
        };
        if let Some(claims) = &found {
            self.remember(token, claims);
        }
        found
    }

    fn remember(&self, token: &str, claims: &Arc<Claims>) {
        let [young, old] = &mut *self.generations.borrow_mut();
        if young.len() >= GENERATION_MAX {
            *old = std::mem::take(young);
        }
        young.insert(token.into(), claims.clone());
    }
}
