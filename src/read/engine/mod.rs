//! The engines that the formats are descriptions for: compiled format strings, the tolerant common-log reader, mapped
//! JSON. A format adds data, not another parser.

pub mod apache;
pub mod clf;
pub mod dialogue;
pub mod document;
pub mod draft;
pub mod field;
pub mod json;
pub mod mapping;
pub mod nginx;
pub mod quoted;
pub mod record;
pub mod recording;
pub mod stamp;
pub mod synonyms;
pub mod target;
pub mod template;
pub mod tnetstring;
