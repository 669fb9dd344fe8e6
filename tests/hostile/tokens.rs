//! Access tokens that we did not issue, or not for this, or not for now (RFC 8725).

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stepwell_shared::claims::{Claims, key_id, sign};
use stepwell_tests::raw::say;
use stepwell_tests::records::records;

use crate::world::{SECRET, World, closing, told};

/// What an attacker with the deployment's own key could sign, and what one without it tries.
struct Forge {
    key: SigningKey,
    good: Claims,
}

impl Forge {
    /// Reads the key that the server signs with, and what it says of Ada.
    fn of(world: &World) -> Self {
        let pem = std::fs::read_to_string(world.server.project().data().join("signing-key.pem"));
        let key = SigningKey::from_pkcs8_pem(&pem.expect("the server keeps its key")).expect("it is a key");
        let claims = world.ada.token.split('.').nth(1).expect("a token has claims");
        let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).expect("claims are base64url");
        Self { key, good: serde_json::from_slice(&claims).expect("claims are JSON") }
    }

    /// A token of which everything is right but what `change` does.
    fn but(&self, change: impl FnOnce(&mut Claims)) -> String {
        let mut claims = self.good.clone();
        change(&mut claims);
        sign(&claims, &self.key)
    }

    /// Ada's claims under another header, signed by `signer`.
    fn under(&self, header: &Value, signer: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let claims = serde_json::to_vec(&self.good).expect("claims are JSON");
        let parts = [header.to_string().as_bytes(), &claims].map(|part| BASE64URL_NOPAD.encode(part));
        let signed = parts.join(".");
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signer(signed.as_bytes())))
    }

    fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key_id(&self.key.verifying_key()) })
    }

    /// The true header with one member that is not.
    fn headed(&self, name: &str, value: &Value) -> String {
        let mut header = self.header();
        header[name] = value.clone();
        self.under(&header, |signed| self.key.sign(signed).to_vec())
    }
}

/// RFC 2104, for keys of at most one block.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs()
}

/// A private read, a private list, the account and a change: each refused, and nothing of it kept.
async fn is_refused(world: &World, name: &str, token: &str) {
    let bearer = format!("Authorization: Bearer {token}");
    let cookie = format!("Cookie: __Host-stepwell-access={token}");
    let posts = records("posts");
    for credentials in [&bearer, &cookie] {
        for target in [&*world.note.path, &records("notes"), "/v1/accounts/me"] {
            let answers = say(world.address(), closing(&format!("GET {target}"), &[credentials])).await;
            let [answer] = &answers[..] else { panic!("{name}: {answers:?}") };
            assert_eq!(answer.status, 401, "{name}: {target}: {}", answer.text());
            assert!(!told(answer).contains(SECRET), "{name}: {target}");
        }
        let body = "{\"title\":\"evil\"}";
        let fields = [&**credentials, "Content-Type: application/json", "Content-Length: 16"];
        let answers = say(world.address(), closing(&format!("POST {posts}"), &fields) + body).await;
        assert!(matches!(answers[0].status.as_u16(), 401 | 403), "{name}: {}", answers[0].text());
    }
    world.hides(&world.note.path).await;
}

async fn are_refused(world: &World, tokens: &[(&str, String)]) {
    // So that there is something in the store to be given away.
    world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    for (name, token) in tokens {
        is_refused(world, name, token).await;
    }
    let hers = world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    assert!(hers.cache_status().hit && hers.text().contains(SECRET));
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_token_that_is_forged_well_is_taken() {
    // Else the refusals below would say nothing.
    let world = World::start().await;
    let forge = Forge::of(&world);
    for token in [forge.but(|_| {}), forge.under(&forge.header(), |signed| forge.key.sign(signed).to_vec())] {
        world.client.get(&world.note.path).bearer(&token).send().await.expect(200);
    }
}

#[tokio::test]
async fn no_algorithm_but_ours_is_taken() {
    let world = World::start().await;
    let forge = Forge::of(&world);
    let public = forge.key.verifying_key().to_bytes();
    let as_text = BASE64URL_NOPAD.encode(&public);
    let headed = |alg: &str| {
        let mut header = forge.header();
        header["alg"] = json!(alg);
        header
    };
    are_refused(
        &world,
        &[
            ("none", forge.under(&headed("none"), |_| Vec::new())),
            ("None", forge.under(&headed("None"), |_| Vec::new())),
            ("none, signed", forge.headed("alg", &json!("none"))),
            ("HS256 by the public key", forge.under(&headed("HS256"), |signed| hmac_sha256(&public, signed))),
            (
                "HS256 by its text",
                forge.under(&headed("HS256"), |signed| hmac_sha256(as_text.as_bytes(), signed)),
            ),
            ("EdDSA said, HS256 done", forge.under(&forge.header(), |signed| hmac_sha256(&public, signed))),
            ("another name of the algorithm", forge.headed("alg", &json!("Ed25519"))),
            ("in lower case", forge.headed("alg", &json!("eddsa"))),
            ("RS256", forge.headed("alg", &json!("RS256"))),
            ("two algorithms", forge.headed("alg", &json!(["EdDSA", "none"]))),
            ("no algorithm", forge.headed("alg", &Value::Null)),
        ],
    )
    .await;
}

#[tokio::test]
async fn no_key_but_ours_is_taken() {
    let world = World::start().await;
    let forge = Forge::of(&world);
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(stranger.verifying_key().as_bytes()) });
    let mut with_key = forge.header();
    with_key["jwk"] = jwk;
    let by_stranger = |signed: &[u8]| stranger.sign(signed).to_vec();
    are_refused(
        &world,
        &[
            ("a stranger's", sign(&forge.good, &stranger)),
            ("a stranger's, under our key's name", forge.under(&forge.header(), by_stranger)),
            ("a stranger's, sent along", forge.under(&with_key, by_stranger)),
            ("a key at an address", forge.headed("jku", &json!("http://127.0.0.1:1/jwks.json"))),
            ("a key in a file", forge.headed("kid", &json!("../../../../dev/null"))),
            ("a key in a query", forge.headed("kid", &json!("x' UNION SELECT 'k"))),
            ("no key", forge.headed("kid", &json!(""))),
            ("critical extensions", forge.headed("crit", &json!(["exp"]))),
            ("another kind of token", forge.headed("typ", &json!("JWT"))),
        ],
    )
    .await;
}

