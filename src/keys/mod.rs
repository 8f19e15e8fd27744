//! Where the masking key comes from, and what becomes of it: made on first use, or read from a file or a command;
//! rotated, kept for the time of the overlap, forgotten.
//!
//! The store's own key is `mask.key`, the former ones are `keys/<id>.key`; all are raw bytes that only their owner may
//! read. Nobody but `mask` sees what is in them, and no error tells of it.

mod change;
mod command;
mod error;
mod files;
mod form;
mod list;
mod origin;
mod seed;
mod watch;

#[cfg(test)]
mod tests;

pub use change::Rotated;
pub use error::KeyError;
pub use list::Entry;
pub use origin::Keys;
pub use seed::marks_seed;
pub use watch::{Seen, Watch};
