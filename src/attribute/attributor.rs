//! The order of the steps: target, identity, operation, outcome, wait, limit, ids.
//!
//! Each step reads what the ones before filled. What a reader has filled already stays, because it knows its format.

use std::collections::HashMap;
use std::sync::Arc;

use crate::attribute::answer;
use crate::attribute::identity::Identities;
use crate::attribute::ids;
use crate::attribute::limits;
use crate::attribute::operation::{self, Known};
use crate::attribute::profile::{Profile, Templates};
use crate::attribute::rules::{Rules, Tie};
use crate::attribute::settings::{AttributeError, Settings};
use crate::attribute::target::settle_target;
use crate::catalog::{Catalog, Template, TenantCapture};
use crate::model::exchange::{Direction, Exchange};

/// Names what exchanges are. Immutable, so that threads share it and the order of lines cannot matter.
pub struct Attributor {
    catalog: Arc<Catalog>,
    identities: Identities,
    /// One for each integration of the catalogue, by its id.
    profiles: Vec<Profile>,
    unknown: Profile,
    /// Configured operations, with the name of the integration.
    operations: Vec<(String, Templates)>,
}

/// By what the operation of a request line is named: the same request line has the same operation under the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// The id of the integration of the catalogue whose facts hold.
    facts: Option<u32>,
    /// Which of the configured operations hold.
    configured: Option<u32>,
}

/// What is known about a source besides its lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'c> {
    pub source: &'c str,
    /// What the user says that the lines belong to.
    pub integration: Option<&'c str>,
    pub direction: Option<Direction>,
}

impl Attributor {
    pub fn new(catalog: Arc<Catalog>, settings: Settings) -> Result<Self, AttributeError> {
        let profiles = catalog
            .integrations()
            .map(|(vendor, integration)| Profile::new(vendor, integration, catalog.any()))
            .collect::<Result<_, _>>()?;
        let rules = Rules::new(&settings.integrations)?;
        Ok(Self {
            identities: Identities::new(rules, &catalog),
            profiles,
            unknown: Profile::unknown(catalog.any())?,
            operations: compile_operations(&settings)?,
            catalog,
        })
    }

    /// Configured rules that want the same exchanges; to be shown when the configuration is loaded.
    pub fn ties(&self) -> &[Tie] {
        &self.identities.rules().ties
    }

    pub fn attribute(&self, exchange: &mut Exchange<'_>, context: &Context<'_>) -> Names {
        settle_target(exchange);
        let facts = self.identities.settle(&self.catalog, exchange, context);
        let configured = self.configured(exchange);
        let short = |id: usize| id as u32;
        let names = Names {
            facts: facts.map(short),
            configured: configured.map(short),
        };
        let profile = self.profile(names);
        let known = self.known(names);
        let key = operation::settle_operation(exchange, &known, &profile.idempotency);
        limits::settle_limit(exchange);
        let vendor_id = answer::settle_answer(exchange, profile);
        ids::settle_ids(exchange, profile, key, vendor_id);
        names
    }

    /// Whether a template names this path; where none does, all names give the same operation.
    pub fn is_templated(&self, names: Names, path: &str) -> bool {
        operation::is_templated(path, &self.known(names))
    }

    fn profile(&self, names: Names) -> &Profile {
        let facts = names.facts.map(|id| id as usize);
        facts
            .and_then(|id| self.profiles.get(id))
            .unwrap_or(&self.unknown)
    }

    fn known(&self, names: Names) -> Known<'_> {
        let profile = self.profile(names);
        let configured = names.configured.map(|at| at as usize);
        Known {
            configured: configured.and_then(|at| Some(&self.operations.get(at)?.1)),
            vendor: &profile.templates,
            role: profile.role,
        }
    }

    /// Who sends webhooks under this agent or to this path. Of an exchange without headers both together tell the
    /// sender, the agent first.
    pub fn sender_by_agent(&self, agent: &str) -> Option<usize> {
        self.identities.senders().find_by_agent(agent)
    }

    pub fn sender_by_path(&self, path: &str) -> Option<usize> {
        self.identities.senders().find_by_path(path)
    }

    /// Whether integration, tenant, direction and names of an exchange that tells nothing but its request line follow
    /// from its host and its sender alone. `names` are those that one such exchange had.
    pub fn host_decides(&self, host: &str, sender: Option<usize>, names: Names) -> bool {
        let vendor = self.catalog.claims_of_host(host);
        let Some(vendor) = vendor else {
            return false;
        };
        let others = [sender, names.facts.map(|id| id as usize)]
            .into_iter()
            .flatten();
        self.identities.rules().read_host_alone()
            && vendor.chain(others).all(|id| {
                let known = self.catalog.integration(id);
                known.is_some_and(|(_, i)| !matches!(i.tenant, Some(TenantCapture::PathSegment(_))))
            })
    }

    fn configured(&self, exchange: &Exchange<'_>) -> Option<usize> {
        if self.operations.is_empty() {
            return None;
        }
        let name = exchange.integration.as_deref()?;
        self.operations.iter().position(|(known, _)| known == name)
    }
}

fn compile_operations(settings: &Settings) -> Result<Vec<(String, Templates)>, AttributeError> {
    let mut by_name: HashMap<String, Vec<Template>> = HashMap::new();
    for rule in settings
        .integrations
        .iter()
        .filter(|r| !r.operations.is_empty())
    {
        let all = by_name.entry(rule.name.clone()).or_default();
        for text in &rule.operations {
            all.push(
                Template::parse(text).map_err(|source| AttributeError::Template {
                    rule: rule.name.clone(),
                    source,
                })?,
            );
        }
    }
    Ok(by_name
        .into_iter()
        .map(|(name, all)| (name, Templates::new(all)))
        .collect())
}
