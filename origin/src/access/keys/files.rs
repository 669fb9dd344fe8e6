//! The keys' files in the data folder: the one that signs, and what is left of those that did.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{SigningKey, VerifyingKey};
use secrecy::{ExposeSecret as _, SecretString};
use stepwell_shared::claims::key_id;
use stepwell_shared::time::Timestamp;

use crate::access::secret_file::{self, SecretFileError};

/// The signing key's file: PKCS #8 in PEM.
pub const FILE: &str = "signing-key.pem";
/// The public halves of the keys that signed before: a line each, until when in milliseconds since the Unix epoch, a
/// space, and the key in base64url.
pub const RETIRED_FILE: &str = "signing-keys.retired";
/// Servers notice a new key, and sign with it, within a few seconds; clocks differ by less than the rest.
const SLACK: Duration = Duration::from_mins(1);

/// A key that no longer signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// Its public half.
    pub key: VerifyingKey,
    /// Until when its tokens are accepted.
    pub until: Timestamp,
}

/// A key of a data folder, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As tokens and the JWK Set name it.
    pub kid: String,
    /// Until when its tokens are accepted; `None` for the one that signs.
    pub until: Option<Timestamp>,
}

/// The keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file could not be read or made.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// The signing key's file holds something else.
    #[error(
        "{0} holds no Ed25519 private key in PKCS #8 PEM; put the key back, or remove the file to have a new one made (access tokens are then to be refreshed)"
    )]
    Malformed(PathBuf),
    /// The file of retired keys holds something else.
    #[error(
        "{0} is not as `stepwell keys rotate` writes it; put it back, or remove it (tokens of older keys are then to be refreshed)"
    )]
    MalformedRetired(PathBuf),
    /// The data folder has no key.
    #[error("{0} is not there")]
    Missing(PathBuf),
}

/// When the files were last written, to see whether they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp([Option<(SystemTime, u64)>; 2]);

impl Stamp {
    /// Of a data folder.
    pub fn of(folder: &Path) -> Self {
        let written = |name| {
            let metadata = fs::metadata(folder.join(name)).ok()?;
            // A file that is replaced is another one, also within a tick of the clock.
            Some((metadata.modified().ok()?, std::os::unix::fs::MetadataExt::ino(&metadata)))
        };
        Self([written(FILE), written(RETIRED_FILE)])
    }
}

/// The signing key, which is made if there is none.
pub fn read_or_make(folder: &Path) -> Result<SigningKey, KeyError> {
    let path = folder.join(FILE);
    parse(path.clone(), &secret_file::read_or_make(&path, || make().map(|(_, pem)| pem))?)
}

/// The signing key, which must be there.
pub fn read(folder: &Path) -> Result<SigningKey, KeyError> {
    let path = folder.join(FILE);
    let pem = fs::read_to_string(&path).map(SecretString::from).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            return KeyError::Missing(path.clone());
        }
        SecretFileError { path: path.clone(), source }.into()
    })?;
    parse(path, &pem)
}

/// The keys that signed before.
pub fn read_retired(folder: &Path) -> Result<Vec<Retired>, KeyError> {
    let path = folder.join(RETIRED_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(SecretFileError { path, source }.into()),
    };
    let retired = |line: &str| {
        let (until, key) = line.split_once(' ')?;
        let key: [u8; 32] = BASE64URL_NOPAD.decode(key.as_bytes()).ok()?.try_into().ok()?;
        let key = VerifyingKey::from_bytes(&key).ok()?;
        Some(Retired { key, until: Timestamp::from_ms(until.parse().ok()?) })
    };
    text.lines().map(retired).collect::<Option<_>>().ok_or(KeyError::MalformedRetired(path))
}

/// Makes a new signing key. The old one's tokens, which live for `lifetime`, are accepted to their end. Returns the new
/// key and the old one.
pub fn rotate(folder: &Path, lifetime: Duration, now: Timestamp) -> Result<(Kept, Kept), KeyError> {
    let old = read(folder)?.verifying_key();
    let lasts_ms = u64::try_from((lifetime + SLACK).as_millis()).unwrap_or(u64::MAX);
    let until = now.plus_ms(lasts_ms);
    let mut retired = read_retired(folder)?;
    retired.retain(|one| one.until > now && one.key != old);
    retired.push(Retired { key: old, until });
    let line =
        |one: &Retired| format!("{} {}\n", one.until.as_ms(), BASE64URL_NOPAD.encode(one.key.as_bytes()));
    // The old key is kept before it is replaced: whatever happens between, both are there.
    let text: String = retired.iter().map(line).collect();
    write(&folder.join(RETIRED_FILE), text.as_bytes())?;
    let path = folder.join(FILE);
    let (key, pem) = make().map_err(|source| SecretFileError { path: path.clone(), source })?;
    write(&path, pem.expose_secret().as_bytes())?;
    let new = Kept { kid: key_id(&key.verifying_key()), until: None };
    Ok((new, Kept { kid: key_id(&old), until: Some(until) }))
}

/// Every key of a data folder whose tokens are accepted, the one that signs first.
pub fn list(folder: &Path, now: Timestamp) -> Result<Vec<Kept>, KeyError> {
    let signs = Kept { kid: key_id(&read(folder)?.verifying_key()), until: None };
    let retired = read_retired(folder)?.into_iter().filter(|one| one.until > now);
    let retired = retired.map(|one| Kept { kid: key_id(&one.key), until: Some(one.until) });
    Ok([signs].into_iter().chain(retired).collect())
}

fn parse(path: PathBuf, pem: &SecretString) -> Result<SigningKey, KeyError> {
    SigningKey::from_pkcs8_pem(pem.expose_secret()).map_err(|_| KeyError::Malformed(path))
}

fn write(path: &Path, text: &[u8]) -> Result<(), SecretFileError> {
    secret_file::write(path, text).map_err(|source| SecretFileError { path: path.to_owned(), source })
}

fn make() -> io::Result<(SigningKey, SecretString)> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?;
    Ok((key, SecretString::from(pem.as_str())))
}
