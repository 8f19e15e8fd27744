//! Who is calling us: senders of webhooks by their headers, their User-Agent, or the path we gave them.
//!
//! Headers are the most telling, because only the sender sets them; a path such as `/webhooks/shopify/orders` is our
//! own naming and comes last.

use std::collections::HashMap;

use memchr::memmem::Finder;

use crate::attribute::texts::{find_header, head};
use crate::catalog::{Catalog, Webhook};
use crate::model::exchange::Exchange;

/// Segments beside which a vendor's name means its webhook.
const HOOK_WORDS: [&str; 8] = [
    "webhook",
    "webhooks",
    "hook",
    "hooks",
    "callback",
    "callbacks",
    "inbound",
    "incoming",
];
/// The words above, as cheaply told apart from other paths as can be.
const HOOK_STEMS: [&str; 4] = ["hook", "callback", "inbound", "incoming"];
/// Paths that we give to senders are short.
const PATH_BYTES_MAX: usize = 256;

/// All senders of the catalogue; the values are ids of its integrations.
#[derive(Default)]
pub struct Senders {
    agents: Vec<(String, usize)>,
    headers: Vec<(String, usize)>,
    words: HashMap<String, usize>,
    stems: Vec<Finder<'static>>,
}

impl Senders {
    pub fn new(catalog: &Catalog) -> Self {
        let mut senders = Self {
            stems: HOOK_STEMS.iter().map(Finder::new).collect(),
            ..Self::default()
        };
        for (id, (_, integration)) in catalog.integrations().enumerate() {
            if let Some(webhook) = &integration.webhook {
                senders.add(id, webhook);
            }
        }
        senders
    }

    fn add(&mut self, id: usize, webhook: &Webhook) {
        for agent in &webhook.user_agents {
            self.agents.push((agent.clone(), id));
        }
        for header in &webhook.headers {
            self.headers.push((header.clone(), id));
        }
        for word in &webhook.path_words {
            self.words.insert(word.clone(), id);
        }
    }

    pub fn find(&self, exchange: &Exchange<'_>) -> Option<usize> {
        self.find_by_header(exchange)
            .or_else(|| self.find_by_agent(user_agent(exchange)?))
            .or_else(|| self.find_by_path(&exchange.path))
    }

    fn find_by_header(&self, exchange: &Exchange<'_>) -> Option<usize> {
        if exchange.request_headers.is_empty() {
            return None;
        }
        self.headers
            .iter()
            .find(|(name, _)| find_header(&exchange.request_headers, name).is_some())
            .map(|(_, id)| *id)
    }

    pub fn find_by_agent(&self, agent: &str) -> Option<usize> {
        let agent = agent.as_bytes();
        self.agents
            .iter()
            .find(|(prefix, _)| {
                agent
                    .get(..prefix.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
            })
            .map(|(_, id)| *id)
    }

    pub fn find_by_path(&self, path: &str) -> Option<usize> {
        let path = head(path, PATH_BYTES_MAX);
        if !self
            .stems
            .iter()
            .any(|stem| stem.find(path.as_bytes()).is_some())
        {
            return None;
        }
        let is_hook = |segment: &str| HOOK_WORDS.contains(&segment);
        if !path.split('/').any(is_hook) {
            return None;
        }
        path.split('/')
            .find_map(|segment| self.words.get(segment))
            .copied()
    }
}

/// The caller's User-Agent, as a header or as what the reader took for the client's name.
pub fn user_agent<'e>(exchange: &'e Exchange<'_>) -> Option<&'e str> {
    find_header(&exchange.request_headers, "user-agent")
        .or(exchange.client.as_ref())
        .map(|agent| agent.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exchange: &Exchange<'_>, expected: Option<&str>) {
        let catalog = Catalog::embedded().expect("embedded facts load");
        let found = Senders::new(&catalog)
            .find(exchange)
            .and_then(|id| catalog.integrations().nth(id).map(|(_, i)| i.name.clone()));
        assert_eq!(found.as_deref(), expected, "{}", exchange.path);
    }

    #[test]
    fn agents_and_headers_name_the_sender() {
        for (agent, name) in [
            (
                "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "stripe-webhooks",
            ),
            ("Shopify-Captain-Hook", "shopify-webhooks"),
            ("GitHub-Hookshot/044aadd", "github-webhooks"),
            (
                "Slackbot 1.0 (+https://api.slack.com/robots)",
                "slack-webhooks",
            ),
            ("TwilioProxy/1.1", "twilio-webhooks"),
            ("HubSpot Connect 2.0", "hubspot-webhooks"),
        ] {
            let exchange = Exchange {
                client: Some(agent.into()),
                path: "/in".into(),
                ..Exchange::default()
            };
            check(&exchange, Some(name));
        }
        let exchange = Exchange {
            request_headers: vec![("PAYPAL-TRANSMISSION-ID".into(), "x".into())],
            ..Exchange::default()
        };
        check(&exchange, Some("paypal-webhooks"));
        let sdk = Exchange {
            client: Some("Stripe/v1 PythonBindings/11.0.0".into()),
            path: "/v1/charges".into(),
            ..Exchange::default()
        };
        check(&sdk, None);
    }

    #[test]
    fn our_own_paths_name_the_sender() {
        for (path, name) in [
            ("/webhooks/shopify/orders", Some("shopify-webhooks")),
            ("/api/stripe/webhook", Some("stripe-webhooks")),
            ("/hooks/mailgun", Some("mailgun-webhooks")),
            ("/stripe/charges", None),
            ("/unhooked/stripe", None),
            ("/webhooks/acme", None),
        ] {
            let exchange = Exchange {
                path: path.into(),
                ..Exchange::default()
            };
            check(&exchange, name);
        }
    }
}
