//! Scripts of requests and answers, against a cache of class `http`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &[u8]| {
    stepwell_fuzz::scripts::play(script);
});
