//! The route table: what each route may do at each tier, said once.
//!
//! The origin builds the table from its fixed routes and the declared collections; an edge decides by it before it
//! asks the origin. What the table does not name does not exist. What a route does not say may be stored is not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What an edge may do with answers of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Never stored anywhere; the edge says so to every cache behind it. The default.
    #[default]
    NoStore,
    /// Handed to the origin and back as it is, never stored here; the origin's own headers stand.
    Pass,
    /// One answer for everybody, stored for as long as the origin says; who asks is not looked at or forwarded.
    Public,
    /// Stored once with who may read it, and served to those alone; to others it does not exist. The origin says both for
    /// how long and for whom.
    Authorised,
    /// The answer depends on who asks: stored for each caller apart.
    PerCaller,
    /// Public, under a name that changes with its content: never revalidated (RFC 8246).
    Immutable,
    /// Whatever requests and answers say of caching in HTTP's own words, by RFC 9111 to the letter: for origins that
    /// know nothing of Stepwell. The whole request is the origin's to read, and what it does not key by is its to vary
    /// by.
    Http,
}

impl Class {
    /// Whether an edge may store answers where the origin states Stepwell's own policy for it.
    pub const fn may_store(self) -> bool {
        matches!(self, Self::Public | Self::Immutable | Self::Authorised | Self::PerCaller)
    }

    /// Whether who asks decides what is served.
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Authorised | Self::PerCaller)
    }
}

/// Who may send a request at all. Rules that need the record itself are the origin's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Nobody but the operator, whose token the origin checks.
    #[default]
    Operator,
    /// Whoever has a valid access token.
    SignedIn,
    /// Anybody. A token that is sent must be valid all the same, except where the class ignores it.
    Anyone,
}

/// Which of an edge's limits on how often something is asked holds for a rule; the limits are configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rate {
    /// That of reads. What the edge's store answers is not counted.
    #[default]
    Reads,
    /// That of changes.
    Writes,
    /// That of log-ins, sign-ups and refreshes, for each network: who asks is not known yet.
    SignIns,
    /// None: health, and what is the operator's.
    Unlimited,
}

impl Rate {
    /// What holds where a route says nothing else.
    const fn usual(verb: Verb, access: Access) -> Self {
        match (access, verb) {
            (Access::Operator, _) => Self::Unlimited,
            (_, Verb::Get) => Self::Reads,
            _ => Self::Writes,
        }
    }
}

/// The methods that routes use. `HEAD` follows `GET`; `OPTIONS` is answered from the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// Read.
    Get,
    /// Create, or act.
    Post,
    /// Change in part.
    Patch,
    /// Replace.
    Put,
    /// Remove.
    Delete,
}

impl Verb {
    /// The method's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A query parameter that a route knows. All known ones are part of the cache key; any other is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The decoded name: `limit`, `filter[topic]`.
    pub name: Cow<'static, str>,
    /// Comma-separated values that make the answer depend on the caller, so that it must not be stored: an `expand`
    /// into a collection that not everybody reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_values: Vec<String>,
}

impl Parameter {
    /// A parameter whose values never change the class.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), private_values: Vec::new() }
    }
}

/// What one method of a route may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The method.
    pub verb: Verb,
    /// Who may send it.
    pub access: Access,
    /// What may be stored of its answers.
    pub class: Class,
    /// The query parameters that it knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// How often one client may send it.
    #[serde(default)]
    pub rate: Rate,
}

/// A path and what its methods may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Literal segments and `{id}`, which stands for one [`crate::ids::Id`], or `{name}`, for any one segment.
    pub pattern: Cow<'static, str>,
    /// At most one a method.
    pub rules: Vec<Rule>,
}

impl Route {
    /// A route without rules yet.
    pub fn at(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self { pattern: pattern.into(), rules: Vec::new() }
    }

    /// Adds a method without query parameters.
    #[must_use]
    pub fn with(self, verb: Verb, access: Access, class: Class) -> Self {
        self.with_parameters(verb, access, class, Vec::new())
    }

