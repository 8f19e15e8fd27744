//! Check digits: a value without the right one is no card, no account and nobody's number.

fn digit(sign: u8) -> u32 {
    u32::from(sign - b'0')
}

/// Luhn (ISO/IEC 7812): the digits with the one that makes them right.
pub fn with_luhn(digits: &str) -> String {
    let doubled = |value: u32| value * 2 - 9 * u32::from(value > 4);
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, sign)| match at % 2 {
            0 => doubled(digit(sign)),
            _ => digit(sign),
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// ISO 13616: an account of a country with its two check digits.
pub fn with_iban(country: &str, account: &str) -> String {
    let turned = format!("{account}{country}00");
    let rest = turned.chars().fold(0u64, |rest, c| {
        let value = u64::from(c.to_digit(36).expect("a letter or digit"));
        let shift = if value > 9 { 100 } else { 10 };
        (rest * shift + value) % 97
    });
    format!("{country}{:02}{account}", 98 - rest)
}

/// A weighted sum of the digits.
pub fn weighted(digits: &str, weights: impl Iterator<Item = u32>) -> u32 {
    let pairs = digits.bytes().zip(weights);
    pairs.map(|(sign, weight)| digit(sign) * weight).sum()
}

/// ISO 7064 mod 11,10: the German tax id.
pub fn with_mod_11_10(digits: &str) -> String {
    let product = digits.bytes().fold(10, |product, sign| {
        let sum = (digit(sign) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    format!("{digits}{}", (11 - product) % 10)
}

const TIMES: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
const TURNS: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Verhoeff: the Indian Aadhaar number.
pub fn with_verhoeff(digits: &str) -> String {
    let state = digits
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |state, (at, sign)| {
            let turned = TURNS[(at + 1) % 8][usize::from(sign - b'0')];
            TIMES[state][usize::from(turned)].into()
        });
    let inverse = TIMES[state].iter().position(|value| *value == 0);
    format!("{digits}{}", inverse.expect("a group has inverses"))
}

/// The letter of a Spanish id.
pub fn with_spanish_letter(prefix: &str, digits: &str) -> String {
    let lead = "XYZ".find(prefix).filter(|_| !prefix.is_empty());
    let number = format!("{}{digits}", lead.map_or(String::new(), |n| n.to_string()));
    let number: usize = number.parse().expect("digits");
    let letter = char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
    format!("{prefix}{digits}{letter}")
}
