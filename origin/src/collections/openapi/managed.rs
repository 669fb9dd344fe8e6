//! Accounts, as the operator manages them.

use serde_json::{Value, json};
use stepwell_shared::limits::{PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};
use stepwell_shared::problem::Code;

use super::accounts::{self, TAG};
use super::components::{ID, parameter, schema};
use super::headers::BOOKMARK;
use super::operation::{Operation, Token};
use super::writes::BAD_BODY;
use super::{At, answers, bodies};

/// Every operation.
pub(super) fn operations() -> Vec<At> {
    let ban = || "/v1/accounts/{id}/ban".to_owned();
    vec![
        ("/v1/accounts".to_owned(), "get", list()),
        (ban(), "post", change("ban_account", "Shuts an account out", BANS)),
        (
            ban(),
            "delete",
            change(
                "unban_account",
                "Lets a banned account sign in again",
                "Its keys are good again as well.",
            ),
        ),
        ("/v1/accounts/{id}/roles".to_owned(), "put", set_roles()),
    ]
}

const BANS: &str = "Its sessions end, its access tokens are refused everywhere within a second, and its API keys at once. \
    What it has written stays.";

/// Every schema, by name.
pub(super) fn schemas() -> [(&'static str, Value); 3] {
    let time = |description: &str| json!({ "type": ["string", "null"], "format": "date-time", "description": description });
    let managed = json!({
        "allOf": [schema("Account")],
        "type": "object",
        "description": "An account, as the operator sees it.",
        "required": ["banned", "password_changed"],
        "properties": {
            "banned": time("When it was banned; null for one that may sign in."),
            "password_changed": time("When its password last changed; null for one that has its first."),
        },
    });
    let page = json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": schema("ManagedAccount") },
            "next": { "anyOf": [schema("Id"), { "type": "null" }], "description": "What `after` says for the next page." },
        },
    });
    let role = json!({ "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,31}$" });
    let roles = json!({
        "type": "object",
        "required": ["roles"],
        "properties": { "roles": { "type": "array", "maxItems": 16, "items": role } },
        "additionalProperties": false,
    });
    [("ManagedAccount", managed), ("AccountPage", page), ("Roles", roles)]
}

/// What the operator can do with a new account, by its id.
pub(super) fn links() -> Value {
    let link =
        |operation: &str| json!({ "operationId": operation, "parameters": { "id": "$response.body#/id" } });
    json!({ "ban": link("ban_account"), "unban": link("unban_account"), "set_roles": link("set_roles") })
}

fn example() -> Value {
    let mut account = accounts::example();
    account["banned"] = Value::Null;
    account["password_changed"] = Value::Null;
    account
}

fn list() -> Operation {
    let query = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": PAGE_RECORDS_MAX, "default": PAGE_RECORDS_DEFAULT });
    let page = json!({ "items": [example()], "next": null });
    Operation::new("find_accounts", TAG, Token::Operator, "Shows accounts")
        .describe("In the order in which they were made, or the one that has an address.")
        .takes([
            query("email", "The address of the account that is looked for.", json!({ "type": "string" })),
            query("after", "The `next` of the page before.", schema("Id")),
            query("limit", "Accounts of one page.", limit),
            parameter(BOOKMARK),
        ])
        .answers(200, answers::private("The accounts.", &schema("AccountPage"), &page))
        .refuses(&[Code::BadParameter, Code::Unauthenticated, Code::Forbidden])
}

fn set_roles() -> Operation {
    change("set_roles", "Gives an account roles instead of those that it has", "Collections' rules name them. With the role \
        `operator` an account may do what the operator's token may. Access tokens that say the old roles are refused \
        everywhere within a second; a refresh gets one that says the new ones.")
        .body(bodies::json_body(&schema("Roles"), &json!({ "roles": ["editor"] })))
        .refuses(&BAD_BODY)
}

fn change(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, TAG, Token::Operator, summary)
        .describe(description)
        .takes([parameter(ID)])
        .answers(
            200,
            answers::written("The account as it is now.", &[], &schema("ManagedAccount"), &example()),
        )
        .refuses(&[Code::Unauthenticated, Code::Forbidden, Code::CrossSite, Code::NotFound])
}
