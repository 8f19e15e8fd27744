//! Any text through the whole masker: nothing panics, masking twice changes nothing, lines and documents stay what they
//! are, and our own stand-ins go through untouched.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::mask::{MaskCounts, MaskKey, Masker, Settings};

static MASKER: LazyLock<Masker> = LazyLock::new(|| {
    Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
});
const OURS: &str = "‹token:0a1b:abcdefghijklmnopqrst›";

fn mask(text: &str) -> String {
    MASKER
        .text(text, &mut MaskCounts::default())
        .as_str()
        .to_owned()
}

fuzz_target!(|text: &str| {
    let masked = mask(text);
    assert_eq!(mask(&masked), masked, "masked twice");
    assert_eq!(
        text.matches('\n').count(),
        masked.matches('\n').count(),
        "lines"
    );
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    assert!(!is_json(text) || is_json(&masked), "a document");
    // Behind the text it might be the end of a value that was cut.
    let framed = format!("{OURS}\n{text}");
    assert!(mask(&framed).starts_with(OURS), "our own stand-in");
});
