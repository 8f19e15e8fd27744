//! The forms in which a key is handed over: 32 random bytes, their 64 hex digits, or their base64; told by content.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

pub const KEY_BYTES: usize = 32;

/// Hex digits with blanks and line ends around them are shorter; what is longer is something else.
pub const BYTES_MAX: usize = 256;

const REMEDY: &str = "it holds neither 32 random bytes nor their 64 hex digits or base64; `openssl rand -hex 32` makes such \
                      a key";

/// The key that the bytes hold. No error tells what they are.
pub fn parse(bytes: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, &'static str> {
    let text = bytes.trim_ascii();
    let key = match text.len() {
        64 => hex(text),
        43 | 44 => base64(text),
        _ => None,
    };
    let key = key.or_else(|| raw(bytes)).ok_or(REMEDY)?;
    match key.iter().all(|byte| *byte == key[0]) {
        true => Err("it is 32 times the same byte, which is no secret"),
        false => Ok(key),
    }
}

/// Printable text of 32 characters is half a key in hex or cut base64, hardly ever 32 random bytes (one in 10^13).
fn raw(bytes: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let random = !bytes
        .iter()
        .all(|b| b.is_ascii_graphic() || *b == b' ' || *b == b'\n');
    random.then(|| bytes.try_into().ok().map(Zeroizing::new))?
}

fn hex(text: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        *byte = (high? << 4 | low?) as u8;
    }
    Some(key)
}

fn base64(text: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decode = |alphabet| {
        let decoded = GeneralPurpose::new(&alphabet, config).decode(text).ok();
        Zeroizing::new(decoded.unwrap_or_default())
    };
    let all = [decode(alphabet::STANDARD), decode(alphabet::URL_SAFE)];
    all.iter()
        .find_map(|decoded| decoded.as_slice().try_into().ok())
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> [u8; KEY_BYTES] {
        std::array::from_fn(|i| (i * 37 + 250) as u8)
    }

    #[test]
    fn a_key_is_read_in_each_of_its_forms() {
        let hex: String = key().iter().map(|byte| format!("{byte:02x}")).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(key());
        let url_safe = base64.replace('+', "-").replace('/', "_");
        for form in [
            key().to_vec(),
            hex.clone().into_bytes(),
            format!("{}\r\n", hex.to_uppercase()).into_bytes(),
            base64.clone().into_bytes(),
            format!("  {}\n", base64.trim_end_matches('=')).into_bytes(),
            url_safe.into_bytes(),
        ] {
            assert_eq!(parse(&form).as_deref(), Ok(&key()), "{form:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_told() {
        let hex: String = key().iter().map(|byte| format!("{byte:02x}")).collect();
        for bytes in [
            &b""[..],
            b"\n",
            &key()[..31],
            &[&key()[..], b"\n"].concat(),
            // Half of a key in hex has 32 bytes.
            &hex.as_bytes()[..32],
            &hex.as_bytes()[..63],
            b"correct horse battery staple 123",
            "é".repeat(32).as_bytes(),
            &[0; 32],
            &"0".repeat(64).into_bytes(),
            &[9; 300],
        ] {
            let refused = parse(bytes).expect_err("refused");
            assert!(bytes.len() < 31 || !refused.contains(&*String::from_utf8_lossy(bytes)));
        }
    }
}
