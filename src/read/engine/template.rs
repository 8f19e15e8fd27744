//! A compiled format string: literals with values between them.
//!
//! A value runs to the next literal. Where a literal ends in a quote and the next one begins with one, the value is
//! quoted text and an escaped quote does not end it. Unescaped quotes inside such a value occur in real logs, so when
//! a later piece does not fit, the next possible end is tried; the number of tries is bounded.

use std::borrow::Cow;

use memchr::memmem;

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::Field;
use crate::read::engine::join::{join_addresses, join_request_lines};
use crate::read::engine::quoted::{is_escaped, unescape};
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::skip::{Ignored, Rejected};

/// Ends tried for all values of one line together; a line that needs more is not of this format.
const TRIES_MAX: usize = 256;

/// A try may scan the line to its end, so a long line gets fewer of them.
const SCAN_BYTES_MAX: usize = 8 * 1024 * 1024;
const TRIES_MIN: usize = 16;

/// Values in one format string; servers' own formats have under thirty.
const FIELDS_MAX: usize = 128;

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Literal(String),
    Value(Field),
    /// A value that is filled up with spaces in front to a width.
    Padded(Field),
    /// A value in braces that is left out, with the space behind it, when nothing is configured for it.
    Braced(Field),
}

impl Piece {
    pub fn field(&self) -> Option<&Field> {
        match self {
            Self::Literal(_) => None,
            Self::Value(field) | Self::Padded(field) | Self::Braced(field) => Some(field),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("this is not a log format: it names no variable")]
    NoVariable,
    #[error("nothing separates {first} from {second}, so no reader could tell them apart")]
    Adjacent { first: String, second: String },
    #[error("{0} is not a variable of this server")]
    Unknown(String),
    #[error("{name} is written wrong: {what}")]
    Malformed { name: String, what: &'static str },
    #[error("more than one log_format is given; name one")]
    SeveralFormats,
    #[error("the group {0:?} is no field that is known; a name that begins with _ is left out")]
    UnknownGroup(String),
    #[error("there is no grok pattern {0:?}")]
    UnknownPattern(String),
    #[error("the pattern is not valid: {0}")]
    BadPattern(String),
    #[error("more than {FIELDS_MAX} variables")]
    TooMany,
    #[error("the format has neither a status nor a request, so no exchange could be told")]
    NotHttp,
    #[error("taken for one of {dialect}: {source}")]
    InDialect {
        dialect: &'static str,
        source: Box<TemplateError>,
    },
}

#[derive(Debug)]
struct Slot {
    field: Field,
    /// The literal behind the value; empty at the end of the line.
    until: memmem::Finder<'static>,
    quoted: bool,
    /// A value of known length needs no literal behind it.
    width: Option<usize>,
    padded: bool,
    braced: bool,
}

/// Reads lines of one compiled format.
#[derive(Debug)]
pub struct Template {
    name: &'static str,
    prefix: String,
    slots: Vec<Slot>,
    ts_kind: TsKind,
    zone: Option<chrono_tz::Tz>,
    /// Whether `\xHH` and its kin are to be undone (`escape=none` writes them raw).
    escaped: bool,
    cut: bool,
    is_connection: fn(&Draft<'_>) -> bool,
}

/// What the dialects (nginx, Apache, Envoy, …) hand over.
pub struct Dialect {
    pub name: &'static str,
    pub ts_kind: TsKind,
    pub escaped: bool,
    /// The server writes quotes raw and cuts long lines off: the last value may lack its end.
    pub cut: bool,
    /// Whether a line tells of bytes that went through and of no exchange.
    pub is_connection: fn(&Draft<'_>) -> bool,
}

impl Dialect {
    pub fn new(name: &'static str, ts_kind: TsKind) -> Self {
        Self {
            name,
            ts_kind,
            escaped: true,
            cut: false,
            is_connection: |_| false,
        }
    }
}

impl Template {
    pub fn new(
        dialect: &Dialect,
        pieces: Vec<(Piece, String)>,
        options: &Options,
    ) -> Result<Self, TemplateError> {
        let pieces = join_request_lines(join_addresses(pieces));
        let fields = pieces.iter().filter_map(|(p, _)| p.field()).count();
        if fields == 0 {
            return Err(TemplateError::NoVariable);
        }
        if fields > FIELDS_MAX {
            return Err(TemplateError::TooMany);
        }
        let told = |wanted: &[Field]| {
            pieces
                .iter()
                .any(|(p, _)| p.field().is_some_and(|f| wanted.contains(f)))
        };
        if !told(&[
            Field::Status,
            Field::UpstreamStatus,
            Field::RequestLine,
            Field::Method,
            Field::Url,
            Field::Path,
            Field::Address,
        ]) {
            return Err(TemplateError::NotHttp);
        }
        let (prefix, slots) = compile(pieces)?;
        Ok(Self {
            name: dialect.name,
            prefix,
            slots,
            ts_kind: dialect.ts_kind,
            zone: options.zone,
            escaped: dialect.escaped,
            cut: dialect.cut,
            is_connection: dialect.is_connection,
        })
    }

    /// The value of each slot, or `None` when the line is not of this format.
    fn split<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let rest = line.strip_prefix(self.prefix.as_str())?;
        let mut values = Vec::with_capacity(self.slots.len());
        let mut tries = (SCAN_BYTES_MAX / line.len().max(1)).clamp(TRIES_MIN, TRIES_MAX);
        self.split_from(0, rest, &mut values, &mut tries)
            .then_some(values)
    }

    fn split_from<'a>(
        &self,
        slot: usize,
        rest: &'a str,
        values: &mut Vec<&'a str>,
        tries: &mut usize,
    ) -> bool {
        let Some(Slot {
            field,
            until,
            quoted,
            width,
            padded,
            braced,
        }) = self.slots.get(slot)
        else {
            return true;
        };
        let rest = if *padded { without_padding(rest) } else { rest };
        if *braced && !rest.starts_with('{') {
            return self.leave_out(slot, rest, values, tries);
        }
        let literal = until.needle().len();
        let fits = |value: &str| field.accepts(value.as_bytes());
        if let Some(width) = width {
            let Some((value, after)) = rest.split_at_checked(*width) else {
                return false;
            };
            let Some(after) = after
                .as_bytes()
                .starts_with(until.needle())
                .then(|| &after[literal..])
            else {
                return false;
            };
            return self.take(slot, value, after, fits, values, tries);
        }
        if literal == 0 {
            return self.take(slot, rest, "", fits, values, tries);
        }
        if self.cut && slot + 1 == self.slots.len() {
            let value =
                memmem::rfind(rest.as_bytes(), until.needle()).map_or(rest, |at| &rest[..at]);
            return self.take(slot, value, "", fits, values, tries);
        }
        let mut from = 0;
        while let Some(at) = until.find(&rest.as_bytes()[from..]).map(|at| at + from) {
            let skip = self.escaped && *quoted && is_escaped(rest.as_bytes(), at);
            if !skip
                && self.take(
                    slot,
                    &rest[..at],
                    &rest[at + literal..],
                    fits,
                    values,
                    tries,
                )
            {
                return true;
            }
            if *tries == 0 || (!skip && field.ends_at_once()) {
                return false;
            }
            from = at + 1;
        }
        // The last literal may have been cut off with the end of the line.
        false
    }

    /// A value in braces that the line lacks: of the literal behind it the spaces are gone too.
    fn leave_out<'a>(
        &self,
        slot: usize,
        rest: &'a str,
        values: &mut Vec<&'a str>,
        tries: &mut usize,
    ) -> bool {
        let literal = self.slots[slot].until.needle().trim_ascii_start();
        if !rest.as_bytes().starts_with(literal) {
            return false;
        }
        self.take(slot, "", &rest[literal.len()..], |_| true, values, tries)
    }

    fn take<'a>(
        &self,
        slot: usize,
        value: &'a str,
        after: &'a str,
        fits: impl Fn(&str) -> bool,
        values: &mut Vec<&'a str>,
        tries: &mut usize,
    ) -> bool {
        if *tries == 0 || !fits(value) {
            *tries = tries.saturating_sub(1);
            return false;
        }
        values.push(value);
        if self.split_from(slot + 1, after, values, tries) {
            return true;
        }
        values.pop();
        *tries = tries.saturating_sub(1);
        false
    }
}

