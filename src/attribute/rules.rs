//! The configured integrations, compiled, ordered and matched.
//!
//! The most specific rule wins: an exact host over the end of one, a longer path prefix over a shorter, more
//! conditions over fewer; then the order of the file. Two rules that want the very same exchanges are told as a tie,
//! because then only their order decides, which nobody sees.

use crate::attribute::pattern::Pattern;
use crate::attribute::settings::{AttributeError, IntegrationRule};
use crate::attribute::texts::find_header;
use crate::attribute::webhook::user_agent;
use crate::catalog::{TenantCapture, host_key};
use crate::model::exchange::{Direction, Exchange};

const NAME_BYTES_MAX: usize = 128;

/// Two rules that match the same exchanges; the first is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    pub used: String,
    pub unused: String,
    /// The host, suffix or prefix that both name.
    pub on: String,
}

pub struct Rules {
    with_host: Vec<Compiled>,
    without_host: Vec<Compiled>,
    pub ties: Vec<Tie>,
}

pub struct Compiled {
    pub name: String,
    pub direction: Option<Direction>,
    pub tenant: Option<TenantCapture>,
    hosts: Vec<String>,
    suffixes: Vec<String>,
    prefix: Option<String>,
    headers: Vec<(String, Pattern)>,
    user_agent: Option<Pattern>,
    source: Option<Pattern>,
}

impl Rules {
    pub fn new(rules: &[IntegrationRule]) -> Result<Self, AttributeError> {
        let mut compiled = Vec::new();
        for rule in rules {
            check(rule)?;
            compiled.push(Compiled::new(rule));
        }
        let ties = find_ties(&compiled);
        compiled.retain(|rule| !rule.is_empty());
        compiled.sort_by_key(|rule| std::cmp::Reverse(rule.rank()));
        let (with_host, without_host) = compiled.into_iter().partition(Compiled::names_host);
        Ok(Self {
            with_host,
            without_host,
            ties,
        })
    }

    /// Whether no rule looks at more of an exchange than its host and where it was logged.
    pub fn read_host_alone(&self) -> bool {
        let mut all = self.with_host.iter().chain(&self.without_host);
        all.all(|rule| {
            rule.prefix.is_none()
                && rule.headers.is_empty()
                && rule.user_agent.is_none()
                && !matches!(rule.tenant, Some(TenantCapture::PathSegment(_)))
        })
    }

    /// The rule that names the host, which is more telling than the catalogue because a user wrote it.
    pub fn find_by_host(&self, exchange: &Exchange<'_>, source: &str) -> Option<&Compiled> {
        self.with_host.iter().find(|r| r.matches(exchange, source))
    }

    pub fn find_by_other(&self, exchange: &Exchange<'_>, source: &str) -> Option<&Compiled> {
        self.without_host
            .iter()
            .find(|r| r.matches(exchange, source))
    }
}

impl Compiled {
    fn new(rule: &IntegrationRule) -> Self {
        let parts = &rule.r#match;
        Self {
            name: rule.name.clone(),
            direction: rule.direction,
            tenant: rule.tenant.clone(),
            hosts: parts
                .host
                .iter()
                .map(|h| host_key(h).into_owned())
                .collect(),
            suffixes: parts
                .host_suffix
                .iter()
                .map(|s| s.to_ascii_lowercase())
                .collect(),
            prefix: parts
                .path_prefix
                .as_deref()
                .map(|prefix| prefix.trim_end_matches('/').to_owned()),
            headers: parts
                .header
                .iter()
                .map(|(name, value)| (name.clone(), Pattern::new(value)))
                .collect(),
            user_agent: parts.user_agent.as_deref().map(Pattern::prefix),
            source: parts.source.as_deref().map(Pattern::new),
        }
    }

    fn is_empty(&self) -> bool {
        !self.names_host() && self.conditions() == 0 && self.prefix.is_none()
    }

    fn names_host(&self) -> bool {
        !self.hosts.is_empty() || !self.suffixes.is_empty()
    }

    fn conditions(&self) -> usize {
        self.headers.len()
            + usize::from(self.user_agent.is_some())
            + usize::from(self.source.is_some())
    }

    fn rank(&self) -> (usize, usize, usize) {
        let host = match (
            self.hosts.is_empty(),
            self.suffixes.iter().map(String::len).max(),
        ) {
            (false, _) => usize::MAX,
            (true, longest) => longest.unwrap_or(0),
        };
        (
            host,
            self.prefix.as_ref().map_or(0, String::len),
            self.conditions(),
        )
    }

    fn matches(&self, exchange: &Exchange<'_>, source: &str) -> bool {
        self.matches_host(&exchange.host)
            && self.prefix.as_deref().is_none_or(|prefix| {
                exchange
                    .path
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ';']))
            })
            && self.direction.is_none_or(|d| {
                matches!(exchange.direction, Direction::Unknown) || exchange.direction == d
            })
            && self
                .source
                .as_ref()
                .is_none_or(|pattern| pattern.matches(source))
            && self.user_agent.as_ref().is_none_or(|pattern| {
                user_agent(exchange).is_some_and(|agent| pattern.matches(agent))
            })
            && self.headers.iter().all(|(name, pattern)| {
                find_header(&exchange.request_headers, name)
                    .is_some_and(|value| pattern.matches(value))
            })
    }

    fn matches_host(&self, host: &str) -> bool {
        !self.names_host()
            || self.hosts.iter().any(|other| other == host)
            || self
                .suffixes
                .iter()
                .any(|suffix| host.len() > suffix.len() && host.ends_with(suffix.as_str()))
    }
}

