//! The origin of `stepwell edge`: where it is, and how it is spoken to.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use http::uri::Authority;
use stepwell_edge_native::upstream::http_origin::{self, BadOriginUrl, HostHeader, OriginUrl};
use stepwell_shared::limits::{ORIGIN_CONNECT_TIMEOUT_MS, ORIGIN_TIMEOUT_MS};

use crate::config::reader::Reader;
use crate::config::value::{Setting, Written};

/// The settings `edge.origin` and `edge.origin_…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where it is; `stepwell edge` needs it, and nothing else does.
    pub url: Option<OriginUrl>,
    /// PEM certificates to be trusted beside those of the machine.
    pub ca_file: Option<PathBuf>,
    /// The name that it is called by; `None` leaves it to the URL's scheme.
    pub host: Option<HostHeader>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
}

const URL: &str = "edge.origin";
/// Less than a packet takes round the earth fails for no reason; more than the whole answer may take is of no use.
const CONNECT_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(200)..=Duration::from_millis(ORIGIN_TIMEOUT_MS);

impl Origin {
    /// Reads the settings.
    pub fn read(reader: &mut Reader) -> Self {
        let connect_timeout = Duration::from_millis(ORIGIN_CONNECT_TIMEOUT_MS);
        Self {
            url: read_url(reader),
            ca_file: reader.optional_path("edge.origin_ca_file"),
            host: reader.setting("edge.origin_host", Host(None)).0,
            connect_timeout: reader.setting_within(
                "edge.origin_connect_timeout",
                connect_timeout,
                &CONNECT_TIMEOUT,
            ),
        }
    }

    /// The same, as whoever speaks with the origin takes it.
    pub fn settings(&self) -> http_origin::Settings {
        http_origin::Settings {
            connect_timeout: self.connect_timeout,
            ca_file: self.ca_file.clone(),
            host: self.host.clone(),
        }
    }
}

fn read_url(reader: &mut Reader) -> Option<OriginUrl> {
    let Place(text) = reader.setting(URL, None)?;
    text.parse().inspect_err(|bad| refuse(reader, *bad)).ok()
}

fn refuse(reader: &mut Reader, bad: BadOriginUrl) {
    let (problem, fix) = match bad {
        BadOriginUrl::Form => (
            "is no URL",
            "write scheme, host and, where it is not the scheme's own, port: \"http://127.0.0.1:3000\"",
        ),
        BadOriginUrl::Scheme => {
            ("is neither http nor https", "begin it with http:// or https://; an origin speaks nothing else")
        }
        BadOriginUrl::UserInfo => {
            // What stands before the @ may be a password.
            reader.conceal(URL);
            ("holds credentials", "remove everything up to the @")
        }
        BadOriginUrl::Port => {
            ("has no port from 1 to 65535", "correct the port, or leave it out for the scheme's own")
        }
        BadOriginUrl::Query => {
            ("holds a query or a fragment", "end it before the ? or #; each request brings its own query")
        }
    };
    reader.refuse(URL, problem, fix);
}

/// What was written of where an origin is.
struct Place(String);

impl Setting for Place {
    const NAME: &'static str = "the URL of an origin";
    const EXAMPLE: &'static str = "\"http://127.0.0.1:3000\" or \"https://www.example.org\"";

    fn read(written: &Written) -> Option<Self> {
        String::read(written).map(Self)
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

/// Which name the origin is called by.
struct Host(Option<HostHeader>);

const AUTO: &str = "auto";
const CLIENT: &str = "client";
const ORIGIN: &str = "origin";

impl Setting for Host {
    const NAME: &'static str = "a host's name";
    const EXAMPLE: &'static str =
        "\"auto\", \"client\", \"origin\", or the name to send, such as \"www.example.org\"";

    fn read(written: &Written) -> Option<Self> {
        Some(Self(match written.text()? {
            AUTO => None,
            CLIENT => Some(HostHeader::Client),
            ORIGIN => Some(HostHeader::Origin),
            name => Some(HostHeader::Fixed(read_name(name)?)),
        }))
    }

    fn write(&self) -> String {
        match &self.0 {
            None => AUTO.to_owned(),
            Some(HostHeader::Client) => CLIENT.to_owned(),
            Some(HostHeader::Origin) => ORIGIN.to_owned(),
            Some(HostHeader::Fixed(name)) => name.to_string(),
        }
    }
}

/// A host, with a port or without; never with a user, for whom `Host` has no place.
fn read_name(text: &str) -> Option<Authority> {
    text.parse().ok().filter(|name: &Authority| !name.as_str().contains('@') && !name.host().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, complaint_with, read};

    fn origin(text: &str) -> Origin {
        read(&format!("[edge]\n{text}"), Origin::read)
    }

    #[test]
    fn an_origin_is_a_url_and_without_one_there_is_none() {
        let url = |text: &str| origin(text).url.map(|url| url.to_string());
        assert_eq!(
            url("origin = 'https://Example.org:8443/shop/'"),
            Some("https://Example.org:8443/shop".into())
        );
        assert_eq!(url("origin = ''"), None);
        assert_eq!(url(""), None);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_apart() {
        for (bad, problem) in [
            ("'127.0.0.1:3000'", "is no URL"),
            ("'ftp://example.org'", "is neither http nor https"),
            ("'http://example.org:99999'", "has no port from 1 to 65535"),
            ("'http://example.org/?a'", "holds a query or a fragment"),
            ("3000", "is not the URL of an origin"),
        ] {
            let complaint = complaint(&format!("[edge]\norigin = {bad}"), Origin::read);
            assert_eq!((complaint.key.as_str(), complaint.problem.as_str()), (URL, problem));
            assert_eq!(
                (complaint.place.to_string().as_str(), complaint.value.as_deref()),
                ("stepwell.toml:2", Some(bad))
            );
        }
    }

    #[test]
    fn credentials_in_a_url_are_refused_unseen() {
        let variable = "STEPWELL_EDGE_ORIGIN";
        let complaint = complaint_with("", &[(variable, "http://me:hunter2@example.org")], Origin::read);
        assert_eq!(complaint.place.to_string(), "environment variable STEPWELL_EDGE_ORIGIN");
        assert!(complaint.problem.contains("credentials") && !complaint.to_string().contains("hunter2"));
    }

    #[test]
    fn the_host_is_a_choice_or_a_name() {
        let host = |text: &str| origin(&format!("origin_host = '{text}'")).host;
        assert_eq!(host("auto"), None);
        assert_eq!(host("client"), Some(HostHeader::Client));
        assert_eq!(host("origin"), Some(HostHeader::Origin));
        assert_eq!(
            host("www.example.org:81"),
            Some(HostHeader::Fixed(Authority::from_static("www.example.org:81")))
        );
        for bad in ["", "a b", "me@example.org", "http://example.org", ":80"] {
            let complaint = complaint(&format!("[edge]\norigin_host = '{bad}'"), Origin::read);
            assert_eq!(complaint.problem, "is not a host's name", "{bad}");
        }
    }

    #[test]
    fn how_it_is_spoken_to_is_handed_on_whole() {
        let settings =
            origin("origin_ca_file = 'ca.pem'\norigin_host = 'origin'\norigin_connect_timeout = '250ms'")
                .settings();
        assert_eq!(settings.ca_file, Some("ca.pem".into()));
        assert_eq!(settings.host, Some(HostHeader::Origin));
        assert_eq!(settings.connect_timeout, Duration::from_millis(250));
        assert_eq!(origin("origin_ca_file = ''").ca_file, None);
    }
}
