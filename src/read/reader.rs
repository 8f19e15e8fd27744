//! One source's lines to exchanges: the main parser, the fall-backs, and the reasons for what gave nothing.

use crate::model::exchange::{Exchange, TsKind};
use crate::model::plain::Plain;
use crate::model::time::Timestamp;
use crate::read::engine::haproxy;
use crate::read::engine::record::{GENERIC, JsonLines};
use crate::read::format::{LineParser, Options, Parsed, Place, Sink};
use crate::read::instant::parse_clf;
use crate::read::skip::{Ignored, Rejected};
use crate::read::wrap::objects::several;
use crate::read::wrap::wrapper::{Line, Outer, Wrapper};
use crate::read::wrap::{LAYERS_MAX, WRAPPERS, zone};

/// Reads lines of one source. Shared by all workers.
pub struct LineReader {
    name: &'static str,
    main: Box<dyn LineParser>,
    /// Of the fall-backs, the first so many are more specific than the main parser.
    finer: usize,
    fallbacks: Vec<Box<dyn LineParser>>,
    /// Tells JSON about other things from JSON that should have been read.
    any_json: JsonLines,
    /// What is peeled off each line, from the outside.
    layers: Vec<&'static Wrapper>,
    options: Options,
}

impl LineReader {
    pub fn new(
        name: &'static str,
        main: Box<dyn LineParser>,
        fallbacks: Vec<Box<dyn LineParser>>,
    ) -> Self {
        Self {
            name,
            main,
            finer: 0,
            fallbacks,
            any_json: JsonLines::new(&GENERIC, &Options::default()),
            layers: Vec::new(),
            options: Options::default(),
        }
    }

    /// The same for lines in wrappers, whose times `options` say how to read.
    pub fn wrapped(mut self, layers: Vec<&'static Wrapper>, options: &Options) -> Self {
        self.layers = layers;
        self.options = options.clone();
        self
    }

    /// The same where the first so many of the fall-backs know more of a line than the main parser does, if it is
    /// theirs.
    pub fn with_finer(mut self, finer: usize) -> Self {
        self.finer = finer.min(self.fallbacks.len());
        self
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Hands over the exchanges of one line (without its line end), with `raw`, `line` and `offset` filled.
    pub fn read(&self, text: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        self.read_inside(Line::new(text, at), found)
    }

    /// The usual line, read faster; `None` leaves it to `read`.
    pub fn plain<'a>(&self, text: &'a str) -> Option<(&'static str, Plain<'a>)> {
        let text = clean(text);
        let whole = self.layers.is_empty() && !self.is_read_over(text);
        whole.then(|| self.main.plain(text)).flatten()
    }

    /// The same for a line that stood inside others.
    pub fn read_inside(&self, line: Line<'_>, found: &mut Sink<'_>) -> Parsed {
        let line = Line {
            text: clean(line.text),
            ..line
        };
        self.peel(&self.layers, line, found)
    }

