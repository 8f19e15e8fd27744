//! Values by pattern, so that a token's documented form is one line of data: `sk_live_{w24}`, `{open|closed}`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::hard::random::Random;

/// Writes a pattern: text as it stands, and in braces either words to choose from or a letter and a count.
pub fn write(pattern: &str, random: &mut Random) -> String {
    let mut parts = pattern.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hole, rest) = part.split_once('}').expect("a closed brace");
        out.push_str(&fill(hole, random));
        out.push_str(rest);
    }
    out
}

fn fill(hole: &str, random: &mut Random) -> String {
    if hole.contains('|') {
        let words: Vec<&str> = hole.split('|').collect();
        return (*random.pick(&words)).to_owned();
    }
    let (letter, count) = hole.split_at(1);
    let count = count.parse().unwrap_or(1);
    match letter {
        "d" => random.digits(count),
        "h" => random.hex(count),
        "H" => random.signs(b"0123456789ABCDEF", count),
        "w" => random.word(count),
        "n" => random.signs(b"abcdefghijklmnopqrstuvwxyz0123456789", count),
        "A" => random.signs(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", count),
        "B" => random.signs(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count),
        "b" => STANDARD.encode(random.bytes(count)),
        "l" => URL_SAFE_NO_PAD.encode(random.bytes(count)),
        "u" => random.uuid(),
        _ => panic!("{{{hole}}} is no hole"),
    }
}
