//! Which of a resource's stored answers a request may be given: `Vary` (RFC 9110 §12.5.5, RFC 9111 §4.1).

mod value;

use http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderName};
use stepwell_shared::limits::VARY_FIELDS_MAX;

/// What an answer says that it was chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vary {
    /// By things that no later request can be held against: the answer is for its own request alone.
    Star,
    /// By these fields of the request, in order of name, each once; by none where the answer does not vary.
    Fields(Vec<HeaderName>),
}

/// The fields that an answer was chosen by, with what its own request said in them, normalised.
///
/// Two that are equal are of one variant: the answer stored later replaces the earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selecting(Box<[(HeaderName, Option<value::Normal>)]>);

impl Vary {
    /// What all the `Vary` lines of an answer say together.
    ///
    /// A `*` among other members counts as one alone. So does a member that is no field name, and a list of more than
    /// [`VARY_FIELDS_MAX`] fields: what cannot be compared must not match.
    pub fn of(response: &HeaderMap) -> Self {
        let mut fields = Vec::new();
        let lines = response.get_all(VARY).iter();
        for member in lines.flat_map(|line| value::members(line.as_bytes(), b',')).filter(|m| !m.is_empty()) {
            match HeaderName::from_bytes(member) {
                // The asterisk is a letter of names as well.
                Ok(name) if name != "*" && fields.len() < VARY_FIELDS_MAX => fields.push(name),
                _ => return Self::Star,
            }
        }
        fields.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        fields.dedup();
        Self::Fields(fields)
    }

    /// What the request says in these fields; `None` where no later request can match.
    pub fn selecting(&self, request: &HeaderMap) -> Option<Selecting> {
        let Self::Fields(fields) = self else { return None };
        let values = fields.iter().map(|name| (name.clone(), value::normalised(name, request)));
        Some(Selecting(values.collect()))
    }
}

impl Selecting {
    /// Whether a stored answer may be given to this request, as far as `Vary` says.
    ///
    /// Each field must be absent from both requests or say the same in both. `Accept-Language` may instead name, as
    /// its one most preferred language, the language that the stored answer is in, as RFC 9111 §4.1 allows where a
    /// field ranks preferences: no other answer could serve such a request better.
    pub fn matches(&self, request: &HeaderMap, stored_response: &HeaderMap) -> bool {
        self.0.iter().all(|(name, stored)| {
            value::says(name, request, stored.as_deref())
                || (*name == ACCEPT_LANGUAGE && is_in_preferred_language(request, stored_response))
        })
    }

    /// Each field with what it said, for a store of bytes.
    pub(crate) fn pairs(&self) -> &[(HeaderName, Option<Box<[u8]>>)] {
        &self.0
    }

    /// What [`Self::pairs`] gave.
    pub(crate) fn of_pairs(pairs: Vec<(HeaderName, Option<Box<[u8]>>)>) -> Self {
        Self(pairs.into_boxed_slice())
    }

    /// Bytes that it holds, near enough to bound a store by.
    pub fn size_bytes(&self) -> usize {
        let texts = self.0.iter().map(|(name, value)| {
            name.as_str().len().saturating_add(value.as_ref().map_or(0, |value| value.len()))
        });
        size_of_val(&*self.0).saturating_add(texts.sum())
    }
}

