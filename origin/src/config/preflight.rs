//! Tries what the configuration names on this machine, and leaves nothing behind.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::Config;
use crate::complaint::Complaint;

/// Complains of addresses that cannot be listened on and of a data folder that cannot be written.
pub fn check(config: &Config) -> Vec<Complaint> {
    let addresses = [("server.listen", config.server.listen), ("operator.listen", config.operator.listen)];
    let mut complaints: Vec<Complaint> = addresses
        .into_iter()
        .filter_map(|(key, address)| {
            TcpListener::bind(address).err().map(|error| listen_complaint(config, key, address, &error))
        })
        .collect();
    complaints.extend(data_folder(config));
    complaints
}

/// What `serve` says when it cannot listen on the address of the setting `key`.
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
