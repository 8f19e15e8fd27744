//! From TOML texts to a checked catalogue, with the user's files over the embedded ones.
//!
//! A vendor file is code that anyone may write, so each fault is told with file, line and key. What the types cannot
//! say (hosts are lower-case, a rule names an integration that exists, nothing claims the same host twice) is checked
//! here once, so that lookups need not.

use chrono::NaiveDate;

use crate::catalog::embedded;
use crate::catalog::host::host_key;
use crate::catalog::lookup::Index;
use crate::catalog::vendor::{Citation, Integration, Role, TenantCapture, Vendor};

/// The file whose rules and places hold for every vendor.
const ANY: &str = "any";
const NAME_BYTES_MAX: usize = 64;

/// All vendors, indexed by host and by integration name. Immutable once loaded.
pub struct Catalog {
    pub(super) vendors: Vec<Vendor>,
    pub(super) any: Vendor,
    pub(super) index: Index,
    layers: Vec<Layered>,
}

/// A vendor with the file it came from and whether that is the user's.
#[derive(Clone)]
struct Layered {
    file: String,
    text: String,
    user: bool,
    vendor: Vendor,
}

/// A vendor file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("read vendor file {file}, line {line}, key {key}: {problem}; {hint}")]
pub struct CatalogError {
    pub file: String,
    pub line: usize,
    pub key: String,
    pub problem: String,
    pub hint: String,
}

impl Catalog {
    /// The facts that ship with the product.
    pub fn embedded() -> Result<Self, CatalogError> {
        let layers = embedded::FILES
            .iter()
            .map(|(file, text)| parse(file, text, false))
            .collect::<Result<_, _>>()?;
        Self::build(layers)
    }

    /// The user's files as (name, text), over what is loaded: a vendor of the same name is replaced, others are added.
    /// Where a user's file and an embedded one claim the same host, the user's has it.
    pub fn with_overrides(self, files: Vec<(String, String)>) -> Result<Self, CatalogError> {
        let mut layers = self.layers;
        for (file, text) in files {
            let layered = parse(&file, &text, true)?;
            match layers
                .iter_mut()
                .find(|other| other.vendor.name == layered.vendor.name)
            {
                Some(old) if old.user => {
                    return Err(layered.fault(
                        &layered.vendor.name,
                        "name",
                        format!(
                            "vendor {:?} stands in {} too",
                            layered.vendor.name, old.file
                        ),
                        "keep one file a vendor",
                    ));
                }
                Some(old) => *old = layered,
                None => layers.push(layered),
            }
        }
        Self::build(layers)
    }

    fn build(mut layers: Vec<Layered>) -> Result<Self, CatalogError> {
        // The user's vendors are indexed first, so that the embedded ones leave them their hosts.
        layers.sort_by_key(|layered| !layered.user);
        let any = layers
            .iter()
            .find(|layered| layered.vendor.name == ANY)
            .map(|layered| layered.vendor.clone())
            .unwrap_or_else(|| Vendor {
                name: ANY.to_owned(),
                ..Vendor::default()
            });
        let named: Vec<&Layered> = layers.iter().filter(|l| l.vendor.name != ANY).collect();
        let mut index = Index::default();
        for (vendor_at, layered) in named.iter().enumerate() {
            for (integration_at, integration) in layered.vendor.integrations.iter().enumerate() {
                index
                    .insert(vendor_at, integration_at, integration, layered.user)
                    .map_err(|taken| {
                        layered.fault(
                            &taken,
                            "integrations",
                            format!("{taken:?} is claimed twice"),
                            "give each host, path prefix and name to one integration",
                        )
                    })?;
            }
        }
        Ok(Self {
            vendors: named.into_iter().map(|l| l.vendor.clone()).collect(),
            any,
            index,
            layers,
        })
    }
}

