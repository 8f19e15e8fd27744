//! Detector B on logical requests: which combination of what requests say of themselves fails nearly every time?
//!
//! Failing requests enumerate the candidates: an operation, a parameter's or a body's value, a tenant, a client, a host,
//! and up to four of them together. `tracker.rs` keeps a score for each, `walk.rs` opens incidents, `name.rs` finds the
//! widest slice that still fails nearly always, and `found.rs` says what was found, with the numbers that decided.

mod absent;
mod found;
mod ground;
mod limits;
mod name;
mod subsets;
mod tracker;
mod walk;
mod wording;

pub use found::{Found, explains, find};
pub use wording::{clears, why};
