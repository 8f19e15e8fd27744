//! What is known about one integration, prepared once so that each exchange only compares.
//!
//! The vendor's own facts come first and those of "any vendor" behind them, so an unknown host still has throttles,
//! error codes and ids.

use aho_corasick::AhoCorasick;

use crate::attribute::settings::AttributeError;
use crate::catalog::{
    ErrorPlaces, IdempotencyNames, Integration, RequestIds, Role, Rule, Template, Vendor,
};

pub struct Profile {
    pub role: Role,
    pub templates: Templates,
    pub rules: Vec<Rule>,
    pub places: Vec<ErrorPlaces>,
    pub request_ids: Vec<RequestIds>,
    pub idempotency: Vec<IdempotencyNames>,
    /// Headers and body paths that stay the same when a webhook is delivered again.
    pub delivery: Option<RequestIds>,
    /// Words one of which an ok body holds if some rule can hold for it; `None` when no rule reads ok bodies.
    pub ok_words: Option<AhoCorasick>,
    /// Some rule can hold for an ok answer without its body.
    pub ok_by_headers: bool,
}

impl Profile {
    pub fn new(
        vendor: &Vendor,
        integration: &Integration,
        any: &Vendor,
    ) -> Result<Self, AttributeError> {
        let webhook = integration.role == Role::Webhook;
        // The answers to a webhook are ours: the sender's rules say nothing about them.
        let own: &[Rule] = if webhook { &[] } else { &vendor.rules };
        let rules: Vec<Rule> = own
            .iter()
            .filter(|rule| {
                rule.integrations.is_empty() || rule.integrations.contains(&integration.name)
            })
            .chain(&any.rules)
            .cloned()
            .collect();
        Ok(Self {
            role: integration.role,
            templates: Templates::new(integration.operations.clone()),
            ok_words: ok_words(&vendor.name, &rules)?,
            ok_by_headers: rules.iter().any(holds_by_headers),
            rules,
            places: join(&vendor.errors, &any.errors),
            request_ids: join(&vendor.request_ids, &any.request_ids),
            idempotency: join(&vendor.idempotency, &any.idempotency),
            delivery: integration.webhook.as_ref().map(|hook| RequestIds {
                headers: hook.id_headers.clone(),
                body: hook.id_body.clone(),
                cited: integration.cited.clone(),
            }),
        })
    }

    /// For hosts that no file knows.
    pub fn unknown(any: &Vendor) -> Result<Self, AttributeError> {
        Ok(Self {
            role: Role::Api,
            templates: Templates::default(),
            ok_words: ok_words(&any.name, &any.rules)?,
            ok_by_headers: any.rules.iter().any(holds_by_headers),
            rules: any.rules.clone(),
            places: any.errors.clone(),
            request_ids: any.request_ids.clone(),
            idempotency: any.idempotency.clone(),
            delivery: None,
        })
    }
}

fn join<T: Clone>(own: &[T], any: &[T]) -> Vec<T> {
    own.iter().chain(any).cloned().collect()
}

fn holds_by_headers(rule: &Rule) -> bool {
    rule.status.covers_ok() && !rule.needs_body()
}

fn ok_words(vendor: &str, rules: &[Rule]) -> Result<Option<AhoCorasick>, AttributeError> {
    let words: Vec<&str> = rules
        .iter()
        .filter(|rule| rule.status.covers_ok() && rule.needs_body())
        .flat_map(|rule| rule.ok_hints())
        .map(String::as_str)
        .collect();
    if words.is_empty() {
        return Ok(None);
    }
    AhoCorasick::new(words)
        .map(Some)
        .map_err(|error| AttributeError::Words {
            vendor: vendor.to_owned(),
            problem: error.to_string(),
        })
}

/// Templates by their number of segments, the more literal ones first.
#[derive(Default)]
pub struct Templates(Vec<Vec<Template>>);

impl Templates {
    pub fn new(templates: Vec<Template>) -> Self {
        let mut by_length: Vec<Vec<Template>> = Vec::new();
        for template in templates {
            let length = template.segments();
            if by_length.len() <= length {
                by_length.resize_with(length + 1, Vec::new);
            }
            by_length[length].push(template);
        }
        for same in &mut by_length {
            same.sort_by(Template::cmp_specific);
        }
        Self(by_length)
    }

    pub fn find(&self, segments: &[&str]) -> Option<&Template> {
        self.0
            .get(segments.len())?
            .iter()
            .find(|template| template.matches(segments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_literal_template_is_found() {
        let parse = |text: &&str| Template::parse(text).expect("valid");
        let all = [
            "/v1/{a}/{b}",
            "/v1/charges/{charge}",
            "/v1/charges/search",
            "/v1",
        ];
        let templates = Templates::new(all.iter().map(parse).collect());
        let check = |segments: &[&str], expected: Option<&str>| {
            assert_eq!(templates.find(segments).map(Template::as_str), expected);
        };
        check(&["v1", "charges", "search"], Some("/v1/charges/search"));
        check(&["v1", "charges", "ch_9"], Some("/v1/charges/{charge}"));
        check(&["v1", "x", "y"], Some("/v1/{a}/{b}"));
        check(&["v1", "x", "y", "z"], None);
        check(&[], None);
    }
}
