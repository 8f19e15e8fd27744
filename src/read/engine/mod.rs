//! The engines that the formats are descriptions for: compiled format strings, the tolerant common-log reader, mapped
//! JSON. A format adds data, not another parser.

pub mod apache;
pub mod asides;
pub mod clf;
pub mod dialect;
pub mod dialogue;
pub mod document;
pub mod draft;
pub mod duration;
pub mod envoy;
pub mod envoy_flags;
pub mod field;
pub mod haproxy;
pub mod hop;
pub mod join;
pub mod json;
pub mod json_parse;
pub mod json_path;
pub mod layouts;
pub mod mapping;
pub mod nginx;
pub mod quoted;
pub mod record;
pub mod recording;
pub mod squid;
pub mod stamp;
pub mod synonyms;
pub mod target;
pub mod template;
pub mod tnetstring;
pub mod unfold;
pub mod words;
