use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use futures_util::FutureExt as _;
use rcgen::CertifiedKey as Made;
use tempfile::TempDir;

use super::*;

struct Pair {
    folder: TempDir,
}

impl Pair {
    fn new() -> Self {
        let pair = Self { folder: TempDir::new().unwrap() };
        pair.write(&made());
        pair
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn write(&self, made: &Made<rcgen::KeyPair>) {
        fs::write(self.certificate(), made.cert.pem()).unwrap();
        self.write_key(&made.signing_key.serialize_pem());
    }

    fn write_key(&self, pem: &str) {
        fs::write(self.key(), pem).unwrap();
        self.allow(0o640);
    }

    fn allow(&self, mode: u32) {
        fs::set_permissions(self.key(), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn open(&self) -> Result<Tls, TlsError> {
        Tls::open(&self.certificate(), &self.key())
    }

    fn refused(&self) -> String {
        self.open().map(|_| ()).unwrap_err().to_string()
    }
}

fn made() -> Made<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

fn shown(tls: &Tls) -> Vec<u8> {
    tls.identity.shown.read().unwrap().cert[0].to_vec()
}

#[test]
fn what_is_wrong_is_said_of_the_file_that_it_is_wrong_with() {
    let pair = Pair::new();
    pair.open().unwrap();
    pair.write_key(&made().signing_key.serialize_pem());
    assert!(matches!(pair.open(), Err(TlsError::Mismatch { .. })));
    pair.allow(0o644);
    assert!(pair.refused().contains("key.pem: every user of this machine may read it"));
    pair.write_key("nothing");
    assert!(pair.refused().contains("key.pem: it holds no private key in PEM"), "{}", pair.refused());
    fs::remove_file(pair.key()).unwrap();
    assert!(pair.refused().contains("key.pem: No such file"), "{}", pair.refused());
    fs::write(pair.certificate(), "nothing").unwrap();
    assert!(pair.refused().contains("certificate.pem: it holds no certificate in PEM"), "{}", pair.refused());
}

#[test]
fn a_pair_that_does_not_fit_changes_nothing_and_one_that_does_is_shown_from_then_on() {
    let pair = Pair::new();
    let tls = pair.open().unwrap();
    let (first, next) = (shown(&tls), made());
    // The certificate alone: the key is still the former one's.
    fs::write(pair.certificate(), next.cert.pem()).unwrap();
    tls.reload();
    assert_eq!(shown(&tls), first);
    pair.write_key(&next.signing_key.serialize_pem());
    tls.reload();
    assert_eq!(shown(&tls), next.cert.der().to_vec());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_files_is_seen_by_itself() {
    let pair = Pair::new();
    let tls = pair.open().unwrap();
    let mut following = Box::pin(tls.follow_files());
    assert!((&mut following).now_or_never().is_none());
    let next = made();
    pair.write(&next);
    // Time stands still but for whoever waits for it.
    tokio::select! {
        () = following => {}
        () = tokio::time::sleep(LOOK * 2) => {}
    }
    assert_eq!(shown(&tls), next.cert.der().to_vec());
}
