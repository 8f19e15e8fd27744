//! Masking: an [`Exchange`](crate::model::exchange::Exchange) goes in with all its secrets, a [`Masked`] comes out that
//! is safe to store, show and send.
//!
//! A leak and an over-mask are both faults: what support needs (ids, codes, texts, limits, the order of calls, whether
//! two calls carried the same token) stays, and what opens a door or names a person goes. So structure decides first
//! (`json`, `form`, `xml`, `pairs`, `line`, by the policy of a name in `keywords`), shapes with checks second
//! (`detectors`), and what was masked once is looked for in the rest of its record (`echo`). Values become keyed
//! stand-ins (`placeholder`) that keep equal values equal.
//!
//! This room does no I/O, reads no clock and keeps its key to itself. Formats are for `read`, storing is for `store`.

mod action;
mod address;
mod bare;
mod base64;
mod batch;
mod claims;
mod column;
mod cookies;
mod counts;
mod credentials;
mod decode;
mod detector;
mod detectors;
mod echo;
mod edits;
mod extent;
mod fields;
mod fingerprint;
mod form;
mod headers;
mod hints;
mod inside;
mod json;
mod key;
mod keywords;
mod kind;
mod lexicon;
mod line;
mod masked;
mod masker;
mod memo;
mod naming;
mod note;
mod numbered;
mod odata;
mod own;
mod pairs;
mod part;
mod parts;
mod placeholder;
mod position;
mod principal;
mod prose;
mod reach;
mod scan;
mod settings;
mod value;
mod words;
mod xml;

#[cfg(test)]
mod printed_tests;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use batch::{Batch, Row};
pub use column::{Coded, TextColumn};
pub use counts::MaskCounts;
pub use key::MaskKey;
pub use lexicon::{Code, Lexicon, MISSING};
pub use masked::{Columns, Masked, MaskedText};
pub use masker::Masker;
pub use own::{Allow, Rule};
pub use part::Part;
pub use parts::{Answer, Parts, Request};
pub use settings::{MaskError, Settings};
