//! Whoever is signed out, banned or given other roles is refused by the edge within the promised second, and the origin
//! is not asked to know it: while many read what the edge has stored, as fast as they can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;
use stepwell_tests::client::{Client, Request};
use stepwell_tests::eventually::eventually;
use stepwell_tests::metrics::asked_of_origin;
use stepwell_tests::people::{PASSWORD, Person, log_in, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create, records};
use stepwell_tests::server::{OPERATOR_TOKEN, Server, UNLIMITED};
use tokio::task::JoinSet;

/// What the product promises: from the acknowledgement of the change to the beginning of a request.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// For how long after that the readers go on: what is refused stays refused.
const AFTERWARDS: Duration = Duration::from_millis(200);
const PEOPLE: usize = 4;
const READERS_EACH: usize = 4;
const ROUNDS: usize = 3;
/// Answers that each reader has before the change comes.
const READ_BEFORE: usize = 20;

const DESK: &str = r#"
name = "desk"
[fields]
text = { type = "text", max = 80 }
[rules]
read = "role:editor"
create = "signed_in"
[cache]
record = { edge = "10m", stale = "1d" }
list = { edge = "10m", stale = "1d" }
"#;

/// What takes a token's worth away.
#[derive(Clone, Copy, Debug)]
enum Deed {
    LogOutEverywhere,
    NewPassword,
    Ban,
    RoleTaken,
}

/// What one reader saw.
struct Seen {
    /// When each request began, and whether it was answered.
    requests: Vec<(Instant, bool)>,
}

impl Deed {
    /// The request that does it to `person`, whose password and roles are those of everybody.
    fn request(self, client: &Client, person: &Person) -> Request {
        let operate = |method, of: &str| {
            client.request(method, &format!("/v1/accounts/{}/{of}", person.id)).bearer(OPERATOR_TOKEN)
        };
        match self {
            Self::LogOutEverywhere => client.delete("/v1/sessions").signed_in(person),
            Self::NewPassword => client
                .request(Method::PUT, "/v1/accounts/me/password")
                .json(&json!({ "old": PASSWORD, "new": "another well kept secret" }))
                .signed_in(person),
            Self::Ban => operate(Method::POST, "ban"),
            Self::RoleTaken => operate(Method::PUT, "roles").json(&json!({ "roles": [] })),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_within_a_second_and_the_origin_is_not_asked() {
    let server = Server::with(Project::declaring(&[("desk", DESK)]), &UNLIMITED);
    let (client, operator) = (server.client(), Client::new(server.operator_address()));
    for deed in [Deed::LogOutEverywhere, Deed::NewPassword, Deed::Ban, Deed::RoleTaken] {
        let mut delays = Vec::new();
        let mut answered = 0;
        for round in 0..ROUNDS {
            let people = editors(&client, &format!("{deed:?}-{round}").to_lowercase()).await;
            let (late, count) = revoke_under_load(&client, &operator, deed, &people).await;
            delays.extend(late);
            answered += count;
        }
        delays.sort_unstable();
        let (median, max) = (delays[delays.len() / 2], delays[delays.len() - 1]);
        println!(
            "{deed:?}: refused {median:?} after the acknowledgement at the median, {max:?} at most, \
             while {answered} reads were answered"
        );
    }
}

/// People who may read the desk, with tokens that say so.
async fn editors(client: &Client, names: &str) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let name = format!("{names}-{number}");
        let person = sign_up(client, &name).await;
        let roles = format!("/v1/accounts/{}/roles", person.id);
        let put = client.request(Method::PUT, &roles).bearer(OPERATOR_TOKEN);
        put.json(&json!({ "roles": ["editor"] })).send().await.expect(200);
        people.push(log_in(client, &name).await);
    }
    people
}

/// Revokes the tokens of the first of `people` while all of them read. Returns for how long after the acknowledgement each
/// of its readers could still begin a request that was answered, and how many requests of all were.
async fn revoke_under_load(
    client: &Client,
    operator: &Client,
    deed: Deed,
    people: &[Person],
) -> (Vec<Duration>, usize) {
    let (revoked, others) = people.split_first().expect("there are people");
    let record = create(client, revoked, "desk", &json!({ "text": "for editors" })).await;
    let targets: Arc<[String]> = Arc::new([record.path, records("desk")]);
    for target in &*targets {
        client.get(target).signed_in(revoked).send().await.expect(200);
    }
    let asked = asked_of_origin(operator).await;
    let (reading, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    let read_as = |person: &Person| {
        let mut readers = JoinSet::new();
        for _ in 0..READERS_EACH {
            let (reading, is_over) = (reading.clone(), is_over.clone());
            readers.spawn(read(client.clone(), person.clone(), targets.clone(), reading, is_over));
        }
        readers
    };
    let its_readers = read_as(revoked);
    let their_readers: Vec<_> = others.iter().map(read_as).collect();
    let all = PEOPLE * READERS_EACH;
    eventually("all read", async || reading.load(Ordering::SeqCst) == all).await;
    let done = deed.request(client, revoked).send().await;
    let acknowledged = Instant::now();
    assert!(done.status.is_success(), "{deed:?}: {}", done.text());
    tokio::time::sleep(REFUSED_WITHIN + AFTERWARDS).await;
    is_over.store(true, Ordering::SeqCst);

    let (mut delays, mut answered) = (Vec::new(), 0);
    for Seen { requests } in its_readers.join_all().await {
        let last = requests.iter().filter(|(_, is_answered)| *is_answered).map(|(began, _)| *began).max();
        let delay = last.map_or(Duration::ZERO, |began| began.saturating_duration_since(acknowledged));
        assert!(delay < REFUSED_WITHIN, "{deed:?}: served to a request that began {delay:?} after it");
        let refused = requests.iter().filter(|(_, is_answered)| !is_answered).count();
        assert!(last.is_some() && refused > 0, "{deed:?}: it read before and after");
        answered += requests.len() - refused;
        delays.push(delay);
    }
    for readers in their_readers {
        for Seen { requests } in readers.join_all().await {
            assert!(requests.iter().all(|(_, is_answered)| *is_answered), "{deed:?}: the others go on");
            answered += requests.len();
        }
    }
    let asked_meanwhile = asked_of_origin(operator).await - asked;
    assert_eq!(
        asked_meanwhile, 1,
        "{deed:?}: the origin was asked for the change, and for nothing to know of it"
    );
    (delays, answered)
}

/// Reads again and again what is stored. Every answer is the edge's own: the record, or its refusal of the token.
async fn read(
    client: Client,
    person: Person,
    targets: Arc<[String]>,
    reading: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Seen {
    let mut requests = Vec::new();
    for target in targets.iter().cycle() {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let began = Instant::now();
        let answer = client.get(target).signed_in(&person).send().await;
        let status = answer.cache_status();
        let is_answered = match answer.status.as_u16() {
            200 => true,
            401 => false,
            _ => panic!("{}: {}", answer.what, answer.text()),
        };
        assert!(status.hit || !is_answered && status.fwd.is_none(), "{}: {status:?}", answer.what);
        requests.push((began, is_answered));
        if requests.len() == READ_BEFORE {
            reading.fetch_add(1, Ordering::SeqCst);
        }
    }
    Seen { requests }
}
