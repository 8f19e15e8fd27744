//! Masking: an [`Exchange`](crate::model::exchange::Exchange) goes in with all its secrets, a [`Masked`] comes out that
//! is safe to store, show and send.
//!
//! A leak and an over-mask are both faults: what support needs (ids, codes, texts, limits, the order of calls, whether
//! two calls carried the same token) stays, and what opens a door or names a person goes. So structure decides first
//! (`json`, `form`, `xml`, `pairs`, `line`, by the policy of a name in `keywords`), shapes with checks second
//! (`detectors`), and what was masked once is looked for in the rest of its record (`echo`). Values become keyed
//! stand-ins (`placeholder`) that keep equal values equal.
//! What stood there before is kept in memory (`originals`) until the files it came to are proved to hold none (`proof`).
//!
//! This room does no I/O, reads no clock and keeps its key to itself. Formats are for `read`, storing is for `store`.

mod action;
mod address;
mod ansi;
mod attribute;
mod bare;
mod base64;
mod batch;
mod claims;
mod column;
mod content;
mod cookies;
mod counts;
mod credentials;
mod crowd;
mod decode;
mod detector;
mod detectors;
mod disguise;
mod echo;
mod edits;
mod escaped;
mod escapes;
mod extent;
mod fields;
mod fingerprint;
mod form;
mod graphql;
mod har;
mod headers;
mod hints;
mod inner;
mod inside;
mod joined;
mod json;
mod key;
mod keywords;
mod kind;
mod lexicon;
mod line;
mod masked;
mod masker;
mod maskers;
mod memo;
mod named;
mod naming;
mod note;
mod numbered;
mod odata;
mod odd;
mod originals;
mod own;
mod pairs;
mod part;
mod part_head;
mod parts;
mod placeholder;
mod policy;
mod position;
mod principal;
mod proof;
mod prose;
mod reach;
mod scan;
mod seal;
mod settings;
mod spelling;
mod stand_ins;
mod stream;
mod strength;
mod table;
mod tag;
mod together;
mod trace;
mod uuid;
mod value;
mod walk;
mod window_table;
mod windows;
mod words;
mod xml;
#[cfg(test)]
mod xml_tests;

#[cfg(test)]
mod again_tests;
#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod hard_tests;
#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod printed_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod together_tests;
#[cfg(test)]
mod unequal_tests;
#[cfg(test)]
mod vendor_tests;

pub use action::Action;
pub use batch::{Batch, Row};
pub use column::{Coded, TextColumn};
pub use counts::MaskCounts;
pub use key::MaskKey;
pub use lexicon::{Code, Lexicon, MISSING};
pub use masked::{Columns, Masked, MaskedBytes, MaskedText};
pub use masker::Masker;
pub use maskers::Maskers;
pub use originals::Originals;
pub use own::{Allow, Rule, Tried, try_examples};
pub use part::Part;
pub use parts::{Answer, Parts, Request};
pub use proof::{Hit, Proof};
pub use seal::{Canaries, Seal};
pub use settings::{MaskError, Settings};
pub use stand_ins::{KINDS, StandIn};
pub use stream::Carried;
pub use together::{Ready, Units};
pub use trace::{Explanation, Masking, Share};