fn parse(file: &str, text: &str, user: bool) -> Result<Layered, CatalogError> {
    let vendor: Vendor = toml::from_str(text).map_err(|error| {
        let (line, key) = place(text, error.span().map_or(0, |span| span.start));
        CatalogError {
            file: file.to_owned(),
            line,
            key,
            problem: error.message().replace('\n', " "),
            hint: "compare with an embedded vendor file".to_owned(),
        }
    })?;
    let layered = Layered {
        file: file.to_owned(),
        text: text.to_owned(),
        user,
        vendor,
    };
    layered.check()?;
    Ok(layered)
}

impl Layered {
    fn check(&self) -> Result<(), CatalogError> {
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

    /// A fault at the first place where the value stands in quotes.
    fn fault(&self, value: &str, key: &str, problem: String, hint: &str) -> CatalogError {
        let quoted = format!("\"{value}\"");
        let at = self.text.find(&quoted).unwrap_or(0);
        CatalogError {
            file: self.file.clone(),
            line: place(&self.text, at).0,
            key: key.to_owned(),
            problem,
            hint: hint.to_owned(),
        }
    }
}

/// The 1-based line of a byte offset, and the key that the line sets.
fn place(text: &str, offset: usize) -> (usize, String) {
    let head = text.get(..offset.min(text.len())).unwrap_or("");
    let line = head.matches('\n').count();
    let content = text.lines().nth(line).unwrap_or("");
    let key = content.split('=').next().unwrap_or("").trim();
    (line + 1, key.trim_matches(['[', ']', '"']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CITED: &str = r#"{ source = "us", checked = "2026-11-22", confidence = "confirmed" }"#;

    fn acme(extra: &str) -> String {
        format!(
            "name = \"acme\"\ntitle = \"Acme\"\n{extra}\n[[integrations]]\nname = \"acme\"\nrole = \"api\"\n\
             hosts = [\"api.acme.example\"]\nrecognises = [\"https://api.acme.example/v1\"]\ncited = {CITED}\n"
        )
    }

    fn with(text: String) -> Result<Catalog, CatalogError> {
        Catalog::embedded()
            .expect("embedded facts load")
            .with_overrides(vec![("mine.toml".to_owned(), text)])
    }

    #[test]
    fn a_user_adds_a_vendor() {
        let catalog = with(acme("")).expect("valid");
        let found = catalog.find_host("api.acme.example", "/v1").expect("found");
        assert_eq!(found.integration.name, "acme");
        assert!(catalog.find_host("api.stripe.com", "/").is_some());
    }

    #[test]
    fn a_user_replaces_a_vendor_and_takes_a_host() {
        let stripe = acme("").replace("acme\"", "stripe\"");
        let catalog = with(stripe).expect("valid");
        assert!(catalog.find_host("api.stripe.com", "/").is_none());

        let taker = acme("").replace("api.acme.example", "api.stripe.com");
        let catalog = with(taker).expect("valid");
        let found = catalog.find_host("api.stripe.com", "/").expect("found");
        assert_eq!(found.integration.name, "acme");
    }

    #[test]
    fn a_bad_file_is_named_with_line_and_key() {
        let check = |text: String, line: usize, key: &str| {
            let error = with(text).err().expect("refused");
            assert_eq!((error.line, error.key.as_str()), (line, key), "{error}");
            assert_eq!(error.file, "mine.toml");
        };
        check(acme("titel = \"x\""), 3, "titel");
        check(acme("docs = 7"), 3, "docs");
        check(acme("").replace("\"api\"", "\"apy\""), 6, "role");
        check(
            acme("").replace("[\"api.acme.example\"]", "[\"API.acme.example\"]"),
            7,
            "hosts",
        );
        check(acme("").replace("2026-11-22", "yesterday"), 9, "checked");
        check(
            acme("").replace("name = \"acme\"\ntitle", "name = \"Acme!\"\ntitle"),
            1,
            "name",
        );
        check("name = ".to_owned(), 1, "name");
    }
}
