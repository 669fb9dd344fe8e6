//! TOML with places: what a declaration says, where it says it, and what is wrong there.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::complaint::{Complaint, Place, closest};

/// Characters of a value that a complaint shows.
const SHOWN_MAX: usize = 60;

/// Notes what is wrong, so that all of it is told at once.
pub(super) struct Reader<'t> {
    file: &'t Path,
    text: &'t str,
    /// Everything that is wrong so far.
    pub(super) complaints: Vec<Complaint>,
    /// Fields that could not be read: who refers to one is not wrong for that.
    pub(super) unread: Vec<String>,
}

/// One `key = value`.
#[derive(Clone)]
pub(super) struct Item<'t> {
    /// The last part of its key.
    pub(super) name: &'t str,
    /// The whole key, dotted: `fields.title.max`.
    pub(super) key: String,
    /// The value.
    pub(super) value: &'t Spanned<DeValue<'t>>,
    key_span: Range<usize>,
}

/// A table's items in the order in which they were written.
pub(super) struct Section<'t>(Vec<Item<'t>>);

impl<'t> Section<'t> {
    /// The items of `table`, whose own key is `key`.
    pub(super) fn new(key: &str, table: &'t DeTable<'t>) -> Self {
        let mut items: Vec<Item<'t>> = table
            .iter()
            .map(|(name, value)| Item {
                name: name.get_ref(),
                key: if key.is_empty() {
                    name.get_ref().to_string()
                } else {
                    format!("{key}.{}", name.get_ref())
                },
                value,
                key_span: name.span(),
            })
            .collect();
        items.sort_by_key(|item| item.key_span.start);
        Self(items)
    }

    /// Every item.
    pub(super) fn items(&self) -> &[Item<'t>] {
        &self.0
    }

    /// The item of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Item<'t>> {
        self.0.iter().find(|item| item.name == name)
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(file: &'t Path, text: &'t str) -> Self {
        Self { file, text, complaints: Vec::new(), unread: Vec::new() }
    }

    /// Where `item` is written.
    pub(super) fn place(&self, item: &Item<'_>) -> Place {
        Place::in_text(self.file, self.text, &item.key_span)
    }

    /// Something is wrong with the value of `item`.
    pub(super) fn complain(&mut self, item: &Item<'_>, problem: impl Into<String>, fix: impl Into<String>) {
        let span = item.value.span();
        self.complain_in(item, &span, problem, fix);
    }

    /// Something is wrong with a part of the value of `item`.
    pub(super) fn complain_in(
        &mut self,
        item: &Item<'_>,
        part: &Range<usize>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let place = Place::in_text(self.file, self.text, part);
        let complaint = Complaint::new(place, &item.key, problem, fix).with_value(self.shown(part));
        self.complaints.push(complaint);
    }

    /// The file as a whole lacks something.
    pub(super) fn complain_of_file(&mut self, key: &str, problem: impl Into<String>, fix: impl Into<String>) {
        let place = Place::File { file: self.file.to_owned() };
        self.complaints.push(Complaint::new(place, key, problem, fix));
    }

    /// The text is not TOML.
    pub(super) fn complain_of_syntax(&mut self, error: &toml::de::Error) {
        let place = Place::in_text(self.file, self.text, &error.span().unwrap_or_default());
        let problem = format!("is not TOML: {}", error.message());
        let fix = "write it as TOML asks, `key = value` a line (https://toml.io)";
        self.complaints.push(Complaint::new(place, "", problem, fix));
    }

    /// The table that `item` holds.
    pub(super) fn section<'i>(&mut self, item: &Item<'i>) -> Option<Section<'i>> {
        if let DeValue::Table(table) = item.value.get_ref() {
            return Some(Section::new(&item.key, table));
        }
        self.complain(item, "is not a table", format!("write [{}] or {} = {{ … }}", item.key, item.key));
        None
    }

    /// Complains about every item of `section` whose name is not in `known`.
    pub(super) fn refuse_unknown(&mut self, section: &Section<'_>, known: &[&str]) {
        for item in section.items() {
            if known.contains(&item.name) {
                continue;
            }
            let fix = match closest(item.name, known.iter().copied()) {
                Some(name) => format!("did you mean {name:?}?"),
                None => format!("leave it out; known here are {}", known.join(", ")),
            };
            let span = item.key_span.clone();
            let place = Place::in_text(self.file, self.text, &span);
            self.complaints.push(Complaint::new(place, &item.key, "is not known", fix));
        }
    }

    /// A string.
    pub(super) fn text<'i>(&mut self, item: &Item<'i>, example: &str) -> Option<&'i str> {
        if let DeValue::String(text) = item.value.get_ref() {
            return Some(text);
        }
        self.complain(item, "is not a string", format!("write {example}"));
        None
    }

    /// True or false.
    pub(super) fn boolean(&mut self, item: &Item<'_>) -> Option<bool> {
        if let DeValue::Boolean(value) = item.value.get_ref() {
            return Some(*value);
        }
        self.complain(item, "is neither true nor false", "write true or false, without quotes");
        None
    }

    /// A whole number within a range.
    pub(super) fn integer(&mut self, item: &Item<'_>, range: &std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number = match item.value.get_ref() {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        let found = number.filter(|number| range.contains(number));
        if found.is_none() {
            let problem = format!("is not a whole number from {} to {}", range.start(), range.end());
            self.complain(item, problem, "write such a number, without quotes");
        }
        found
    }

    /// [`Self::integer`] for lengths.
    pub(super) fn length(&mut self, item: &Item<'_>, max: usize) -> Option<usize> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        self.integer(item, &(0..=max)).and_then(|number| usize::try_from(number).ok())
    }

    /// A finite number, whole or not.
    pub(super) fn number(&mut self, item: &Item<'_>) -> Option<f64> {
        let digits = match item.value.get_ref() {
            DeValue::Float(digits) => digits.as_str(),
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str(),
            _ => "",
        };
        let number = digits.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.complain(item, "is not a finite number", "write a number such as 0.5, without quotes");
        }
        number
    }

    /// An array of strings, each with its place.
    pub(super) fn texts<'i>(
        &mut self,
        item: &Item<'i>,
        example: &str,
    ) -> Option<Vec<(&'i str, Range<usize>)>> {
        let texts = match item.value.get_ref() {
            DeValue::Array(array) => array
                .iter()
                .map(|part| part.get_ref().as_str().map(|text| (text, part.span())))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if texts.is_none() {
            self.complain(item, "is not an array of strings", format!("write {example}"));
        }
        texts
    }

    /// The source of a value, cut to what fits in a message.
    fn shown(&self, span: &Range<usize>) -> String {
        let source = self.text.get(span.clone()).unwrap_or_default();
        let mut shown: String = source.lines().next().unwrap_or_default().chars().take(SHOWN_MAX).collect();
        if shown.len() < source.len() {
            shown.push('…');
        }
        shown
    }
}
