//! From bytes to exchanges: sources, lines, formats.
//!
//! Knows every format and no vendor. What it hands over is raw and borrowed; naming and masking come after.

pub mod choose;
pub mod clock_change;
pub mod cut;
pub mod detect;
pub mod engine;
pub mod format;
pub mod formats;
mod gzip;
pub mod instant;
pub mod lines;
pub mod paced;
pub mod push;
pub mod reader;
pub mod sequence;
pub mod skip;
pub mod source;
pub mod trial;
pub mod utf16;
pub mod wrap;
#[cfg(test)]
mod wrapped_tests;
pub mod yearless;