    /// Adds a method with query parameters.
    #[must_use]
    pub fn with_parameters(
        mut self,
        verb: Verb,
        access: Access,
        class: Class,
        parameters: Vec<Parameter>,
    ) -> Self {
        self.rules.push(Rule { verb, access, class, parameters, rate: Rate::usual(verb, access) });
        self
    }

    /// The same route, whose last rule is sent as often as this says.
    #[must_use]
    pub fn at_rate(mut self, rate: Rate) -> Self {
        if let Some(last) = self.rules.last_mut() {
            last.rate = rate;
        }
        self
    }

    /// The rule for a method, `HEAD` counting as `GET`.
    pub fn rule(&self, method: &http::Method) -> Option<&Rule> {
        let name = if method == http::Method::HEAD { "GET" } else { method.as_str() };
        self.rules.iter().find(|rule| rule.verb.as_str() == name)
    }
}

/// Every route that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// In no particular order: patterns do not overlap.
    pub routes: Vec<Route>,
    /// Whether paths that no route names are the origin's all the same, of the class `http`. Else they do not exist.
    #[serde(default)]
    pub any_other: bool,
}

impl RouteTable {
    /// No routes but one: every path and method is the origin's, of the class `http`.
    pub const fn any_origin() -> Self {
        Self { routes: Vec::new(), any_other: true }
    }

    /// The routes that every Stepwell has, whatever its collections.
    pub fn fixed() -> Self {
        use Access::{Anyone, Operator, SignedIn};
        use Class::{NoStore, Pass, Public};
        use Verb::{Delete, Get, Post, Put};
        Self {
            routes: vec![
                Route::at("/healthz").with(Get, Anyone, Pass).at_rate(Rate::Unlimited),
                Route::at("/readyz").with(Get, Anyone, Pass).at_rate(Rate::Unlimited),
                Route::at("/v1/openapi.json").with(Get, Anyone, Public),
                Route::at("/v1/docs").with(Get, Anyone, Public),
                Route::at("/.well-known/jwks.json").with(Get, Anyone, Public),
                Route::at("/.well-known/security.txt").with(Get, Anyone, Public),
                Route::at("/v1/accounts")
                    .with_parameters(
                        Get,
                        Operator,
                        NoStore,
                        ["email", "after", "limit"].map(Parameter::named).to_vec(),
                    )
                    .with(Post, Anyone, NoStore)
                    .at_rate(Rate::SignIns),
                Route::at("/v1/accounts/me").with(Get, SignedIn, NoStore),
                Route::at("/v1/accounts/me/password").with(Put, SignedIn, NoStore),
                Route::at("/v1/accounts/{id}/ban")
                    .with(Post, Operator, NoStore)
                    .with(Delete, Operator, NoStore),
                Route::at("/v1/accounts/{id}/roles").with(Put, Operator, NoStore),
                Route::at("/v1/sessions")
                    .with(Get, SignedIn, NoStore)
                    .with(Post, Anyone, NoStore)
                    .at_rate(Rate::SignIns)
                    .with(Delete, SignedIn, NoStore),
                // Whoever refreshes has an access token that has expired, and may send it along.
                Route::at("/v1/sessions/refresh").with(Post, Anyone, Pass).at_rate(Rate::SignIns),
                Route::at("/v1/sessions/current").with(Delete, SignedIn, NoStore),
                Route::at("/v1/keys").with(Get, SignedIn, NoStore).with(Post, SignedIn, NoStore),
                Route::at("/v1/keys/{id}").with(Delete, SignedIn, NoStore),
                Route::at("/v1/batch").with(Post, SignedIn, NoStore),
                Route::at("/v1/purges")
                    .with_parameters(
                        Get,
                        Anyone,
                        NoStore,
                        vec![Parameter::named("after"), Parameter::named("since")],
                    )
                    .with(Post, Operator, NoStore),
            ],
            any_other: false,
        }
    }
}

#[cfg(test)]
mod tests;
