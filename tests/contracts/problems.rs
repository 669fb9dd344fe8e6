//! Problem codes are stable, and the document names every one.

use stepwell_shared::problem::Code;
use stepwell_tests::server::Server;

#[tokio::test]
async fn the_document_lists_every_code() {
    let server = Server::start();
    let document = server.client().get("/v1/openapi.json").send().await.expect(200).json().to_string();
    for code in Code::ALL {
        assert!(document.contains(&format!("\"{}\"", code.slug())), "{} is not documented", code.slug());
    }
}
