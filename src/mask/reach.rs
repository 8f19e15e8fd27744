//! How far a value without quotes reaches over blanks: a name of several words, a number in groups, the rest of a
//! header's line.

use memchr::memchr;

use crate::mask::bare::Bare;
use crate::mask::detectors::iban;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::prose::is_prose;

/// Names of people and streets end within this, and so do dates and numbers in groups.
const REACH_BYTES_MAX: usize = 96;
const WORDS_MAX: usize = 6;
/// No telephone number and no number of a person has more digits.
const DIGITS_MAX: usize = 15;
/// Digits beyond this many are a number of their own, and what follows is another one.
const GROUP_DIGITS_MAX: usize = 5;

/// A part of a password is no shorter, or it may be a word.
const GLUED_BYTES_MIN: usize = 6;

/// Small words inside names: `van der Berg`.
const PARTICLES: &[&[u8]] = &[
    b"van", b"von", b"der", b"den", b"de", b"del", b"della", b"di", b"da", b"dos", b"du", b"la",
    b"le", b"el", b"al", b"bin", b"ibn", b"ten", b"ter", b"zu", b"zur", b"vom", b"y", b"e", b"of",
];

/// Where the value that seems to end at `end` really does.
pub(crate) fn end(policy: Policy, bare: &Bare<'_>, end: usize) -> usize {
    let text = &bare.text[..bare.text.len().min(end + REACH_BYTES_MAX)];
    match policy {
        Policy::Mask(Kind::Identity) => {
            let account = iban::whole(text, bare.start);
            account.unwrap_or_else(|| groups(text, bare.start, end, GROUP_DIGITS_MAX))
        }
        Policy::Mask(Kind::Phone) => groups(text, bare.start, end, DIGITS_MAX),
        Policy::Mask(Kind::Person | Kind::Address) => words(bare, text, end),
        Policy::Mask(Kind::Password) if bare.equals && !bare.spaced => glued(text, end),
        Policy::Hide if is_header(bare) => line(text, end).unwrap_or(end),
        _ => end,
    }
}

/// `password=xY3;kL9mQ2`: a sign in the middle of a password parts nothing where what follows it could be no word.
fn glued(text: &[u8], end: usize) -> usize {
    let Some((b';' | b',' | b'\'' | b'<' | b'>' | b'|', rest)) = text[end..].split_first() else {
        return end;
    };
    let run = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let has = |class: fn(&u8) -> bool| rest[..run].iter().any(class);
    let mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let ends = rest
        .get(run)
        .is_none_or(|b| b.is_ascii_whitespace() || b"\"&\\".contains(b));
    match run >= GLUED_BYTES_MIN && mixed && ends {
        true => end + 1 + run,
        false => end,
    }
}

/// `0170 1234567`: more groups of digits behind the first, as long as all are one number.
fn groups(text: &[u8], start: usize, end: usize, first_max: usize) -> usize {
    let count = |part: &[u8]| part.iter().filter(|b| b.is_ascii_digit()).count();
    let number = |part: &[u8]| {
        count(part) > 0
            && part
                .iter()
                .all(|b| b.is_ascii_digit() || b"+()-./".contains(b))
    };
    let (mut end, mut digits) = (end, count(&text[start..end]));
    if !number(&text[start..end]) || digits > first_max {
        return end;
    }
    while let Some(word) = next_word(text, end) {
        digits += count(&text[end + 1..word]);
        if !number(&text[end + 1..word]) || digits > DIGITS_MAX {
            break;
        }
        end = word;
    }
    end
}

/// Further words of a name. They are taken if the name then ends for certain, or the line of a header does.
fn words(bare: &Bare<'_>, text: &[u8], end: usize) -> usize {
    if is_header(bare)
        && let Some(end) = line(text, end)
    {
        return end;
    }
    let mut at = end;
    let mut count = 0;
    while let Some(word) = next_word(text, at) {
        if matches!(text.get(word), Some(b'=' | b':')) {
            break;
        }
        if count == WORDS_MAX || !in_name(&text[at + 1..word]) {
            return end;
        }
        at = word;
        count += 1;
    }
    let certain = text.get(at).is_none_or(|b| b" ,;)]}|\"\n\r\\".contains(b));
    if certain { at } else { end }
}

/// Where the word behind a blank ends; an apostrophe may stand inside.
fn next_word(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(b" ")?;
    let ends = |b: &u8| b.is_ascii_whitespace() || b",;)]}|\"<>=&:\\".contains(b);
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let whole = at + 1 + length < text.len() || length < REACH_BYTES_MAX / 2;
    (length > 0 && whole).then_some(at + 1 + length)
}

/// A word with a capital, a number of a house, a particle.
fn in_name(word: &[u8]) -> bool {
    let first = word[0];
    PARTICLES.contains(&word)
        || (first.is_ascii_uppercase() || !first.is_ascii() && first != 0xE2)
            && word.iter().any(|b| b.is_ascii_lowercase() || *b == b'.')
        || first.is_ascii_digit() && word.len() <= GROUP_DIGITS_MAX
}

/// `X-Customer-Name: ` at the start of a line.
fn is_header(bare: &Bare<'_>) -> bool {
    let before = &bare.text[bare.name.saturating_sub(2)..bare.name];
    let opens = matches!(before, [] | [.., b'\n' | b'"'] | [b'>' | b'<', b' ']);
    bare.spaced && !bare.equals && opens
}

/// The end of the line, if what is left of it is words and no sentence.
fn line(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..];
    let stop = rest.iter().position(|b| b"\r\n[\\\"".contains(b));
    let line = &rest[..stop.unwrap_or(rest.len())];
    let plain = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b" .,'-/+()".contains(b);
    let words = || line.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let name = line.iter().all(plain) && memchr(0xE2, line).is_none();
    let prose = words().any(is_prose) || words().count() > WORDS_MAX;
    (name && !prose && line.len() < REACH_BYTES_MAX).then(|| end + line.trim_ascii_end().len())
}
