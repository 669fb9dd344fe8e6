//! Where the password of a new account comes from.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::Path;

use console::Term;
use secrecy::{ExposeSecret as _, SecretString};
use stepwell_shared::limits::PASSWORD_BYTES_MAX;

use crate::cli::Failure;

/// The password: the first line of a file, of standard input where that is no terminal, or what is typed twice.
pub fn read(file: Option<&Path>) -> Result<SecretString, Failure> {
    let read = match file {
        Some(path) if path != Path::new("-") => {
            File::open(path).and_then(first_line).map_err(|error| unreadable(path, &error))?
        }
        None if io::stdin().is_terminal() => typed()?,
        _ => first_line(io::stdin()).map_err(|error| unreadable(Path::new("standard input"), &error))?,
    };
    if read.expose_secret().is_empty() {
        let fix = "type one, pipe one into the command, or name a file with --password-file FILE";
        return Err(Failure::refused("there is no password", fix));
    }
    Ok(read)
}

/// What is too long for a password is read no further than it takes to see that.
fn first_line(source: impl Read) -> io::Result<SecretString> {
    let mut line = String::new();
    let most = u64::try_from(PASSWORD_BYTES_MAX + 2).unwrap_or(u64::MAX);
    BufReader::new(source).take(most).read_line(&mut line)?;
    let password = SecretString::from(line.trim_end_matches(['\r', '\n']));
    Ok(password)
}

fn typed() -> Result<SecretString, Failure> {
    let terminal = Term::stderr();
    let ask = |prompt: &str| {
        let line = terminal.write_str(prompt).and_then(|()| terminal.read_secure_line());
        line.map(SecretString::from).map_err(|error| unreadable(Path::new("the terminal"), &error))
    };
    let (first, second) = (ask("Password: ")?, ask("Again: ")?);
    if first.expose_secret() == second.expose_secret() {
        return Ok(first);
    }
    Err(Failure::refused("the two passwords differ", "run the command again"))
}

fn unreadable(what: &Path, error: &io::Error) -> Failure {
    let problem = format!("the password cannot be read: {}: {error}", what.display());
    Failure::refused(problem, "name a file that this user may read with --password-file FILE, or type it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_without_its_end() {
        let of = |text: &str| first_line(text.as_bytes()).unwrap().expose_secret().to_owned();
        assert_eq!(of("correct horse \r\nmore"), "correct horse ");
        assert_eq!((of("\nx").as_str(), of("").as_str()), ("", ""));
        assert!(of(&"x".repeat(10_000)).len() > PASSWORD_BYTES_MAX);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let failure = read(Some(Path::new("/nonexistent/password"))).unwrap_err().to_string();
        assert!(
            failure.contains("/nonexistent/password") && failure.contains("--password-file"),
            "{failure}"
        );
    }
}
