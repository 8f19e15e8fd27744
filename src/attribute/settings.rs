//! What a user can say about integrations in the configuration, and what is wrong with it if something is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{TemplateError, TenantCapture};
use crate::model::exchange::Direction;

/// Nothing needs to be set: the embedded vendor facts and the hosts themselves name integrations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Integrations of one's own, or more about those of the catalogue. Tried from the most specific to the least,
    /// then in this order.
    pub integrations: Vec<IntegrationRule>,
}

/// How to recognise an integration, and what its operations are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationRule {
    /// The name of an integration of the catalogue keeps that vendor's rules.
    pub name: String,
    /// What the exchanges are when the log does not say it; when it does, the two must agree.
    #[serde(default)]
    pub direction: Option<Direction>,
    /// Without any part it recognises nothing, and only adds operations and tenant to the name.
    #[serde(default)]
    pub r#match: Match,
    #[serde(default)]
    pub tenant: Option<TenantCapture>,
    /// Templates such as `/rest/api/v1.3/campaigns/{campaign}/email`; tried before the vendor's own.
    #[serde(default)]
    pub operations: Vec<String>,
}

/// All parts that are given must match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Any of these hosts, without port.
    pub host: Vec<String>,
    /// Or any host that ends so, with the dot in front.
    pub host_suffix: Vec<String>,
    /// Whole segments, such as `/stripe`.
    pub path_prefix: Option<String>,
    /// Request headers and patterns of their values; `*` stands for anything.
    pub header: BTreeMap<String, String>,
    /// The beginning of the User-Agent; `*` stands for anything.
    pub user_agent: Option<String>,
    /// A pattern of the source's name; `*` stands for anything.
    pub source: Option<String>,
}

/// A configured integration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    #[error("use integration {rule:?}, key {key}: {problem}; {hint}")]
    Rule {
        rule: String,
        key: &'static str,
        problem: String,
        hint: &'static str,
    },
    #[error("use integration {rule:?}, key operations: {source}")]
    Template { rule: String, source: TemplateError },
    /// The words of a vendor's rules are too many to search for.
    #[error("use the rules of vendor {vendor:?}: {problem}; give them fewer or shorter hints")]
    Words { vendor: String, problem: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_rule_is_read() {
        let settings: Settings = toml::from_str(
            r#"
            [[integrations]]
            name = "billing"
            direction = "outbound"
            tenant = { path_segment = 1 }
            operations = ["/t/{tenant}/invoices/{invoice}"]
            [integrations.match]
            host = ["gw.acme.example"]
            host_suffix = [".gw.acme.example"]
            path_prefix = "/t"
            header = { X-Client-Id = "acme-*" }
            user_agent = "acme/"
            source = "edge-*"
            "#,
        )
        .expect("valid");
        assert_eq!(
            settings.integrations[0].tenant,
            Some(TenantCapture::PathSegment(1))
        );
    }

    #[test]
    fn unknown_keys_are_errors() {
        for bad in [
            "integration = []",
            "[[integrations]]\nname = \"a\"\nhosts = []",
            "[[integrations]]\nname = \"a\"\nmatch = { hosts = [] }",
        ] {
            assert!(toml::from_str::<Settings>(bad).is_err(), "{bad}");
        }
    }
}
