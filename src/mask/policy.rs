//! Which rules were in force, as one short hash: two stores with the same one masked by the same rules.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::mask::detector::Pattern;
use crate::mask::detectors::DETECTORS;
use crate::mask::detectors::shapes::SHAPES;
use crate::mask::settings::Settings;
use crate::mask::words::{
    ADDRESS_PARTS, ALONE, COLUMN_KEYS, COOKIE_KEYS, ENDINGS, ERROR_KEYS, FILLERS, NAME_KEYS,
    NAME_PARTS, PEOPLE_KEYS, ROW_KEYS, RUN_ON, VALUE_KEYS, WHOLE_KEYS,
};

const HEX_DIGITS: usize = 16;

/// What names tell besides their policies.
const KEYS: [&[&str]; 11] = [
    NAME_KEYS,
    VALUE_KEYS,
    WHOLE_KEYS,
    COOKIE_KEYS,
    COLUMN_KEYS,
    ROW_KEYS,
    PEOPLE_KEYS,
    NAME_PARTS,
    ADDRESS_PARTS,
    ERROR_KEYS,
    FILLERS,
];

/// Of the built-in names, the detectors and the settings. Where the key comes from is no rule.
pub(crate) fn policy_hash(settings: &Settings) -> String {
    let settings = Settings {
        key_file: None,
        key_command: Vec::new(),
        ..settings.clone()
    };
    let mut rules = format!("{settings:?}{ENDINGS:?}{ALONE:?}{RUN_ON:?}{KEYS:?}{SHAPES:?}");
    for detector in DETECTORS {
        let _ = write!(
            rules,
            "{:?}{}{}",
            detector.hints, detector.exact, detector.sure
        );
        if let Pattern::Run(prefixes) = detector.pattern {
            for prefix in prefixes {
                let _ = write!(rules, "{:?}{}", prefix.hint, prefix.min);
            }
        }
    }
    let hash = Sha256::digest(rules.as_bytes());
    let mut hex = String::new();
    hash.iter().take(HEX_DIGITS / 2).for_each(|byte| {
        let _ = write!(hex, "{byte:02x}");
    });
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_rules_have_another_hash() {
        let other = Settings {
            extra_names: vec!["tenantCode".to_owned()],
            ..Settings::default()
        };
        let hash = policy_hash(&Settings::default());
        assert_eq!(hash.len(), HEX_DIGITS);
        assert_eq!(hash, policy_hash(&Settings::default()));
        assert_ne!(hash, policy_hash(&other));
        let elsewhere = Settings {
            key_file: Some("key".into()),
            ..Settings::default()
        };
        assert_eq!(hash, policy_hash(&elsewhere));
    }
}
