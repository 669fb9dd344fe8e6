//! Tries what the configuration names on this machine, and leaves nothing behind.

mod fleet;

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use stepwell_edge_native::tls::{Tls, TlsError};

use super::Config;
use super::server::connections::{CERTIFICATE, KEY, TlsFiles};
use crate::complaint::Complaint;

/// Complains of roles that are nobody's, of addresses that cannot be listened on and of a data folder that cannot be
/// written.
pub fn check(config: &Config) -> Vec<Complaint> {
    let mut complaints = addresses(config);
    complaints.extend(fleet::check(config));
    complaints.extend(data_folder(config));
    complaints
}

/// Complains of addresses that cannot be listened on, and of a certificate that cannot be shown there.
pub fn addresses(config: &Config) -> Vec<Complaint> {
    let addresses = [("server.listen", config.server.listen), ("operator.listen", config.operator.listen)];
    let attempts = addresses.into_iter().filter_map(|(key, address)| {
        TcpListener::bind(address).err().map(|error| listen_complaint(config, key, address, &error))
    });
    attempts.chain(certificate(config)).collect()
}

fn certificate(config: &Config) -> Option<Complaint> {
    let TlsFiles { certificate, key } = config.server.tls.as_ref()?;
    let error = Tls::open(certificate, key).err()?;
    Some(match error {
        TlsError::Certificate { reason, .. } => {
            let fix = "name a file with the certificate and those that vouch for it, in PEM";
            config.complain(CERTIFICATE, format!("cannot be used: {reason}"), fix)
        }
        TlsError::Key { reason, .. } => {
            let fix = "name a file with the certificate's private key, in PEM, that this user may read";
            config.complain(KEY, format!("cannot be used: {reason}"), fix)
        }
        TlsError::OpenKey { path } => {
            let fix = format!("run `chmod 600 {}`", path.display());
            config.complain(KEY, "may be read by every user of this machine", fix)
        }
        TlsError::Mismatch { certificate, .. } => {
            let problem = format!("is not the key of the first certificate in {}", certificate.display());
            config.complain(KEY, problem, format!("name the key that {CERTIFICATE} was made with"))
        }
        TlsError::Setup(error) => {
            config.complain(CERTIFICATE, format!("TLS cannot be set up: {error}"), "report this")
        }
    })
}

/// What a command says when it cannot listen on the address of the setting `key`.
pub fn listen_complaint(config: &Config, key: &str, address: SocketAddr, error: &io::Error) -> Complaint {
    let port = address.port();
    let (problem, fix) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            format!("port {port} is in use by another program"),
            format!("stop that program (`ss -ltnp 'sport = :{port}'` names it), or set {key} to a free port"),
        ),
        io::ErrorKind::PermissionDenied => (
            format!("this user may not listen on port {port}"),
            "choose a port above 1023, or grant the right with `setcap cap_net_bind_service=+ep`".to_owned(),
        ),
        io::ErrorKind::AddrNotAvailable => (
            format!("{} is not an address of this machine", address.ip()),
            format!("set {key} to 127.0.0.1:{port}, or to 0.0.0.0:{port} for every address"),
        ),
        _ => (format!("cannot be listened on: {error}"), "choose another address".to_owned()),
    };
    config.complain(key, problem, fix)
}

fn data_folder(config: &Config) -> Option<Complaint> {
    let (at, error) = try_making(&config.data.folder).err()?;
    let problem = if at == config.data.folder {
        format!("the data folder cannot be written: {error}")
    } else {
        format!("the data folder cannot be made in {}: {error}", at.display())
    };
    Some(config.complain(
        "data.folder",
        problem,
        "choose a folder that this user may write, or grant it the right",
    ))
}