fn is_in_preferred_language(request: &HeaderMap, stored_response: &HeaderMap) -> bool {
    let lines = stored_response.get_all(CONTENT_LANGUAGE).iter();
    let mut languages =
        lines.flat_map(|line| value::members(line.as_bytes(), b',')).filter(|m| !m.is_empty());
    let (Some(language), None) = (languages.next(), languages.next()) else { return false };
    value::most_preferred(&ACCEPT_LANGUAGE, request)
        .is_some_and(|preferred| preferred.eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::{ACCEPT_ENCODING, USER_AGENT};
    use proptest::prelude::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in fields.iter().map(field) {
            headers.append(name, value);
        }
        headers
    }

    /// Whether what was stored for one request matches another.
    fn matches(
        vary: &str,
        content_language: &str,
        of: &[(&'static str, &str)],
        to: &[(&'static str, &str)],
    ) -> bool {
        let response = headers(&[("vary", vary), ("content-language", content_language)]);
        let selecting = Vary::of(&response).selecting(&headers(of)).unwrap();
        assert!(selecting.matches(&headers(of), &response));
        selecting.matches(&headers(to), &response)
    }

    #[test]
    fn all_lines_are_one_list() {
        let fields = |lines: &[(&'static str, &str)]| match Vary::of(&headers(lines)) {
            Vary::Star => None,
            Vary::Fields(fields) => Some(fields),
        };
        assert_eq!(fields(&[]), Some(vec![]));
        assert_eq!(fields(&[("vary", ""), ("vary", " , ,")]), Some(vec![]));
        let both = Some(vec![ACCEPT_ENCODING, USER_AGENT]);
        assert_eq!(fields(&[("vary", "user-Agent"), ("vary", ",Accept-Encoding ,USER-AGENT")]), both);
        for star in ["*", "*, *", ", *", "*, Foo", "Foo, *", "Foo Bar", "\"Foo\"", "Foo;"] {
            assert_eq!(fields(&[("vary", star)]), None, "{star}");
        }
        assert_eq!(fields(&[("vary", "foo"), ("vary", "*")]), None);
    }

    #[test]
    fn a_list_too_long_to_compare_is_a_star() {
        let list = |n: usize| (0..n).map(|i| format!("f{i}")).collect::<Vec<_>>().join(",");
        let at_most = list(VARY_FIELDS_MAX);
        assert!(
            matches!(Vary::of(&headers(&[("vary", &at_most)])), Vary::Fields(f) if f.len() == VARY_FIELDS_MAX)
        );
        assert_eq!(Vary::of(&headers(&[("vary", &list(VARY_FIELDS_MAX + 1))])), Vary::Star);
    }

    #[test]
    fn every_field_named_must_be_the_same_and_no_other() {
        let stored = [("foo", "1"), ("bar", "abc"), ("other", "2")];
        assert!(matches("Foo, Bar", "", &stored, &[("bar", "abc"), ("foo", "1"), ("other", "3")]));
        assert!(!matches("Foo, Bar", "", &stored, &[("foo", "1"), ("bar", "abcde")]));
        assert!(!matches("Foo, Bar", "", &stored, &[("foo", "1")]));
        assert!(!matches("Foo", "", &[], &[("foo", "1")]));
        assert!(!matches("Foo", "", &[], &[("foo", "")]));
        assert!(matches("Foo", "", &[("other", "1")], &[]));
        assert!(matches("", "", &stored, &[]));
    }

    #[test]
    fn a_variant_is_known_by_what_its_request_said() {
        let of = |request: &[(&'static str, &str)]| {
            Vary::of(&headers(&[("vary", "foo, bar")])).selecting(&headers(request)).unwrap()
        };
        assert_eq!(of(&[("foo", "1, 2")]), of(&[("foo", "1"), ("foo", "2"), ("other", "3")]));
        assert_ne!(of(&[("foo", "1")]), of(&[("bar", "1")]));
        assert!(of(&[("foo", "1,2")]).size_bytes() == of(&[]).size_bytes() + 3);
        assert_eq!(Vary::Star.selecting(&HeaderMap::new()), None);
    }

    #[test]
    fn an_answer_in_the_most_preferred_language_matches() {
        let selects = |language, accepted| {
            matches(
                "Accept-Language",
                language,
                &[("accept-language", "en, de")],
                &[("accept-language", accepted)],
            )
        };
        assert!(selects("de", "fr;q=0.5, de;q=1.0"));
        assert!(selects("De", "DE, *;q=0.5"));
        assert!(selects("de", "en, de"));
        assert!(selects(", de", "de, ,"));
        for (language, accepted) in [
            ("de", "fr;q=1.0, de;q=0.5"),
            ("de", "fr, de"),
            ("de", "de, *"),
            ("de", "*"),
            ("de", "de;q=0"),
            ("de", "de;q=2"),
            ("de", "de-AT"),
            ("de, en", "de"),
            ("", "de"),
            ("de", ""),
        ] {
            assert!(!selects(language, accepted), "{language} for {accepted}");
        }
        let of_foo = [("accept-language", "en"), ("foo", "1")];
        assert!(!matches("Accept-Language, Foo", "de", &of_foo, &[("accept-language", "de"), ("foo", "2")]));
        assert!(!matches("Accept-Charset", "utf-8", &[], &[("accept-charset", "utf-8")]));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_request_matches_itself(
            vary in "[a-z*, \"\\\\-]{0,20}|foo, accept(-language)?",
            language in "[ -~]{0,8}",
            values in proptest::collection::vec("[ -~\t]{0,12}|[a-b]{1,2}(;q=[01](\\.[0-9]{0,4})?)?(, ?[a-b*\"])?", 0..3),
        ) {
            let request: Vec<(&str, &str)> = values.iter().flat_map(|v| [("foo", &**v), ("accept-language", v)]).collect();
            let request = headers(&request);
            let response = headers(&[("vary", &vary), ("content-language", &language)]);
            if let Some(selecting) = Vary::of(&response).selecting(&request) {
                prop_assert!(selecting.matches(&request, &response));
            }
        }
    }
}
