//! How often one client may ask for what costs something, and who one client is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use stepwell_tests::answer::Answer;
use stepwell_tests::client::Client;
use stepwell_tests::people::{log_in, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::{Server, UNLIMITED};
use tokio::task::JoinSet;

/// Clients of one attacker.
const ATTACKERS: usize = 8;
/// Log-ins of each.
const ATTEMPTS: usize = 25;
/// Wrong passwords that one network has, whatever the accounts (`GUESSES_OF_ADDRESS`).
const GUESSES: u16 = 100;

async fn guess(client: &Client, account: &str, headers: &[(&'static str, &str)]) -> Answer {
    let credentials = json!({ "email": format!("{account}@example.com"), "password": "a wrong password" });
    let request = client.post("/v1/sessions", &credentials);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).send().await
}

/// Every answer to a flood of log-ins.
async fn flood(server: &Server) -> Vec<Answer> {
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        let client = Client::new(server.address());
        attackers.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..ATTEMPTS {
                answers.push(guess(&client, "ada", &[]).await);
            }
            answers
        });
    }
    attackers.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_log_ins_is_refused_and_starves_no_reads() {
    // Two of them sign somebody up and in. In an hour, so that none is filled in again meanwhile.
    let server = Server::with(Project::example(), &[("STEPWELL_EDGE_RATE_SIGN_INS", "5/1h")]);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let is_over = Arc::new(AtomicBool::new(false));
    let reading = tokio::spawn({
        let (client, is_over) = (Client::new(server.address()), is_over.clone());
        async move {
            let mut reads = 0;
            while !is_over.load(Ordering::Relaxed) || reads < 10 {
                client.get(&post.path).send().await.expect(200);
                // One that the origin is asked for each time.
                client.get("/v1/accounts/me").signed_in(&ada).send().await.expect(200);
                reads += 1;
            }
        }
    });
    let answers = flood(&server).await;
    is_over.store(true, Ordering::Relaxed);
    reading.await.expect("every read is answered");

    let (refused, heard): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 429);
    assert_eq!(heard.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>(), [401; 3]);
    assert!(heard.iter().all(|answer| answer.header("ratelimit").is_some()));
    for answer in &refused {
        assert_eq!(answer.problem(), "too-many-requests");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"sign-ins\";q=5;w=3600"));
        let wait = answer.header("retry-after").expect("it says when to come back");
        assert_eq!(answer.header("ratelimit"), Some(&*format!("\"sign-ins\";r=0;t={wait}")));
        assert!((1..=720).contains(&wait.parse::<u32>().expect("seconds")), "{wait}");
    }
    let metrics = Client::new(server.operator_address()).get("/metrics").send().await.expect(200);
    let line = format!("stepwell_requests_rate_limited_total{{class=\"sign-ins\"}} {}", refused.len());
    assert!(metrics.text().lines().any(|one| one == line), "{line} is not among: {}", metrics.text());
}

#[tokio::test]
async fn the_limit_of_one_account_is_nobody_elses() {
    let server = Server::with(Project::example(), &[("STEPWELL_EDGE_RATE_WRITES", "2/1h")]);
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let body = json!({ "title": "Wells", "body": "Deep" });
    let create = async |person| client.post(&records("posts"), &body).signed_in(person).send().await;
    for left in ["r=1;", "r=0;"] {
        let answer = create(&ada).await.expect(201);
        let field = answer.header("ratelimit").expect("it says what is left").to_owned();
        assert!(field.starts_with(&format!("\"writes\";{left}t=")), "{field}");
    }
    // Also in another session of hers.
    let elsewhere = log_in(&client, "ada").await;
    for session in [&ada, &elsewhere] {
        assert_eq!(create(session).await.expect(429).problem(), "too-many-requests");
    }
    create(&bob).await.expect(201);
    client.get("/v1/accounts/me").signed_in(&ada).send().await.expect(200);
}

#[tokio::test]
async fn keys_that_are_made_up_open_no_limit_of_their_own() {
    let server = Server::with(Project::example(), &[("STEPWELL_EDGE_RATE_WRITES", "3/1h")]);
    let client = server.client();
    let body = json!({ "title": "Wells", "body": "Deep" });
    let mut statuses = Vec::new();
    for number in 0..5 {
        let key = format!("swk_{number:026}");
        statuses.push(client.post(&records("posts"), &body).bearer(&key).send().await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn who_claims_another_address_stays_who_they_are() {
    let limit = ("STEPWELL_EDGE_RATE_SIGN_INS", "2/1h");
    let server = Server::with(Project::example(), &[limit]);
    let client = server.client();
    for number in 0..2 {
        guess(&client, &number.to_string(), &[]).await.expect(401);
    }
    for claim in ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "stepwell-client"] {
        for value in ["203.0.113.9", "for=203.0.113.9"] {
            guess(&client, "ada", &[(claim, value)]).await.expect(429);
        }
    }
    // Behind a proxy of the operator's, its word counts, and what its client has said before it does not.
    let server =
        Server::with(Project::example(), &[limit, ("STEPWELL_SERVER_TRUSTED_PROXIES", "127.0.0.0/8")]);
    let client = server.client();
    for (said, status) in [
        ("198.51.100.7", 401),
        ("203.0.113.1, 198.51.100.7", 401),
        ("203.0.113.2, 198.51.100.7", 429),
        ("203.0.113.3, 198.51.100.7, 127.0.0.9", 429),
        ("198.51.100.7, 203.0.113.4", 401),
    ] {
        guess(&client, "ada", &[("x-forwarded-for", said)]).await.expect(status);
    }
    guess(&client, "ada", &[("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=203.0.113.5")])
        .await
        .expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_guesses_so_often_at_all_accounts_together() {
    let trusted = [("STEPWELL_SERVER_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Server::with(Project::example(), &[&UNLIMITED[..], &trusted].concat());
    let client = server.client();
    let from = |address: &str, number: u16| {
        let (client, address) = (client.clone(), address.to_owned());
        async move { guess(&client, &format!("nobody{number}"), &[("x-forwarded-for", &address)]).await }
    };
    let mut guesses = JoinSet::new();
    for attacker in 0..4 {
        let mine: Vec<_> = (0..GUESSES / 4).map(|n| from("192.0.2.7", attacker * GUESSES + n)).collect();
        guesses.spawn(async move {
            for guess in mine {
                guess.await.expect(401);
            }
        });
    }
    guesses.join_all().await;
    // Some attempts are filled in again while the others are made.
    let mut more = 0;
    while from("192.0.2.7", 10_000 + more).await.status != 429 {
        more += 1;
        assert!(more < 10 * GUESSES, "nobody counts them");
    }
    from("192.0.2.8", 20_000).await.expect(401);
}