fn check(rule: &IntegrationRule) -> Result<(), AttributeError> {
    let fail = |key, problem: &str, hint| {
        Err(AttributeError::Rule {
            rule: rule.name.clone(),
            key,
            problem: problem.to_owned(),
            hint,
        })
    };
    if rule.name.trim().is_empty() || rule.name.len() > NAME_BYTES_MAX {
        return fail("name", "it is empty or too long", "give a short name");
    }
    let parts = &rule.r#match;
    if parts
        .host
        .iter()
        .any(|h| h.contains(['/', '*', '@']) || host_key(h).is_empty())
    {
        return fail(
            "host",
            "it is not a bare host",
            "write \"api.example.com\"; ends of hosts go into host_suffix",
        );
    }
    if parts
        .host_suffix
        .iter()
        .any(|s| !s.starts_with('.') || s.len() < 2)
    {
        return fail(
            "host_suffix",
            "it does not start with a dot",
            "write \".example.com\"",
        );
    }
    match parts.path_prefix.as_deref() {
        Some(prefix) if !prefix.starts_with('/') => fail(
            "path_prefix",
            "it does not start with '/'",
            "write \"/stripe\"",
        ),
        _ => Ok(()),
    }
}

fn find_ties(rules: &[Compiled]) -> Vec<Tie> {
    let mut ties = Vec::new();
    for (at, unused) in rules.iter().enumerate() {
        for used in &rules[..at] {
            if let Some(on) = tied_on(used, unused) {
                ties.push(Tie {
                    used: used.name.clone(),
                    unused: unused.name.clone(),
                    on,
                });
            }
        }
    }
    ties
}

fn tied_on(one: &Compiled, other: &Compiled) -> Option<String> {
    let alike = !one.is_empty()
        && one.prefix == other.prefix
        && one.headers == other.headers
        && one.user_agent == other.user_agent
        && one.source == other.source
        && (one.direction == other.direction
            || one.direction.is_none()
            || other.direction.is_none());
    if !alike {
        return None;
    }
    let common =
        |these: &[String], those: &[String]| these.iter().find(|x| those.contains(x)).cloned();
    match (one.names_host(), other.names_host()) {
        (false, false) => Some(
            one.prefix
                .clone()
                .unwrap_or_else(|| "the same conditions".to_owned()),
        ),
        (true, true) => {
            common(&one.hosts, &other.hosts).or_else(|| common(&one.suffixes, &other.suffixes))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Rules {
        let settings: crate::attribute::Settings = toml::from_str(text).expect("valid TOML");
        Rules::new(&settings.integrations).expect("valid rules")
    }

    const THREE: &str = r#"
        integrations = [
            { name = "end", match = { host_suffix = [".acme.example"] } },
            { name = "host", match = { host = ["a.acme.example"] } },
            { name = "path", match = { host = ["a.acme.example"], path_prefix = "/x/" } },
            { name = "agent", match = { user_agent = "sync/" } },
        ]"#;

    #[test]
    fn the_most_specific_rule_wins() {
        let rules = rules(THREE);
        let check = |host: &str, path: &str, expected: Option<&str>| {
            let exchange = Exchange {
                host: host.to_owned().into(),
                path: path.to_owned().into(),
                ..Exchange::default()
            };
            let found = rules
                .find_by_host(&exchange, "s")
                .map(|rule| rule.name.as_str());
            assert_eq!(found, expected, "{host}{path}");
        };
        check("a.acme.example", "/x/1", Some("path"));
        check("a.acme.example", "/xy", Some("host"));
        check("b.acme.example", "/x", Some("end"));
        check("acme.example", "/x", None);
    }

    #[test]
    fn ties_are_told() {
        let two = r#"integrations = [
            { name = "one", match = { host = ["a.example", "b.example"] } },
            { name = "two", match = { host = ["B.example"] } },
            { name = "three", match = { host = ["b.example"], path_prefix = "/x" } },
        ]"#;
        let expected = Tie {
            used: "one".to_owned(),
            unused: "two".to_owned(),
            on: "b.example".to_owned(),
        };
        assert_eq!(rules(two).ties, [expected]);
    }

    #[test]
    fn bad_rules_name_their_key() {
        for (bad, key) in [
            ("{ name = \" \" }", "name"),
            (
                "{ name = \"a\", match = { host = [\"http://x\"] } }",
                "host",
            ),
            (
                "{ name = \"a\", match = { host_suffix = [\"x.example\"] } }",
                "host_suffix",
            ),
            (
                "{ name = \"a\", match = { path_prefix = \"x\" } }",
                "path_prefix",
            ),
        ] {
            let settings: crate::attribute::Settings =
                toml::from_str(&format!("integrations = [{bad}]")).expect("valid TOML");
            let error = Rules::new(&settings.integrations)
                .err()
                .expect("refused")
                .to_string();
            assert!(error.contains(&format!("key {key}")), "{error}");
        }
    }
}
