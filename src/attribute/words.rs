//! Whether a segment is made of words that people wrote, as opposed to characters that a machine drew.
//!
//! Entropy alone cannot tell: `payment_method_configurations` has more bits a character than many tokens. Words have
//! vowels, no long runs of consonants, and humps or separators between them.

/// English has none longer than this inside a word (`lengthsman`); drawn letters soon do.
const CONSONANTS_MAX: usize = 5;
/// `oauth2`, `s3`, `utf16`.
const DIGITS_MAX: usize = 2;
/// Drawn letters of mixed case change case every other character; humps of words are longer on average.
const HUMP_BYTES_MIN: usize = 4;

pub fn is_wordy(text: &[u8]) -> bool {
    text.split(|byte| b"-_.:~+ ".contains(byte))
        .filter(|piece| !piece.is_empty())
        .all(is_word_piece)
}

/// A piece between separators: a short number, a year, or humps such as `getOrdersV2`.
fn is_word_piece(piece: &[u8]) -> bool {
    if !piece.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    if piece.iter().all(u8::is_ascii_digit) {
        return piece.len() <= DIGITS_MAX || is_year(piece);
    }
    let mut humps = 0;
    let mut rest = piece;
    while !rest.is_empty() {
        let (hump, after) = rest.split_at(hump_len(rest));
        if !is_hump(hump) {
            return false;
        }
        humps += 1;
        rest = after;
    }
    humps <= 2 || piece.len() >= humps * HUMP_BYTES_MIN
}

fn is_year(digits: &[u8]) -> bool {
    digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"))
}

/// Capitals, then small letters, then digits.
fn hump_len(text: &[u8]) -> usize {
    let run = |from: usize, test: fn(&u8) -> bool| {
        from + text[from..].iter().take_while(|byte| test(byte)).count()
    };
    let capitals = run(0, u8::is_ascii_uppercase);
    let small = run(capitals, u8::is_ascii_lowercase);
    run(small, u8::is_ascii_digit).max(1)
}

fn is_hump(hump: &[u8]) -> bool {
    let letters = hump
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let digits = hump.len() - letters;
    letters > 0 && digits <= DIGITS_MAX && consonants_run(&hump[..letters]) <= CONSONANTS_MAX
}

fn consonants_run(letters: &[u8]) -> usize {
    let (mut run, mut longest) = (0, 0);
    for letter in letters {
        run = if b"aeiouyAEIOUY".contains(letter) {
            0
        } else {
            run + 1
        };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_draws() {
        for wordy in [
            "payment_method_configurations",
            "disabling-battery-in-ubuntu-vms.html",
            "getCustomerOrdersV2ForRegion",
            "oauth2-callback-handler",
            "top-10-customers",
            "summer-campaign-2026",
            "CONTACTS_LIST",
            "GraphQLOperation",
        ] {
            assert!(is_wordy(wordy.as_bytes()), "{wordy}");
        }
        for drawn in [
            "dQw4w9WgXcQabcdefgh",
            "qzxwvjkpmtrbndfg",
            "a8f5f167f44f4964e6c998dee827110c",
            "AbCdEfGhIjKlMnOpQrSt",
            "order-123456",
            "x%20y",
        ] {
            assert!(!is_wordy(drawn.as_bytes()), "{drawn}");
        }
    }
}
