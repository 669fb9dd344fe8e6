//! Every seed is played: those that once broke something, and those that a fuzzer starts from.

use std::path::PathBuf;
use stepwell_fuzz::scripts;

/// Plays all seeds of a target.
fn play(target: &str, play: impl Fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    seeds.sort();
    assert!(!seeds.is_empty());
    for seed in seeds {
        println!("{}", seed.display());
        play(&std::fs::read(seed).unwrap());
    }
}

#[test]
fn decisions_hold() {
    play("decisions", |script| println!("{}", scripts::play(script)));
}
