//! Tidemark: is this vendor failing, is it noise, or is it us? See `ARCHITECTURE.md` for the flow and the rooms.
//!
//! The modules stand in floor order: each imports only from those above it in this list.

pub mod model;

pub mod calls;
pub mod catalog;
pub mod mask;
pub mod read;

pub mod attribute;
pub mod keys;
pub mod store;

pub mod ingest;
pub mod query;

pub mod live;
pub mod verdict;

pub mod assess;
pub mod chart;

pub mod report;

pub mod http;
pub mod telemetry;

pub mod config;

pub mod cli;
