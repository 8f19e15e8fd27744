//! Whole situations, each with the verdict it must get.

mod calm;
mod odd;
mod risen;
pub mod stage;