/// Tries the folder itself, or the nearest one above it that exists, since that is where it would be made. An error
/// comes with the path that it is about.
fn try_making(folder: &Path) -> Result<(), (&Path, io::Error)> {
    for at in folder.ancestors() {
        let at = if at.as_os_str().is_empty() { Path::new(".") } else { at };
        return match fs::metadata(at) {
            Ok(found) if found.is_dir() => try_writing(at).map_err(|error| (at, error)),
            Ok(_) => Err((at, io::ErrorKind::NotADirectory.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Err((at, error)),
        };
    }
    Err((folder, io::ErrorKind::NotFound.into()))
}

fn try_writing(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".stepwell-check-{}", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::document::Document;

    fn config(text: &str) -> Config {
        let document = Document::parse(Path::new("stepwell.toml"), text).unwrap();
        Config::read(document, [], &[]).unwrap()
    }

    /// A configuration whose data folder is `folder`, and which listens anywhere.
    fn keeping(folder: &Path) -> Config {
        let anywhere = "[server]\nlisten = \"127.0.0.1:0\"\n[operator]\nlisten = \"127.0.0.1:0\"";
        config(&format!("{anywhere}\n[data]\nfolder = '{}'", folder.display()))
    }

    fn complaint(config: &Config) -> String {
        let complaints = check(config);
        assert_eq!(complaints.len(), 1, "{complaints:#?}");
        complaints[0].to_string()
    }

    #[test]
    fn a_port_in_use_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = holder.local_addr().unwrap();
        let folder = folder.path().display();
        let operator = "[operator]\nlisten = \"127.0.0.1:0\"";
        let config =
            config(&format!("{operator}\n[server]\nlisten = \"{address}\"\n[data]\nfolder = '{folder}'"));
        let (port, complaint) = (address.port(), complaint(&config));
        assert_eq!(
            complaint,
            format!(
                "stepwell.toml:4: server.listen = {address}\n    port {port} is in use by another program\n    fix: stop that program (`ss -ltnp 'sport = :{port}'` names it), or set server.listen to a free port"
            )
        );
    }

    #[test]
    fn a_key_of_another_certificate_and_one_that_all_may_read_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let made = || rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let (one, other) = (made(), made());
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
        fs::write(&certificate, one.cert.pem()).unwrap();
        let told = |secret: &rcgen::KeyPair, mode| {
            fs::write(&key, secret.serialize_pem()).unwrap();
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            let tls = format!("tls_certificate = '{}'\ntls_key = '{}'", certificate.display(), key.display());
            let listen = "listen = \"127.0.0.1:0\"";
            addresses(&config(&format!("[operator]\n{listen}\n[server]\n{listen}\n{tls}")))
        };
        assert_eq!(told(&one.signing_key, 0o600), []);
        let refused = &told(&other.signing_key, 0o600)[0];
        assert_eq!((refused.key.as_str(), refused.value.clone()), (KEY, Some(key.display().to_string())));
        assert!(refused.problem.starts_with("is not the key of the first certificate in "), "{refused}");
        let open = &told(&one.signing_key, 0o604)[0];
        assert_eq!(open.problem, "may be read by every user of this machine");
    }

    #[test]
    fn a_data_folder_that_cannot_be_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for bad in [file.clone(), file.join("data")] {
            let complaint = complaint(&keeping(&bad));
            let expected = format!(
                "stepwell.toml:6: data.folder = {}\n    the data folder cannot be written: not a directory",
                bad.display()
            );
            assert!(complaint.to_lowercase().starts_with(&expected.to_lowercase()), "{complaint}");
            assert!(complaint.contains("\n    fix: choose a folder that this user may write"));
        }
    }

    /// Not even the superuser can make files there.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_data_folder_that_cannot_be_made_is_refused() {
        let complaint = complaint(&keeping(Path::new("/proc/self/data")));
        assert!(complaint.contains("the data folder cannot be made in /proc/self: "), "{complaint}");
    }

    #[test]
    fn a_good_folder_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/b");
        assert_eq!(check(&keeping(&data)), []);
        assert_eq!(check(&keeping(folder.path())), []);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
