//! Any bytes as a file whose format is found by content.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::detect::detect;
use tidemark_fuzz::read::format::Options;
use tidemark_fuzz::read_all;

fuzz_target!(|bytes: &[u8]| read_all(detect(bytes, &Options::default()), bytes));
