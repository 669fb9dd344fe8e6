//! Lines of the log, and the traces that they name.

use serde_json::Value;
use stepwell_tests::project::Project;
use stepwell_tests::server::Server;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Lines of the log about requests.
fn lines(server: &Server) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"] == "request").collect()
}

#[tokio::test]
async fn a_line_says_what_was_asked_and_names_the_trace() {
    let settings = [("STEPWELL_LOG_REQUESTS", "all"), ("STEPWELL_LOG_FORMAT", "json")];
    let server = Server::with(Project::example(), &settings);
    let client = server.client();
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    client
        .get("/v1/collections/posts/records?limit=3")
        .header("traceparent", &parent)
        .send()
        .await
        .expect(200);
    client.get("/nowhere").header("traceparent", "malformed").send().await.expect(404);
    let lines = lines(&server);
    let line = |path: &str| {
        lines.iter().find(|line| line["path"] == path).unwrap_or_else(|| panic!("no {path} in {lines:#?}"))
    };
    let list = line("/v1/collections/posts/records");
    assert_eq!(
        (&list["method"], &list["status"], &list["trace_id"]),
        (&"GET".into(), &200.into(), &TRACE.into())
    );
    assert!(
        list["cache"].as_str().is_some_and(|cache| cache.starts_with("stepwell; fwd=uri-miss")),
        "{list}"
    );
    assert_eq!(list["client"], "127.0.0.1");
    let id = line("/nowhere")["trace_id"].as_str().expect("a new trace has an id").to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
}

#[tokio::test]
async fn by_default_there_is_no_line_of_what_went_well() {
    let server = Server::with(Project::example(), &[("STEPWELL_LOG_FORMAT", "json")]);
    server.client().get("/v1/openapi.json").send().await.expect(200);
    server.client().get("/nowhere").send().await.expect(404);
    assert_eq!(lines(&server), Vec::<Value>::new());
}
