//! What is told of requests to a collector of `OpenTelemetry`, if there is one.

use stepwell_edge_native::upstream::http_origin::{BadOriginUrl, OriginUrl};

use super::reader::Reader;
use super::value::{Setting, Written};

/// Section `[telemetry]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// The collector; `None` exports nothing.
    pub endpoint: Option<OriginUrl>,
    /// Of the traces that begin here, how many are exported.
    pub sample: Share,
}

/// The setting that names the collector.
pub const ENDPOINT: &str = "telemetry.otlp_endpoint";

/// A share of a whole, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

const WHOLE: u32 = 1_000_000;

impl Telemetry {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        let sample = reader.setting("telemetry.sample", Share(WHOLE / 100));
        Self { endpoint: read_endpoint(reader), sample }
    }
}

fn read_endpoint(reader: &mut Reader) -> Option<OriginUrl> {
    let Url(text) = reader.setting(ENDPOINT, None)?;
    text.parse().inspect_err(|bad| refuse(reader, *bad)).ok()
}

fn refuse(reader: &mut Reader, bad: BadOriginUrl) {
    let (problem, fix) = match bad {
        BadOriginUrl::Form => ("is no URL", "write scheme, host and port: \"http://127.0.0.1:4318\""),
        BadOriginUrl::Scheme => (
            "is neither http nor https",
            "name the collector's address for OTLP over HTTP, most often port 4318: \"http://127.0.0.1:4318\"",
        ),
        BadOriginUrl::UserInfo => {
            // What stands before the @ may be a password.
            reader.conceal(ENDPOINT);
            (
                "holds credentials",
                "remove everything up to the @; OTEL_EXPORTER_OTLP_HEADERS says what a collector wants to know",
            )
        }
        BadOriginUrl::Port => ("has no port from 1 to 65535", "correct the port; most often it is 4318"),
        BadOriginUrl::Query => {
            ("holds a query or a fragment", "end it before the ? or #; /v1/traces is added to it")
        }
    };
    reader.refuse(ENDPOINT, problem, fix);
}

impl Share {
    /// How many of 2^63 it is.
    pub fn of_2_63(self) -> u64 {
        let share = (1_u128 << 63) * u128::from(self.0) / u128::from(WHOLE);
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

impl Setting for Share {
    const NAME: &'static str = "a share in percent from 0% to 100%";
    const EXAMPLE: &'static str = "\"1%\", \"0.01%\" or \"100%\"";

    fn read(written: &Written) -> Option<Self> {
        let number = written.text()?.strip_suffix('%')?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !are_digits(part) || whole.len() > 3 || part.len() > 4 {
            return None;
        }
        let part: u32 = format!("{part:0<4}").parse().ok()?;
        let share = whole.parse::<u32>().ok()? * 10_000 + part;
        (share <= WHOLE).then_some(Self(share))
    }

    fn write(&self) -> String {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// What was written of where the collector is.
struct Url(String);

impl Setting for Url {
    const NAME: &'static str = "the URL of a collector";
    const EXAMPLE: &'static str = "\"http://127.0.0.1:4318\"";

    fn read(written: &Written) -> Option<Self> {
        String::read(written).map(Self)
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, complaint_with, read, read_with};

    const STANDARD: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

    #[test]
    fn by_default_nothing_is_exported_and_the_standards_variable_yields_to_ours() {
        let endpoint = |text: &str, environment: &[(&str, &str)]| {
            read_with(text, environment, Telemetry::read).endpoint.map(|url| url.to_string())
        };
        assert_eq!((endpoint("", &[]), endpoint("", &[(STANDARD, "")])), (None, None));
        let standard = [(STANDARD, "http://c:4318")];
        assert_eq!(endpoint("", &standard).as_deref(), Some("http://c:4318"));
        let ours = "[telemetry]\notlp_endpoint = 'https://d/otel/'";
        assert_eq!(endpoint(ours, &standard).as_deref(), Some("https://d/otel"));
        assert_eq!(endpoint("[telemetry]\notlp_endpoint = ''", &standard), None);
        let variable = ("STEPWELL_TELEMETRY_OTLP_ENDPOINT", "http://e:1");
        assert_eq!(endpoint(ours, &[variable]).as_deref(), Some("http://e:1"));
    }

    #[test]
    fn what_is_no_collectors_address_is_refused_with_its_place() {
        let complaint = complaint("[telemetry]\notlp_endpoint = 'grpc://c:4317'", Telemetry::read);
        assert_eq!((complaint.key.as_str(), complaint.value.as_deref()), (ENDPOINT, Some("'grpc://c:4317'")));
        assert!(complaint.problem.contains("neither http nor https") && complaint.fix.contains("4318"));
        let complaint = complaint_with("", &[(STANDARD, "http://me:hunter2@c")], Telemetry::read);
        assert_eq!(complaint.place.to_string(), format!("environment variable {STANDARD}"));
        assert!(!complaint.to_string().contains("hunter2"), "{complaint}");
    }

    #[test]
    fn a_share_is_a_percentage() {
        let share = |text: &str| Share::read(&Written::Text(text.to_owned()));
        for (text, of_2_63) in [("0%", 0), ("100%", 1 << 63), ("50.0%", 1 << 62), ("25%", 1 << 61)] {
            assert_eq!(share(text).map(Share::of_2_63), Some(of_2_63), "{text}");
        }
        for text in ["1%", "0.0001%", "12.5%", "100%", "0%"] {
            assert_eq!(share(text).map(|share| share.write()).as_deref(), Some(text));
        }
        for bad in ["", "1", "0.01", "%", "100.0001%", "101%", "-1%", "1.00001%", "+1%", ".5%", "5.%", "1 %"]
        {
            assert_eq!(share(bad), None, "{bad}");
        }
        assert_eq!(read("", Telemetry::read).sample.write(), "1%");
    }
}
