//! The catalogue as one flat table, for SQL (`vendors`) and for people.
//!
//! A row a fact. `kind` says what it is, `name` which one, `value` the text of it; what a kind means:
//!
//! | kind | name | value |
//! |---|---|---|
//! | `host`, `host_suffix`, `path_prefix`, `operation` | role of the integration | the pattern |
//! | `tenant` | role | where the tenant stands |
//! | `throttle_rule`, `failure_rule` | the rule | its conditions in words |
//! | `waiting_helps` | the throttle rule | `true` or `false` |
//! | `error_code`, `error_message` | `json`, `xml` or `header` | the place |
//! | `token_path`, `token_life` (unit `s`) | `token` | path, seconds |
//! | `limit_header` | what it means | the header |
//! | `request_id`, `idempotency_key` | `header`, `body` or `path` | the place |
//! | `webhook_sender`, `webhook_id` | `user_agent`, `header`, `path` or `body` | the pattern |
//! | `webhook_timeout`, `webhook_window`, `webhook_wait` (unit `s`), `webhook_retries` | – | the number(s) |
//! | `batch_size` | the operation | the number, its unit beside it |
//! | `docs` | `docs` | the address |
//! | any other | as the file says | as the file says |

use crate::catalog::load::Catalog;
use crate::catalog::rule::RuleOutcome;
use crate::catalog::vendor::{
    Citation, ErrorPlaces, IdempotencyNames, Integration, TenantCapture, Vendor, Webhook,
};

/// One row of the table `vendors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub vendor: String,
    pub integration: Option<String>,
    pub kind: String,
    pub name: String,
    pub value: String,
    pub unit: Option<String>,
    pub source: String,
    pub checked: String,
    pub confidence: String,
}

impl Catalog {
    /// Every fact, in the order of the files.
    pub fn facts(&self) -> Vec<Fact> {
        let mut rows = Rows::default();
        for vendor in std::iter::once(&self.any).chain(&self.vendors) {
            rows.add_vendor(vendor);
        }
        rows.facts
    }
}

#[derive(Default)]
struct Rows {
    facts: Vec<Fact>,
    vendor: String,
    integration: Option<String>,
}

