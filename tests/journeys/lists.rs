//! Lists: pages, order, filters, and what is shown.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{Record, create, records};
use stepwell_tests::server::Server;

/// Two topics, and 25 posts that take them in turn.
async fn library(client: &Client) -> (Vec<Record>, Vec<Record>) {
    let ada = sign_up(client, "ada").await;
    let mut topics = Vec::new();
    for name in ["water", "stone"] {
        topics.push(create(client, &ada, "topics", &json!({ "name": name })).await);
    }
    let mut posts = Vec::new();
    for number in 0..25 {
        let body = json!({ "title": format!("Post {number}"), "topic": topics[number % 2].id });
        posts.push(create(client, &ada, "posts", &body).await);
    }
    (topics, posts)
}

async fn list(client: &Client, query: &str) -> Value {
    client.get(&format!("{}?{query}", records("posts"))).send().await.expect(200).json()
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("a list has items");
    items.iter().map(|item| item["id"].as_str().expect("an id is text")).collect()
}

#[tokio::test]
async fn cursors_lead_through_every_record_once_while_others_are_written() {
    let server = Server::start();
    let client = server.client();
    let (_, posts) = library(&client).await;
    let bob = sign_up(&client, "bob").await;

    let mut seen = Vec::new();
    let mut query = "sort=-created&limit=10".to_owned();
    loop {
        let page = list(&client, &query).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        create(&client, &bob, "posts", &json!({ "title": "Later" })).await;
        let Some(next) = page["next"].as_str() else { break };
        query = format!("sort=-created&limit=10&after={next}");
    }
    let newest_first: Vec<String> = posts.iter().rev().map(|post| post.id.clone()).collect();
    assert_eq!(seen, newest_first);
}

#[tokio::test]
async fn a_filter_picks_and_a_count_counts() {
    let server = Server::start();
    let client = server.client();
    let (topics, posts) = library(&client).await;
    for (place, topic) in topics.iter().enumerate() {
        let query = format!("filter[topic]={}&sort=-created&limit=100&count=true", topic.id);
        let page = list(&client, &query).await;
        let wanted: BTreeSet<&str> =
            posts.iter().skip(place).step_by(2).map(|post| post.id.as_str()).collect();
        assert_eq!(ids(&page).into_iter().collect::<BTreeSet<_>>(), wanted);
        assert_eq!(page["count"], wanted.len());
    }
}

#[tokio::test]
async fn only_the_fields_that_are_asked_for_are_shown() {
    let server = Server::start();
    let client = server.client();
    let (_, posts) = library(&client).await;
    let page = list(&client, "sort=-created&limit=1&fields=id,title").await;
    let newest = posts.last().expect("there are posts");
    assert_eq!(page["items"], json!([{ "id": newest.id, "title": newest.body["title"] }]));
}

#[tokio::test]
async fn what_no_index_answers_is_refused_by_name() {
    let server = Server::start();
    let client = server.client();
    for (query, named) in [
        ("filter[body]=x", "body"),
        ("filter[nothing]=x", "nothing"),
        ("sort=body", "sort"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("after=nonsense", "after"),
        ("page=2", "page"),
        ("limit=1&limit=2", "limit"),
    ] {
        let refused = client.get(&format!("{}?{query}", records("posts"))).send().await.expect(400);
        assert_eq!(refused.problem(), "bad-parameter", "{query}");
        let detail = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(named), "{query}: {detail}");
    }
}
