//! One setting's value: as it was written, and as the type that reads it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::units;

/// A value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// In the environment or on the command line, where all is text: it reads as whatever type is asked.
    Bare(String),
    /// A TOML string.
    Text(String),
    /// A TOML integer.
    Integer(i64),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML array of strings.
    Texts(Vec<String>),
    /// What no setting takes: a table, a date, a fraction, a mixed array.
    Other,
}

/// A type that settings have.
pub trait Setting: Sized {
    /// What a value is, with its article: `a duration`.
    const NAME: &'static str;
    /// What one looks like: `"10m"`.
    const EXAMPLE: &'static str;

    /// The value, if it is one.
    fn read(written: &Written) -> Option<Self>;

    /// The value as the environment would say it; [`Setting::read`] reads it back.
    fn write(&self) -> String;

    /// The value as TOML says it.
    fn quoted(&self) -> String {
        format!("\"{}\"", self.write())
    }
}

impl Written {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Bare(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::Bare(text) => Some(text.split(',').map(str::trim).collect()),
            Self::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
            _ => None,
        }
    }
}

impl Setting for bool {
    const NAME: &'static str = "true or false";
    const EXAMPLE: &'static str = "true";

    fn read(written: &Written) -> Option<Self> {
        match written {
            Written::Boolean(value) => Some(*value),
            Written::Bare(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn write(&self) -> String {
        self.to_string()
    }

    fn quoted(&self) -> String {
        self.write()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const NAME: &'static str = "a whole number";
            const EXAMPLE: &'static str = "4";

            fn read(written: &Written) -> Option<Self> {
                match written {
                    Written::Integer(value) => Self::try_from(*value).ok(),
                    Written::Bare(text) => text.parse().ok(),
                    _ => None,
                }
            }

            fn write(&self) -> String {
                self.to_string()
            }

            fn quoted(&self) -> String {
                self.write()
            }
        }
    )*};
}

whole_numbers!(u32, usize);

impl Setting for String {
    const NAME: &'static str = "a text";
    const EXAMPLE: &'static str = "\"stepwell\"";

    fn read(written: &Written) -> Option<Self> {
        written.text().filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    fn write(&self) -> String {
        self.clone()
    }
}

impl Setting for Vec<String> {
    const NAME: &'static str = "a list of texts";
    const EXAMPLE: &'static str = "[\"one\", \"another\"]";

    fn read(written: &Written) -> Option<Self> {
        let texts = written.texts()?.into_iter().filter(|text| !text.is_empty());
        Some(texts.map(str::to_owned).collect())
    }

    fn write(&self) -> String {
        self.join(",")
    }

    fn quoted(&self) -> String {
        format!("{self:?}")
    }
}

impl Setting for PathBuf {
    const NAME: &'static str = "a path";
    const EXAMPLE: &'static str = "\"data\"";

    fn read(written: &Written) -> Option<Self> {
        String::read(written).map(Self::from)
    }

    fn write(&self) -> String {
        self.display().to_string()
    }
}

/// A setting that may be left empty, which says that there is none: so the template can show its key.
impl<T: Setting> Setting for Option<T> {
    const NAME: &'static str = T::NAME;
    const EXAMPLE: &'static str = T::EXAMPLE;

    fn read(written: &Written) -> Option<Self> {
        if written.text() == Some("") { Some(None) } else { T::read(written).map(Some) }
    }

    fn write(&self) -> String {
        self.as_ref().map(T::write).unwrap_or_default()
    }
}

impl Setting for SocketAddr {
    const NAME: &'static str = "an address with a port";
    const EXAMPLE: &'static str = "\"127.0.0.1:8080\" (\"0.0.0.0:8080\" listens on every address)";

    fn read(written: &Written) -> Option<Self> {
        written.text()?.parse().ok()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for Duration {
    const NAME: &'static str = "a duration";
    const EXAMPLE: &'static str = "\"250ms\", \"10m\", \"1h 30m\" or \"7d\"";

    fn read(written: &Written) -> Option<Self> {
        units::parse_duration(written.text()?)
    }

    fn write(&self) -> String {
        units::write_duration(*self)
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Setting for Size {
    const NAME: &'static str = "a size";
    const EXAMPLE: &'static str = "\"512KiB\", \"64MiB\" or \"1GB\"";

    fn read(written: &Written) -> Option<Self> {
        units::parse_size(written.text()?).map(Self)
    }

    fn write(&self) -> String {
        units::write_size(self.0)
    }
}

/// Reads one of an enum's names.
pub fn read_choice<T: ValueEnum>(written: &Written) -> Option<T> {
    T::from_str(written.text()?, false).ok()
}

/// The name of one of an enum's values.
pub fn write_choice<T: ValueEnum>(choice: &T) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Reads a set of an enum's names that is not empty.
pub fn read_choices<T: ValueEnum + Ord>(written: &Written) -> Option<BTreeSet<T>> {
    let texts = written.texts()?;
    let choices: Option<BTreeSet<T>> = texts.into_iter().map(|text| T::from_str(text, false).ok()).collect();
    choices.filter(|choices| !choices.is_empty())
}

/// The names of some of an enum's values.
pub fn write_choices<T: ValueEnum>(choices: &BTreeSet<T>) -> String {
    choices.iter().map(write_choice).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_types_are_not_mixed_up_and_bare_text_reads_as_any() {
        assert_eq!(bool::read(&Written::Boolean(true)), Some(true));
        assert_eq!(bool::read(&Written::Text("true".into())), None);
        assert_eq!(bool::read(&Written::Bare("true".into())), Some(true));
        assert_eq!(usize::read(&Written::Integer(3)), Some(3));
        assert_eq!(usize::read(&Written::Integer(-3)), None);
        assert_eq!(usize::read(&Written::Text("3".into())), None);
        assert_eq!(usize::read(&Written::Bare("3".into())), Some(3));
        assert_eq!(Duration::read(&Written::Integer(3)), None);
        assert_eq!(PathBuf::read(&Written::Text(String::new())), None);
        assert_eq!(Option::<PathBuf>::read(&Written::Text(String::new())), Some(None));
        assert_eq!(Option::<PathBuf>::read(&Written::Integer(3)), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        fn back<T: Setting + PartialEq + std::fmt::Debug>(value: T) {
            assert_eq!(T::read(&Written::Bare(value.write())), Some(value));
        }
        back(true);
        back(7_usize);
        back(PathBuf::from("a/b"));
        back(Some(PathBuf::from("a/b")));
        back(None::<PathBuf>);
        back(SocketAddr::from(([127, 0, 0, 1], 8080)));
        back(Duration::from_mins(15));
        back(Size(19 << 20));
    }
}
