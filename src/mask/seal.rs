//! What a commit says of the masking behind it, and made-up secrets that show whether its proof can be trusted.

use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use crate::mask::batch::{Batch, Row};
use crate::mask::key::tag;
use crate::mask::masked::Masked;
use crate::mask::masker::Masker;
use crate::model::exchange::{Exchange, Outcome};
use crate::model::time::Timestamp;

const CANARIES: usize = 5;
const CANARY_BYTES: usize = 14;

/// Of one masker; shared by all that it masked.
pub struct Seal {
    pub key_id: String,
    pub policy: String,
    pub canaries: Canaries,
    /// Whether the proof was tried on the canaries, and stood.
    pub tried: OnceLock<bool>,
}

/// Made-up secrets, masked as all others are, and as they would look if masking had failed.
pub struct Canaries {
    pub masked: Masked,
    /// A text with all of them, once for each way to write them.
    pub planted: Vec<String>,
    pub count: u64,
}

impl Seal {
    pub(in crate::mask) fn new(masker: &Masker) -> Self {
        // What a user lets pass is no fault of the proof.
        let built_in = masker.built_in();
        Self {
            key_id: masker.key_id(),
            policy: masker.policy_hash().to_owned(),
            canaries: Canaries::new(built_in.as_ref().unwrap_or(masker)),
            tried: OnceLock::new(),
        }
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({} {})", self.key_id, self.policy)
    }
}

impl Canaries {
    fn new(masker: &Masker) -> Self {
        let mut canaries: [String; CANARIES] = std::array::from_fn(|n| made_up(masker, n));
        canaries[CANARIES - 1].push_str("@example.org");
        let mut batch = Batch::new(masker);
        push(&canaries, &mut batch);
        let full = |s: &str| {
            s.bytes().fold(String::new(), |mut out, b| {
                let _ = match b.is_ascii_alphanumeric() {
                    true => write!(out, "{}", char::from(b)),
                    false => write!(out, "%{b:02X}"),
                };
                out
            })
        };
        let base64 = |s: &str| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(format!("x{s}"))
        };
        let all =
            |write: &dyn Fn(&str) -> String| canaries.iter().map(|c| write(c) + " ").collect();
        Self {
            masked: batch.finish_unsealed(),
            planted: vec![all(&str::to_owned), all(&full), all(&base64)],
            count: CANARIES as u64,
        }
    }
}

/// Nobody without the key can put one into a log.
fn made_up(masker: &Masker, n: usize) -> String {
    let tag = tag(&masker.mac(), format!("tidemark canary {n}").as_bytes());
    format!("cnry-{n}-{}", spelled(&tag[..CANARY_BYTES]))
}

/// A letter and a digit of each byte, so that none looks like a number or a word, whatever the key: such are not looked
/// for.
fn spelled(tag: &[u8]) -> String {
    let pairs = tag.iter().map(|byte| (byte >> 4, byte & 15));
    pairs
        .flat_map(|(high, low)| [char::from(b'a' + high), char::from(b'0' + low % 10)])
        .collect()
}

/// One in each kind of place: header, cookie, query, JSON and the line, and one echoed in an error text.
fn push([bearer, cookie, key, password, mail]: &[String; CANARIES], batch: &mut Batch<'_>) {
    let body = format!(r#"{{"password":"{password}","email":"{mail}"}}"#);
    let query = format!("page=2&api_key={key}");
    let raw = format!("GET /x?{query} Cookie: sid={cookie} Authorization: Bearer {bearer}");
    let exchange = Exchange {
        path: "/x".into(),
        query: Some(query.into()),
        request_headers: vec![
            ("Authorization".into(), format!("Bearer {bearer}").into()),
            ("Cookie".into(), format!("sid={cookie}").into()),
        ],
        error_message: Some(format!("login with {password} refused").into()),
        request_body: Some(body.into()),
        outcome: Outcome::ClientError,
        status: Some(401),
        raw: &raw,
        ..Exchange::default()
    };
    let row = Row {
        source: "canaries",
        source_id: "canaries",
        ingested_at: Timestamp::from_secs(0),
        keep_content: true,
    };
    batch.push(&exchange, &row);
}

#[cfg(test)]
mod tests {
    use super::{CANARY_BYTES, spelled};
    use crate::mask::key::MaskKey;
    use crate::mask::kind::Kind;
    use crate::mask::masker::Masker;
    use crate::mask::proof::Proof;
    use crate::mask::settings::Settings;
    use crate::mask::strength::searchable;

    #[test]
    fn every_canary_is_noted_when_it_is_masked() {
        let lenient: Settings = serde_json::from_str(
            r#"{"allow_names":["password","api_key"],"kinds":{"email":"keep"}}"#,
        )
        .expect("settings");
        let masker = Masker::new(MaskKey::from_bytes([4; 32]), lenient).expect("valid");
        let canaries = &masker.seal().canaries;
        let proof = Proof::new(canaries.masked.originals());
        for planted in &canaries.planted {
            let mut found = std::collections::BTreeSet::new();
            proof.find(planted.as_bytes(), |hit| {
                found.insert(hit.number);
            });
            assert_eq!(found.len() as u64, canaries.count, "{planted}");
        }
    }

    /// With 28 hexadecimal digits, one key in a thousand had one with two letters at most, and could store nothing.
    #[test]
    fn every_canary_is_looked_for_whatever_the_key() {
        for byte in 0..=255 {
            let canary = format!("cnry-2-{}", spelled(&[byte; CANARY_BYTES]));
            for kind in [Kind::Cookie, Kind::Key, Kind::Token, Kind::Password] {
                assert!(searchable(kind, canary.as_bytes()).is_ok(), "{canary}");
            }
        }
    }
}
