//! What stands for a value of a kind: its stand-in, or what the user wishes instead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mask::kind::Kind;
use crate::mask::settings::MaskError;

/// What becomes of a value that is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A keyed stand-in, which keeps equal values equal.
    #[default]
    Pseudonym,
    /// Three stars.
    Fixed,
    /// Three stars and the last four signs; three stars alone where those would be a third of the value or more.
    #[serde(rename = "keep_last_4")]
    KeepLast4,
    /// Nothing at all.
    Drop,
    /// The value as it is. Only for what tells of people, never for what opens a door.
    Keep,
    /// Of an address the network (24 bits, of IPv6 48), and a stand-in for the rest.
    KeepNetwork,
}

/// One action a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actions([Action; Kind::ALL.len()]);

impl Default for Actions {
    fn default() -> Self {
        Self([Action::Pseudonym; Kind::ALL.len()])
    }
}

impl Actions {
    pub(crate) fn new(wanted: &BTreeMap<String, Action>) -> Result<Self, MaskError> {
        let mut actions = Self::default();
        for (name, action) in wanted {
            let kind = Kind::named(name)?;
            if !suits(*action, kind) {
                return Err(MaskError::Action {
                    kind: kind.name(),
                    why: why_not(*action),
                });
            }
            actions.0[kind as usize] = *action;
        }
        Ok(actions)
    }

    pub(crate) fn of(&self, kind: Kind) -> Action {
        self.0[kind as usize]
    }
}

fn suits(action: Action, kind: Kind) -> bool {
    match action {
        Action::Pseudonym => kind != Kind::Short,
        Action::Fixed | Action::Drop => true,
        Action::KeepLast4 => !matches!(kind, Kind::Short | Kind::Ip),
        Action::Keep => matches!(
            kind,
            Kind::Email
                | Kind::Phone
                | Kind::Ip
                | Kind::User
                | Kind::Person
                | Kind::Address
                | Kind::Short
        ),
        Action::KeepNetwork => kind == Kind::Ip,
    }
}

fn why_not(action: Action) -> &'static str {
    match action {
        Action::Pseudonym => "so few values are possible that a stand-in gives them away",
        Action::KeepLast4 => "its last four signs give it away",
        Action::Keep => "who reads it can use it",
        Action::KeepNetwork => "it has no network",
        Action::Fixed | Action::Drop => "",
    }
}

/// From this length on the last four signs are less than a third.
const LAST_4_CHARS_MIN: usize = 13;

/// Stars, and the last four signs of a value that is long enough.
pub(crate) fn push_last_4(value: &[u8], out: &mut String) {
    out.push_str(crate::mask::placeholder::FIXED);
    let text = String::from_utf8_lossy(value);
    let signs = text.chars().count();
    let last = text.chars().skip(signs.saturating_sub(4));
    let plain = last.clone().all(|c| c.is_ascii_alphanumeric());
    if signs >= LAST_4_CHARS_MIN && plain {
        out.extend(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_may_be_kept() {
        let actions =
            |kind: &str, action| Actions::new(&BTreeMap::from([(kind.to_owned(), action)]));
        assert!(actions("email", Action::Keep).is_ok());
        assert!(actions("ip", Action::KeepNetwork).is_ok());
        assert!(actions("card", Action::KeepLast4).is_ok());
        for (kind, action, told) in [
            (
                "bearer",
                Action::Keep,
                "use fixed, drop or another for \"bearer\"",
            ),
            ("short", Action::Pseudonym, "gives them away"),
            ("card", Action::KeepNetwork, "no network"),
            ("emial", Action::Keep, "there is no kind \"emial\""),
        ] {
            let error = actions(kind, action).expect_err("unfit").to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn the_last_four_are_shown_of_long_values_only() {
        let last = |value: &str| {
            let mut out = String::new();
            push_last_4(value.as_bytes(), &mut out);
            out
        };
        assert_eq!(last("4111111111111234"), "***1234");
        assert_eq!(last("123456789012"), "***");
        assert_eq!(last("4111111111111\"23"), "***");
    }
}
