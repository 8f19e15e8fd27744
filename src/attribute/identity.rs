//! Which integration and tenant an exchange belongs to, and who called whom.
//!
//! In the order of trust: what the user or the log says; a configured rule that names the host; the vendor whose host
//! it is; any other configured rule; the sender of a webhook; else the registered domain of the host, so that unknown
//! vendors are grouped and can be suggested. Nothing is ever dropped for want of a name.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::attribute::attributor::Context;
use crate::attribute::rules::{Compiled, Rules};
use crate::attribute::texts::{find_header, share};
use crate::attribute::webhook::Senders;
use crate::catalog::{Catalog, HostMatch, Role, TenantCapture};
use crate::model::exchange::{Direction, Exchange, Text};

/// The integration of what has no usable host.
const UNMATCHED: &str = "unmatched";
/// The longest name that DNS knows.
const HOST_BYTES_MAX: usize = 253;
const TENANT_BYTES_MAX: usize = 128;

pub struct Identities {
    rules: Rules,
    senders: Senders,
    /// The first integration of a vendor by the vendor's name, for logs that name the vendor.
    by_vendor: HashMap<String, usize>,
}

/// What was found out besides the fields that are filled.
struct Found<'c> {
    /// The id of the integration of the catalogue whose facts hold.
    facts: Option<usize>,
    tenant: Option<&'c TenantCapture>,
}

impl Identities {
    pub fn new(rules: Rules, catalog: &Catalog) -> Self {
        let mut by_vendor = HashMap::new();
        for (id, (vendor, _)) in catalog.integrations().enumerate() {
            by_vendor.entry(vendor.name.clone()).or_insert(id);
        }
        Self {
            senders: Senders::new(catalog),
            rules,
            by_vendor,
        }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn senders(&self) -> &Senders {
        &self.senders
    }

    /// Fills direction, integration and tenant. Returns the id of the integration of the catalogue whose facts hold.
    pub fn settle<'c>(
        &'c self,
        catalog: &'c Catalog,
        exchange: &mut Exchange<'_>,
        context: &Context<'_>,
    ) -> Option<usize> {
        if let Some(direction) = context.direction {
            exchange.direction = direction;
        }
        let vendor = catalog.find_host_key(&exchange.host, &exchange.path);
        let found = self.find(catalog, exchange, context, vendor);
        if exchange.tenant.is_none() {
            exchange.tenant = found
                .tenant
                .and_then(|capture| find_tenant(exchange, capture));
        }
        found.facts
    }

