//! Which integration a host belongs to: a hash of exact hosts, then the ends of the host label by label.
//!
//! Whole labels are compared, so `evil-api.hubapi.com.example.org` is nobody's. The longest match wins, and on one
//! host the longest path prefix. This runs for every exchange, so the hash is a short one over fixed keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::catalog::host::host_key;
use crate::catalog::load::Catalog;
use crate::catalog::vendor::{Integration, Vendor};

/// More labels than any vendor's host has; longer hosts are hostile.
const LABELS_MAX: usize = 12;

/// An integration that a host (and path) belongs to.
#[derive(Clone, Copy)]
pub struct HostMatch<'c> {
    /// Counts all integrations of the catalogue, in the order of [`Catalog::integrations`].
    pub id: usize,
    pub vendor: &'c Vendor,
    pub integration: &'c Integration,
    /// By the end of the host, so its first labels tell the tenant.
    pub by_suffix: bool,
}

#[derive(Default)]
pub struct Index {
    exact: Hosts,
    suffixes: Hosts,
    names: HashMap<String, usize>,
    /// Vendor and integration by id.
    places: Vec<(usize, usize)>,
}

type Hosts = HashMap<String, Vec<Claim>, BuildHasherDefault<Fnv>>;

struct Claim {
    id: usize,
    prefix: Option<String>,
    user: bool,
}

impl Index {
    /// Fails with the name, host or suffix that is taken already. What a user's file has taken before stays with it.
    pub fn insert(
        &mut self,
        vendor_at: usize,
        integration_at: usize,
        integration: &Integration,
        user: bool,
    ) -> Result<(), String> {
        let id = self.places.len();
        self.places.push((vendor_at, integration_at));
        if self.names.insert(integration.name.clone(), id).is_some() {
            return Err(integration.name.clone());
        }
        for host in &integration.hosts {
            claim(&mut self.exact, host, host, id, integration, user)?;
        }
        for suffix in &integration.host_suffixes {
            let key = suffix.trim_start_matches('.');
            claim(&mut self.suffixes, key, suffix, id, integration, user)?;
        }
        Ok(())
    }
}

fn claim(
    hosts: &mut Hosts,
    key: &str,
    shown: &str,
    id: usize,
    integration: &Integration,
    user: bool,
) -> Result<(), String> {
    let claims = hosts.entry(key.to_owned()).or_default();
    let prefix = &integration.path_prefix;
    match claims.iter().find(|claim| claim.prefix == *prefix) {
        Some(taken) if taken.user == user => return Err(shown.to_owned()),
        Some(_) => return Ok(()),
        None => {}
    }
    claims.push(Claim {
        id,
        prefix: prefix.clone(),
        user,
    });
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.prefix.as_ref().map_or(0, String::len)));
    Ok(())
}

impl Catalog {
    pub fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.iter()
    }

    /// What holds for every vendor and for unknown hosts: generic rules, places of error codes, id headers.
    pub fn any(&self) -> &Vendor {
        &self.any
    }

    /// Every integration with its vendor; the position is the id of [`HostMatch`].
    pub fn integrations(&self) -> impl Iterator<Item = (&Vendor, &Integration)> {
        self.index.places.iter().map(|place| self.at(*place))
    }

    /// The integration with this id.
    pub fn integration(&self, id: usize) -> Option<(&Vendor, &Integration)> {
        self.index.places.get(id).map(|place| self.at(*place))
    }

    pub fn find_integration(&self, name: &str) -> Option<(usize, &Integration)> {
        let id = *self.index.names.get(name)?;
        Some((id, self.at(self.index.places[id]).1))
    }

    /// Case, port and trailing dot of the host do not matter.
    pub fn find_host(&self, host: &str, path: &str) -> Option<HostMatch<'_>> {
        self.find_host_key(&host_key(host), path)
    }

    /// The same for a host that is in the spelling of [`host_key`] already.
    pub fn find_host_key(&self, host: &str, path: &str) -> Option<HostMatch<'_>> {
        let (id, by_suffix) = self.index.find(host, path)?;
        let (vendor, integration) = self.at(self.index.places[id]);
        Some(HostMatch {
            id,
            vendor,
            integration,
            by_suffix,
        })
    }

    /// The ids of all integrations whose host it may be; `None` when the path has a say in which it is.
    pub fn claims_of_host(&self, host: &str) -> Option<impl Iterator<Item = usize>> {
        let claims: Vec<&Claim> = self.index.claims(host).flatten().collect();
        let by_host = claims.iter().all(|claim| claim.prefix.is_none());
        by_host.then(|| claims.into_iter().map(|claim| claim.id))
    }

    fn at(&self, (vendor_at, integration_at): (usize, usize)) -> (&Vendor, &Integration) {
        let vendor = &self.vendors[vendor_at];
        (vendor, &vendor.integrations[integration_at])
    }
}

