//! Delimited files with a header: CSV, TSV and their kin (`formats.md` 1.9, 1.32, 1.34).
//!
//! What the columns mean is told by their names. Cells may hold line ends, so lines are read in order.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::model::exchange::{Exchange, Text, TsKind};
use crate::read::engine::cells::{ends_inside, split_cells};
use crate::read::engine::columns::{Columns, Surroundings, Word, own};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::named::is_exchange;
use crate::read::engine::rows::hand_over;
use crate::read::engine::synonyms::Synonyms;
use crate::read::engine::template::TemplateError;
use crate::read::format::{LineParser, Options, Parsed, Place, SequenceParser, Sink};
use crate::read::skip::{Ignored, Rejected};

/// A program's export, or any.
pub struct Kind {
    pub name: &'static str,
    pub ts_kind: TsKind,
    /// Whether a header is this program's.
    pub claims: fn(&[&str]) -> bool,
    pub own: &'static [Word],
    /// Of its times, when the user names none.
    pub zone: Option<Tz>,
    /// What the program writes in a column for something else: (column, value, meaning).
    pub words: &'static [(&'static str, &'static str, &'static str)],
    pub settle: fn(&mut Draft<'_>),
}

/// Any header: the usual names decide.
pub const GENERIC: Kind = Kind {
    name: "csv",
    ts_kind: TsKind::Start,
    // Files of measurements tell each request several times, once a metric.
    claims: |names| !names.contains(&"metric_name"),
    own: &[],
    zone: None,
    words: &[],
    settle: |_| {},
};

/// The header is among the first lines; titles and notes may stand before it.
const HEADER_LINES_MAX: usize = 30;

/// A row over more lines or bytes than these has lost a quote.
const ROW_LINES_MAX: usize = 2_000;
const ROW_BYTES_MAX: usize = 1 << 20;

/// A longer line is no header.
const HEADER_BYTES_MAX: usize = 32 << 10;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// One header and how its rows are read.
struct Grid {
    kind: &'static Kind,
    columns: Columns,
    names: Vec<String>,
    delimiter: u8,
    zone: Option<Tz>,
}

impl Grid {
    /// The header in a line, split at the delimiter that gives the most columns.
    fn of_header(
        kind: &'static Kind,
        line: &str,
        told: Option<u8>,
        synonyms: &Synonyms,
        options: &Options,
    ) -> Option<Self> {
        if line.len() > HEADER_BYTES_MAX {
            return None;
        }
        let line = line.trim_start_matches(['#', ' ']);
        let cut = |delimiter: u8| Some((delimiter, split_cells(line, delimiter).ok()?));
        let (delimiter, cells) = match told {
            Some(delimiter) => cut(delimiter)?,
            None => DELIMITERS
                .into_iter()
                .filter_map(cut)
                .max_by_key(|(_, cells)| cells.len())?,
        };
        let names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        let numbers = names.iter().any(|name| name.parse::<f64>().is_ok());
        if names.len() < 2 || numbers || !(kind.claims)(&names) {
            return None;
        }
        let grid = Self::of_names(kind, &names, delimiter, synonyms, options);
        grid.columns.tell_http().then_some(grid)
    }

    fn of_names(
        kind: &'static Kind,
        names: &[&str],
        delimiter: u8,
        synonyms: &Synonyms,
        options: &Options,
    ) -> Self {
        Self {
            kind,
            columns: Columns::new(names, own_words(kind, names), synonyms, options),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            delimiter,
            zone: options.zone.or(kind.zone),
        }
    }

