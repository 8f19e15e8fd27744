//! Rules that say what an answer really means, where its status alone misleads.
//!
//! Vendors throttle with 200, 400, 403, 500 and 503 too, and some report failure inside a 200. A rule is a
//! conjunction of conditions; alternatives are several rules. Whether the conditions hold for an exchange is found in
//! `attribute`.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::catalog::json_path::JsonPath;
use crate::catalog::vendor::Citation;
use crate::model::exchange::Outcome;

/// All conditions given must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    /// Which of the vendor's integrations it is for; empty is all that are not webhooks.
    #[serde(default)]
    pub integrations: Vec<String>,
    /// Empty is every status.
    #[serde(default)]
    pub status: StatusSet,
    #[serde(default)]
    pub headers: Vec<HeaderTest>,
    /// The response told how long to wait.
    #[serde(default)]
    pub retry_after: bool,
    /// The response told that nothing of the limit is left.
    #[serde(default)]
    pub limit_reached: bool,
    /// One of these is the error code (or the value at one of `at`).
    #[serde(default)]
    pub codes: Vec<String>,
    /// Where to compare `codes`; empty is where the vendor's error codes stand.
    #[serde(default)]
    pub at: Vec<JsonPath>,
    /// One of these is in the body or in the error message, in whatever case.
    #[serde(default)]
    pub texts: Vec<String>,
    /// An ok body is parsed only when it holds one of these; empty takes `codes`, else `texts`.
    #[serde(default)]
    pub hints: Vec<String>,
    pub outcome: RuleOutcome,
    /// Whether waiting and trying again can help; spent quotas and blocks end otherwise.
    pub waiting_helps: Option<bool>,
    pub cited: Citation,
}

impl Rule {
    pub fn needs_body(&self) -> bool {
        !self.codes.is_empty() || !self.texts.is_empty()
    }

    /// The words that make it worth parsing an ok body for this rule.
    pub fn ok_hints(&self) -> &[String] {
        match (self.hints.is_empty(), self.codes.is_empty()) {
            (false, _) => &self.hints,
            (true, false) => &self.codes,
            (true, true) => &self.texts,
        }
    }

    /// The conditions in words, for the table of facts.
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.status.0.is_empty() {
            let all: Vec<String> = self.status.0.iter().map(StatusPart::describe).collect();
            parts.push(format!("status {}", all.join(" or ")));
        }
        parts.extend(self.headers.iter().map(HeaderTest::describe));
        if self.retry_after {
            parts.push("a wait is given".to_owned());
        }
        if self.limit_reached {
            parts.push("remaining 0".to_owned());
        }
        if !self.codes.is_empty() {
            parts.push(format!("code {}", self.codes.join(" or ")));
        }
        if !self.texts.is_empty() {
            parts.push(format!("text {}", self.texts.join(" or ")));
        }
        parts.join("; ")
    }
}

/// A response header that is there, or has one of the values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderTest {
    pub name: String,
    #[serde(default)]
    pub values: Vec<String>,
}

impl HeaderTest {
    fn describe(&self) -> String {
        if self.values.is_empty() {
            return format!("header {}", self.name);
        }
        format!("header {} is {}", self.name, self.values.join(" or "))
    }
}

/// What `Outcome` is set to; the others never follow from a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// Only the error code is kept: a part of a batch failed, say.
    Ok,
    ClientError,
    Throttled,
    ServerError,
}

impl RuleOutcome {
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Ok => Outcome::Ok,
            Self::ClientError => Outcome::ClientError,
            Self::Throttled => Outcome::Throttled,
            Self::ServerError => Outcome::ServerError,
        }
    }
}

/// Statuses (`"429"`) and classes of them (`"5xx"`).
#[derive(Clone, Debug, Default)]
pub struct StatusSet(Vec<StatusPart>);

#[derive(Clone, Copy, Debug)]
enum StatusPart {
    One(u16),
    Class(u16),
}

impl StatusSet {
    pub fn matches(&self, status: u16) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|part| match *part {
                StatusPart::One(one) => one == status,
                StatusPart::Class(class) => class == status / 100,
            })
    }

    /// Whether some status from 200 to 299 matches.
    pub fn covers_ok(&self) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|part| match *part {
                StatusPart::One(one) => one / 100 == 2,
                StatusPart::Class(class) => class == 2,
            })
    }
}

impl StatusPart {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_suffix("xx").unwrap_or(text);
        let number: u16 = digits.parse().ok()?;
        match (text.len(), digits.len()) {
            (3, 1) if (1..=5).contains(&number) => Some(Self::Class(number)),
            (3, 3) if (100..=599).contains(&number) => Some(Self::One(number)),
            _ => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::One(one) => one.to_string(),
            Self::Class(class) => format!("{class}xx"),
        }
    }
}

impl<'de> Deserialize<'de> for StatusSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts
            .iter()
            .map(|text| {
                StatusPart::parse(text).ok_or_else(|| {
                    D::Error::custom(format!(
                        "{text:?} is neither a status such as \"429\" nor a class such as \"5xx\""
                    ))
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_classes_are_told_apart() {
        let set = StatusSet(
            ["200", "5xx"]
                .iter()
                .filter_map(|text| StatusPart::parse(text))
                .collect(),
        );
        assert!(set.matches(200) && set.matches(503) && set.covers_ok());
        assert!(!set.matches(201) && !set.matches(429));
        for bad in ["", "xx", "6xx", "42", "1000", "0200", "-1x"] {
            assert!(StatusPart::parse(bad).is_none(), "{bad}");
        }
    }
}
