//! Questions to the tables: SQL files from `queries/`, run by DataFusion, decoded into the nouns of the model.
//!
//! The only module that knows DataFusion. A caller's own SQL runs read-only, and only for the `sql` command and route.

mod decode;
mod error;
mod fill;
mod library;
mod rows;
mod session;
mod sql;

pub use error::QueryError;
pub use library::QUERIES;
pub use rows::{Bounds, By, RateQuery, SampleQuery, View};
pub use session::{Session, Settings};
pub use sql::{Format, Table};
