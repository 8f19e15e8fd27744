//! Files and environment to settings: each room defines its own, here they are gathered, loaded and explained.

mod load;

use serde::{Deserialize, Serialize};

pub use load::{ConfigError, load, locate_data};

use crate::{attribute, http, ingest, live, mask, query, verdict};

/// One section for each room that can be set. Every section and key has a default; unknown keys are errors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub attribute: attribute::Settings,
    pub catalog: CatalogFolder,
    pub ingest: ingest::Settings,
    pub live: live::Settings,
    #[serde(rename = "masking", alias = "mask")]
    pub mask: mask::Settings,
    pub query: query::Settings,
    pub server: http::Settings,
    pub sources: Vec<live::SourceSettings>,
    pub verdict: verdict::Settings,
}

/// Vendor files of the user's own, which add to or replace the embedded ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogFolder {
    pub folder: Option<std::path::PathBuf>,
}
