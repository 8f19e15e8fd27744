//! Questions to the tables: SQL files from `queries/`, run by DataFusion, decoded into the nouns of the model.
//!
//! The only module that knows DataFusion. A caller's own SQL runs read-only, and only for the `sql` command and route.

mod bounds;
mod calls;
mod coded;
mod decode;
mod error;
mod fill;
mod library;
mod parameters;
mod questions;
mod rows;
mod session;
mod sql;

pub use bounds::Bounds;
pub use error::QueryError;
pub use library::QUERIES;
pub use parameters::{By, RateQuery, SampleQuery, View};
pub use session::{Session, Settings};
pub use sql::{Format, Table};
