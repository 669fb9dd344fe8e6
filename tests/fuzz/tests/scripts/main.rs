//! Likely scripts, drawn at random: a fuzzer finds what is odd, these reach what is ordinary often.
//!
//! The cases are the same in every run; `PROPTEST_RNG_SEED` draws others, and `PROPTEST_CASES` more of them.

mod draw;

use std::cell::RefCell;

use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use stepwell_fuzz::scripts::{Tally, play};

/// How often each outcome must be reached in 10,000 scripts for the property to say anything: about half of what was
/// counted.
const REACHED: [(&str, u64); 28] = [
    ("asked again", 300),
    ("asked: expired", 3000),
    ("asked: not looked up", 7000),
    ("asked: nothing stored", 12000),
    ("asked: other variant", 1200),
    ("asked: purged", 3500),
    ("asked: stored in part", 600),
    ("asked: the client wants it", 900),
    ("changed by HEAD", 60),
    ("completed", 10),
    ("confirmed", 900),
    ("covered", 45),
    ("freshened by HEAD", 120),
    ("hit", 8000),
    ("not stored", 500),
    ("passed on", 14000),
    ("purge", 7500),
    ("senseless", 1600),
    ("served a 304", 350),
    ("served a 416", 150),
    ("served a range", 700),
    ("served a whole", 8000),
    ("stale-while-revalidate", 130),
    ("stood in", 180),
    ("stored a part", 700),
    ("stored a whole", 10000),
    ("the origin was silent", 1600),
    ("tolerated", 130),
];

/// The same cases every time, unless the environment asks for others.
fn config() -> Config {
    let of_environment = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { of_environment.cases } else { 10_000 };
    let rng_seed = match of_environment.rng_seed {
        RngSeed::Random => RngSeed::Fixed(9111),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    // What fails becomes a seed, which says what it is about.
    Config { cases, rng_seed, failure_persistence: None, ..of_environment }
}

#[test]
fn a_cache_gives_nobody_what_it_must_not() {
    let config = config();
    println!("{} scripts, drawn by {:?}", config.cases, config.rng_seed);
    let cases = config.cases;
    let reached = RefCell::new(Tally::default());
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&draw::script(), |script| {
        reached.borrow_mut().add(&play(script.as_bytes()));
        Ok(())
    });
    if let Err(TestError::Fail(why, script)) = outcome {
        panic!("{why}\nto be kept as a seed:\n{script}");
    }
    let reached = reached.into_inner();
    println!("reached:\n{reached}");
    for (outcome, expected) in REACHED {
        let count = reached.of(outcome);
        assert!(count * 10_000 >= expected * u64::from(cases), "'{outcome}' was reached {count} times only");
    }
}
