//! Any text as a pasted format string or a mapping, and the rest of it as a line in that format.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::engine::custom;
use tidemark_fuzz::read::engine::mapping::Mapping;
use tidemark_fuzz::read::format::Options;

fuzz_target!(|text: &str| {
    let (format, line) = text.split_once('\n').unwrap_or((text, ""));
    let _ = Mapping::parse(&[format]);
    if let Ok((_, parser)) = custom::compile(format, &Options::default()) {
        parser.parse(line, &mut Vec::new());
    }
});
