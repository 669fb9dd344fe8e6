//! Arbitrary bytes, against the claims of `stepwell_fuzz::pipeline`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| stepwell_fuzz::pipeline::check(data));
