//! The shape of a vendor file: what can be said about a vendor, and where each statement comes from.
//!
//! Plain data with strict keys, so that a misspelt key in a user's file is an error and not a silent no-op. Rules
//! that judge an answer are in `rule`; checks across fields are in `load`.

use serde::{Deserialize, Serialize};

use crate::catalog::json_path::JsonPath;
use crate::catalog::rule::Rule;
use crate::catalog::template::Template;

/// One vendor file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub docs: Vec<String>,
    #[serde(default)]
    pub integrations: Vec<Integration>,
    /// Tried in order, the first that holds decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub errors: Vec<ErrorPlaces>,
    #[serde(default)]
    pub tokens: Vec<Token>,
    #[serde(default)]
    pub limit_headers: Vec<LimitHeaders>,
    #[serde(default)]
    pub request_ids: Vec<RequestIds>,
    #[serde(default)]
    pub idempotency: Vec<IdempotencyNames>,
    #[serde(default)]
    pub batches: Vec<Batch>,
    #[serde(default)]
    pub facts: Vec<Remark>,
}

/// One relation with the vendor: an API, its log-in host, or its webhooks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    pub name: String,
    pub role: Role,
    /// Exact hosts, lower-case, without port.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Ends of hosts, with the dot in front; a host that is the bare end does not match.
    #[serde(default)]
    pub host_suffixes: Vec<String>,
    /// Whole segments, such as `/api`; without it every path of the host matches.
    pub path_prefix: Option<String>,
    pub tenant: Option<TenantCapture>,
    #[serde(default)]
    pub operations: Vec<Template>,
    pub webhook: Option<Webhook>,
    /// Addresses that must be found as this integration.
    pub recognises: Vec<String>,
    pub cited: Citation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Api,
    Auth,
    Soap,
    Upload,
    Webhook,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Auth => "auth",
            Self::Soap => "soap",
            Self::Upload => "upload",
            Self::Webhook => "webhook",
        }
    }
}

/// Where the tenant's name stands. Limits are per tenant, so it has a column of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TenantCapture {
    /// The label of the host, counted from 0 at the left.
    HostLabel(usize),
    /// The segment of the path, counted from 0.
    PathSegment(usize),
    /// A header of the request.
    Header(String),
}

/// How the vendor is known when it calls us, and how it delivers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Beginnings of the User-Agent.
    #[serde(default)]
    pub user_agents: Vec<String>,
    /// Headers that only this sender sets.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Segments that name the sender beside a word such as `webhooks`.
    #[serde(default)]
    pub path_words: Vec<String>,
    /// Headers whose value stays the same when a delivery is repeated.
    #[serde(default)]
    pub id_headers: Vec<String>,
    /// The same, in the JSON body.
    #[serde(default)]
    pub id_body: Vec<JsonPath>,
    pub attempt_header: Option<String>,
    pub timeout_s: Option<u32>,
    /// Repeats after the first delivery.
    pub retries: Option<u32>,
    /// From the first delivery to the last repeat.
    pub window_s: Option<u32>,
    /// The wait before each repeat, when published.
    #[serde(default)]
    pub schedule_s: Vec<u32>,
}

/// Where error codes and messages stand, most telling first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorPlaces {
    #[serde(default)]
    pub code: Vec<JsonPath>,
    #[serde(default)]
    pub message: Vec<JsonPath>,
    /// Local names of XML elements.
    #[serde(default)]
    pub xml_code: Vec<String>,
    #[serde(default)]
    pub xml_message: Vec<String>,
    /// Response headers that name the error or the limiter.
    #[serde(default)]
    pub headers: Vec<String>,
    pub cited: Citation,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub integration: String,
    pub path: String,
    pub life_s: Option<u32>,
    pub cited: Citation,
}

/// A hint for people and SQL; `attribute` reads all families of such headers from any vendor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitHeaders {
    pub names: Vec<String>,
    /// What the numbers mean, as far as the names do not say it.
    pub says: String,
    pub cited: Citation,
}

/// The id that the vendor's support wants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestIds {
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub body: Vec<JsonPath>,
    pub cited: Citation,
}

/// What makes a repeated request harmless.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdempotencyNames {
    #[serde(default)]
    pub headers: Vec<String>,
    /// Keys of the request's JSON body.
    #[serde(default)]
    pub body_keys: Vec<String>,
    /// Placeholders of operation templates that hold the key.
    #[serde(default)]
    pub placeholders: Vec<String>,
    pub cited: Citation,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub operation: String,
    pub max: u32,
    pub unit: String,
    pub cited: Citation,
}

/// Anything else worth knowing, for people and SQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    pub kind: String,
    pub name: String,
    pub value: String,
    pub unit: Option<String>,
    pub integration: Option<String>,
    pub cited: Citation,
}

/// Where a fact comes from, when it was checked, and whether that page confirmed it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    pub source: String,
    /// `YYYY-MM-DD`.
    pub checked: String,
    pub confidence: Confidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Confirmed,
    Unconfirmed,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}
