//! A rule is declared anew: from the restart on it is the only one.

use serde_json::json;
use stepwell_tests::records::records;

use super::house::{House, SECRET, declaration, tells};

#[tokio::test]
async fn a_stricter_rule_holds_for_what_everybody_has_read() {
    let mut house = House::open().await;
    let letter = house.add("letters", &json!({ "text": SECRET })).await;
    let pinned = house.add("board", &json!({ "letter": letter.id })).await;
    let expanding = format!("{}?expand=letter", pinned.path);
    let list = records("letters");
    // Who sees it: Ada, Bob, and who is not signed in.
    for (readers, expected) in [
        ("public", [200, 200, 200]),
        ("signed_in", [200, 200, 401]),
        ("owner", [200, 404, 401]),
        ("role:editor", [200, 404, 401]),
        ("role:janitor", [404, 404, 401]),
        ("public", [200, 200, 200]),
    ] {
        house.server.stop();
        house.server.project().declare("letters", &declaration("letters", readers, ""));
        house.server.restart();
        let people = [Some(&house.ada), Some(&house.bob), None];
        for (person, status) in people.into_iter().zip(expected).cycle().take(6) {
            let ask = |target: &str| {
                let ask = house.client.get(target);
                if let Some(person) = person { ask.signed_in(person) } else { ask }
            };
            let read = ask(&letter.path).send().await.expect(status);
            assert_eq!(tells(&read), status == 200, "{readers}");
            assert_eq!(tells(&ask(&list).send().await), status == 200, "{readers}");
            assert_eq!(tells(&ask(&expanding).send().await.expect(200)), status == 200, "{readers}");
        }
        if expected[0] == 200 {
            house.hit(&letter.path, &house.ada).await;
        }
    }
}
