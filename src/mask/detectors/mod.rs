//! The detectors. A new one is one file here and one entry below.

pub(crate) mod azure;
pub(crate) mod basic;
pub(crate) mod bearer;
pub(crate) mod braintree;
pub(crate) mod caller;
pub(crate) mod card;
pub(crate) mod code;
pub(crate) mod data_url;
pub(crate) mod email;
pub(crate) mod iban;
pub(crate) mod jwt;
pub(crate) mod numbers;
pub(crate) mod options;
pub(crate) mod oracle;
pub(crate) mod pem;
pub(crate) mod phone;
pub(crate) mod prefixes;
pub(crate) mod python;
pub(crate) mod salesforce;
pub(crate) mod scheme;
pub(crate) mod segment;
pub(crate) mod serialized;
pub(crate) mod shaped;
pub(crate) mod shapes;
pub(crate) mod sql;
pub(crate) mod telegram;
pub(crate) mod token;
pub(crate) mod told;
pub(crate) mod tuple;
pub(crate) mod userinfo;
pub(crate) mod webhook;

use crate::mask::detector::Detector;

pub(crate) const DETECTORS: &[&Detector] = &[
    &basic::BASIC,
    &bearer::BEARER,
    &card::CARD,
    &email::EMAIL,
    &iban::IBAN,
    &jwt::JWT,
    &pem::PEM,
    &phone::PHONE,
    &salesforce::SALESFORCE,
    &telegram::TELEGRAM,
    &token::TOKEN,
    &userinfo::USERINFO,
    &webhook::WEBHOOK,
    &azure::AZURE,
    &braintree::BRAINTREE,
    &caller::CALLER,
    &code::CODE,
    &data_url::DATA_URL,
    &options::OPTIONS,
    &oracle::ORACLE,
    &python::PYTHON,
    &scheme::SCHEME,
    &segment::SEGMENT,
    &serialized::SERIALIZED,
    &shaped::SHAPED,
    &sql::SQL,
    &told::TOLD,
    &tuple::TUPLE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::counts::MaskCounts;
    use crate::mask::key::MaskKey;
    use crate::mask::masker::Masker;
    use crate::mask::settings::Settings;

    fn masked(text: &str) -> (String, MaskCounts) {
        let key = MaskKey::from_bytes([3; 32]);
        let masker = Masker::new(key, Settings::default()).expect("valid");
        let mut counts = MaskCounts::default();
        let text = masker.text(text, &mut counts);
        (text.as_str().to_owned(), counts)
    }

    #[test]
    fn every_hit_is_masked_and_counted() {
        for detector in DETECTORS {
            assert!(!detector.hits.is_empty(), "{}", detector.name);
            for (text, secret) in detector.hits {
                let (out, counts) = masked(text);
                assert!(
                    !out.contains(secret),
                    "{}: {text} became {out}",
                    detector.name
                );
                assert!(
                    counts.get(detector.name) > 0,
                    "{}: {text} became {out}",
                    detector.name
                );
            }
        }
    }

    #[test]
    fn no_miss_is_counted() {
        for detector in DETECTORS {
            assert!(!detector.misses.is_empty(), "{}", detector.name);
            for text in detector.misses {
                let (out, counts) = masked(text);
                assert_eq!(
                    counts.get(detector.name),
                    0,
                    "{}: {text} became {out}",
                    detector.name
                );
            }
        }
    }
}
