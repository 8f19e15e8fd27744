//! Logs that name their columns in directives: W3C extended and its relatives (`formats.md` 1.12, 1.18, 1.34).
//!
//! `#Fields` may change inside a file and repeats after every restart. Where it was lost with the head of a file, the
//! column orders that the products are known to write are tried. A line whose values are more or fewer than the columns
//! is rejected, never shifted.

use std::borrow::Cow;

use crate::model::exchange::{Text, TsKind};
use crate::read::engine::calendar::{day_after, day_of, parse_clock, parse_date};
use crate::read::engine::columns::{Columns, Mark, Role, Surroundings, Vocabulary};
use crate::read::engine::draft::{Draft, parse_status};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::percent::{decode_percent, unescape_percent};
use crate::read::engine::quoted::unescape;
use crate::read::engine::rows::{cut, hand_over};
use crate::read::engine::synonyms::Synonyms;
use crate::read::format::{Options, Parsed, Place, SequenceParser, Sink};
use crate::read::instant::parse_offset;
use crate::read::skip::{Ignored, Rejected};

/// A product or family.
pub struct Kind {
    pub name: &'static str,
    pub ts_kind: TsKind,
    /// Whether a header is this kind's.
    pub claims: fn(&[&str]) -> bool,
    pub own: Vocabulary,
    /// Column orders for files whose header was lost; a row may stop early where the product added columns later.
    pub layouts: &'static [Layout],
    /// Values stand between tabs, and nowhere else.
    pub tabs: bool,
    /// How a column's values are written.
    pub spelling: fn(&str) -> Spelling,
    /// Who answered and why.
    pub settle: fn(&Marks<'_>, &mut Draft<'_>),
}

/// A column order and how many of its columns the oldest version wrote.
pub struct Layout {
    pub columns: &'static [&'static str],
    pub least: usize,
}

/// How the values of one column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    Plain,
    /// `+` stands for a space.
    Plus,
    /// Encoded as in a URL, some of it twice.
    Percent,
    /// An address with its percent signs encoded once more.
    PercentOfPercent,
    /// `\x09`
    Hex,
}

/// What the marks of a row say.
#[derive(Default)]
pub struct Marks<'v> {
    pub substatus: Option<&'v str>,
    pub win32: Option<&'v str>,
    pub reason: Option<&'v str>,
    pub edge_result: Option<&'v str>,
    pub edge_detail: Option<&'v str>,
}

/// A clock may step back this far because requests end out of order; further back, another day has begun.
const STEP_BACK_MAX_MICROS: i64 = 10 * 60 * 1_000_000;

/// No request takes longer than a day; a larger number is of another unit.
const LONGEST_MS: f32 = 86_400_000.0;

pub struct W3c {
    kind: &'static Kind,
    options: Options,
    synonyms: Synonyms,
    header: Option<Header>,
    software: String,
    /// The day of the last `#Date`, moved on when the clock starts again.
    day_micros: Option<i64>,
    clock_micros: i64,
    offset_s: Option<i32>,
    unset: String,
}

struct Header {
    names: Vec<String>,
    columns: Columns,
    spellings: Vec<Spelling>,
    /// Rows of a log about something else (mail, a firewall) are known and left out.
    tells_http: bool,
    /// Local time by the columns' own names.
    local: bool,
    /// Named by no directive.
    guessed: bool,
    clock: Option<usize>,
    has_day: bool,
}

impl Header {
    /// Whether a line is the beginning of a row: its day or time, and nothing that its columns do not hold.
    fn may_be_cut(&self, line: &str) -> bool {
        const TIMES: [&str; 6] = [
            "date",
            "time",
            "date-local",
            "time-local",
            "ts",
            "timestamp",
        ];
        let dated = |name: &String| TIMES.contains(&name.to_ascii_lowercase().as_str());
        let mut pairs = self.names.iter().zip(line.split_whitespace());
        self.names.first().is_some_and(dated) && pairs.all(|(name, value)| may_be(name, value))
    }
}

impl W3c {
    pub fn new(kind: &'static Kind, options: &Options) -> Self {
        Self {
            kind,
            options: options.clone(),
            synonyms: Synonyms::default(),
            header: None,
            software: String::new(),
            day_micros: None,
            clock_micros: 0,
            offset_s: None,
            unset: "-".to_owned(),
        }
    }

    /// `#Name: value`; Zeek puts a tab between.
    fn directive(&mut self, line: &str) {
        let end = line.find([':', '\t', ' ']).unwrap_or(line.len());
        let value = line[end..].trim_start_matches(':');
        match line[1..end.max(1)].to_ascii_lowercase().as_str() {
            "fields" => self.set_fields(value),
            "software" => self.set_software(value),
            "date" | "start-date" => self.set_date(value.trim()),
            "gmt-offset" => self.offset_s = parse_offset(value.trim().as_bytes()).flatten(),
            "unset_field" => value.trim().clone_into(&mut self.unset),
            _ => {}
        }
    }

