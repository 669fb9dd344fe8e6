//! Accounts and the tokens that they get, and who else may use what is served.

pub mod edges;
mod origins;

use std::ops::RangeInclusive;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use secrecy::{ExposeSecret as _, SecretString};
use stepwell_edge_core::cors::OtherOrigins;
use stepwell_shared::edge_signature::EdgeKeys;
use stepwell_shared::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARACTERS_MIN};

use super::reader::Reader;
use super::server::cores;
use super::value::{Setting as _, Size};

/// Section `[access]`.
#[derive(Clone, Debug)]
pub struct Access {
    /// The deployment's name in its tokens; a token of another deployment is refused.
    pub audience: String,
    /// How long an access token is good.
    pub token_lifetime: Duration,
    /// How long a session lasts that is not renewed.
    pub session_lifetime: Duration,
    /// Other origins whose pages may read, or change things with their visitors' cookies.
    pub origins: OtherOrigins,
    /// Whom to tell of a hole, as a URI; `None` tells nobody.
    pub security_contact: Option<String>,
    /// The edges elsewhere whose requests are taken. Of use to an origin that has no edge in its process.
    pub edges: EdgeKeys,
    /// What signs tokens; `None` lets `serve` keep a key in the data folder.
    pub signing_key: Option<SigningKey>,
    /// Characters of a password at the least.
    pub password_characters_min: usize,
    /// What hashing a password costs.
    pub argon2: Argon2,
    /// How long the audit log keeps a change.
    pub audit_keep: Duration,
}

/// The cost of Argon2id with one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argon2 {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Hashes at the same time, at least 1; others wait. Bounds memory and leaves the other cores alone.
    pub concurrency: usize,
}

/// A token outlives a log-out at an edge that is cut off from the log by at most its lifetime.
const TOKEN_LIFETIME: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);
/// Shorter than a token lives, a session would end while its access tokens still count.
const SESSION_LIFETIME: RangeInclusive<Duration> = Duration::from_hours(24)..=Duration::from_hours(400 * 24);
/// What was done a day ago somebody may ask; ten years are what the longest rules ask for.
const AUDIT_KEEP: RangeInclusive<Duration> = Duration::from_hours(24)..=Duration::from_hours(10 * 366 * 24);
/// More than a year, so that a yearly look finds all of it.
const AUDIT_KEEP_DEFAULT: Duration = Duration::from_hours(400 * 24);
/// Fewer than eight NIST SP 800-63B-4 forbids; more than the limit nobody could set.
const PASSWORD_CHARACTERS: RangeInclusive<usize> = 8..=PASSWORD_BYTES_MAX / 4;
/// OWASP's equal minima for Argon2id with one lane, as KiB of memory and passes
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const ARGON2_MINIMA: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];
/// More memory than this for one log-in is a slip of the pen.
const ARGON2_MEMORY: RangeInclusive<Size> = Size(7 << 20)..=Size(4 << 30);
const ARGON2_ITERATIONS_MAX: u32 = 100;
const ARGON2_CONCURRENCY_MAX: usize = 256;

impl Access {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        let characters = reader.setting_within(
            "access.password_characters_min",
            PASSWORD_CHARACTERS_MIN,
            &PASSWORD_CHARACTERS,
        );
        Self {
            audience: reader.setting("access.audience", "stepwell".to_owned()),
            token_lifetime: reader.setting_within(
                "access.token_lifetime",
                Duration::from_mins(15),
                &TOKEN_LIFETIME,
            ),
            session_lifetime: reader.setting_within(
                "access.session_lifetime",
                Duration::from_hours(30 * 24),
                &SESSION_LIFETIME,
            ),
            origins: origins::read_origins(reader),
            security_contact: origins::read_contact(reader),
            edges: edges::read_edges(reader),
            signing_key: read_signing_key(reader),
            password_characters_min: characters,
            argon2: Argon2::read(reader),
            audit_keep: reader.setting_within("access.audit_keep", AUDIT_KEEP_DEFAULT, &AUDIT_KEEP),
        }
    }
}

impl Argon2 {
    fn read(reader: &mut Reader) -> Self {
        let memory = reader.setting_within("access.argon2_memory", Size(19 << 20), &ARGON2_MEMORY);
        let iterations = reader.setting_within("access.argon2_iterations", 2, &(1..=ARGON2_ITERATIONS_MAX));
        let concurrency = "access.argon2_concurrency";
        let concurrency = match reader.setting_within(concurrency, 0, &(0..=ARGON2_CONCURRENCY_MAX)) {
            // A flood of log-ins leaves the other half to everybody else.
            0 => (cores() / 2).max(1),
            some => some,
        };
        // The most that the range above lets through is 2^22.
        let memory_kib = u32::try_from(memory.0 >> 10).unwrap_or(u32::MAX);
        let needed =
            ARGON2_MINIMA.iter().find(|(kib, _)| memory_kib >= *kib).map_or(u32::MAX, |(_, passes)| *passes);
        if iterations < needed {
            let problem = format!("is below OWASP's minimum for {} of memory", memory.write());
            reader.refuse(
                "access.argon2_iterations",
                problem,
                format!("write {needed} or more, or raise access.argon2_memory"),
            );
        }
        Self { memory_kib, iterations, concurrency }
    }
}

fn read_signing_key(reader: &mut Reader) -> Option<SigningKey> {
    let key = "access.signing_key";
    let pem: SecretString = reader.secret(key)?;
    let parsed = SigningKey::from_pkcs8_pem(pem.expose_secret()).ok();
    if parsed.is_none() {
        let fix = "make one with `openssl genpkey -algorithm ed25519`";
        reader.refuse(key, "is not an Ed25519 private key in PKCS #8 PEM", fix);
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, complaint_with, read, read_with};

    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn hashing_below_owasps_minimum_is_refused() {
        let text =
            |memory, passes| format!("[access]\nargon2_memory = \"{memory}\"\nargon2_iterations = {passes}");
        assert_eq!(read(&text("46MiB", 1), Access::read).argon2.memory_kib, 47_104);
        assert_eq!(read(&text("12MiB", 3), Access::read).argon2.iterations, 3);
        let complaint = complaint(&text("18MiB", 2), Access::read);
        assert_eq!(complaint.key, "access.argon2_iterations");
        assert_eq!(complaint.fix, "write 3 or more, or raise access.argon2_memory");
    }

    #[test]
    fn a_signing_key_is_read_and_a_broken_one_is_refused_unseen() {
        let variable = "STEPWELL_ACCESS_SIGNING_KEY";
        assert!(read_with("", &[(variable, PEM)], Access::read).signing_key.is_some());
        let complaint = complaint_with("", &[(variable, "MC4CAQ")], Access::read);
        assert!(complaint.problem.contains("Ed25519") && !complaint.to_string().contains("MC4CAQ"));
    }
}
