//! From TOML texts to a checked catalogue, with the user's files over the embedded ones.
//!
//! A vendor file is code that anyone may write, so each fault is told with file, line and key. What a file must hold
//! beyond its types is in `check`; that nothing is claimed twice across files is seen here.

use crate::catalog::embedded;
use crate::catalog::lookup::Index;
use crate::catalog::vendor::Vendor;

/// The file whose rules and places hold for every vendor.
pub(super) const ANY: &str = "any";

/// All vendors, indexed by host and by integration name. Immutable once loaded.
pub struct Catalog {
    pub(super) vendors: Vec<Vendor>,
    pub(super) any: Vendor,
    pub(super) index: Index,
    layers: Vec<Layered>,
}

/// A vendor with the file it came from and whether that is the user's.
#[derive(Clone)]
pub(super) struct Layered {
    file: String,
    text: String,
    user: bool,
    pub(super) vendor: Vendor,
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
    /// A fault at the first place where the value stands in quotes.
    pub(super) fn fault(
        &self,
        value: &str,
        key: &str,
        problem: String,
        hint: &str,
    ) -> CatalogError {
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
