//! Vendor facts as data: who the API vendors are, how they throttle, what their errors and ids look like.
//!
//! Vendors change such facts, so they live in one TOML file a vendor, each with source, date and confidence, and a
//! user can replace or add files. This room parses, checks, indexes and lists them; what follows from them for one
//! exchange is decided in `attribute`. Numbers of limits are for orientation and never decide about a throttle.

mod check;
mod embedded;
mod facts;
mod host;
mod json_path;
mod load;
mod lookup;
mod rule;
mod template;
mod vendor;

pub use facts::Fact;
pub use host::host_key;
pub use json_path::JsonPath;
pub use load::{Catalog, CatalogError};
pub use lookup::HostMatch;
pub use rule::{HeaderTest, Rule, RuleOutcome, StatusSet};
pub use template::{Template, TemplateError};
pub use vendor::{
    Batch, Citation, Confidence, ErrorPlaces, IdempotencyNames, Integration, LimitHeaders, Remark,
    RequestIds, Role, TenantCapture, Token, Vendor, Webhook,
};
