//! Many ask for what nobody has asked for yet: the origin is asked once.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use stepwell_shared::headers::CACHE_STATUS;
use stepwell_tests::cache_status::CacheStatus;
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::{Server, UNLIMITED};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const READERS: usize = 1000;
const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_for_a_cold_key_reach_the_origin_once() {
    let server = Server::with(Project::example(), &UNLIMITED);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mut connections = connect(server.address()).await;
    for round in 0..ROUNDS {
        let post = create_post(&client, &ada, "Everybody's").await;
        let list = format!("{}?limit={}", records("posts"), round + 1);
        for target in [post.path, list] {
            let statuses;
            (statuses, connections) = ask_at_once(connections, &target).await;
            let leaders = statuses.iter().filter(|status| status.reached_origin()).count();
            assert_eq!(leaders, 1, "{target}: {leaders} of {READERS} reached the origin");
            let leader = statuses.iter().find(|status| status.reached_origin()).expect("one did");
            assert_eq!((leader.fwd.as_deref(), leader.stored), (Some("uri-miss"), true), "{target}");
            assert!(
                statuses.iter().all(|status| status.hit || status.collapsed || status == leader),
                "{target}"
            );
            let collapsed = statuses.iter().filter(|status| status.collapsed).count();
            println!(
                "{target}: 1 asked, {collapsed} waited for its answer, {} came later",
                READERS - 1 - collapsed
            );
        }
    }
}

type Connection = SendRequest<Empty<Bytes>>;

/// Connections that stand before the first request is sent, so that all requests are sent at once.
async fn connect(server: SocketAddr) -> Vec<Connection> {
    let mut connections = Vec::new();
    for _ in 0..READERS {
        let stream = TcpStream::connect(server).await.expect("the server takes a thousand connections");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("the server speaks HTTP/1.1");
        tokio::spawn(connection);
        connections.push(sender);
    }
    connections
}

async fn ask_at_once(connections: Vec<Connection>, target: &str) -> (Vec<CacheStatus>, Vec<Connection>) {
    let barrier = Arc::new(Barrier::new(connections.len()));
    let mut asking = JoinSet::new();
    for mut connection in connections {
        let (barrier, target) = (Arc::clone(&barrier), target.to_owned());
        asking.spawn(async move {
            barrier.wait().await;
            let request = http::Request::get(target).header("host", "localhost").body(Empty::new());
            let answer = connection.send_request(request.expect("the request is whole")).await;
            let answer = answer.expect("every request is answered");
            assert_eq!(answer.status(), 200);
            let status = answer.headers()[CACHE_STATUS].to_str().map(CacheStatus::parse);
            answer.into_body().collect().await.expect("every answer is whole");
            (status.expect("the field is ASCII"), connection)
        });
    }
    asking.join_all().await.into_iter().unzip()
}
