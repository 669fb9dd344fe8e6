//! What the time of an answer tells. No clock is asserted: two kinds of requests take turns, and the rank of their times
//! is compared (Mann and Whitney's U), so that a machine that is slow or busy is so for both.

use std::time::Instant;

use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::record;
use stepwell_tests::server::Server;

use crate::world::World;

/// Requests of each kind. As many ranks show a difference that is there four times out of five.
const SAMPLES: usize = 60;
/// Accounts of each kind, so that none is guessed at more often than it may be.
const ACCOUNTS: usize = 6;
/// Standard deviations by which the sum of ranks may be off: requests that do the same are further apart once in ten
/// million runs, and some that never overlap are 9 apart.
const DEVIATIONS_MAX: f64 = 5.3;

/// By how many standard deviations the first kind tends to take longer than the second.
fn tendency(first: &[u128], second: &[u128]) -> f64 {
    let count = |samples: &[u128]| f64::from(u32::try_from(samples.len()).expect("there are a few"));
    let (m, n) = (count(first), count(second));
    let wins = first.iter().flat_map(|one| {
        second.iter().map(move |other| match one.cmp(other) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
    });
    let u: f64 = wins.sum();
    (u - m * n / 2.0) / (m * n * (m + n + 1.0) / 12.0).sqrt()
}

/// Asks in turn, each kind first as often as the other, and returns by how much the first tends to take longer.
async fn compare(mut first: impl AsyncFnMut(usize), mut second: impl AsyncFnMut(usize)) -> f64 {
    let mut times: [Vec<u128>; 2] = Default::default();
    for sample in 0..SAMPLES {
        for turn in 0..2 {
            let kind = (sample + turn) % 2;
            let began = Instant::now();
            if kind == 0 {
                first(sample).await;
            } else {
                second(sample).await;
            }
            times[kind].push(began.elapsed().as_nanos());
        }
    }
    tendency(&times[0], &times[1])
}

async fn attempt(client: &Client, credentials: &Value, from: usize) {
    let address = format!("192.0.2.{from}");
    let request = client.post("/v1/sessions", credentials).header("x-forwarded-for", &address);
    assert_eq!(request.send().await.expect(401).problem(), "wrong-credentials");
}

/// The example, to which whoever is asked says where others ask from: else one address would guess too often.
fn serve() -> Server {
    let settings = [("STEPWELL_SERVER_TRUSTED_PROXIES", "127.0.0.1"), ("STEPWELL_EDGE_RATE_SIGN_INS", "off")];
    Server::with(Project::example(), &settings)
}

#[tokio::test]
async fn a_log_in_takes_as_long_without_an_account_as_with_a_wrong_password() {
    let server = serve();
    let client = server.client();
    for account in 0..ACCOUNTS {
        sign_up(&client, &format!("known{account}")).await;
    }
    let wrong = |name: &str, sample: usize| json!({ "email": email(&format!("{name}{}", sample % ACCOUNTS)), "password": "not the password" });
    let known = async |sample| attempt(&client, &wrong("known", sample), sample).await;
    let unknown = async |sample| attempt(&client, &wrong("other", sample), 100 + sample).await;
    let tendency = compare(known, unknown).await;
    assert!(tendency.abs() < DEVIATIONS_MAX, "accounts that exist are {tendency:.1} deviations off");
    // The ranks tell what there is to tell: one look at an account that needs no password is another thing.
    let hashed = async |sample| attempt(&client, &wrong("third", sample), 200 - sample).await;
    let nothing = async |_| drop(client.get("/v1/accounts/me").send().await.expect(401));
    assert!(compare(hashed, nothing).await > DEVIATIONS_MAX);
    let right = json!({ "email": email("known0"), "password": PASSWORD });
    client.post("/v1/sessions", &right).send().await.expect(200);
}

/// A private record of somebody else's and one that does not exist, read where neither is kept.
#[tokio::test]
async fn a_record_of_somebody_else_takes_as_long_as_none() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let read = async |path: &str| {
        let answer = world.client.get(path).signed_in(&bob).send().await.expect(404);
        assert_eq!(answer.problem(), "not-found");
    };
    let missing = record("notes", "0000000000000");
    let tendency = compare(async |_| read(&world.note.path).await, async |_| read(&missing).await).await;
    assert!(tendency.abs() < DEVIATIONS_MAX, "records that exist are {tendency:.1} deviations off");
}
