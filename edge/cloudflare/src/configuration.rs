//! The Worker's variables and secrets.

use std::rc::Rc;

use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_portable::{Identity, Origin};
use worker::{Env, Error, Result, Url};

const ORIGIN: &str = "STEPWELL_ORIGIN";
const NAME: &str = "STEPWELL_EDGE_NAME";
const KEY: &str = "STEPWELL_EDGE_KEY";

/// What the operator has set.
pub(crate) struct Configuration {
    /// Scheme and authority, without a slash at the end.
    pub(crate) origin: Rc<str>,
    pub(crate) stands_before: Origin,
}

impl Configuration {
    /// # Errors
    /// What is wrong with which variable. A value is never repeated: one of them is a secret.
    pub(crate) fn of(env: &Env) -> Result<Self> {
        let text = env.var(ORIGIN).map_err(|_| wrong(ORIGIN, "is not set"))?.to_string();
        let url = Url::parse(&text).map_err(|_| wrong(ORIGIN, "is no URL"))?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        if !is_origin {
            return Err(wrong(
                ORIGIN,
                "is to be a scheme and a host alone, as in https://origin.example.com",
            ));
        }
        let stands_before = match env.var(NAME) {
            Err(_) => Origin::Any(Options::default()),
            Ok(name) => {
                let name =
                    name.to_string().parse().map_err(|bad| wrong(NAME, &format!("is wrong: {bad}")))?;
                let key =
                    env.secret(KEY).map_err(|_| wrong(KEY, "is not set; put it by `wrangler secret put`"))?;
                let key =
                    key.to_string().trim().parse().map_err(|bad| wrong(KEY, &format!("is wrong: {bad}")))?;
                Origin::Stepwell(Identity { name, key })
            }
        };
        let origin = Rc::from(url.origin().ascii_serialization());
        Ok(Self { origin, stands_before })
    }
}

fn wrong(variable: &str, why: &str) -> Error {
    Error::RustError(format!("{variable} {why}"))
}
