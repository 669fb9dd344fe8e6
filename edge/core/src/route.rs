//! Finds the route of a request, and what it may do.

use http::Method;
use http::request::Parts;
use stepwell_shared::ids::Id;
use stepwell_shared::normalize;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::routes::{Class, Route, RouteTable, Rule};

use crate::cors::OtherOrigins;

/// The route table, compiled for look-up.
#[derive(Debug)]
pub struct Router {
    routes: Vec<Route>,
    patterns: matchit::Router<usize>,
    any_other: bool,
    other_origins: OtherOrigins,
}

/// A pattern of the table that cannot stand beside the others, or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("route {pattern}: {reason}")]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What was found for a request.
#[derive(Debug)]
pub enum Found<'t> {
    /// A route that knows the method.
    Rule(&'t Rule),
    /// The path is there, the method is not; a comma-separated list of those that are, for `Allow`.
    NotThisMethod(String),
    /// `OPTIONS`: the same list.
    Options(String),
    /// Nothing.
    Nothing,
}

impl Router {
    /// Compiles a table.
    pub fn new(table: RouteTable) -> Result<Self, BadPattern> {
        let mut patterns = matchit::Router::new();
        for (place, route) in table.routes.iter().enumerate() {
            patterns.insert(route.pattern.clone(), place).map_err(|error| BadPattern {
                pattern: route.pattern.clone().into_owned(),
                reason: error.to_string(),
            })?;
        }
        let other_origins = OtherOrigins::default();
        Ok(Self { routes: table.routes, patterns, any_other: table.any_other, other_origins })
    }

    /// The same, for pages of these origins too. What the table leaves to an origin of the class `http` is that origin's
    /// to share.
    #[must_use]
    pub fn open_to(self, other_origins: OtherOrigins) -> Self {
        Self { other_origins, ..self }
    }

    /// Whose pages may use the routes.
    pub const fn other_origins(&self) -> &OtherOrigins {
        &self.other_origins
    }

    /// Whether the table names any route.
    pub const fn has_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// Whether paths that it does not name are the origin's all the same.
    pub const fn leaves_any_other(&self) -> bool {
        self.any_other
    }

    /// Whether a request is of the class `http`: none of the table's routes is its path, in whatever spelling, and the
    /// table leaves all others to the origin.
    pub fn is_of_any_other(&self, head: &Parts) -> bool {
        let is_known = |path: &str| !matches!(self.find(&head.method, path), Found::Nothing);
        self.any_other && !normalize::path(head.uri.path()).is_ok_and(|path| is_known(&path))
    }

    /// Looks a normalised path up. A segment `{id}` that is no id is no route: such a record cannot exist, and the
    /// origin need not be asked.
    pub fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(matched) = self.patterns.at(path) else { return Found::Nothing };
        if matched.params.get("id").is_some_and(|id| id.parse::<Id>().is_err()) {
            return Found::Nothing;
        }
        let Some(route) = self.routes.get(*matched.value) else { return Found::Nothing };
        match route.rule(method) {
            Some(rule) => Found::Rule(rule),
            None if method == Method::OPTIONS => Found::Options(allowed(route)),
            None => Found::NotThisMethod(allowed(route)),
        }
    }

    /// The pattern that a normalised path fits, such as `/v1/accounts/{id}`.
    pub fn pattern(&self, path: &str) -> Option<&str> {
        let matched = self.patterns.at(path).ok()?;
        self.routes.get(*matched.value).map(|route| route.pattern.as_ref())
    }
}

fn allowed(route: &Route) -> String {
    let mut names = Vec::new();
    for rule in &route.rules {
        names.push(rule.verb.as_str());
        if rule.verb.as_str() == "GET" {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    names.join(", ")
}

/// The class that these parameters leave of a rule's: one that asks for something not public makes the answer depend
/// on the caller.
pub fn class_with(
    rule: &Rule,
    parameters: &[(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)],
) -> Class {
    let private = parameters.iter().any(|(name, value)| {
        rule.parameters.iter().filter(|known| known.name == *name).any(|known| {
            value.split(',').any(|part| known.private_values.iter().any(|private| private == part))
        })
    });
    if private && rule.class.may_store() { Class::PerCaller } else { rule.class }
}

/// The problem of a path that is not there.
pub fn nothing_here() -> Problem {
    Problem::from(Code::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;
    use stepwell_shared::routes::{Access, Parameter, Verb};

    fn router() -> Router {
        let expand = Parameter { name: "expand".into(), private_values: vec!["secret".into()] };
        Router::new(RouteTable {
            routes: vec![
                Route::at("/r").with_parameters(Verb::Get, Access::Anyone, Class::Public, vec![expand]),
                Route::at("/r/{id}").with(Verb::Get, Access::Anyone, Class::Public).with(
                    Verb::Delete,
                    Access::SignedIn,
                    Class::NoStore,
                ),
            ],
            any_other: false,
        })
        .unwrap()
    }

    #[test]
    fn a_path_and_a_method_find_their_rule() {
        let router = router();
        assert!(
            matches!(router.find(&Method::HEAD, "/r/0000000000007"), Found::Rule(rule) if rule.class == Class::Public)
        );
        assert!(matches!(router.find(&Method::GET, "/r/I000000000007"), Found::Nothing));
        assert!(matches!(router.find(&Method::GET, "/x"), Found::Nothing));
        assert!(matches!(router.find(&Method::PUT, "/r/0000000000007"),
            Found::NotThisMethod(allow) if allow == "GET, HEAD, DELETE, OPTIONS"));
    }

    #[test]
    fn an_expansion_that_is_not_public_is_not_stored() {
        let router = router();
        let Found::Rule(rule) = router.find(&Method::GET, "/r") else { panic!() };
        let expand = |value: &'static str| [(Cow::Borrowed("expand"), Cow::Borrowed(value))];
        assert_eq!(class_with(rule, &expand("topic")), Class::Public);
        assert_eq!(class_with(rule, &expand("topic,secret")), Class::PerCaller);
    }
}
