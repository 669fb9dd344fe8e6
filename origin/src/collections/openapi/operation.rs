//! One operation: what a method of a path takes and answers.

use serde_json::{Map, Value, json};
use stepwell_shared::problem::Code;

use super::problems;
use crate::collections::collection::Rule;

/// What any request may get: it is malformed, or it comes while too much is going on. What is rarer, `default` stands for.
const ANYWHERE: [Code; 3] = [Code::BadRequest, Code::TooManyRequests, Code::Overloaded];

/// Whose token a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// None: it would change nothing.
    None,
    /// An access token, as a bearer's or as a cookie, or none; they may get different answers.
    Optional,
    /// An access token.
    Account,
    /// The operator's.
    Operator,
}

/// An operation under construction.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    id: String,
    tag: String,
    summary: String,
    description: String,
    token: Token,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    problems: Vec<Code>,
}

impl Token {
    /// What a collection's rule asks for. Nobody's token helps where the rule lets nobody in.
    pub(super) const fn of(rule: &Rule) -> Self {
        match rule {
            Rule::Nobody => Self::None,
            Rule::Public => Self::Optional,
            Rule::SignedIn | Rule::Owner | Rule::Named(_) | Rule::Role(_) => Self::Account,
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::None => json!([]),
            Self::Optional => json!([{}, { "account": [] }, { "browser": [] }]),
            Self::Account => json!([{ "account": [] }, { "browser": [] }]),
            Self::Operator => json!([{ "operator": [] }]),
        }
    }
}

impl Operation {
    /// `id` is unique in the document. Operations on collections begin with `list_`, `create_`, `read_`, `update_` or
    /// `delete_`, others do not.
    pub(super) fn new(id: impl Into<String>, tag: &str, token: Token, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            tag: tag.to_owned(),
            summary: summary.into(),
            description: String::new(),
            token,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What the summary leaves out; `CommonMark`.
    pub(super) fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Takes these parameters besides.
    pub(super) fn takes(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// Takes this body.
    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Answers so when it succeeds.
    pub(super) fn answers(mut self, status: u16, response: Value) -> Self {
        self.answers.push((status, response));
        self
    }

    /// May be refused with these codes. Those that any request may get need not be named.
    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.problems.extend(codes);
        self
    }

    /// The Operation Object.
    pub(super) fn into_json(self) -> Value {
        let responses = self.responses();
        let mut operation = Map::new();
        operation.insert("tags".into(), json!([self.tag]));
        operation.insert("summary".into(), self.summary.into());
        if !self.description.is_empty() {
            operation.insert("description".into(), self.description.into());
        }
        operation.insert("operationId".into(), self.id.into());
        operation.insert("security".into(), self.token.into_json());
        if !self.parameters.is_empty() {
            operation.insert("parameters".into(), self.parameters.into());
        }
        operation.extend(self.body.map(|body| ("requestBody".to_owned(), body)));
        operation.insert("responses".into(), responses);
        operation.into()
    }

    fn responses(&self) -> Value {
        let mut statuses: Vec<_> = self.problems.iter().chain(&ANYWHERE).map(|code| code.status()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        let answers = self.answers.iter().map(|(status, response)| (status.to_string(), response.clone()));
        let refusals =
            statuses.into_iter().map(|status| (status.as_str().to_owned(), problems::reference(status)));
        let others = ("default".to_owned(), problems::default_reference());
        answers.chain(refusals).chain([others]).collect::<Map<_, _>>().into()
    }
}