#[tokio::test]
async fn no_token_for_elsewhere_or_another_time_is_taken() {
    let world = World::start().await;
    let forge = Forge::of(&world);
    are_refused(
        &world,
        &[
            ("another audience", forge.but(|claims| claims.aud = "elsewhere".into())),
            ("no audience", forge.but(|claims| claims.aud.clear())),
            ("a longer audience", forge.but(|claims| claims.aud.push('x'))),
            ("expired", forge.but(|claims| claims.exp = now_s() - 1)),
            ("expired long ago", forge.but(|claims| claims.exp = 0)),
            ("not valid yet", forge.but(|claims| claims.iat = now_s() + 3600)),
            ("not valid for long", forge.but(|claims| (claims.iat, claims.exp) = (u64::MAX, u64::MAX))),
            ("a position that is none", forge.but(|claims| claims.pos = "evil".into())),
        ],
    )
    .await;
}

#[tokio::test]
async fn no_token_that_is_broken_or_huge_is_taken() {
    let world = World::start().await;
    let forge = Forge::of(&world);
    let [header, claims, signature] = *world.ada.token.split('.').collect::<Vec<_>>() else {
        panic!("three parts")
    };
    let cut = &signature[..signature.len() - 2];
    let mut evil: Claims = forge.good.clone();
    evil.roles = vec!["admin".into()];
    let evil = BASE64URL_NOPAD.encode(&serde_json::to_vec(&evil).expect("claims are JSON"));
    are_refused(
        &world,
        &[
            ("unsigned", format!("{header}.{claims}.")),
            ("two parts", format!("{header}.{claims}")),
            ("four parts", format!("{}.x", world.ada.token)),
            ("parts of an encrypted one", format!("{}.x.y", world.ada.token)),
            ("a shorter signature", format!("{header}.{claims}.{cut}")),
            ("padded", format!("{}==", world.ada.token)),
            ("other claims", format!("{header}.{evil}.{signature}")),
            ("parts exchanged", format!("{claims}.{header}.{signature}")),
            ("nothing", "..".to_owned()),
            ("no base64url", format!("{header}.{claims}.+/+/")),
            ("huge, well signed", forge.but(|claims| claims.roles = vec!["r".repeat(3000)])),
            ("huge", "e".repeat(16 * 1024)),
        ],
    )
    .await;
}

#[tokio::test]
async fn credentials_that_come_twice_or_in_another_way_are_not_taken() {
    let world = World::start().await;
    let bearer = format!("Authorization: Bearer {}", world.ada.token);
    let line = format!("GET {}", world.note.path);
    let get = async |fields: &[&str]| say(world.address(), closing(&line, fields)).await.remove(0);
    assert_eq!(get(&[&bearer]).await.status, 200);
    for fields in [
        &[&*bearer, "Authorization: Bearer x"][..],
        &["Authorization: Bearer x", &bearer],
        &[&bearer, &bearer],
        &[&*bearer.replace("Bearer", "Basic")],
        &[&*bearer.replace("Bearer ", "")],
        &[&*format!("{bearer}, Bearer x")],
        &[&*bearer.replace("Authorization", "Proxy-Authorization")],
        &[&*bearer.replace("Authorization", "X-Authorization")],
    ] {
        let answer = get(fields).await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(!told(&answer).contains(SECRET));
    }
    // A token in the target would be in every log.
    for name in ["access_token", "token", "jwt"] {
        let target = format!("GET {}?{name}={}", world.note.path, world.ada.token);
        let answer = say(world.address(), closing(&target, &[])).await.remove(0);
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    world.hides(&world.note.path).await;
}
