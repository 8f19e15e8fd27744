//! The tables: Delta Lake, local, durable, one writer.
//!
//! The only module that knows deltalake. It takes [`Masked`](crate::mask::Masked) batches and nothing else, so nothing
//! unmasked can reach a disk. It gives away table providers for `query` and positions for `ingest`.

mod batch;
mod coded;
mod durable;
mod error;
mod files;
mod hybrid;
mod lock;
mod notes;
mod probe;
mod rollup;
mod schema;
mod sums;
mod table;
mod upkeep;

pub use error::StoreError;
pub use probe::check_writable;
pub use schema::SCHEMA_VERSION;
pub use table::{
    Access, BatchNote, Commit, Position, Rows, SourcePosition, Store, StoreInfo, TableInfo, Tables,
};
pub use upkeep::{Extent, Joined, Upkeep, compact, remove_replaced};
