//! The OpenAPI document: valid, and about the routes that there are.

use std::io::Write as _;
use std::process::Command;

use http::Method;
use serde_json::Value;
use stepwell_tests::binary;
use stepwell_tests::client::Client;
use stepwell_tests::project::Project;
use stepwell_tests::records::records;
use stepwell_tests::server::Server;

async fn document(client: &Client) -> Value {
    client.get("/v1/openapi.json").send().await.expect(200).json()
}

#[tokio::test]
async fn the_document_is_valid_openapi() {
    let server = Server::start();
    let document = document(&server.client()).await;
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let mut file = tempfile::NamedTempFile::with_suffix(".json").expect("there is room for a file");
    file.write_all(document.to_string().as_bytes()).expect("the file can be written");
    // The environment that tests/tools/install makes.
    let python = binary::root().join(".tools/python/bin/python");
    assert!(python.is_file(), "{} is missing: run tests/tools/install contracts", python.display());
    let validated = Command::new(python).args(["-m", "openapi_spec_validator"]).arg(file.path()).output();
    let validated = validated.expect("the validator starts");
    assert!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stdout));
}

#[tokio::test]
async fn every_documented_operation_exists() {
    // Without a contact there is no security.txt, as the document says.
    let contact = [("STEPWELL_ACCESS_SECURITY_CONTACT", "mailto:security@example.com")];
    let server = Server::with(Project::example(), &contact);
    let client = server.client();
    let document = document(&client).await;
    let paths = document["paths"].as_object().expect("the document has paths");
    let mut operations = 0;
    for (path, item) in paths {
        let target = path.replace("{id}", "0000000000000");
        for method in
            ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| item.get(method).is_some())
        {
            let name = Method::try_from(method.to_uppercase().as_str()).expect("methods are methods");
            let answer = client.request(name, &target).send().await;
            let known = answer.status != 405 && (answer.status != 404 || target.contains("0000000000000"));
            assert!(known, "{method} {path} answers {}: {}", answer.status, answer.text());
            operations += 1;
        }
    }
    assert!(operations >= 15, "only {operations} operations are documented");
}

#[tokio::test]
async fn every_collection_of_the_example_is_documented() {
    let server = Server::start();
    let document = document(&server.client()).await;
    for collection in ["posts", "notes", "topics"] {
        let item = &document["paths"][records(collection)];
        assert!(item["get"].is_object() && item["post"].is_object(), "{collection}: {item}");
        let single = &document["paths"][format!("{}/{{id}}", records(collection))];
        for method in ["get", "patch", "delete"] {
            assert!(single[method].is_object(), "{method} of {collection}: {single}");
        }
    }
}
