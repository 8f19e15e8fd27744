//! The user's own rules: what to mask besides the built-in names and shapes, and what to leave.

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::position::Position;
use crate::mask::settings::MaskError;

/// A compiled expression takes no more memory than this.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// The group of an expression that alone is masked.
const GROUP: &str = "secret";

/// `[[masking.rules]]`: what to mask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// What errors and `mask --explain` call it.
    pub name: String,
    /// Where, each as `header:X-Tenant`, `query:ref`, `cookie:theme`, `body:customer.ref` or `any:ref`; case and the
    /// style of joining words do not matter. Without any, `matches` is looked for in all text.
    pub at: Vec<String>,
    /// What of the value is masked: a regular expression, of which the group `secret` where it has one. The whole
    /// value without it.
    pub matches: Option<String>,
    /// What it is counted as, by the names that the counts have; `custom` without.
    pub kind: Option<String>,
    /// Values that the rule must mask, for `mask --test-rules`.
    pub hits: Vec<String>,
    /// Values that the rule must leave.
    pub misses: Vec<String>,
}

/// `[[masking.allow]]`: what to leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allow {
    /// What errors and `mask --explain` call it.
    pub name: String,
    /// Where, as in a rule.
    pub at: Vec<String>,
    /// Values that are left whatever they look like: a regular expression that must cover the whole value. Without
    /// it a value is not masked for its name, and what surely is a secret by its shape goes all the same.
    pub matches: Option<String>,
    /// Values that must stay, for `mask --test-rules`.
    pub hits: Vec<String>,
    /// Values that must be judged as ever.
    pub misses: Vec<String>,
}

/// Which values a name's rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Anywhere where there is none.
    pub(crate) position: Option<Position>,
    /// The names around it, the innermost last, and its own.
    pub(crate) path: Vec<String>,
}

/// What a rule does to a value.
pub(crate) struct Own {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    matches: Option<Regex>,
    pub(crate) leaves: bool,
}

/// What a rule says of a value.
pub(crate) enum Said {
    Leave,
    /// Its parts from byte to byte.
    Mask(Vec<(usize, usize)>),
    Nothing,
}

impl Own {
    pub(crate) fn of_rule(rule: &Rule) -> Result<Self, MaskError> {
        Ok(Self {
            name: rule.name.clone(),
            kind: match &rule.kind {
                Some(kind) => Kind::named(kind)?,
                None => Kind::Custom,
            },
            matches: compile(&rule.name, rule.matches.as_deref(), false)?,
            leaves: false,
        })
    }

    pub(crate) fn of_allow(allow: &Allow) -> Result<Self, MaskError> {
        Ok(Self {
            name: allow.name.clone(),
            kind: Kind::Custom,
            matches: compile(&allow.name, allow.matches.as_deref(), true)?,
            leaves: true,
        })
    }

    /// Whether it is about the name alone, so that no value has to be asked.
    pub(crate) fn simple_policy(&self) -> Option<Policy> {
        match (&self.matches, self.leaves) {
            (Some(_), _) => None,
            (None, true) => Some(Policy::Never),
            (None, false) => Some(Policy::Mask(self.kind)),
        }
    }

    pub(crate) fn judge(&self, value: &[u8]) -> Said {
        let Some(matches) = &self.matches else {
            return Said::Nothing;
        };
        if self.leaves {
            return match matches.is_match(value) {
                true => Said::Leave,
                false => Said::Nothing,
            };
        }
        let spans: Vec<(usize, usize)> = self.spans(value).collect();
        match spans.is_empty() {
            true => Said::Nothing,
            false => Said::Mask(spans),
        }
    }

    /// The parts of a text that are masked.
    pub(crate) fn spans<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, usize)> + 't {
        let all = self
            .matches
            .iter()
            .flat_map(|matches| matches.captures_iter(text));
        all.filter_map(|found| {
            let part = found.name(GROUP).or_else(|| found.get(0))?;
            (!part.is_empty()).then(|| (part.start(), part.end()))
        })
    }
}

/// An example of a rule, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    pub rule: String,
    pub value: String,
    /// Whether the rule is to hold for the value.
    pub expected: bool,
    pub holds: bool,
}

/// Tries all rules on their examples.
pub fn try_examples(rules: &[Rule], allow: &[Allow]) -> Result<Vec<Tried>, MaskError> {
    let mut tried = Vec::new();
    for rule in rules {
        let own = Own::of_rule(rule)?;
        own.try_on(&rule.hits, true, &mut tried);
        own.try_on(&rule.misses, false, &mut tried);
    }
    for rule in allow {
        let own = Own::of_allow(rule)?;
        own.try_on(&rule.hits, true, &mut tried);
        own.try_on(&rule.misses, false, &mut tried);
    }
    Ok(tried)
}

impl Own {
    fn try_on(&self, values: &[String], expected: bool, tried: &mut Vec<Tried>) {
        tried.extend(values.iter().map(|value| Tried {
            rule: self.name.clone(),
            value: value.clone(),
            expected,
            // A rule about a name alone holds for every value.
            holds: self.matches.is_none() || !matches!(self.judge(value.as_bytes()), Said::Nothing),
        }));
    }
}

/// Linear in the text, whatever the expression.
fn compile(rule: &str, matches: Option<&str>, whole: bool) -> Result<Option<Regex>, MaskError> {
    let Some(matches) = matches else {
        return Ok(None);
    };
    let pattern = match whole {
        true => format!(r"\A(?:{matches})\z"),
        false => matches.to_owned(),
    };
    let built = RegexBuilder::new(&pattern)
        .size_limit(PATTERN_BYTES_MAX)
        .build();
    built.map(Some).map_err(|source| MaskError::Pattern {
        rule: rule.to_owned(),
        source: Box::new(source),
    })
}

/// `body:customer.ref` in its parts; `normal` joins the words of a name.
pub(crate) fn site(
    rule: &str,
    at: &str,
    normal: impl Fn(&str) -> String,
) -> Result<Site, MaskError> {
    let wrong = || MaskError::Site {
        rule: rule.to_owned(),
        at: at.to_owned(),
    };
    let (position, name) = at.split_once(':').ok_or_else(wrong)?;
    let position = match position {
        "any" => None,
        position => Some(Position::named(position).ok_or_else(wrong)?),
    };
    let names: Vec<&str> = match position {
        Some(Position::Body) | None => name.split('.').collect(),
        Some(_) => vec![name],
    };
    let path: Vec<String> = names.into_iter().map(normal).collect();
    match path.iter().all(|name| !name.is_empty()) {
        true => Ok(Site { position, path }),
        false => Err(wrong()),
    }
}
