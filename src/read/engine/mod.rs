//! The engines that the formats are descriptions for: compiled format strings, the tolerant common-log reader, mapped
//! JSON. A format adds data, not another parser.

pub mod apache;
pub mod api_gateway;
pub mod calendar;
pub mod cells;
pub mod clf;
pub mod columns;
pub mod custom;
pub mod draft;
pub mod field;
pub mod grok;
pub mod json;
pub mod logfmt;
pub mod mapping;
pub mod named;
pub mod nginx;
pub mod pattern;
pub mod percent;
pub mod quoted;
pub mod record;
pub mod rows;
pub mod sheet;
pub mod synonyms;
pub mod target;
pub mod template;
pub mod tokens;
pub mod w3c;
