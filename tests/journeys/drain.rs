//! Stopping under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stepwell_tests::client::Client;
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::records::create_post;
use stepwell_tests::server::{Server, UNLIMITED};

/// Clients that ask without pause.
const CLIENTS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_when_a_server_stops() {
    let mut server = Server::with(Project::example(), &UNLIMITED);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let answered = Arc::new(AtomicUsize::new(0));
    let asking: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (answered, path, ada) = (answered.clone(), post.path.clone(), ada.clone());
            let client = Client::new(server.address());
            tokio::spawn(async move {
                loop {
                    // Hits, and what the database has to be asked for.
                    let request = match number % 2 {
                        0 => client.get(&path),
                        _ => client.get("/v1/accounts/me").signed_in(&ada),
                    };
                    match request.try_send().await {
                        Ok(answer) => answer.expect(200),
                        // Nobody listens any more: there was no connection to send the request on. The system may
                        // also end one that it let in at the very moment of the close.
                        Err(unanswered) if unanswered.what.contains("client error (Connect)") => break,
                        Err(unanswered) => panic!("{}", unanswered.what),
                    };
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 20 * CLIENTS {
        tokio::task::yield_now().await;
    }
    server.tell_to_stop();
    for client in asking {
        client.await.expect("no request fails");
    }
    server.ends_in_order();
}

#[tokio::test]
async fn readiness_ends_at_once_and_service_goes_on_while_balancers_learn_of_it() {
    let server = Server::with(Project::example(), &[("STEPWELL_SERVER_DRAIN_DELAY", "10m")]);
    let client = server.client();
    client.get("/readyz").send().await.expect(200);
    server.tell_to_stop();
    let operator = Client::new(server.operator_address());
    while operator.get("/readyz").send().await.status == 200 {}
    assert_eq!(operator.get("/readyz").send().await.expect(503).problem(), "overloaded");
    client.get("/readyz").send().await.expect(503);
    operator.get("/healthz").send().await.expect(200);
    let late = Client::new(server.address()).get("/v1/openapi.json").send().await.expect(200);
    assert_eq!(late.header("connection"), Some("close"));
}