impl Index {
    fn find(&self, host: &str, path: &str) -> Option<(usize, bool)> {
        if let Some(id) = self.exact.get(host).and_then(|claims| pick(claims, path)) {
            return Some((id, false));
        }
        ends(host)
            .find_map(|end| pick(self.suffixes.get(end)?, path))
            .map(|id| (id, true))
    }

    /// All that may hold for a host.
    fn claims(&self, host: &str) -> impl Iterator<Item = &Vec<Claim>> {
        let suffixes = ends(host).filter_map(|end| self.suffixes.get(end));
        self.exact.get(host).into_iter().chain(suffixes)
    }
}

/// What follows each point of a host, the longest first.
fn ends(host: &str) -> impl Iterator<Item = &str> {
    let points = memchr::memchr_iter(b'.', host.as_bytes());
    points.take(LABELS_MAX).map(|dot| &host[dot + 1..])
}

/// Claims stand with the longest prefix first.
fn pick(claims: &[Claim], path: &str) -> Option<usize> {
    claims
        .iter()
        .find(|claim| {
            claim
                .prefix
                .as_deref()
                .is_none_or(|prefix| is_below(path, prefix))
        })
        .map(|claim| claim.id)
}

/// Whether the path is the prefix or goes on below it.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', ';']))
}

/// FNV-1a. The keys are fixed when loaded, so no input can make them collide.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, path: &str, expected: Option<&str>) {
        let catalog = Catalog::embedded().expect("embedded facts load");
        let found = catalog
            .find_host(host, path)
            .map(|m| m.integration.name.as_str());
        assert_eq!(found, expected, "{host}{path}");
    }

    #[test]
    fn whole_labels_are_compared() {
        check("api.hubapi.com", "/crm", Some("hubspot"));
        check("API.HubAPI.com:443", "/crm", Some("hubspot"));
        check("api.hubapi.com.", "/crm", Some("hubspot"));
        check("evil-api.hubapi.com.example.org", "/crm", None);
        check("evilapi.hubapi.com", "/crm", None);
        check("notzendesk.com", "/", None);
        check("zendesk.com", "/", None);
        check("acme.zendesk.com", "/", Some("zendesk"));
        check("", "/", None);
        check("..", "/", None);
    }

    #[test]
    fn the_longest_match_wins() {
        check("mc1.rest.marketingcloudapis.com", "/hub", Some("sfmc-rest"));
        check(
            "mc1.auth.marketingcloudapis.com",
            "/v2/token",
            Some("sfmc-auth"),
        );
        check("oauth2.googleapis.com", "/token", Some("google-auth"));
        check("sheets.googleapis.com", "/v4", Some("google"));
        check("slack.com", "/api/chat.postMessage", Some("slack"));
        check("slack.com", "/apiary", None);
        check("slack.com", "/", None);
    }

    #[test]
    fn every_sample_of_every_file_is_recognised() {
        let catalog = Catalog::embedded().expect("embedded facts load");
        for (_, integration) in catalog.integrations() {
            if integration.webhook.is_some() {
                continue;
            }
            for sample in &integration.recognises {
                let rest = sample.split_once("://").expect("absolute").1;
                let slash = rest.find('/').unwrap_or(rest.len());
                let found = catalog
                    .find_host(&rest[..slash], &rest[slash..])
                    .map(|m| m.integration.name.as_str());
                assert_eq!(found, Some(integration.name.as_str()), "{sample}");
            }
        }
    }
}
