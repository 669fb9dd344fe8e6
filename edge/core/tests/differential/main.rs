//! Against another implementation of the same rules, the crate `http-cache-semantics`: what may be stored, what may be
//! served without asking, how old it is, and what is asked instead.
//!
//! Every disagreement is either a bug, or it is explained: by what it reads otherwise than the specifications
//! ([`meant`]), or by what they leave open ([`explained`]). One that is not explained fails, and so does an explanation
//! that explains nothing. The cases are the same in every run; `PROPTEST_RNG_SEED` draws others, `PROPTEST_CASES` more.

mod case;
mod draw;
mod explained;
mod meant;
mod opinions;

use std::cell::RefCell;
use std::collections::BTreeMap;

use case::Case;
use explained::EXPLANATIONS;
use meant::{READINGS, meant, without};
use opinions::{Opinion, ours, theirs};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

/// How often each class must be reached in 10,000 cases: about two thirds of what was counted.
const REACHED: [(&str, u64); 10] = [
    ("both store it", 2700),
    ("neither stores it", 2300),
    ("both serve it", 700),
    ("both serve it stale", 250),
    ("both ask", 2000),
    ("both ask by entity tag", 600),
    ("both ask by date", 450),
    ("both ask without conditions", 1100),
    ("it has an age when it comes", 900),
    ("they agree as it stands", 4000),
];

type Tally = BTreeMap<&'static str, u64>;

fn config() -> Config {
    let of_environment = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { of_environment.cases } else { 20_000 };
    let rng_seed = match of_environment.rng_seed {
        RngSeed::Random => RngSeed::Fixed(9111),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config { cases, rng_seed, failure_persistence: None, ..of_environment }
}

#[test]
fn disagreements_with_http_cache_semantics_are_explained() {
    let config = config();
    println!("{} cases, drawn by {:?}", config.cases, config.rng_seed);
    let cases = u64::from(config.cases);
    let tally = RefCell::new(Tally::new());
    let outcome = TestRunner::new(config).run(&draw::case(), |case| compare(&case, &mut tally.borrow_mut()));
    if let Err(TestError::Fail(why, case)) = outcome {
        panic!("{why}\n{case:?}");
    }
    let tally = tally.into_inner();
    for (what, count) in &tally {
        println!("{count:>8} {what}");
    }
    let count = |what| tally.get(what).copied().unwrap_or_default();
    for (class, expected) in REACHED {
        assert!(
            count(class) * 10_000 >= expected * cases,
            "'{class}' was reached {} times only",
            count(class)
        );
    }
    let explanations = READINGS.iter().map(|reading| reading.name).chain(EXPLANATIONS.iter().map(|e| e.name));
    for explanation in explanations {
        assert!(count(explanation) > 0, "no disagreement is explained by: {explanation}");
    }
}

fn compare(case: &Case, tally: &mut Tally) -> Result<(), TestCaseError> {
    let mut count = |what| *tally.entry(what).or_default() += 1;
    let ours = ours(case);
    if theirs(case) == ours {
        count("they agree as it stands");
    }
    let (meant, changed) = meant(case);
    let theirs = theirs(&meant);
    if ours == theirs {
        // Which readings it took: those without which they would not agree.
        for place in changed {
            if opinions::theirs(&without(case, place)) != ours {
                count(READINGS[place].name);
            }
        }
        agreed(&meant, &ours, count);
        return Ok(());
    }
    let explanation = EXPLANATIONS.iter().find(|explanation| (explanation.applies)(case, &ours, &theirs));
    let Some(explanation) = explanation else {
        let why = format!("ours: {ours:?}\ntheirs: {theirs:?}\nof what it means: {meant:?}\nThe case:");
        return Err(TestCaseError::fail(why));
    };
    count(explanation.name);
    Ok(())
}

/// Counts what both say.
fn agreed(case: &Case, both: &Opinion, mut count: impl FnMut(&'static str)) {
    let Some(then) = &both.then else { return count("neither stores it") };
    count("both store it");
    if then.age_s > case.later_s {
        count("it has an age when it comes");
    }
    match &then.conditions {
        None => {
            count("both serve it");
            let wishes = case.second.headers.get("cache-control").and_then(|line| line.to_str().ok());
            if wishes.is_some_and(|wishes| wishes.contains("max-stale")) {
                count("both serve it stale");
            }
        }
        Some(conditions) => {
            count("both ask");
            match (&conditions.0, &conditions.1) {
                (None, None) => count("both ask without conditions"),
                (tag, date) => {
                    if tag.is_some() {
                        count("both ask by entity tag");
                    }
                    if date.is_some() {
                        count("both ask by date");
                    }
                }
            }
        }
    }
}
