//! The tables: Delta Lake, local, durable, one writer.
//!
//! The only module that knows deltalake. It takes [`Masked`](crate::mask::Masked) batches and nothing else, so nothing
//! unmasked can reach a disk. It gives away table providers for `query` and positions for `ingest`.

mod batch;
mod changes;
mod coded;
mod durable;
mod error;
mod files;
mod heal;
mod hybrid;
mod lock;
mod manifest;
mod notes;
mod probe;
mod proof;
mod prove;
mod rollup;
mod schema;
mod sums;
mod table;
mod upkeep;

pub use error::StoreError;
pub use manifest::Manifest;
pub use probe::check_writable;
pub use prove::Proved;
pub use schema::SCHEMA_VERSION;
pub use table::{
    Access, BatchNote, Commit, Position, Rows, SourcePosition, Store, StoreInfo, TableInfo, Tables,
};
pub use upkeep::{Extent, Joined, Upkeep, compact, remove_replaced};