impl Rows {
    fn add(&mut self, kind: &str, name: &str, value: impl ToString, cited: &Citation) {
        self.facts.push(Fact {
            vendor: self.vendor.clone(),
            integration: self.integration.clone(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            value: value.to_string(),
            unit: None,
            source: cited.source.clone(),
            checked: cited.checked.clone(),
            confidence: cited.confidence.name().to_owned(),
        });
    }

    fn add_measured(
        &mut self,
        kind: &str,
        name: &str,
        value: impl ToString,
        unit: Option<&str>,
        cited: &Citation,
    ) {
        self.add(kind, name, value, cited);
        if let Some(fact) = self.facts.last_mut() {
            fact.unit = unit.map(str::to_owned);
        }
    }

    fn add_vendor(&mut self, vendor: &Vendor) {
        self.vendor = vendor.name.clone();
        for integration in &vendor.integrations {
            self.integration = Some(integration.name.clone());
            self.add_integration(integration);
        }
        self.integration = None;
        if let Some(first) = vendor.integrations.first() {
            for address in &vendor.docs {
                self.add("docs", "docs", address, &first.cited);
            }
        }
        self.add_rules(vendor);
        vendor
            .errors
            .iter()
            .for_each(|places| self.add_errors(places));
        for token in &vendor.tokens {
            self.integration = Some(token.integration.clone());
            self.add("token_path", "token", &token.path, &token.cited);
            if let Some(life) = token.life_s {
                self.add_measured("token_life", "token", life, Some("s"), &token.cited);
            }
        }
        self.integration = None;
        for hint in &vendor.limit_headers {
            for header in &hint.names {
                self.add("limit_header", &hint.says, header, &hint.cited);
            }
        }
        for ids in &vendor.request_ids {
            self.add_all("request_id", "header", &ids.headers, &ids.cited);
            self.add_all("request_id", "body", &ids.body, &ids.cited);
        }
        vendor
            .idempotency
            .iter()
            .for_each(|names| self.add_idempotency(names));
        for batch in &vendor.batches {
            let unit = Some(batch.unit.as_str());
            self.add_measured(
                "batch_size",
                &batch.operation,
                batch.max,
                unit,
                &batch.cited,
            );
        }
        for remark in &vendor.facts {
            self.integration.clone_from(&remark.integration);
            let unit = remark.unit.as_deref();
            self.add_measured(
                &remark.kind,
                &remark.name,
                &remark.value,
                unit,
                &remark.cited,
            );
        }
        self.integration = None;
    }

    fn add_all<T: ToString>(&mut self, kind: &str, name: &str, values: &[T], cited: &Citation) {
        for value in values {
            self.add(kind, name, value.to_string(), cited);
        }
    }

    fn add_integration(&mut self, integration: &Integration) {
        let role = integration.role.name();
        let cited = &integration.cited;
        self.add_all("host", role, &integration.hosts, cited);
        self.add_all("host_suffix", role, &integration.host_suffixes, cited);
        if let Some(prefix) = &integration.path_prefix {
            self.add("path_prefix", role, prefix, cited);
        }
        if let Some(tenant) = &integration.tenant {
            let place = match tenant {
                TenantCapture::HostLabel(at) => format!("host label {at}"),
                TenantCapture::PathSegment(at) => format!("path segment {at}"),
                TenantCapture::Header(name) => format!("header {name}"),
            };
            self.add("tenant", role, place, cited);
        }
        for template in &integration.operations {
            self.add("operation", role, template.as_str(), cited);
        }
        if let Some(webhook) = &integration.webhook {
            self.add_webhook(webhook, cited);
        }
    }

    fn add_webhook(&mut self, webhook: &Webhook, cited: &Citation) {
        self.add_all("webhook_sender", "user_agent", &webhook.user_agents, cited);
        self.add_all("webhook_sender", "header", &webhook.headers, cited);
        self.add_all("webhook_sender", "path", &webhook.path_words, cited);
        self.add_all("webhook_id", "header", &webhook.id_headers, cited);
        self.add_all("webhook_id", "body", &webhook.id_body, cited);
        if let Some(header) = &webhook.attempt_header {
            self.add("webhook_attempt", "header", header, cited);
        }
        let seconds = [
            ("webhook_timeout", webhook.timeout_s),
            ("webhook_window", webhook.window_s),
        ];
        for (kind, value) in seconds {
            if let Some(value) = value {
                self.add_measured(kind, "webhook", value, Some("s"), cited);
            }
        }
        if let Some(retries) = webhook.retries {
            self.add("webhook_retries", "webhook", retries, cited);
        }
        for (at, wait) in webhook.schedule_s.iter().enumerate() {
            let name = format!("retry {}", at + 1);
            self.add_measured("webhook_wait", &name, wait, Some("s"), cited);
        }
    }

    fn add_rules(&mut self, vendor: &Vendor) {
        for rule in &vendor.rules {
            let throttle = rule.outcome == RuleOutcome::Throttled;
            let kind = if throttle {
                "throttle_rule"
            } else {
                "failure_rule"
            };
            let every = rule.integrations.is_empty();
            let named: Vec<Option<String>> = match every {
                true => vec![None],
                false => rule.integrations.iter().cloned().map(Some).collect(),
            };
            for integration in named {
                self.integration = integration;
                self.add(kind, &rule.name, rule.describe(), &rule.cited);
                if let Some(helps) = rule.waiting_helps {
                    self.add("waiting_helps", &rule.name, helps, &rule.cited);
                }
            }
        }
        self.integration = None;
    }

    fn add_errors(&mut self, places: &ErrorPlaces) {
        let cited = &places.cited;
        self.add_all("error_code", "json", &places.code, cited);
        self.add_all("error_code", "xml", &places.xml_code, cited);
        self.add_all("error_code", "header", &places.headers, cited);
        self.add_all("error_message", "json", &places.message, cited);
        self.add_all("error_message", "xml", &places.xml_message, cited);
    }

    fn add_idempotency(&mut self, names: &IdempotencyNames) {
        self.add_all("idempotency_key", "header", &names.headers, &names.cited);
        self.add_all("idempotency_key", "body", &names.body_keys, &names.cited);
        self.add_all("idempotency_key", "path", &names.placeholders, &names.cited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_source_date_and_confidence() {
        let facts = Catalog::embedded().expect("embedded facts load").facts();
        assert!(facts.len() > 500, "{} facts", facts.len());
        for fact in &facts {
            assert!(
                !fact.source.is_empty() && !fact.value.is_empty(),
                "{fact:?}"
            );
            assert!(["confirmed", "unconfirmed"].contains(&fact.confidence.as_str()));
            assert_eq!(fact.checked, "2026-11-22", "{fact:?}");
        }
    }

    #[test]
    fn facts_that_rules_of_advice_need_are_there() {
        let facts = Catalog::embedded().expect("embedded facts load").facts();
        let check = |integration: &str, kind: &str, value: &str| {
            let found = facts.iter().any(|fact| {
                fact.integration.as_deref() == Some(integration)
                    && fact.kind == kind
                    && fact.value == value
            });
            assert!(found, "{integration} {kind} {value}");
        };
        check("sfmc-auth", "token_path", "/v2/token");
        check("sfmc-auth", "token_life", "1080");
        check("responsys", "token_life", "7200");
        check("shopify-webhooks", "webhook_retries", "8");
        check("github-webhooks", "webhook_retries", "0");
    }
}