    fn set_fields(&mut self, value: &str) {
        let names: Vec<String> = match value.contains(',') && !value.trim().contains(' ') {
            true => value.trim().split(',').map(str::to_owned).collect(),
            false => value.split_whitespace().map(str::to_owned).collect(),
        };
        let claimed = {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            (self.kind.claims)(&names)
        };
        self.header = claimed.then(|| self.header_of(names, false));
    }

    fn set_software(&mut self, value: &str) {
        value.trim().clone_into(&mut self.software);
        // It may stand behind the columns whose unit it tells.
        if let Some(header) = self.header.take() {
            self.header = Some(self.header_of(header.names, header.guessed));
        }
    }

    fn set_date(&mut self, value: &str) {
        let (date, clock) = value.split_once(' ').unwrap_or((value, ""));
        if let Some(day) = parse_date(date) {
            self.day_micros = Some(day_of(day));
            self.clock_micros = parse_clock(clock).map_or(0, |(micros, _)| micros);
        }
    }

    fn header_of(&self, names: Vec<String>, guessed: bool) -> Header {
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let told = |name: &str| texts.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut own = self.kind.own.to_vec();
        if told("date") && told("time") {
            own.retain(|(name, _)| !name.ends_with("-local"));
        }
        if self.counts_millis(&texts) {
            own.insert(
                0,
                ("time-taken", Role::Field(Field::Duration(Unit::Millis), 1)),
            );
        }
        let columns = Columns::new(&texts, &own, &self.synonyms, &self.options);
        Header {
            tells_http: columns.tell_http(),
            local: told("time-local") && !told("time"),
            clock: columns.position(&Role::Clock),
            has_day: columns.position(&Role::Date).is_some(),
            spellings: spellings(self.kind, &columns, &texts),
            columns,
            guessed,
            names,
        }
    }

    /// Milliseconds in IIS and Blue Coat, seconds in the draft and with everybody else.
    fn counts_millis(&self, names: &[&str]) -> bool {
        const MILLIS: [&str; 3] = ["Microsoft", "SGOS", "Blue Coat"];
        // Of IIS, and of a delivery network that writes no name.
        const COLUMNS: [&str; 4] = [
            "sc-win32-status",
            "sc-substatus",
            "s-sitename",
            "rs-duration",
        ];
        match self.software.as_str() {
            "" => COLUMNS.iter().any(|name| names.contains(name)),
            software => MILLIS.iter().any(|maker| software.contains(maker)),
        }
    }

    /// The header of a row in a file that has lost it.
    fn guess(&self, line: &str) -> Option<Header> {
        if line.as_bytes().get(4) != Some(&b'-') || line.as_bytes().get(7) != Some(&b'-') {
            return None;
        }
        for layout in self.kind.layouts {
            for width in (layout.least..=layout.columns.len()).rev() {
                let names = &layout.columns[..width];
                let Some(values) = cut(line, width, self.kind.tabs, false) else {
                    continue;
                };
                if names
                    .iter()
                    .zip(&values)
                    .all(|(name, value)| may_be(name, value))
                {
                    let names = names.iter().map(|name| (*name).to_owned()).collect();
                    return Some(self.header_of(names, true));
                }
            }
        }
        None
    }

    fn row(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let Some(header) = &self.header else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let commas = self.software.contains("Exchange");
        let Some(mut values) = cut(line, header.columns.len(), self.kind.tabs, commas) else {
            return Parsed::Rejected(self.misfit(header, line));
        };
        if !header.tells_http {
            return Parsed::Ignored(Ignored::NotHttp);
        }
        for (value, spelling) in values.iter_mut().zip(&header.spellings) {
            let unset = *value == self.unset || *value == "(empty)";
            *value = if unset {
                Cow::Borrowed("-")
            } else {
                spell(std::mem::take(value), *spelling)
            };
        }
        let around = match self.surroundings(&values) {
            Some(around) => around,
            None => return Parsed::Rejected(Rejected::BadTime),
        };
        match self.draft(&mut values, &around) {
            Ok(Some(draft)) => hand_over(self.kind.name, draft, line, at, found),
            Ok(None) => Parsed::Ignored(Ignored::NotHttp),
            Err(reason) => Parsed::Rejected(reason),
        }
    }

