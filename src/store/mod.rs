//! The tables: Delta Lake, local, durable, one writer.
//!
//! The only module that knows deltalake. It takes [`Masked`](crate::mask::Masked) batches and nothing else, so nothing
//! unmasked can reach a disk. It gives away table providers for `query` and positions for `ingest`.

mod batch;
mod durable;
mod error;
mod lock;
mod rollup;
mod schema;
mod table;

pub use error::StoreError;
pub use schema::SCHEMA_VERSION;
pub use table::{Access, Position, SourcePosition, Store, StoreInfo, TableInfo, Tables};
