//! What the operator has set, as Spin's variables or in the environment.

use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_portable::{Identity, Origin};

use crate::origin::OriginUrl;

const ORIGIN: &str = "STEPWELL_ORIGIN";
const NAME: &str = "STEPWELL_EDGE_NAME";
const KEY: &str = "STEPWELL_EDGE_KEY";

/// What the operator has set.
pub(crate) struct Configuration {
    pub(crate) origin: OriginUrl,
    pub(crate) stands_before: Origin,
}

/// What is wrong with which variable. A value is never repeated: one of them is a secret.
#[derive(Debug, thiserror::Error)]
#[error("{variable} {why}")]
pub(crate) struct Wrong {
    variable: &'static str,
    why: String,
}

impl Configuration {
    pub(crate) async fn read() -> Result<Self, Wrong> {
        let text = variable(ORIGIN).await.ok_or_else(|| wrong(ORIGIN, "is not set"))?;
        let origin = OriginUrl::of(&text).ok_or_else(|| {
            wrong(ORIGIN, "is to be a scheme and a host alone, as in https://origin.example.com")
        })?;
        let stands_before = match variable(NAME).await {
            None => Origin::Any(Options::default()),
            Some(name) => {
                let name = name.parse().map_err(|bad| wrong(NAME, format!("is wrong: {bad}")))?;
                let key = variable(KEY)
                    .await
                    .ok_or_else(|| wrong(KEY, "is not set; make it by `stepwell keys edge NAME`"))?;
                let key = key.trim().parse().map_err(|bad| wrong(KEY, format!("is wrong: {bad}")))?;
                Origin::Stepwell(Identity { name, key })
            }
        };
        Ok(Self { origin, stands_before })
    }
}

/// A variable's value. One that is empty is not set: Spin's variables cannot be left out.
async fn variable(name: &str) -> Option<String> {
    value(name).await.filter(|value| !value.is_empty())
}

/// Spin's variables are named in small letters.
#[cfg(feature = "spin")]
async fn value(name: &str) -> Option<String> {
    spin_sdk::variables::get(name.to_ascii_lowercase()).await.ok()
}

#[cfg(not(feature = "spin"))]
#[allow(clippy::unused_async, reason = "Spin's variables are waited for")]
async fn value(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn wrong(variable: &'static str, why: impl Into<String>) -> Wrong {
    Wrong { variable, why: why.into() }
}
