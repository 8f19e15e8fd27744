//! Any bytes as a file whose format is named: the first byte chooses it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::detect::named;
use tidemark_fuzz::read::format::Options;
use tidemark_fuzz::read::formats::FORMATS;
use tidemark_fuzz::read_all;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let format = &FORMATS[usize::from(*choice) % FORMATS.len()];
    let options = Options {
        zone: (choice & 1 == 1).then_some(chrono_tz::Europe::Berlin),
        ..Options::default()
    };
    read_all(named(format, bytes, &options), bytes);
});
