//! Which attempts are one call, and what a request says of itself.
//!
//! Pure: attempts in, calls out, each link with its certainty. The judgement counts calls that failed and calls that were
//! healed on retry by it; an audit of retries can use the same links. Reading the tables is left to `query`.

mod body;
mod gather;
mod link;
mod region;
mod request;
mod retries;

pub use gather::{Gatherer, Seen};
pub use link::{BACKOFF_SECONDS, link};
pub use request::Request;
pub use retries::retries;
