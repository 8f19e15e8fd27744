//! One file a resource: handler and body side by side.

pub mod assess;
pub mod charts;
pub mod errors;
pub mod health;
pub mod ingest;
pub mod integrations;
pub mod metrics;
pub mod params;
pub mod rates;
pub mod reports;
