//! The engines that the formats are descriptions for: compiled format strings, the tolerant common-log reader, mapped
//! JSON. A format adds data, not another parser.

pub mod apache;
pub mod clf;
pub mod draft;
pub mod field;
pub mod hop;
pub mod json;
pub mod layouts;
pub mod mapping;
pub mod nginx;
pub mod quoted;
pub mod record;
pub mod synonyms;
pub mod target;
pub mod template;
