//! Which kind of work a request is.

use http::Method;

/// Work that has places of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It reads the database.
    Read,
    /// It changes the database.
    Write,
    /// It hashes a password first: log-ins, sign-ups, changes of a password.
    LogIn,
}

impl Kind {
    /// Every kind, for what is shown of each.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::LogIn];

    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::LogIn => "log-in",
        }
    }

    /// The kind of a request. `None` is never shed: what edges cannot go on without, the purge log above all; health; what
    /// the operator does, above all when too much is going on; and what asks no database.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        match path {
            "/v1/accounts" if is_read => None,
            "/v1/accounts" | "/v1/accounts/me/password" => Some(Self::LogIn),
            "/v1/sessions" if *method == Method::POST => Some(Self::LogIn),
            "/v1/purges" | "/v1/purges/census" | "/v1/edge" | "/v1/docs" | "/v1/openapi.json" => None,
            _ if !path.starts_with("/v1/") || is_of_operator(path) => None,
            _ if is_read => Some(Self::Read),
            _ => Some(Self::Write),
        }
    }
}

/// `/v1/accounts/{id}/ban` and `/v1/accounts/{id}/roles`: nobody else gets further than the check of a token.
fn is_of_operator(path: &str) -> bool {
    let mut segments = path.strip_prefix("/v1/accounts/").unwrap_or_default().split('/');
    segments.next().is_some_and(|id| id != "me") && matches!(segments.next(), Some("ban" | "roles"))
}

#[cfg(test)]
mod tests {
    use stepwell_shared::routes::{Access, RouteTable, Verb};

    use super::*;

    fn kind(verb: Verb, path: &str) -> Option<Kind> {
        Kind::of(&Method::from_bytes(verb.as_str().as_bytes()).unwrap(), path)
    }

    #[test]
    fn what_the_operator_may_alone_is_never_shed() {
        for route in RouteTable::fixed().routes {
            let path = route.pattern.replace("{id}", "0GJ2ZV4K7QWXR");
            for rule in &route.rules {
                let kind = kind(rule.verb, &path);
                assert!(rule.access != Access::Operator || kind.is_none(), "{path}");
                // And whatever needs a session asks the database.
                assert!(rule.access != Access::SignedIn || kind.is_some(), "{path}");
            }
        }
    }

    #[test]
    fn passwords_reads_and_changes_are_kinds_of_their_own() {
        let records = "/v1/collections/posts/records";
        for (verb, path, expected) in [
            (Verb::Get, records, Some(Kind::Read)),
            (Verb::Get, "/v1/sessions", Some(Kind::Read)),
            (Verb::Post, records, Some(Kind::Write)),
            (Verb::Post, "/v1/batch", Some(Kind::Write)),
            (Verb::Post, "/v1/sessions/refresh", Some(Kind::Write)),
            (Verb::Delete, "/v1/sessions", Some(Kind::Write)),
            (Verb::Post, "/v1/sessions", Some(Kind::LogIn)),
            (Verb::Post, "/v1/accounts", Some(Kind::LogIn)),
            (Verb::Put, "/v1/accounts/me/password", Some(Kind::LogIn)),
            (Verb::Get, "/v1/purges", None),
            (Verb::Post, "/v1/purges/census", None),
            (Verb::Get, "/healthz", None),
            (Verb::Get, "/readyz", None),
        ] {
            assert_eq!(kind(verb, path), expected, "{} {path}", verb.as_str());
        }
        assert_eq!(Kind::of(&Method::HEAD, records), Some(Kind::Read));
    }
}
