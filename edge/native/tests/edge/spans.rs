//! What is told of requests whose trace is recorded.

use std::sync::Arc;

use http::StatusCode;
use stepwell_edge_native::spans::{Observer, Side, Span};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};

use super::support::Bench;

/// Hands spans on.
struct Told(mpsc::UnboundedSender<Span>);

impl Observer for Told {
    fn sampled_of_2_63(&self) -> u64 {
        1 << 63
    }

    fn ended(&self, span: Span) {
        let _ = self.0.send(span);
    }
}

/// The next span of a request of a client's.
async fn of_client(spans: &mut mpsc::UnboundedReceiver<Span>) -> Span {
    loop {
        let span = spans.recv().await.unwrap();
        if span.side == Side::Server {
            return span;
        }
    }
}

#[tokio::test]
async fn a_request_is_told_of_with_its_answer_and_one_whose_client_leaves_without() {
    let bench = Bench::start().await;
    let (told, mut spans) = mpsc::unbounded_channel();
    bench.edge.observe(Arc::new(Told(told)));
    bench.get("/public").await;
    let answered = of_client(&mut spans).await;
    assert_eq!(
        (answered.route.as_deref(), answered.class, answered.status),
        (Some("/public"), Some("public"), Some(StatusCode::OK))
    );
    let hold = Arc::<Notify>::default();
    *bench.origin.hold.lock().unwrap() = Some(hold.clone());
    let mut client = TcpStream::connect(bench.address()).await.unwrap();
    client.write_all(b"GET /no-store HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    while bench.asked() < 2 {
        tokio::task::yield_now().await;
    }
    drop(client);
    let left = of_client(&mut spans).await;
    assert_eq!((left.route.as_deref(), left.status), (Some("/no-store"), None));
}
