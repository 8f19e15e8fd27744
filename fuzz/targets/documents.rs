//! Any bytes as each of the documents, whether or not they begin like one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::format::{Layout, without_mark};
use tidemark_fuzz::read::formats::FORMATS;

fuzz_target!(|bytes: &[u8]| {
    for format in FORMATS {
        if let Layout::Document { sniff, parse } = &format.layout {
            let _ = sniff(bytes);
            let _ = parse(without_mark(bytes), &mut |_| {});
        }
    }
});