impl LineParser for Template {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(values) = self.split(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let mut draft = Draft::new(self.ts_kind, self.zone);
        for (slot, value) in self.slots.iter().zip(values) {
            let value = if self.escaped {
                unescape(value)
            } else {
                Cow::Borrowed(value)
            };
            if let Err(reason) = draft.set(&slot.field, value) {
                return Parsed::Rejected(reason);
            }
        }
        if (self.is_connection)(&draft) {
            return Parsed::Ignored(Ignored::Connection);
        }
        draft.finish(out);
        Parsed::Record(self.name)
    }
}

/// Without the spaces in front that fill a value up to its width.
fn without_padding(text: &str) -> &str {
    // No format asks for wider columns; a line of nothing but spaces must not be walked at every try.
    const WIDTH_MAX: usize = 32;
    let head = &text.as_bytes()[..text.len().min(WIDTH_MAX)];
    let spaces = head.iter().take_while(|b| **b == b' ').count();
    &text[spaces..]
}

fn compile(pieces: Vec<(Piece, String)>) -> Result<(String, Vec<Slot>), TemplateError> {
    let mut prefix = String::new();
    let mut slots: Vec<Slot> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut literal_before = String::new();
    for (piece, name) in pieces {
        match piece {
            Piece::Literal(text) => {
                if let Some(last) = slots.last_mut() {
                    let joined = [last.until.needle(), text.as_bytes()].concat();
                    last.quoted = last.quoted && joined.first() == Some(&b'"');
                    last.until = memmem::Finder::new(&joined).into_owned();
                } else {
                    prefix.push_str(&text);
                }
                literal_before = text;
            }
            Piece::Value(_) | Piece::Padded(_) | Piece::Braced(_) => {
                check_adjacent(&slots, &names, &name)?;
                let padded = matches!(piece, Piece::Padded(_));
                let braced = matches!(piece, Piece::Braced(_));
                let field = piece.field().cloned().unwrap_or(Field::Skip);
                slots.push(Slot {
                    width: width(&field),
                    field,
                    until: memmem::Finder::new(b"").into_owned(),
                    quoted: literal_before.ends_with('"'),
                    padded,
                    braced,
                });
                names.push(name);
                literal_before.clear();
            }
        }
    }
    Ok((prefix, slots))
}

fn check_adjacent(slots: &[Slot], names: &[String], name: &str) -> Result<(), TemplateError> {
    match (slots.last(), names.last()) {
        (Some(last), Some(first)) if last.until.needle().is_empty() && last.width.is_none() => {
            Err(TemplateError::Adjacent {
                first: first.clone(),
                second: name.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

fn width(field: &Field) -> Option<usize> {
    use crate::read::engine::field::TimeForm;
    match field {
        Field::Time(TimeForm::Fraction(digits)) => Some(usize::from(*digits)),
        Field::Time(TimeForm::Offset) => Some(5),
        _ => None,
    }
}
