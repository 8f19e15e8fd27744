//! The words that every other room speaks: exchange, integration, window, evidence, verdict.
//!
//! Nothing here does I/O, reads a clock or knows a file format. A type lives here only because two rooms above need
//! it; the work that is done with it stays in those rooms.

pub mod assessment;
pub mod call;
pub mod digits;
pub mod evidence;
pub mod exchange;
pub mod plain;
pub mod share;
pub mod sketch;
pub mod time;
pub mod timespec;
pub mod verdict;
pub mod visible;
pub mod window;