    fn peel(&self, layers: &[&'static Wrapper], line: Line<'_>, found: &mut Sink<'_>) -> Parsed {
        let Some((wrapper, rest)) = layers.split_first() else {
            return self.bare(line, found);
        };
        let Some(peeled) = (wrapper.peel)(line.text) else {
            return self.peel(rest, line, found);
        };
        let outer = Outer {
            time: peeled.time.clone(),
            around: line.outer,
        };
        let inner = line.inside(&peeled, &outer);
        let inner = Line {
            text: clean(inner.text),
            ..inner
        };
        let parsed = self.peel(rest, inner, found);
        if wrapper.sure || matches!(parsed, Parsed::Record(_)) {
            return parsed;
        }
        self.bare(line, found)
    }

    /// Reads what nothing more is to be peeled of.
    fn bare(&self, line: Line<'_>, found: &mut Sink<'_>) -> Parsed {
        if line.text.is_empty() {
            return Parsed::Ignored(Ignored::Blank);
        }
        let mut exchanges = Vec::with_capacity(1);
        let parsed = self.parse(line.text, &mut exchanges);
        if let Parsed::Record(format) = parsed {
            self.hand_over(format, line, &mut exchanges, found);
            return parsed;
        }
        self.odd(line, parsed, found)
    }

    fn hand_over<'l>(
        &self,
        format: &'static str,
        line: Line<'l>,
        exchanges: &mut [Exchange<'l>],
        found: &mut Sink<'_>,
    ) {
        for exchange in &mut *exchanges {
            exchange.raw = line.raw();
            exchange.line = line.at.line;
            exchange.offset = line.at.offset;
            if exchange.ts.is_none()
                && let Some(ts) = self.time_around(line)
            {
                exchange.ts = Some(ts);
                exchange.ts_kind = TsKind::End;
            }
        }
        if let Some(outer) = line.outer
            && format == haproxy::NAME
        {
            for exchange in &mut *exchanges {
                zone::settle(exchange, line.text, outer, self.options.zone);
            }
        }
        found(format, exchanges);
    }

    /// Of the wrappers that were peeled, else of one that the format read over.
    #[cold]
    fn time_around(&self, line: Line<'_>) -> Option<Timestamp> {
        let known = line.outer.and_then(|outer| outer.instant(&self.options));
        if known.is_some() || line.text.starts_with('{') {
            return known;
        }
        let peeled = WRAPPERS
            .iter()
            .find_map(|wrapper| (wrapper.peel)(line.text))?;
        let outer = Outer {
            time: peeled.time.clone(),
            around: None,
        };
        outer.instant(&self.options)
    }

    /// A line that is no record as it stands: it may hold several, or be wrapped unlike the others.
    #[cold]
    fn odd(&self, line: Line<'_>, parsed: Parsed, found: &mut Sink<'_>) -> Parsed {
        let settled = matches!(
            parsed,
            Parsed::Ignored(why) if !matches!(why, Ignored::NotHttp | Ignored::Text)
        );
        if settled {
            return parsed;
        }
        if let Some(record) = self.several(line, found) {
            return record;
        }
        if line.depth >= LAYERS_MAX {
            return parsed;
        }
        for wrapper in WRAPPERS {
            if !wrapper.sure && !may_carry(line.text) {
                continue;
            }
            let Some(peeled) = (wrapper.peel)(line.text) else {
                continue;
            };
            let outer = Outer {
                time: peeled.time.clone(),
                around: line.outer,
            };
            let inner = line.inside(&peeled, &outer);
            let inner = Line {
                text: clean(inner.text),
                ..inner
            };
            let inside = self.bare(inner, found);
            let record = matches!(inside, Parsed::Record(_));
            // What looked like a record as it stands is none the less one when nothing is behind a name.
            let loses = matches!((parsed, inside), (Parsed::Rejected(_), Parsed::Ignored(_)));
            if record || wrapper.sure && !loses {
                return inside;
            }
        }
        parsed
    }

    fn several(&self, line: Line<'_>, found: &mut Sink<'_>) -> Option<Parsed> {
        let mut exchanges = Vec::new();
        let mut name = None;
        for object in several(line.text) {
            if let Parsed::Record(format) = self.parse(object, &mut exchanges) {
                name = name.or(Some(format));
            }
        }
        self.hand_over(name?, line, &mut exchanges, found);
        name.map(Parsed::Record)
    }

    /// Whether a more specific format may understand more of the line.
    fn is_read_over(&self, text: &str) -> bool {
        self.finer > 0 && self.main.reads_over(text)
    }

    fn parse<'a>(&self, text: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if self.is_read_over(text)
            && let Some(record) = self.parse_by(&self.fallbacks[..self.finer], text, out)
        {
            return record;
        }
        let first = match self.main.parse(text, out) {
            Parsed::Rejected(reason) => reason,
            // An object behind a record of another format is no reason to leave that out.
            Parsed::Ignored(Ignored::NotHttp) if !text.starts_with('{') => {
                let found = self.parse_by(&self.fallbacks, text, out);
                return found.unwrap_or(Parsed::Ignored(Ignored::NotHttp));
            }
            settled => return settled,
        };
        if let Some(aside) = is_aside(text) {
            return Parsed::Ignored(aside);
        }
        if first == Rejected::NoFormatMatched && is_trace(text) {
            return Parsed::Ignored(Ignored::Text);
        }
        for parser in &self.fallbacks {
            match parser.parse(text, out) {
                Parsed::Rejected(_) => {}
                settled => return settled,
            }
        }
        if first == Rejected::NoFormatMatched && self.is_other_json(text) {
            return Parsed::Ignored(Ignored::NotHttp);
        }
        if first == Rejected::NoFormatMatched && !looks_like_record(text) {
            return Parsed::Ignored(Ignored::Text);
        }
        Parsed::Rejected(first)
    }

    /// By one of the formats that knows the line.
    fn parse_by<'a>(
        &self,
        parsers: &[Box<dyn LineParser>],
        text: &'a str,
        out: &mut Vec<Exchange<'a>>,
    ) -> Option<Parsed> {
        let mut fates = parsers.iter().map(|parser| parser.parse(text, out));
        fates.find(|fate| {
            matches!(
                fate,
                Parsed::Record(_) | Parsed::Ignored(Ignored::Connection)
            )
        })
    }

    /// Start-up lines and the like of a program that logs JSON.
    fn is_other_json(&self, text: &str) -> bool {
        text.starts_with('{')
            && self.any_json.parse(text, &mut Vec::new()) == Parsed::Ignored(Ignored::NotHttp)
    }
}

