//! Formats that are one or a few fixed layouts: each a compiled format string, tried in order.

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::field::Field;
use crate::read::engine::nginx::pieces_by;
use crate::read::engine::template::{Dialect, Template, TemplateError};
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::skip::Rejected;

/// Reads lines that have one of several layouts.
pub struct Layouts {
    name: &'static str,
    /// Turns lines of other formats away by their first bytes.
    looks: fn(&[u8]) -> bool,
    templates: Vec<Box<dyn LineParser>>,
}

impl Layouts {
    pub fn new(
        name: &'static str,
        looks: fn(&[u8]) -> bool,
        templates: Vec<Box<dyn LineParser>>,
    ) -> Self {
        Self {
            name,
            looks,
            templates,
        }
    }
}

impl LineParser for Layouts {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !(self.looks)(line.as_bytes()) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let mut reason = Rejected::NoFormatMatched;
        for template in &self.templates {
            match template.parse(line, out) {
                Parsed::Record(_) => return Parsed::Record(self.name),
                Parsed::Ignored(aside) => return Parsed::Ignored(aside),
                Parsed::Rejected(Rejected::NoFormatMatched) => {}
                Parsed::Rejected(other) => reason = other,
            }
        }
        Parsed::Rejected(reason)
    }
}

/// Compiles layouts that are written with names as nginx writes them (`$name`), each meaning what `lookup` says.
pub fn compile(
    name: &'static str,
    ts_kind: TsKind,
    layouts: &[&str],
    lookup: fn(&str) -> Option<Field>,
    options: &Options,
) -> Vec<Box<dyn LineParser>> {
    let dialect = Dialect::new(name, ts_kind);
    let compiled = layouts.iter().map(|layout| {
        let template = Template::new(&dialect, pieces_by(layout, lookup)?, options)?;
        Ok::<Box<dyn LineParser>, TemplateError>(Box::new(template))
    });
    // The layouts are ours, and the samples of each format fail in the tests when one does not compile.
    compiled.filter_map(Result::ok).collect()
}
