//! More than the origin can do: what is refused says so, and the rest goes on.

use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::records::create_post;
use stepwell_tests::server::Server;

/// Many times what one place for log-ins can take at once.
const LOG_INS: usize = 100;

#[tokio::test]
async fn a_flood_of_log_ins_is_told_to_come_back_and_leaves_reads_and_changes_alone() {
    let settings = [
        ("STEPWELL_OVERLOAD_LOG_INS_MIN", "1"),
        ("STEPWELL_OVERLOAD_LOG_INS_MAX", "1"),
        // All of them come from one address, which would be told so before the origin is asked.
        ("STEPWELL_EDGE_RATE_SIGN_INS", "off"),
    ];
    let server = Server::with(Project::example(), &settings);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let flood: Vec<_> = (0..LOG_INS)
        .map(|number| {
            let credentials =
                json!({ "email": format!("{number}@example.org"), "password": "a wrong password" });
            tokio::spawn(client.post("/v1/sessions", &credentials).send())
        })
        .collect();
    for number in 0..10 {
        let post = create_post(&client, &ada, &format!("Wells {number}")).await;
        client.get(&post.path).bookmark(post.bookmark).send().await.expect(200);
    }
    let mut answers = Vec::new();
    for answer in flood {
        answers.push(answer.await.expect("it is answered"));
    }
    let (shed, checked): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 503);
    assert!(!shed.is_empty() && !checked.is_empty(), "{} of {LOG_INS} were shed", shed.len());
    for answer in &shed {
        assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("overloaded", Some("1")));
    }
    for answer in checked {
        assert_eq!(answer.expect(401).problem(), "wrong-credentials");
    }
}