    /// As many cells as there are columns, or why not.
    fn cells<'a>(&self, row: &'a str) -> Result<Vec<Text<'a>>, Parsed> {
        let unread = || Parsed::Rejected(Rejected::BadColumns);
        let mut cells = split_cells(row, self.delimiter).map_err(|_| unread())?;
        let width = self.columns.len();
        if cells.len() < 2 {
            return Err(Parsed::Rejected(Rejected::NoFormatMatched));
        }
        // Some writers end each row with a delimiter.
        let spare = cells.get(width..).unwrap_or_default();
        if cells.len() < width || !spare.iter().all(|cell| cell.is_empty()) {
            return Err(unread());
        }
        cells.truncate(width);
        for cell in &mut cells {
            if let Cow::Borrowed(text) = cell {
                *cell = Cow::Borrowed(text.trim());
            }
        }
        self.join_thousands(&mut cells);
        self.translate(&mut cells);
        Ok(cells)
    }

    /// `"1,250"`: where commas part the cells, one inside a number parts its thousands.
    fn join_thousands(&self, cells: &mut [Text<'_>]) {
        if self.delimiter != b',' {
            return;
        }
        for (at, cell) in cells.iter_mut().enumerate() {
            if cell.contains(',') && self.columns.holds_numbers(at) && has_thousands(cell) {
                *cell = Cow::Owned(cell.replace(',', ""));
            }
        }
    }

    fn translate(&self, cells: &mut [Text<'_>]) {
        for (column, value, meaning) in self.kind.words {
            let at = self.names.iter().position(|name| name == column);
            if let Some(cell) = at.and_then(|at| cells.get_mut(at))
                && *cell == *value
            {
                *cell = Cow::Borrowed(meaning);
            }
        }
    }

    fn draft<'a>(&self, row: &'a str) -> Result<Draft<'a>, Parsed> {
        let mut cells = self.cells(row)?;
        let around = Surroundings {
            zone: self.zone,
            ..Surroundings::default()
        };
        let mut draft = Draft::new(self.kind.ts_kind, self.zone);
        self.columns
            .fill(&mut cells, &around, &mut draft)
            .map_err(Parsed::Rejected)?;
        if !is_exchange(&draft) {
            return Err(Parsed::Ignored(Ignored::NotHttp));
        }
        (self.kind.settle)(&mut draft);
        Ok(draft)
    }
}

/// `1,250` and `12,345,678.9`, not `0,412`.
fn has_thousands(cell: &str) -> bool {
    let whole = cell.split_once('.').map_or(cell, |(whole, _)| whole);
    let mut groups = whole.split(',');
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let begins = (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0');
    begins && groups.all(|group| group.len() == 3 && digits(group))
}

/// JMeter counts milliseconds under names that do not say so.
const JMETER: &[Word] = &[
    ("elapsed", own(Field::Duration(Unit::Millis))),
    ("Latency", own(Field::Skip)),
];

fn own_words(kind: &Kind, names: &[&str]) -> &'static [Word] {
    let told = ["timeStamp", "elapsed", "label"].map(|name| names.contains(&name));
    match told == [true; 3] {
        true if kind.own.is_empty() => JMETER,
        _ => kind.own,
    }
}

/// Reads a file with a header.
pub struct Sheet {
    kind: &'static Kind,
    options: Options,
    synonyms: Synonyms,
    grid: Option<Grid>,
    /// `sep=;`, which spreadsheets write in front.
    delimiter: Option<u8>,
    lines_seen: usize,
    open: Option<Open>,
}

/// A row whose quoted cell goes on.
struct Open {
    at: Place,
    text: String,
    lines: Vec<(Place, std::ops::Range<usize>)>,
}

impl Open {
    fn push(&mut self, line: &str, at: Place) {
        if !self.lines.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(line);
        self.lines.push((at, start..self.text.len()));
    }

    fn is_too_large(&self) -> bool {
        self.lines.len() >= ROW_LINES_MAX || self.text.len() >= ROW_BYTES_MAX
    }
}

impl Sheet {
    pub fn new(kind: &'static Kind, options: &Options) -> Self {
        Self {
            kind,
            options: options.clone(),
            synonyms: Synonyms::default(),
            grid: None,
            delimiter: None,
            lines_seen: 0,
            open: None,
        }
    }

