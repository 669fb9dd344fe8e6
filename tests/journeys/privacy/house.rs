//! A server with a collection for each kind of rule, and with people who may read one and not another.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::answer::Answer;
use stepwell_tests::client::Client;
use stepwell_tests::metrics::asked_of_origin;
use stepwell_tests::people::{Person, log_in, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{Record, create};
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

/// What no stranger may be shown.
pub(super) const SECRET: &str = "a secret of the house";

/// Name, rule for readers, and further fields.
const COLLECTIONS: [(&str, &str, &str); 6] = [
    ("letters", "owner", ""),
    ("tasks", "assignee", "assignee = { type = \"relation\", to = \"accounts\" }"),
    ("desk", "role:editor", ""),
    ("club", "signed_in", ""),
    ("board", "public", RELATIONS),
    ("folders", "owner", RELATIONS),
];

/// To every private collection.
const RELATIONS: &str = r#"
letter = { type = "relation", to = "letters" }
task = { type = "relation", to = "tasks" }
desk = { type = "relation", to = "desk" }
club = { type = "relation", to = "club" }
"#;

/// The declaration of a collection that these may read. Its records have a text and a picture.
pub(super) fn declaration(name: &str, readers: &str, fields: &str) -> String {
    format!(
        r#"
name = "{name}"
[fields]
text = {{ type = "text", max = 80 }}
picture = {{ type = "media" }}
{fields}
[rules]
read = "{readers}"
create = "signed_in"
update = "owner"
delete = "owner"
"#
    )
}

/// The server, who writes there, and who is a stranger.
pub(super) struct House {
    pub(super) server: Server,
    pub(super) client: Client,
    pub(super) operator: Client,
    /// An editor. What is in the house is hers.
    pub(super) ada: Person,
    /// Nobody in particular.
    pub(super) bob: Person,
}

/// One record of each private collection.
pub(super) struct Secrets {
    pub(super) letter: Record,
    pub(super) task: Record,
    pub(super) desk: Record,
    pub(super) club: Record,
}

impl House {
    pub(super) async fn open() -> Self {
        let declared = COLLECTIONS.map(|(name, readers, fields)| (name, declaration(name, readers, fields)));
        let server =
            Server::serving(Project::declaring(&declared.each_ref().map(|(name, text)| (*name, &**text))));
        let (client, operator) = (server.client(), Client::new(server.operator_address()));
        let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
        let mut house = Self { server, client, operator, ada, bob };
        house.give_roles(&house.ada, &["editor"]).await;
        house.ada = log_in(&house.client, "ada").await;
        house
    }

    /// The operator says which roles somebody has. Tokens from before are refused from now on.
    pub(super) async fn give_roles(&self, person: &Person, roles: &[&str]) {
        let path = format!("/v1/accounts/{}/roles", person.id);
        let put = self.client.request(Method::PUT, &path).bearer(OPERATOR_TOKEN);
        put.json(&json!({ "roles": roles })).send().await.expect(200);
    }

    /// A record of Ada's.
    pub(super) async fn add(&self, collection: &str, body: &Value) -> Record {
        create(&self.client, &self.ada, collection, body).await
    }

    /// A secret in every private collection. The task is for `assignee`.
    pub(super) async fn secrets(&self, assignee: &Person) -> Secrets {
        let secret = json!({ "text": SECRET });
        let task = json!({ "text": SECRET, "assignee": assignee.id });
        Secrets {
            letter: self.add("letters", &secret).await,
            task: self.add("tasks", &task).await,
            desk: self.add("desk", &secret).await,
            club: self.add("club", &secret).await,
        }
    }

    pub(super) async fn read(&self, target: &str, person: &Person) -> Answer {
        self.client.get(target).signed_in(person).send().await
    }

    /// Reads what the edge has stored already.
    #[track_caller]
    pub(super) fn hit(&self, target: &str, person: &Person) -> impl Future<Output = Answer> {
        let reading = self.client.get(target).signed_in(person).send();
        async move {
            let answer = reading.await.expect(200);
            assert!(answer.cache_status().hit, "{}: {:?}", answer.what, answer.cache_status());
            answer
        }
    }

    /// How many requests the edge has passed on to the origin.
    pub(super) async fn asked(&self) -> u64 {
        asked_of_origin(&self.operator).await
    }
}

impl Secrets {
    /// The same as relations of a record of the board or of a folder.
    pub(super) fn relations(&self) -> Value {
        let Self { letter, task, desk, club } = self;
        json!({ "letter": letter.id, "task": task.id, "desk": desk.id, "club": club.id })
    }
}

/// Whether an answer shows a secret.
pub(super) fn tells(answer: &Answer) -> bool {
    answer.text().contains(SECRET)
}
