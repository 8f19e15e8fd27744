//! Which lines belong together.
//!
//! Most lines of a log are records of their own, and what one holds says nothing about another. But a key in PEM, a
//! printed document, the parts of a form and an exchange in a transcript take many lines: a name may stand on one and its
//! value on the next. [`Units`] cuts a stream into texts that are masked as one, each as short as it can be, so that
//! echoes do not cross records and lines flow on.

mod base64;
mod block;
mod document;
mod exchange;
mod execution;
mod json;
mod multipart;
mod pem;
mod record;
mod units;
mod xml;

pub use units::{Ready, Units};

pub(crate) use block::{indent, name_above};
pub(crate) use document::{Document, Step};
pub(crate) use exchange::payload;
pub(crate) use json::is_one_document;
pub(crate) use pem::is_body;
pub(crate) use units::Text;
