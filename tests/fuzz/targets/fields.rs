//! Arbitrary bytes, against the claims of `stepwell_fuzz::fields`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| stepwell_fuzz::fields::check(data));
