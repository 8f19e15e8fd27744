//! What a vendor file must hold beyond what its types say, so that lookups and rules need not ask again.
//!
//! Hosts are lower-case and bare, names are short, rules name integrations that exist, dates are dates.

use chrono::NaiveDate;

use crate::catalog::host::host_key;
use crate::catalog::load::{ANY, CatalogError, Layered};
use crate::catalog::vendor::{Citation, Integration, Role, TenantCapture};

const NAME_BYTES_MAX: usize = 64;

impl Layered {
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        let vendor = &self.vendor;
        self.check_name(&vendor.name)?;
        if vendor.integrations.is_empty() && vendor.name != ANY {
            return Err(self.fault(
                "name",
                "integrations",
                "there is none".to_owned(),
                "add [[integrations]] with name, role and hosts",
            ));
        }
        for integration in &vendor.integrations {
            self.check_integration(integration)?;
        }
        let named = vendor
            .rules
            .iter()
            .flat_map(|rule| &rule.integrations)
            .chain(vendor.tokens.iter().map(|token| &token.integration))
            .chain(
                vendor
                    .facts
                    .iter()
                    .filter_map(|fact| fact.integration.as_ref()),
            );
        for name in named {
            self.check_known(name)?;
        }
        for rule in &vendor.rules {
            // At a path such as `ok` a bare "false" tells nothing to look for in the body before it is parsed.
            if !rule.at.is_empty() && rule.hints.is_empty() && rule.status.covers_ok() {
                return Err(self.fault(
                    &rule.name,
                    "hints",
                    format!(
                        "rule {:?} reads ok bodies at a path of its own without hints",
                        rule.name
                    ),
                    "add hints = [\"…\"], words of which the body must hold one",
                ));
            }
        }
        self.citations()
            .try_for_each(|cited| self.check_date(cited))
    }

    fn check_integration(&self, integration: &Integration) -> Result<(), CatalogError> {
        self.check_name(&integration.name)?;
        for host in &integration.hosts {
            self.check_host(host, "hosts")?;
        }
        for suffix in &integration.host_suffixes {
            let Some(rest) = suffix.strip_prefix('.') else {
                return Err(self.fault(
                    suffix,
                    "host_suffixes",
                    format!("{suffix:?} does not start with a dot"),
                    "write \".example.com\", so that evil-example.com is not meant",
                ));
            };
            self.check_host(rest, "host_suffixes")?;
        }
        let reachable = !integration.hosts.is_empty() || !integration.host_suffixes.is_empty();
        if reachable == (integration.role == Role::Webhook) {
            return Err(self.fault(
                &integration.name,
                "role",
                format!(
                    "integration {:?} has hosts and is a webhook, or neither",
                    integration.name
                ),
                "webhooks come to our hosts: give them [integrations.webhook] and no hosts",
            ));
        }
        if let Some(prefix) = &integration.path_prefix
            && (!prefix.starts_with('/') || prefix.ends_with('/'))
        {
            return Err(self.fault(
                prefix,
                "path_prefix",
                format!("{prefix:?} is not a path of whole segments"),
                "write \"/api\"",
            ));
        }
        if matches!(integration.tenant, Some(TenantCapture::HostLabel(_)))
            && integration.host_suffixes.is_empty()
        {
            return Err(self.fault(
                &integration.name,
                "tenant",
                "a host label is captured but no host_suffixes vary it".to_owned(),
                "add host_suffixes or remove tenant",
            ));
        }
        if integration.recognises.is_empty() {
            return Err(self.fault(
                &integration.name,
                "recognises",
                format!("integration {:?} has no sample", integration.name),
                "add recognises = [\"https://host/path\"]",
            ));
        }
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), CatalogError> {
        let kebab = !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if kebab {
            return Ok(());
        }
        Err(self.fault(
            name,
            "name",
            format!("{name:?} is not a short lower-case name"),
            "use letters, digits and '-'",
        ))
    }

    fn check_host(&self, host: &str, key: &str) -> Result<(), CatalogError> {
        let clean = host.contains('.')
            && host_key(host) == host
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if clean {
            return Ok(());
        }
        Err(self.fault(
            host,
            key,
            format!("{host:?} is not a host"),
            "write it in lower case, without scheme, port and path",
        ))
    }

    fn check_known(&self, name: &str) -> Result<(), CatalogError> {
        if self.vendor.integrations.iter().any(|i| i.name == name) {
            return Ok(());
        }
        Err(self.fault(
            name,
            "integration",
            format!("no integration {name:?} in this file"),
            "use the name of one of its [[integrations]]",
        ))
    }

    fn check_date(&self, cited: &Citation) -> Result<(), CatalogError> {
        if NaiveDate::parse_from_str(&cited.checked, "%Y-%m-%d").is_ok() {
            return Ok(());
        }
        Err(self.fault(
            &cited.checked,
            "checked",
            format!("{:?} is not a date", cited.checked),
            "write it as YYYY-MM-DD",
        ))
    }

    fn citations(&self) -> impl Iterator<Item = &Citation> {
        let vendor = &self.vendor;
        let integrations = vendor.integrations.iter().map(|i| &i.cited);
        integrations
            .chain(vendor.rules.iter().map(|r| &r.cited))
            .chain(vendor.errors.iter().map(|e| &e.cited))
            .chain(vendor.tokens.iter().map(|t| &t.cited))
            .chain(vendor.limit_headers.iter().map(|l| &l.cited))
            .chain(vendor.request_ids.iter().map(|r| &r.cited))
            .chain(vendor.idempotency.iter().map(|i| &i.cited))
            .chain(vendor.batches.iter().map(|b| &b.cited))
            .chain(vendor.facts.iter().map(|f| &f.cited))
    }
}
