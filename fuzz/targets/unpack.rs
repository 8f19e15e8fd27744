//! Any bytes as a file that may be packed.

#![no_main]

use std::io::{Read, Write};

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::source::Source;

/// What is unpacked of one input; archives that explode are stopped by the source itself, but later.
const UNPACKED_BYTES_MAX: u64 = 8 << 20;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("tidemark-fuzz-{}", std::process::id()));
    let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes));
    written.expect("a temporary file");
    if let Ok(source) = Source::open(&path) {
        let mut out = Vec::new();
        let _ = source.take(UNPACKED_BYTES_MAX).read_to_end(&mut out);
    }
});