    /// The day and the offset that hold for a row; `None` where its clock is none.
    fn surroundings(&mut self, values: &[Text<'_>]) -> Option<Surroundings> {
        let header = self.header.as_ref()?;
        if let (Some(at), false, Some(day)) = (header.clock, header.has_day, self.day_micros) {
            let (clock, _) = parse_clock(values.get(at)?)?;
            if clock + STEP_BACK_MAX_MICROS < self.clock_micros {
                self.day_micros = Some(day_after(day));
            }
            self.clock_micros = clock;
        }
        let utc = self.offset_s.or((!header.local).then_some(0));
        Some(Surroundings {
            day_micros: self.day_micros,
            offset_s: utc,
            zone: self.options.zone,
        })
    }

    /// `None` where neither a request nor an answer was: a connection that was closed.
    fn draft<'a>(
        &self,
        values: &mut [Text<'a>],
        around: &Surroundings,
    ) -> Result<Option<Draft<'a>>, Rejected> {
        let Some(header) = &self.header else {
            return Ok(None);
        };
        let mut draft = Draft::new(self.kind.ts_kind, self.options.zone);
        let marks = header.columns.marks(values);
        header.columns.fill(values, around, &mut draft)?;
        let exchange = &mut draft.exchange;
        if exchange.method.is_empty() && exchange.path.is_empty() {
            if exchange.status.is_none() {
                return Ok(None);
            }
            exchange.method = Cow::Borrowed("INVALID");
        }
        exchange.duration_ms = exchange.duration_ms.filter(|ms| *ms < LONGEST_MS);
        (self.kind.settle)(&Marks::of(&marks), &mut draft);
        Ok(Some(draft))
    }

    /// Whether a line that does not fit was meant as a row.
    fn misfit(&self, header: &Header, line: &str) -> Rejected {
        let first = line.split([' ', '\t', ',']).next().unwrap_or_default();
        let begins_with_time = header.names.first().is_some_and(|name| may_be(name, first));
        let words = line.split_whitespace().count();
        let many = words * 2 >= header.columns.len();
        match begins_with_time && (many || header.may_be_cut(line)) {
            true => Rejected::BadColumns,
            false => Rejected::NoFormatMatched,
        }
    }
}

/// How each column is written; of those that nobody asks for it does not matter.
fn spellings(kind: &Kind, columns: &Columns, names: &[&str]) -> Vec<Spelling> {
    let spelling = |(at, name): (usize, &&str)| match columns.role(at) {
        Some(Role::Skip) | None => Spelling::Plain,
        Some(_) => (kind.spelling)(name),
    };
    names.iter().enumerate().map(spelling).collect()
}

impl SequenceParser for W3c {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        if line.starts_with('#') {
            self.directive(line);
            return Parsed::Ignored(Ignored::Comment);
        }
        let line = line.trim_end_matches(' ');
        if line.is_empty() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        if self.header.is_none() {
            self.header = self.guess(line);
        }
        let parsed = self.row(line, at, found);
        let guessed = self.header.as_ref().is_some_and(|header| header.guessed);
        if guessed && parsed == Parsed::Rejected(Rejected::BadColumns) {
            self.header = self.guess(line).or(self.header.take());
            return self.row(line, at, found);
        }
        parsed
    }

    fn finish(&mut self, _found: &mut Sink<'_>) {}
}

impl<'v> Marks<'v> {
    fn of(marks: &'v [(Mark, Text<'_>)]) -> Self {
        let mut told = Self::default();
        for (mark, value) in marks {
            let value = Some(value.as_ref());
            match mark {
                Mark::Substatus => told.substatus = value,
                Mark::Win32 => told.win32 = value,
                Mark::Reason => told.reason = value,
                Mark::EdgeResult => told.edge_result = value,
                Mark::EdgeDetail => told.edge_detail = value,
            }
        }
        told
    }
}

fn spell(value: Text<'_>, spelling: Spelling) -> Text<'_> {
    match (spelling, value) {
        (Spelling::Plain, value) => value,
        (Spelling::Plus, value) if value.contains('+') && !value.contains(' ') => {
            Cow::Owned(value.replace('+', " "))
        }
        (Spelling::Plus, value) | (_, value @ Cow::Owned(_)) => value,
        (Spelling::Percent, Cow::Borrowed(value)) => decode_percent(value),
        (Spelling::PercentOfPercent, Cow::Borrowed(value)) => unescape_percent(value),
        (Spelling::Hex, Cow::Borrowed(value)) => unescape(value),
    }
}

/// Whether a value has the shape that its column's name asks for.
fn may_be(name: &str, value: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match name.to_ascii_lowercase().as_str() {
        "date" | "date-local" => value.len() == 10 && parse_date(value).is_some(),
        "time" | "time-local" => parse_clock(value).is_some(),
        "ts" | "timestamp" => value.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
        "c-ip" | "s-ip" => value == "-" || value.contains(['.', ':']),
        "cs-method" => {
            !value.is_empty()
                && value
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-'))
        }
        "cs-uri-stem" => value.starts_with(['/', '*', '-']) || value.contains("://"),
        "sc-status" => value.len() == 3 && parse_status(value).is_ok(),
        "s-port" | "sc-substatus" | "sc-win32-status" | "sc-bytes" | "cs-bytes" => {
            value == "-" || number(value)
        }
        "time-taken" => value == "-" || value.parse::<f64>().is_ok(),
        _ => true,
    }
}
