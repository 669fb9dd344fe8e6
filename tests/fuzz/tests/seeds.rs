//! Every seed is played: those that once broke something, and those that a fuzzer starts from.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use stepwell_fuzz::{fields, pipeline, scripts};

/// Plays all seeds of a target.
fn play(target: &str, play: impl Fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder of seeds")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty());
    seeds.retain(|seed| {
        let text = std::fs::read(seed).expect("a seed");
        catch_unwind(AssertUnwindSafe(|| play(&text))).is_err()
    });
    assert!(seeds.is_empty(), "these do not hold: {seeds:#?}");
}

#[test]
fn decisions_hold() {
    play("decisions", |script| drop(scripts::play(script)));
}

#[test]
fn fields_hold() {
    play("fields", fields::check);
}

#[test]
fn the_pipeline_holds() {
    play("pipeline", pipeline::check);
}
