//! A write invalidates the lists that it can change and no others.

use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::{Person, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{Record, create, records};
use stepwell_tests::server::Server;

const BOOKS: &str = r#"
name = "books"
[fields]
title = { type = "text", required = true, max = 80 }
genre = { type = "select", options = ["poem", "play", "novel"], required = true }
shelf = { type = "integer", required = true }
remark = { type = "text", max = 200 }
[rules]
read = "public"
create = "signed_in"
update = "owner"
delete = "owner"
[indexes]
by_genre = ["genre", "shelf"]
by_shelf = ["shelf", "-created"]
[cache]
record = { edge = "10m", stale = "1d" }
list = { edge = "10m", stale = "1d" }
"#;

/// Lists that a reader of the library keeps warm, named for what they are over.
const LISTS: [(&str, &str); 8] = [
    ("all", "sort=-created"),
    ("poems", "filter[genre]=poem&sort=shelf"),
    ("plays", "filter[genre]=play&sort=shelf"),
    ("novels", "filter[genre]=novel&sort=shelf"),
    ("poems of shelf 1", "filter[genre]=poem&filter[shelf]=1"),
    ("poems of shelf 2", "filter[genre]=poem&filter[shelf]=2"),
    ("shelf 1", "filter[shelf]=1&sort=-created"),
    ("shelf 2", "filter[shelf]=2&sort=-created"),
];

struct Library {
    client: Client,
    ada: Person,
    _server: Server,
}

impl Library {
    async fn open() -> Self {
        let server = Server::serving(Project::declaring(&[("books", BOOKS)]));
        let client = server.client();
        let ada = sign_up(&client, "ada").await;
        Self { client, ada, _server: server }
    }

    async fn add(&self, title: &str, genre: &str, shelf: i64) -> Record {
        create(&self.client, &self.ada, "books", &json!({ "title": title, "genre": genre, "shelf": shelf }))
            .await
    }

    fn target(query: &str) -> String {
        format!("{}?{query}", records("books"))
    }

    async fn is_hit(&self, query: &str) -> bool {
        self.client.get(&Self::target(query)).send().await.expect(200).cache_status().hit
    }

    async fn warm(&self) {
        for (name, query) in LISTS {
            eventually(name, async || self.is_hit(query).await).await;
        }
    }

    /// The lists that are no hits any more once the edge has heard of `record`'s last write.
    async fn invalidated_by(&self, record: &Record, expected: Option<&Value>) -> Vec<&'static str> {
        // A write's purges are one entry of the log: when the record is fresh, the lists are.
        eventually("the edge hears of the write", async || {
            let read = self.client.get(&record.path).send().await;
            match expected {
                Some(body) => read.status == 200 && read.json()["title"] == body["title"],
                None => read.status == 404,
            }
        })
        .await;
        let mut invalidated = Vec::new();
        for (name, query) in LISTS {
            if !self.is_hit(query).await {
                invalidated.push(name);
            }
        }
        invalidated
    }

    /// Changes a record, its title with it so that the change can be seen, and tells what was invalidated.
    async fn change(&self, record: &Record, mut change: Value) -> Vec<&'static str> {
        self.warm().await;
        // The old answer must be there, or the new one says nothing about what the edge has heard.
        self.client.get(&record.path).send().await.expect(200);
        change["title"] = json!(format!("changed: {change}"));
        self.client.patch(&record.path, &change).signed_in(&self.ada).send().await.expect(200);
        self.invalidated_by(record, Some(&change)).await
    }
}

#[tokio::test]
async fn a_create_and_a_delete_change_the_lists_over_every_set_that_holds_the_record() {
    let library = Library::open().await;
    library.add("Ilias", "poem", 1).await;
    library.warm().await;
    let play = library.add("Medea", "play", 2).await;
    assert_eq!(library.invalidated_by(&play, Some(&play.body)).await, ["all", "plays", "shelf 2"]);
    library.warm().await;
    library.client.delete(&play.path).signed_in(&library.ada).send().await.expect(204);
    assert_eq!(library.invalidated_by(&play, None).await, ["all", "plays", "shelf 2"]);
}

#[tokio::test]
async fn an_update_changes_the_lists_that_show_the_record_or_will() {
    let library = Library::open().await;
    let poem = library.add("Ilias", "poem", 1).await;
    library.add("Medea", "play", 2).await;
    library.add("Ulysses", "novel", 2).await;
    // A field that no list is filtered or sorted by: the lists that show the record.
    let shown_in = ["all", "poems", "poems of shelf 1", "shelf 1"];
    assert_eq!(library.change(&poem, json!({ "remark": "long" })).await, shown_in);
    // From one shelf to another: those that lose it and those that win it.
    let moved = library.change(&poem, json!({ "shelf": 2 })).await;
    assert_eq!(moved, ["all", "poems", "poems of shelf 1", "poems of shelf 2", "shelf 1", "shelf 2"]);
    // From one genre to another, which shelf 1 and plays have nothing to do with.
    let moved = library.change(&poem, json!({ "genre": "novel" })).await;
    assert_eq!(moved, ["all", "poems", "novels", "poems of shelf 2", "shelf 2"]);
}

#[tokio::test]
async fn a_page_that_holds_the_record_no_longer_is_invalidated_as_well_as_the_one_that_does() {
    let library = Library::open().await;
    let first = library.add("First", "poem", 1).await;
    let second = library.add("Second", "poem", 2).await;
    let page = "filter[genre]=poem&sort=shelf&limit=1";
    let read = async || library.client.get(&Library::target(page)).send().await.expect(200).json();
    assert_eq!(read().await["items"][0]["id"], first.id.as_str());
    eventually("the page is warm", async || library.is_hit(page).await).await;
    // The page holds the first record alone; a change of the second one takes its place.
    library.change(&second, json!({ "shelf": 0 })).await;
    assert_eq!(read().await["items"][0]["id"], second.id.as_str());
}