    fn header(&self, line: &str) -> Option<Grid> {
        Grid::of_header(
            self.kind,
            line,
            self.delimiter,
            &self.synonyms,
            &self.options,
        )
    }

    fn before_header(&mut self, line: &str) -> Parsed {
        if self.lines_seen >= HEADER_LINES_MAX {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        self.lines_seen += 1;
        if let Some(delimiter) = line.strip_prefix("sep=") {
            // Rows are cut at bytes, which only an ASCII sign may be.
            self.delimiter = delimiter.bytes().next().filter(u8::is_ascii);
            return Parsed::Ignored(Ignored::Comment);
        }
        self.grid = self.header(line);
        match self.grid {
            Some(_) => Parsed::Ignored(Ignored::Comment),
            None => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }

    fn row(&mut self, row: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let Some(grid) = &self.grid else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let parsed = match grid.draft(row) {
            Ok(draft) => return hand_over(self.kind.name, draft, row, at, found),
            Err(parsed) => parsed,
        };
        // Files that were put together bring their headers along.
        if matches!(parsed, Parsed::Rejected(_))
            && let Some(grid) = self.header(row)
        {
            self.grid = Some(grid);
            return Parsed::Ignored(Ignored::Comment);
        }
        parsed
    }

    fn go_on(&mut self, mut open: Open, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        open.push(line, at);
        let delimiter = self.grid.as_ref().map_or(b',', |grid| grid.delimiter);
        if !ends_inside(line, delimiter, true) {
            return self.row(&open.text, open.at, found);
        }
        if open.is_too_large() {
            self.give_up(&open, found);
            return Parsed::Rejected(Rejected::TooLong);
        }
        self.open = Some(open);
        Parsed::Ignored(Ignored::Part)
    }

    /// A quote was lost: the lines behind the first are rows of their own after all.
    fn give_up(&mut self, open: &Open, found: &mut Sink<'_>) {
        for (at, range) in open.lines.iter().skip(1) {
            self.row(&open.text[range.clone()], *at, found);
        }
    }
}

impl SequenceParser for Sheet {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        if let Some(open) = self.open.take() {
            return self.go_on(open, line, at, found);
        }
        if line.trim().is_empty() {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let Some(grid) = &self.grid else {
            return self.before_header(line);
        };
        if line.starts_with('#') {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let quoted = memchr::memchr(b'"', line.as_bytes()).is_some();
        if quoted && ends_inside(line, grid.delimiter, false) {
            let mut open = Open {
                at,
                text: String::new(),
                lines: Vec::new(),
            };
            open.push(line, at);
            self.open = Some(open);
            return Parsed::Ignored(Ignored::Part);
        }
        self.row(line, at, found)
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        if let Some(open) = self.open.take() {
            self.give_up(&open, found);
        }
    }
}

/// Reads rows whose columns the user named, because the file does not: `ts,method,path,status`.
pub struct NamedRows(Grid);

impl NamedRows {
    pub fn compile(names: &str, options: &Options) -> Result<Self, TemplateError> {
        let names = names.replace("\\t", "\t");
        let delimiter = DELIMITERS
            .into_iter()
            .max_by_key(|delimiter| memchr::memchr_iter(*delimiter, names.as_bytes()).count())
            .filter(|delimiter| names.as_bytes().contains(delimiter))
            .ok_or(TemplateError::NoVariable)?;
        let cells = split_cells(&names, delimiter).map_err(|_| TemplateError::NoVariable)?;
        let names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        let grid = Grid::of_names(&GENERIC, &names, delimiter, &Synonyms::default(), options);
        match grid.columns.tell_http() {
            true => Ok(Self(grid)),
            false => Err(TemplateError::NotHttp),
        }
    }
}

impl LineParser for NamedRows {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        match self.0.draft(line) {
            Ok(draft) => draft.finish(out),
            Err(parsed) => return parsed,
        }
        Parsed::Record(GENERIC.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::engine::mapping::Mapping;

    /// Each record as `line: status method host path ms ts`, and the fates of the lines.
    fn read(kind: &'static Kind, text: &str) -> (Vec<String>, Vec<Parsed>) {
        let mut sheet = Sheet::new(kind, &Options::default());
        let mut records = Vec::new();
        let mut fates = Vec::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            for e in exchanges.iter() {
                records.push(format!(
                    "{}: {} {} {} {} {} {}",
                    e.line,
                    e.status.map_or("-".to_owned(), |s| s.to_string()),
                    e.method,
                    e.host,
                    e.path,
                    e.duration_ms.map_or("-".to_owned(), |ms| ms.to_string()),
                    e.ts.map_or("-".to_owned(), |at| at.to_string()),
                ));
            }
        };
        for (line, number) in text.lines().zip(1..) {
            let at = Place {
                offset: number,
                line: number,
            };
            fates.push(sheet.line(line, at, &mut found));
        }
        sheet.finish(&mut found);
        (records, fates)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(&GENERIC, text).0, expected, "{text}");
    }

    #[test]
    fn headers_of_many_programs() {
        check(
            "timestamp;integration;method;url;status;ms\n22.11.2026 03:51:46;hubspot;POST;https://api.hubapi.com/crm/v3/objects;429;12,5\n",
            &["2: 429 POST api.hubapi.com /crm/v3/objects 12.5 2026-11-22T03:51:46Z"],
        );
        check(
            "sep=|\nDate|Time|HTTP Method|URL|HTTP Status|Elapsed (ms)\n11/22/2026|3:51:46 PM|GET|https://api.example.com/a|200.0|7\n",
            &["3: 200 GET api.example.com /a 7 2026-11-22T15:51:46Z"],
        );
        check(
            "code\tmethod\turl\ttime_total\tnum_connects\n429\tGET\thttps://api.stripe.com/v1/charges/ch_9\t0.021\t1\n000\tGET\thttps://api.stripe.com/v1/x\t30.001\t1\n",
            &[
                "2: 429 GET api.stripe.com /v1/charges/ch_9 21 -",
                "3: - GET api.stripe.com /v1/x 30001 -",
            ],
        );
        check(
            "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,URL,Latency\n1795319506069,812,pay,429,Too Many Requests,false,58,https://api.example.com/a,800\n1795319506069,30001,pay,Non HTTP response code: java.net.SocketTimeoutException,\"Non HTTP response message: Read timed out\",false,0,https://api.example.com/a,0\n",
            &[
                "2: 429  api.example.com /a 812 2026-11-22T03:51:46.069Z",
                "3: -  api.example.com /a 30001 2026-11-22T03:51:46.069Z",
            ],
        );
        check(
            "\"@timestamp\",\"http.request.method\",\"http.response.status_code\",\"url.full\"\n\"Nov 22, 2026 @ 03:51:46.069\",POST,\"503\",\"https://api.example.com/a?b=c\"\n",
            &["2: 503 POST api.example.com /a - 2026-11-22T03:51:46.069Z"],
        );
        check(
            "time,method,url,status,duration_ms\n2026-11-22T03:51:46Z,GET,https://a.example/x,200,\"1,250\"\n2026-11-22T03:51:46Z,GET,\"https://a.example/1,250\",200,\"1,002,003.5\"\n2026-11-22T03:51:46Z,GET,https://a.example/x,200,\"0,412\"\n",
            &[
                "2: 200 GET a.example /x 1250 2026-11-22T03:51:46Z",
                "3: 200 GET a.example /1,250 1002003.5 2026-11-22T03:51:46Z",
                "4: 200 GET a.example /x 0.412 2026-11-22T03:51:46Z",
            ],
        );
        check(
            "metric_name,timestamp,metric_value,method,status,url\nhttp_reqs,1795319506,1,GET,200,https://a.example/x\n",
            &[],
        );
        check(
            "\"when\",\"call\"\nMonthly export\ntime,call,url,status,code\n46348.1609490741,7,PUT https://a.example/b,failed,503\n",
            &["4: 503 PUT a.example /b - 2026-11-22T03:51:46Z"],
        );
    }

    #[test]
    fn a_delimiter_is_one_ascii_sign() {
        check(
            "sep=\u{7b5}\nmethod,url,status\nGET,https://a.example/\u{7b5}\u{fff},503\n",
            &["3: 503 GET a.example /\u{7b5}\u{fff} - -"],
        );
    }

    #[test]
    fn quoted_cells_may_hold_lines() {
        let text = "time,method,url,status,response_body\n2026-11-22T03:51:46Z,POST,https://a.example/x,429,\"{\n  \"\"error\"\": \"\"slow down, please\"\"\n}\"\n2026-11-22T03:51:47Z,POST,https://a.example/y,200,ok\n";
        let (records, fates) = read(&GENERIC, text);
        assert_eq!(
            records,
            [
                "2: 429 POST a.example /x - 2026-11-22T03:51:46Z",
                "5: 200 POST a.example /y - 2026-11-22T03:51:47Z"
            ]
        );
        use Parsed::{Ignored as I, Record};
        let part = I(Ignored::Part);
        assert_eq!(
            fates,
            [
                I(Ignored::Comment),
                part,
                part,
                Record("csv"),
                Record("csv")
            ]
        );
    }

    #[test]
    fn a_lost_quote_costs_its_own_row_alone() {
        let mut text = "time,method,url,status\n".to_owned();
        text.push_str("2026-11-22T03:51:46Z,POST,\"https://a.example/x,429\n");
        let rows = ROW_LINES_MAX + 10;
        for _ in 0..rows {
            text.push_str("2026-11-22T03:51:46Z,GET,https://a.example/y,200\n");
        }
        let (records, fates) = read(&GENERIC, &text);
        assert_eq!(records.len(), rows);
        let too_long = Parsed::Rejected(Rejected::TooLong);
        assert_eq!(fates.iter().filter(|fate| **fate == too_long).count(), 1);
    }

    #[test]
    fn rows_are_never_shifted_and_headers_may_come_again() {
        let text = "time,method,path,status\n2026-11-22T03:51:46Z,GET,/a,b,200\n2026-11-22T03:51:46Z,GET,/a\nyesterday,GET,/a,200\n2026-11-22T03:51:46Z,GET,/a,many\nstatus,method,path,time\n503,GET,/a,2026-11-22T03:51:46Z\n503,GET,/a,2026-11-22T03:51:46Z,\n# done\n";
        let (records, fates) = read(&GENERIC, text);
        assert_eq!(records.len(), 2, "{records:?}");
        let rejected: Vec<Rejected> = fates
            .iter()
            .filter_map(|fate| match fate {
                Parsed::Rejected(reason) => Some(*reason),
                _ => None,
            })
            .collect();
        use Rejected::{BadColumns, BadStatus, BadTime, NoFormatMatched};
        assert_eq!(
            rejected,
            [BadColumns, BadColumns, BadTime, BadStatus, NoFormatMatched]
        );
    }

    #[test]
    fn the_users_own_places_win() {
        let options = Options {
            mapping: Mapping::parse(&["status=result", "duration_s=wait"]).expect("pairs"),
            ..Options::default()
        };
        let mut sheet = Sheet::new(&GENERIC, &options);
        let mut told = Vec::new();
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            told.extend(exchanges.iter().map(|e| (e.status, e.duration_ms)));
        };
        for line in ["url,status,result,wait", "https://a.example/x,200,503,7"] {
            sheet.line(line, Place::default(), &mut found);
        }
        assert_eq!(told, [(Some(503), Some(7_000.0))]);
    }

    #[test]
    fn tables_about_other_things_are_left_alone() {
        check("name,age\nAnn,30\n", &[]);
        check(
            "Dear diary, today I read a book about status codes\nand a method\n",
            &[],
        );
    }
}
