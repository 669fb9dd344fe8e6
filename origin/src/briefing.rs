//! What an edge elsewhere must know of this origin, and the name of that state.
//!
//! Two names: what is *declared* changes only between two runs of the process, and decides what stored answers are worth;
//! the *revision* covers the published keys as well, which change while it runs. The first is kept in the database, so that
//! a start after a change purges what was stored before it; the second is on every page of the purge log.

use std::fmt::Write as _;

use stepwell_edge_core::cors::OtherOrigins;
use stepwell_shared::api::edge::{EdgeBriefing, Jwk, JwkSet};
use stepwell_shared::bookmark::Position;
use stepwell_shared::edge_signature::EdgeKeys;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;

use crate::access::tokens::Tokens;
use crate::audit::{Actor, Change, Trail, What};
use crate::collections::Collections;
use crate::database::queries::meta::Before;
use crate::database::{self, Database, Transaction, queries};
use crate::routes::jwks;

/// What of it does not change while the process runs.
#[derive(Clone, Debug)]
pub struct Briefing {
    declared: String,
    origins: OtherOrigins,
    /// The edges, for the audit log.
    edges: String,
}

/// What a start holds against the one before.
struct Fact {
    name: &'static str,
    value: String,
    /// What is void where it is another.
    purged: Option<Tag>,
    /// What the audit log says then.
    noted: Option<What>,
}

impl Briefing {
    /// Of an origin with these declarations.
    pub fn new(
        collections: &Collections,
        routes: &RouteTable,
        audience: &str,
        origins: OtherOrigins,
        edges: &EdgeKeys,
    ) -> Self {
        // Another version may render the same declarations otherwise.
        let version = env!("CARGO_PKG_VERSION");
        // A table of texts and names always serialises.
        let routes = serde_json::to_string(routes).unwrap_or_default();
        let declared = hash(&format!("{version}\n{audience}\n{origins:?}\n{routes}\n{collections:?}"));
        Self { declared, origins, edges: edges.listed() }
    }

    /// The name of the state that an edge must know, with the keys that are published now.
    pub fn revision(&self, tokens: &Tokens) -> String {
        let mut all = self.declared.clone();
        for (kid, _) in tokens.keys().set().all() {
            // Writing to a string cannot fail.
            let _ = write!(all, " {kid}");
        }
        hash(&all)
    }

    /// The whole of it. `position` was read before.
    pub fn tell(&self, routes: &RouteTable, tokens: &Tokens, position: Position) -> EdgeBriefing {
        // Before the keys: if they change between, the name is the older one, and the edge asks again.
        let revision = self.revision(tokens);
        let keys = tokens.keys().set().all();
        EdgeBriefing {
            revision,
            routes: routes.clone(),
            audience: tokens.audience().to_owned(),
            jwks: JwkSet { keys: keys.into_iter().map(|(kid, key)| Jwk::of(kid, &key)).collect() },
            cors_origins: self.origins.readers.clone(),
            trusted_origins: self.origins.trusted.clone(),
            position,
        }
    }

    /// Purges what was stored under other declarations or keys than those of this start. To be called before anything is
    /// served: the purge is on disk, with the names of what is declared now, when it returns. So is what the audit log says.
    pub async fn publish(
        &self,
        database: &Database,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<(), database::Error> {
        let facts = self.facts(tokens);
        let purged = database.primary.write::<_, database::Error, _>(move |tx| {
            Box::pin(async move {
                let mut purged = Vec::new();
                for fact in facts {
                    purged.extend(fact.hold(tx, now).await?);
                }
                Ok(purged)
            })
        });
        for tag in purged.await?.value {
            tracing::info!(%tag, "what is declared or published is not what it was at the last start");
        }
        Ok(())
    }

    fn facts(&self, tokens: &Tokens) -> [Fact; 3] {
        let kids: Vec<String> = tokens.keys().set().all().into_iter().map(|(kid, _)| kid).collect();
        [
            Fact {
                name: queries::meta::DECLARED,
                value: self.declared.clone(),
                purged: Some(Tag::all()),
                noted: Some(What::DeclarationsChanged),
            },
            Fact {
                name: queries::meta::KEYS,
                value: kids.join(" "),
                purged: Some(Tag::path(jwks::PATH)),
                // What rotates them notes it.
                noted: None,
            },
            Fact {
                name: queries::meta::EDGES,
                value: self.edges.clone(),
                purged: None,
                noted: Some(What::EdgesChanged),
            },
        ]
    }
}

impl Fact {
    /// Notes it, and what follows where it is another than before. Returns what that purged.
    async fn hold(self, tx: &mut Transaction, now: Timestamp) -> Result<Option<Tag>, database::Error> {
        let is_other = match queries::meta::replace(tx, self.name, self.value.clone()).await? {
            Before::Same => false,
            Before::Other => true,
            // A version that did not note it may have served; a database that is new has not.
            Before::Nothing => tx.position().sequence > 0,
        };
        if !is_other {
            return Ok(None);
        }
        if let Some(what) = self.noted {
            let change = Change::new(now, what, Actor::Command, Trail::default());
            change.with(self.value).write(tx).await?;
        }
        tx.purge(self.purged.clone());
        Ok(self.purged)
    }
}

fn hash(text: &str) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}

#[cfg(test)]
mod tests;
