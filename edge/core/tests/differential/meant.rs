//! What a case means by the specifications, written so that `http-cache-semantics` reads it as well.
//!
//! It reads some spellings otherwise than the specifications, and knows nothing of some fields. Each reading below
//! rewrites one such thing into one that it knows and that means the same; the section says why it does. What is left
//! is for [`crate::explained`].

mod policy;
mod requests;
mod times;

use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};

use crate::case::Case;

pub(crate) use times::ends_within_a_second;

/// A rewriting.
pub(crate) struct Reading {
    pub(crate) name: &'static str,
    rewrite: fn(&mut Case),
}

/// All of them, in the order in which they apply.
pub(crate) const READINGS: [Reading; 21] = [
    Reading {
        name: "RFC 9213 §2.2: a policy for CDNs that can be read governs alone",
        rewrite: policy::cdn_policy,
    },
    Reading {
        name: "RFC 9110 §5.6.4: a comma in a quoted string parts nothing",
        rewrite: policy::quoted_strings,
    },
    Reading { name: "RFC 9111 §5.2: directives have no case", rewrite: policy::case_of_directives },
    Reading {
        name: "RFC 9111 §5.2.2.3: must-understand tells who may store, and then no-store says nothing",
        rewrite: policy::must_understand,
    },
    Reading {
        name: "RFC 9111 §5.2.2.4, §5.2.2.7: a restriction that names fields is none of the answer",
        rewrite: policy::named_fields,
    },
    Reading {
        name: "RFC 9111 §4.2.1: of a lifetime that is said twice, the first counts",
        rewrite: policy::first_lifetime,
    },
    Reading {
        name: "RFC 9111 §1.2.2, §4.2.1: a lifetime is digits, or none at all",
        rewrite: policy::lifetimes,
    },
    Reading {
        name: "RFC 9111 §5.2.2.8, §5.2.2.10: proxy-revalidate and s-maxage forbid what is stale, and nothing else",
        rewrite: policy::revalidation,
    },
    Reading { name: "RFC 8246 §2: immutable says nothing of how long", rewrite: policy::immutable },
    Reading { name: "RFC 9111 §5.4: Pragma in an answer means nothing", rewrite: policy::pragma_in_answer },
    Reading { name: "RFC 9111 §7.3: a cookie forbids no storing", rewrite: policy::cookies },
    Reading { name: "RFC 9110 §5.6.7: a date has three forms, all in GMT", rewrite: times::dates },
    Reading {
        name: "RFC 9111 §4.2.1: an expiry that is said twice may be taken for none",
        rewrite: times::two_expiries,
    },
    Reading {
        name: "RFC 9111 §4.2.2: a guess is trusted for as long as a cache likes: here a day",
        rewrite: times::guess,
    },
    Reading {
        name: "RFC 9111 §4.2.3, §5.1: the age is that of both clocks, with the time under way",
        rewrite: times::age,
    },
    Reading {
        name: "RFC 9111 §4.1: lines are one value, and preferences have many spellings",
        rewrite: requests::varied_fields,
    },
    Reading { name: "RFC 9110 §9.3.2: an answer to GET serves HEAD", rewrite: requests::head },
    Reading {
        name: "RFC 9111 §5.4: Pragma in a request counts where there is no Cache-Control",
        rewrite: requests::pragma_in_request,
    },
    Reading {
        name: "RFC 9111 §5.2.1: a wish that cannot be read is taken for the strictest",
        rewrite: requests::wishes,
    },
    Reading { name: "RFC 9111 §5.2.1.2: max-stale is met by just so much", rewrite: requests::max_stale },
    Reading {
        name: "RFC 9111 §4.3.2: a cache may keep a client's conditions to itself",
        rewrite: requests::own_conditions,
    },
];

/// A case as they would have to read it, and the places of the readings that changed it.
pub(crate) fn meant(case: &Case) -> (Case, Vec<usize>) {
    let mut case = case.clone();
    let mut changed = Vec::new();
    for (place, reading) in READINGS.iter().enumerate() {
        let before = format!("{case:?}");
        (reading.rewrite)(&mut case);
        if format!("{case:?}") != before {
            changed.push(place);
        }
    }
    (case, changed)
}

/// A case with one reading left out.
pub(crate) fn without(case: &Case, left_out: usize) -> Case {
    let mut case = case.clone();
    for (_, reading) in READINGS.iter().enumerate().filter(|(place, _)| *place != left_out) {
        (reading.rewrite)(&mut case);
    }
    case
}

/// The directives of a header, each as it stands.
fn directives(headers: &HeaderMap) -> Vec<String> {
    let mut members = vec![String::new()];
    for line in headers.get_all(CACHE_CONTROL) {
        let mut is_quoted = false;
        for c in line.to_str().expect("ASCII").chars() {
            is_quoted ^= c == '"';
            match members.last_mut() {
                Some(last) if c != ',' || is_quoted => last.push(c),
                _ => members.push(String::new()),
            }
        }
        members.push(String::new());
    }
    members.into_iter().map(|member| member.trim().to_owned()).filter(|member| !member.is_empty()).collect()
}

fn set_directives(headers: &mut HeaderMap, directives: &[String]) {
    let had = headers.remove(CACHE_CONTROL).is_some();
    if had {
        headers.insert(CACHE_CONTROL, HeaderValue::from_str(&directives.join(", ")).expect("a value"));
    }
}

/// Rewrites each directive, or drops it.
fn each(headers: &mut HeaderMap, rewrite: impl Fn(&str, Option<&str>) -> Option<String>) {
    let rewritten: Vec<String> = directives(headers)
        .iter()
        .filter_map(|directive| match directive.split_once('=') {
            Some((name, value)) => rewrite(name, Some(value)),
            None => rewrite(directive, None),
        })
        .collect();
    set_directives(headers, &rewritten);
}

/// A directive as it stands.
fn same(name: &str, value: Option<&str>) -> String {
    value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"))
}

fn has(headers: &HeaderMap, name: &str) -> bool {
    directives(headers).iter().any(|directive| directive.split('=').next() == Some(name))
}

/// Digits as they are up to the largest number that counts; anything else as the least.
fn seconds(value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    let digits = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return "0".to_owned();
    }
    digits.parse::<u64>().unwrap_or(u64::MAX).min(1 << 31).to_string()
}
