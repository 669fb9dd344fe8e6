//! What is built into a function's package. Lambda@Edge has no environment.

use serde::Deserialize;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_edge_core::pipeline::Edge;
use stepwell_edge_core::route::{BadPattern, Router};
use stepwell_shared::api::edge::{EdgeBriefing, Jwk};
use stepwell_shared::claims::KeySet;
use stepwell_shared::edge_signature::{BadKey, BadName};

use crate::signer::Signer;

/// The file `edge.json` beside the function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Where the origin is asked for its purge log and its briefing: a URL without path.
    pub origin: String,
    /// The edge's name.
    name: String,
    /// The key that it shares with the origin.
    key: String,
    /// What the origin told when the package was built.
    pub briefing: EdgeBriefing,
}

/// A package that cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum BadPackage {
    /// The file is not in the form in which `stepwell edge build` writes it.
    #[error("edge.json: {0}")]
    Form(#[from] serde_json::Error),
    /// The edge has no name.
    #[error("edge.json: {0}")]
    Name(#[from] BadName),
    /// The edge has no key.
    #[error("edge.json: {0}")]
    Key(#[from] BadKey),
    /// The origin's routes cannot stand beside each other.
    #[error("edge.json: {0}")]
    Routes(#[from] BadPattern),
}

impl Package {
    /// Reads the file.
    ///
    /// # Errors
    /// [`BadPackage::Form`].
    pub fn read(json: &str) -> Result<Self, BadPackage> {
        Ok(serde_json::from_str(json)?)
    }

    /// Who signs.
    ///
    /// # Errors
    /// [`BadPackage::Name`], [`BadPackage::Key`].
    pub fn signer(&self) -> Result<Signer, BadPackage> {
        Ok(Signer { name: self.name.parse()?, key: self.key.parse()? })
    }
}

/// An edge that decides as a briefing says.
///
/// # Errors
/// Routes that cannot stand beside each other.
pub fn edge(briefing: EdgeBriefing) -> Result<Edge, BadPattern> {
    let keys = KeySet::default();
    keys.replace(briefing.jwks.keys.iter().filter_map(Jwk::key));
    let other_origins = OtherOrigins { readers: briefing.cors_origins, trusted: briefing.trusted_origins };
    Ok(Edge {
        router: Router::new(briefing.routes)?.open_to(other_origins),
        authenticator: Authenticator { keys, audience: briefing.audience },
        http: Options::default(),
    })
}
