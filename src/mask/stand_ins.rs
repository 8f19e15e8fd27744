//! The other way round: what stands for a value, so that a person's data can be found in the store, and removed.

use std::borrow::Cow;

use crate::mask::counts::MaskCounts;
use crate::mask::kind::Kind;
use crate::mask::masker::Masker;
use crate::mask::placeholder::{is_masked, stand_in_at};

/// What a value can be said to be: the words that stand in stand-ins.
pub const KINDS: [&str; 13] = [
    "address",
    "card",
    "email",
    "identity",
    "ip",
    "jwt",
    "pem",
    "person",
    "phone",
    "secret",
    "signature",
    "token",
    "user",
];

/// What stands for one value under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    pub kind: String,
    pub text: String,
    /// The part that is the same whatever the value was taken for: `keyid:code`.
    pub mark: String,
}

impl Masker {
    /// Of a kind that is given, or of what the value is taken for in text. A value without a shape (a password, a name)
    /// is a `token`; its mark is the same under any other word. Nothing for what is a stand-in already.
    pub fn stand_ins(&self, value: &str, kind: Option<&str>) -> Vec<StandIn> {
        if is_masked(value.as_bytes()) {
            return Vec::new();
        }
        let kind = kind.and_then(kind_of);
        let masked = match kind {
            None => self.text(value, &mut MaskCounts::default()).to_string(),
            Some(Kind::Ip) => self.address(value),
            Some(kind) => self.whole(value, kind),
        };
        let found = parse_all(&masked, &self.key_id());
        if !found.is_empty() {
            return found;
        }
        let whole = self.whole(value, kind.unwrap_or(Kind::Token));
        parse_all(&whole, &self.key_id())
    }

    fn address(&self, value: &str) -> String {
        let mut scan = self.scan();
        let masked = scan.field(value, |scan, text| {
            scan.client_address(text, 0);
        });
        let masked = Cow::into_owned(masked);
        scan.take_secrets();
        scan.take_counts();
        self.give_back(scan);
        masked
    }

    fn whole(&self, value: &str, kind: Kind) -> String {
        let mut scan = self.scan();
        let stand_in = scan.pseudonym(kind, value.as_bytes());
        self.give_back(scan);
        stand_in
    }
}

fn kind_of(label: &str) -> Option<Kind> {
    let mut all = Kind::ALL.iter().copied();
    all.find(|kind| kind.label() == label)
}

/// The stand-ins in a text that were made under a key, each once.
fn parse_all(text: &str, key_id: &str) -> Vec<StandIn> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('‹') {
        let parsed = stand_in_at(text.as_bytes(), at).and_then(|span| parse(&text[span]));
        found.extend(parsed.filter(|one| one.mark.starts_with(key_id) && !found.contains(one)));
    }
    found
}

fn parse(stand_in: &str) -> Option<StandIn> {
    let inner = stand_in.strip_prefix('‹')?.strip_suffix('›')?;
    let (kind, mark) = inner.split_once(':')?;
    Some(StandIn {
        kind: kind.to_owned(),
        text: stand_in.to_owned(),
        mark: mark.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{MaskKey, Settings};

    fn masker() -> Masker {
        let masker = Masker::new(MaskKey::from_bytes([1; 32]), Settings::default());
        masker.expect("a masker")
    }

    #[test]
    fn a_value_is_found_as_it_is_masked_in_logs() {
        let masker = masker();
        for (value, kind, line) in [
            ("Jane@Example.com", None, "mail to jane@example.com bounced"),
            (
                "4111 1111 1111 1111",
                None,
                r#"{"card_number":4111111111111111}"#,
            ),
            (
                "+49 151 12345678",
                Some("phone"),
                r#"{"phone":"+4915112345678"}"#,
            ),
            (
                "203.0.113.9",
                Some("ip"),
                "203.0.113.9 - - [x] \"GET / HTTP/1.1\" 200 5",
            ),
            (
                "203.0.113.9",
                None,
                "203.0.113.9 - - [x] \"GET / HTTP/1.1\" 200 5",
            ),
            (
                "10.8.7.6",
                Some("ip"),
                "10.8.7.6 - - [x] \"GET / HTTP/1.1\" 200 5",
            ),
            ("hunter2hunter2", None, "password=hunter2hunter2"),
            ("hunter2hunter2", Some("secret"), "password=hunter2hunter2"),
        ] {
            let found = masker.stand_ins(value, kind);
            assert_eq!(found.len(), 1, "{value}: {found:?}");
            let masked = masker.text(line, &mut MaskCounts::default());
            assert!(
                masked.as_str().contains(&found[0].mark),
                "{value}: {} lacks {found:?}",
                masked.as_str()
            );
            if kind.is_some() {
                assert!(masked.as_str().contains(&found[0].text), "{value}");
            }
        }
    }

    #[test]
    fn a_stand_in_has_none() {
        let masker = masker();
        let stand_in = masker.stand_ins("hunter2hunter2", None)[0].text.clone();
        assert_eq!(masker.stand_ins(&stand_in, None), []);
    }

    #[test]
    fn every_word_but_that_of_short_values_can_be_asked_for() {
        for kind in Kind::ALL {
            let named = KINDS.contains(&kind.label());
            assert_eq!(named, *kind != Kind::Short, "{kind:?}");
        }
        for name in KINDS {
            assert_eq!(kind_of(name).map(Kind::label), Some(name));
        }
    }
}