    fn find<'c>(
        &'c self,
        catalog: &'c Catalog,
        exchange: &mut Exchange<'_>,
        context: &Context<'_>,
        vendor: Option<HostMatch<'c>>,
    ) -> Found<'c> {
        if let Some(name) = context.integration {
            exchange.integration = Some(Text::Owned(name.to_owned()));
        }
        if let Some(name) = exchange
            .integration
            .as_deref()
            .filter(|name| !name.is_empty())
        {
            let facts = self.find_name(catalog, name).or(vendor.map(|v| v.id));
            return self.told(catalog, exchange, facts, vendor);
        }
        if let Some(rule) = self.rules.find_by_host(exchange, context.source) {
            return self.configured(catalog, exchange, rule, vendor);
        }
        // A log of what came in names our own hosts, so there the sender is looked for first.
        let sender = match exchange.direction {
            Direction::Inbound => self.senders.find(exchange),
            _ => None,
        };
        if let (None, Some(vendor)) = (sender, vendor) {
            exchange.integration = Some(Text::Owned(vendor.integration.name.clone()));
            note_direction(exchange, Direction::Outbound);
            return of_vendor(vendor);
        }
        if let Some(rule) = self.rules.find_by_other(exchange, context.source) {
            return self.configured(catalog, exchange, rule, vendor);
        }
        let sender = sender.or_else(|| match exchange.direction {
            Direction::Unknown => self.senders.find(exchange),
            _ => None,
        });
        if let Some((id, (_, integration))) =
            sender.and_then(|id| Some((id, catalog.integration(id)?)))
        {
            exchange.integration = Some(Text::Owned(integration.name.clone()));
            note_direction(exchange, Direction::Inbound);
            return Found {
                facts: Some(id),
                tenant: integration.tenant.as_ref(),
            };
        }
        exchange.integration = Some(group_name(&exchange.host));
        Found {
            facts: None,
            tenant: None,
        }
    }

    /// The name is given; the direction may still follow from host or sender.
    fn told<'c>(
        &'c self,
        catalog: &'c Catalog,
        exchange: &mut Exchange<'_>,
        facts: Option<usize>,
        vendor: Option<HostMatch<'c>>,
    ) -> Found<'c> {
        let integration = facts.and_then(|id| catalog.integration(id)).map(|(_, i)| i);
        if vendor.is_some() {
            note_direction(exchange, Direction::Outbound);
        } else if exchange.direction == Direction::Unknown
            && (integration.is_some_and(|i| i.role == Role::Webhook)
                || self.senders.find(exchange).is_some())
        {
            note_direction(exchange, Direction::Inbound);
        }
        Found {
            facts,
            tenant: match vendor {
                Some(vendor) => of_vendor(vendor).tenant,
                None => integration
                    .and_then(|i| i.tenant.as_ref())
                    .filter(|t| !is_label(t)),
            },
        }
    }

    fn configured<'c>(
        &'c self,
        catalog: &'c Catalog,
        exchange: &mut Exchange<'_>,
        rule: &'c Compiled,
        vendor: Option<HostMatch<'c>>,
    ) -> Found<'c> {
        exchange.integration = Some(Text::Owned(rule.name.clone()));
        if let Some(direction) = rule.direction {
            note_direction(exchange, direction);
        }
        let facts = self.find_name(catalog, &rule.name).or(vendor.map(|v| v.id));
        let found = self.told(catalog, exchange, facts, vendor);
        Found {
            tenant: rule.tenant.as_ref().or(found.tenant),
            ..found
        }
    }

    fn find_name(&self, catalog: &Catalog, name: &str) -> Option<usize> {
        catalog
            .find_integration(name)
            .map(|(id, _)| id)
            .or_else(|| self.by_vendor.get(name).copied())
    }
}

fn note_direction(exchange: &mut Exchange<'_>, direction: Direction) {
    if exchange.direction == Direction::Unknown {
        exchange.direction = direction;
    }
}

fn of_vendor(vendor: HostMatch<'_>) -> Found<'_> {
    let tenant = vendor.integration.tenant.as_ref();
    Found {
        facts: Some(vendor.id),
        // On an exact host the labels are the vendor's, not a tenant's.
        tenant: tenant.filter(|capture| vendor.by_suffix || !is_label(capture)),
    }
}

fn is_label(capture: &TenantCapture) -> bool {
    matches!(capture, TenantCapture::HostLabel(_))
}

fn find_tenant<'a>(exchange: &Exchange<'a>, capture: &TenantCapture) -> Option<Text<'a>> {
    let found = match capture {
        TenantCapture::HostLabel(at) => share(&exchange.host, exchange.host.split('.').nth(*at)?),
        TenantCapture::PathSegment(at) => {
            let mut segments = exchange
                .path
                .split('/')
                .filter(|segment| !segment.is_empty());
            share(&exchange.path, segments.nth(*at)?)
        }
        TenantCapture::Header(name) => find_header(&exchange.request_headers, name)?.clone(),
    };
    (!found.is_empty() && found.len() <= TENANT_BYTES_MAX).then_some(found)
}

/// The registered domain, under which unknown hosts of one owner meet.
fn group_name<'a>(host: &Text<'a>) -> Text<'a> {
    let usable = host.len() <= HOST_BYTES_MAX
        && host.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if !usable || host.parse::<Ipv4Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok() {
        return Text::Borrowed(UNMATCHED);
    }
    match psl::domain_str(host) {
        Some(domain) => share(host, domain),
        // A public suffix itself, or a name without dots such as `payments`.
        None => host.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_hosts_are_grouped_by_registered_domain() {
        let check = |host: &'static str, expected: &str| {
            assert_eq!(group_name(&Text::Borrowed(host)), expected, "{host}");
        };
        check("shop.api.acme.example", "acme.example");
        check("a.b.acme.co.uk", "acme.co.uk");
        check("evil-api.hubapi.com.example.org", "example.org");
        check("payments", "payments");
        check("co.uk", "co.uk");
        check("10.0.0.1", "unmatched");
        check("::1", "unmatched");
        check("", "unmatched");
        check("_", "unmatched");
        check("a b.example", "unmatched");
        check("..", "unmatched");
    }
}
