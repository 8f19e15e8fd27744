//! Whole situations, each with the verdict it must get.

mod calm;
mod cost;
mod explained;
mod odd;
mod page;
mod properties;
mod risen;
pub mod stage;
