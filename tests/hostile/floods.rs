//! More than anybody needs, and slower than anybody is. No time is asserted: others are answered meanwhile, or the test
//! hangs.

use std::net::SocketAddr;

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::raw::{ask, say};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::world::{World, closing};

/// Connections of one attacker who takes his time.
const SLOW_CLIENTS: usize = 200;

async fn is_refused_with(server: SocketAddr, status: u16, name: &str, text: String) {
    let answers = say(server, text).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [status], "{name}");
}

async fn floods(server: SocketAddr, target: &str) {
    let many = |count: usize, length: usize| -> Vec<String> {
        (0..count).map(|name| format!("X-{name}: {}", "a".repeat(length))).collect()
    };
    let line = format!("GET {target}");
    for (name, fields) in [
        ("a field too many", many(200, 1)),
        ("a thousand", many(1000, 1)),
        ("a hundred thousand", many(100_000, 1)),
        ("fifty of a kilobyte", many(50, 1024)),
        ("one of a megabyte", many(1, 1024 * 1024)),
        ("one name a thousand times", vec!["X: 1".to_owned(); 1000]),
        ("a thousand cookies", vec!["Cookie: a=b".to_owned(); 1000]),
        ("a name of a megabyte", vec![format!("{}: 1", "X".repeat(1024 * 1024))]),
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        is_refused_with(server, 431, name, closing(&line, &fields)).await;
    }
    for bytes in [9 * 1024, 20 * 1024] {
        let target = format!("GET /{}", "a".repeat(bytes));
        is_refused_with(server, 414, "a long path", closing(&target, &[])).await;
        let target = format!("GET /v1/openapi.json?{}", "a".repeat(bytes));
        is_refused_with(server, 414, "a long query", closing(&target, &[])).await;
    }
    for bytes in [70 * 1024, 1024 * 1024] {
        let target = format!("GET /{}", "a".repeat(bytes));
        let answers = say(server, closing(&target, &[])).await;
        assert!(matches!(answers[0].status.as_u16(), 414 | 431), "{}", answers[0].status);
    }
}

#[tokio::test]
async fn a_flood_of_fields_is_refused_by_the_service() {
    let world = World::start().await;
    floods(world.address(), &world.post.path).await;
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_flood_of_fields_never_reaches_an_origin() {
    let origin = Origin::start(async |_| page(&[("cache-control", "max-age=60")], "page")).await;
    let edge = Edge::before(origin.address());
    floods(edge.address(), "/").await;
    assert_eq!(origin.asked("GET /"), 0);
    ask(edge.address(), closing("GET /", &[])).await.expect(200);
    ask(edge.address(), closing("GET /", &[])).await.expect(200);
    assert_eq!(origin.asked("GET /"), 1);
}

/// Opens connections that say these bytes and then wait.
async fn linger(server: SocketAddr, said: &str) -> Vec<TcpStream> {
    let mut lingering = Vec::new();
    for _ in 0..SLOW_CLIENTS {
        let mut stream = TcpStream::connect(server).await.expect("it accepts connections");
        stream.write_all(said.as_bytes()).await.expect("it takes what is said");
        lingering.push(stream);
    }
    lingering
}

#[tokio::test]
async fn clients_that_take_their_time_keep_nobody_else_waiting() {
    let world = World::start().await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    let create = "POST /v1/collections/posts/records";
    let half = closing(create, &[&token, "Content-Type: application/json", "Content-Length: 99"]) + "{\"ti";
    let chunk =
        closing(create, &[&token, "Content-Type: application/json", "Transfer-Encoding: chunked"]) + "5\r\n{";
    let mut lingering = Vec::new();
    for said in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: ", &half, &chunk] {
        lingering.push(linger(world.address(), said).await);
        world.serves_the_post().await;
        world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    }
    // A byte more of each, as whoever keeps connections alive sends it.
    for stream in lingering.iter_mut().flatten() {
        // Those that were given up are closed.
        let _ = stream.write_all(b"a").await;
    }
    world.serves_the_post().await;
    stepwell_tests::records::create_post(&world.client, &world.ada, "meanwhile").await;
}

#[tokio::test]
async fn clients_that_do_not_read_keep_nobody_else_waiting() {
    let world = World::start().await;
    let pipelined = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", world.post.path).repeat(200);
    let lingering = linger(world.address(), &pipelined).await;
    world.serves_the_post().await;
    drop(lingering);
    world.serves_the_post().await;
}

#[tokio::test]
async fn clients_that_leave_midway_leave_the_server_well() {
    let world = World::start().await;
    let get = closing(
        &format!("GET {}", world.note.path),
        &[&format!("Authorization: Bearer {}", world.ada.token)],
    );
    for bytes in (0..get.len()).step_by(7) {
        let mut stream = TcpStream::connect(world.address()).await.expect("it accepts connections");
        stream.write_all(&get.as_bytes()[..bytes]).await.expect("it takes what is said");
    }
    world.hides(&world.note.path).await;
    world.serves_the_post().await;
}