/// A record that something not sure holds inside has a request line, or is JSON in its turn.
fn may_carry(text: &str) -> bool {
    ["HTTP/", "{\\\"", " {\""]
        .iter()
        .any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

/// What follows an application's message: the rest of a stack trace. No line of an access log begins so.
fn is_trace(line: &str) -> bool {
    const STARTS: [&str; 6] = [
        "at ",
        "Caused by:",
        "Traceback (",
        "File \"",
        "... ",
        "Suppressed:",
    ];
    let text = line.trim_start();
    STARTS.iter().any(|start| text.starts_with(start))
}

/// Drops what is not text of the line: a carriage return, NULs left by a crash, a byte order mark.
pub fn trim(line: &str) -> &str {
    let bytes = line.as_bytes();
    let starts = !matches!(bytes.first(), Some(0 | 0xEF));
    let ends = !matches!(bytes.last(), Some(b'\r' | b'\n' | 0));
    if starts && ends {
        return line;
    }
    let line = line.trim_start_matches(['\0', '\u{feff}']);
    line.trim_end_matches(['\r', '\n', '\0'])
}

/// The same, and blanks behind the text.
pub fn clean(line: &str) -> &str {
    let line = trim(line);
    match line.as_bytes().last() {
        Some(b' ') => line.trim_end_matches([' ', '\r', '\n', '\0']),
        _ => line,
    }
}

/// Lines that stand in access logs and are none.
pub fn is_aside(line: &str) -> Option<Ignored> {
    if line.starts_with('#') {
        return Some(Ignored::Comment);
    }
    is_error_log(line).then_some(Ignored::ErrorLog)
}

/// `2026/11/22 03:38:51 [error] …` of nginx, `[Sun Nov 22 03:38:51.123 2026] [core:error] …` of Apache.
fn is_error_log(line: &str) -> bool {
    let bytes = line.as_bytes();
    let nginx = bytes.len() > 22
        && bytes[4] == b'/'
        && bytes[7] == b'/'
        && bytes[10] == b' '
        && bytes[20] == b'['
        && bytes[..4].iter().all(u8::is_ascii_digit);
    nginx || is_apache_error_log(line)
}

fn is_apache_error_log(line: &str) -> bool {
    const DAYS: [&str; 7] = [
        "[Mon ", "[Tue ", "[Wed ", "[Thu ", "[Fri ", "[Sat ", "[Sun ",
    ];
    DAYS.iter().any(|day| line.starts_with(day)) && line.contains("] [")
}

/// A line that nobody could read was meant as a record when it has a request line, a common-log date or JSON.
pub fn looks_like_record(line: &str) -> bool {
    line.starts_with('{') || line.contains("HTTP/") || has_clf_date(line)
}

fn has_clf_date(line: &str) -> bool {
    memchr::memchr_iter(b'[', line.as_bytes())
        .take(8)
        .any(|at| {
            line.as_bytes()
                .get(at + 1..at + 27)
                .is_some_and(|date| parse_clf(date).is_some())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::format::Layout;
    use crate::read::formats;

    fn reader() -> LineReader {
        let build = |name: &str| match formats::find(name).map(|f| &f.layout) {
            Some(Layout::Lines(build)) => build(&Options::default()),
            _ => panic!("no line format {name}"),
        };
        LineReader::new("combined", build("combined"), vec![build("json")])
    }

    #[track_caller]
    fn check(line: &str, expected: Parsed) {
        let at = Place { offset: 7, line: 3 };
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            assert!(
                exchanges
                    .iter()
                    .all(|e| e.offset == 7 && e.line == 3 && !e.raw.is_empty())
            );
        };
        assert_eq!(reader().read(line, at, &mut found), expected, "{line}");
    }

    #[test]
    fn each_line_has_one_fate() {
        check("", Parsed::Ignored(Ignored::Blank));
        check("\0\0\0", Parsed::Ignored(Ignored::Blank));
        check("#Software: x", Parsed::Ignored(Ignored::Comment));
        check(
            "2021/12/01 13:53:33 [error] 31#31: *46 \"/usr\" is not found",
            Parsed::Ignored(Ignored::ErrorLog),
        );
        check(
            "Traceback (most recent call last):",
            Parsed::Ignored(Ignored::Text),
        );
        check(
            "127.0.0.1 - - [22/Nov/2026:03:51:45 +0000] \"POST /cr",
            Parsed::Rejected(Rejected::NoRequest),
        );
        check(
            "{\"method\":\"GET\",\"url\":\"/a\",\"stat",
            Parsed::Rejected(Rejected::NoFormatMatched),
        );
        check(
            "\u{feff}1.1.1.1 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\r",
            Parsed::Record("combined"),
        );
        check(
            r#"{"method":"GET","url":"/a","status":503,"ts":1795319506}"#,
            Parsed::Record("json"),
        );
        check(
            r#"{"level":"info","msg":"hello"}"#,
            Parsed::Ignored(Ignored::NotHttp),
        );
    }
}
