//! Which records a relation may name: those that are there for whoever writes. One that is hidden from them is refused as
//! one that does not exist, in the same words: else anybody could find out by writing which ids there are.

use super::problems::not_written;
use crate::catalog::Served;
use crate::collections::collection::Value;
use crate::database::Transaction;
use crate::database::queries::records::{single, write};
use crate::domain::access;
use crate::domain::caller::Caller;
use crate::routes::refused::Refused;

/// What a write comes to of which the database has said `stored`; `values` are what it sets, by place in the declaration.
/// It is asked afterwards, so that what else may be wrong is told before, whether the record is hidden or missing. What was
/// written goes with the refusal.
pub async fn held<'v>(
    transaction: &mut Transaction,
    served: &Served,
    caller: Option<&Caller>,
    values: impl Fn(usize) -> Option<&'v Value>,
    stored: Result<(), write::Refused>,
) -> Result<(), Refused> {
    let missing = match stored {
        Ok(()) => None,
        Err(write::Refused::Missing(place)) => Some(place),
        Err(refused) => return Err(not_written(served.collection(), refused)),
    };
    let hidden = hidden(transaction, served, caller, values).await?;
    match missing.into_iter().chain(hidden).min() {
        None => Ok(()),
        Some(place) => Err(not_written(served.collection(), write::Refused::Missing(place))),
    }
}

/// The first relation that names a record of which `caller` may not know, by its place in the declaration.
async fn hidden<'v>(
    transaction: &mut Transaction,
    served: &Served,
    caller: Option<&Caller>,
    values: impl Fn(usize) -> Option<&'v Value>,
) -> Result<Option<usize>, Refused> {
    for (place, target) in &served.guarded {
        let Some(Value::Id(id)) = values(*place) else { continue };
        let is_known = match single::by_id(transaction, target, *id).await? {
            Some(stored) => access::may_know(&target.collection, caller, &stored.record(&target.collection)?),
            None => false,
        };
        if !is_known {
            return Ok(Some(*place));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::routes::records::testing::{World, path, records};

    const ABSENT: &str = "0000000000001";

    /// Whether the same request is answered alike with a record of somebody else's and with one that does not exist, and
    /// otherwise, or not, to whom the record is.
    async fn alike(world: &World, target: &str, statuses: [u16; 2], body: impl Fn(&Value) -> Value) {
        let note = world.create("notes", &json!({ "text": "ada's" })).await;
        let ask = async |token: &str, id: Value| {
            let answer = world.ask(Method::POST, target, token, Some(&body(&id))).await;
            (answer.status.as_u16(), answer.json())
        };
        let id = || note["id"].clone();
        let hidden = ask(&world.bob, id()).await;
        assert_eq!(hidden, ask(&world.bob, json!(ABSENT)).await);
        assert_eq!([hidden.0, ask(&world.ada, id()).await.0], statuses, "{:?}", hidden.1);
    }

    #[tokio::test]
    async fn a_record_that_is_hidden_is_named_as_little_as_one_that_is_missing() {
        let world = World::start().await;
        let posts = records("posts");
        world.create_as(&world.bob, "posts", &json!({ "title": "a", "slug": "taken" })).await;
        let post = |id: &Value| json!({ "title": "b", "source": id });
        alike(&world, &posts, [422, 201], post).await;
        let batch = |id: &Value| json!({ "operations": [{ "method": "POST", "collection": "posts", "body": post(id) }] });
        alike(&world, "/v1/batch", [422, 200], batch).await;
        // Whatever else is wrong with it.
        let topic = |id: &Value| json!({ "title": "b", "topic": ABSENT, "source": id });
        alike(&world, &posts, [422, 422], topic).await;
        let slug = |id: &Value| json!({ "title": "b", "slug": "taken", "source": id });
        alike(&world, &posts, [409, 409], slug).await;
        // Nothing of what was refused is kept.
        let count = world.origin.get(&format!("{posts}?count=true")).await;
        assert_eq!(count.json()["count"], json!(3));
    }

    #[tokio::test]
    async fn a_change_names_nothing_hidden_and_keeps_what_it_does_not_mention() {
        let world = World::start().await;
        let note = world.create("notes", &json!({ "text": "ada's" })).await;
        let bobs = world.create_as(&world.bob, "notes", &json!({ "text": "bob's" })).await;
        let post = world.create_as(&world.bob, "posts", &json!({ "title": "a", "source": bobs["id"] })).await;
        let patch =
            async |body| world.ask(Method::PATCH, &path("posts", &post), &world.bob, Some(&body)).await;
        let (hidden, missing) =
            (patch(json!({ "source": note["id"] })).await, patch(json!({ "source": ABSENT })).await);
        assert_eq!((hidden.status.as_u16(), hidden.json()), (422, missing.json()));
        assert_eq!(patch(json!({ "title": "b" })).await.json()["source"], bobs["id"]);
    }
}
