//! `key=value` lines: logfmt, routers that write it, loggers of client libraries.
//!
//! Keys may repeat (the first that fits counts), stand bare (they say yes) and come in any order. Text may stand in front
//! of the first key; a time in it counts where no key tells one.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Text, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::calendar::parse_moment;
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::named::{Named, find_synonym, is_exchange, unit_of_name};
use crate::read::engine::synonyms::Synonyms;
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::instant::parse_any;
use crate::read::skip::{Ignored, Rejected};

/// What a known writer means by its keys.
pub struct Keys {
    pub name: &'static str,
    /// Keys that all must be there.
    pub markers: &'static [&'static str],
    pub ts_kind: TsKind,
    /// Keys that mean something else, or more precisely, than the usual names say.
    pub own: &'static [(&'static str, Field)],
    /// What the pairs tell beyond single fields.
    pub settle: fn(&[Pair<'_>], &mut Draft<'_>),
}

/// Any logfmt: the usual names decide.
pub const GENERIC: Keys = Keys {
    name: "logfmt",
    markers: &[],
    ts_kind: TsKind::Start,
    own: &[],
    settle: |_, _| {},
};

/// Pairs of one line; a line with more keeps the rest unread.
const PAIRS_MAX: usize = 400;

/// How far into a line its first pair begins.
const PREFIX_MAX: usize = 400;

#[derive(Clone, Debug, PartialEq)]
pub struct Pair<'a> {
    pub key: &'a str,
    pub value: Text<'a>,
}

/// Reads one line of pairs.
pub struct Logfmt {
    keys: &'static Keys,
    options: Options,
    synonyms: Synonyms,
    units: Vec<(Unit, Field)>,
}

/// Ranks: the user's mapping, the writer's own keys, the usual names.
const MAPPED: u16 = 0;
const OWN: u16 = 1;
const USUAL: u16 = 10;

impl Logfmt {
    pub fn new(keys: &'static Keys, options: &Options) -> Self {
        let units = [Unit::Seconds, Unit::Millis, Unit::Micros, Unit::Nanos];
        Self {
            keys,
            options: options.clone(),
            synonyms: Synonyms::default(),
            units: units.map(|unit| (unit, Field::Duration(unit))).to_vec(),
        }
    }

    /// The value's field and how good this key is for it.
    fn field(&self, pair: &Pair<'_>) -> Option<(Cow<'_, Field>, u16)> {
        let (field, rank) = self.field_of(pair.key)?;
        if *field == Field::Duration(Unit::Guess) {
            let unit = self.options.units.of(pair.key, &pair.value);
            return Some((Cow::Owned(Field::Duration(unit)), rank));
        }
        Some((field, rank))
    }

    fn field_of(&self, key: &str) -> Option<(Cow<'_, Field>, u16)> {
        if let Some(field) = self.options.mapping.field_of(key) {
            return Some((Cow::Borrowed(field), MAPPED));
        }
        if let Some((_, field)) = self.keys.own.iter().find(|(known, _)| *known == key) {
            return Some((Cow::Borrowed(field), OWN));
        }
        let synonym = find_synonym(&self.synonyms, key)?;
        let rank = USUAL + synonym.rank;
        if synonym.field == Field::Duration(Unit::Guess)
            && let Some(unit) = unit_of_name(key)
        {
            let (_, field) = self.units.iter().find(|(known, _)| *known == unit)?;
            return Some((Cow::Borrowed(field), rank));
        }
        Some((Cow::Owned(synonym.field), rank))
    }

    fn draft<'a>(&self, pairs: Vec<Pair<'a>>, prefix: &str) -> Result<Option<Draft<'a>>, Rejected> {
        let mut draft = Draft::new(self.keys.ts_kind, self.options.zone);
        let mut named = Named::with_capacity(pairs.len());
        let mut time: Option<(u16, Timestamp)> = None;
        for pair in &pairs {
            match self.field(pair) {
                Some((field, rank)) if *field == Field::Time(TimeForm::Any) => {
                    let better = time.is_none_or(|(known, _)| rank < known);
                    if better && let Some(at) = parse_moment(&pair.value, self.options.zone) {
                        time = Some((rank, at));
                    }
                }
                Some((field, rank)) => named.offer(field, rank, pair.value.clone()),
                None => {}
            }
        }
        // A status that is a word belongs to something else than an answer.
        if named.fill(&mut draft).is_err() {
            return Ok(None);
        }
        if let Some(at) = time.map(|(_, at)| at).or_else(|| self.prefix_time(prefix)) {
            draft.set_instant(at);
        }
        if !is_exchange(&draft) {
            return Ok(None);
        }
        (self.keys.settle)(&pairs, &mut draft);
        Ok(Some(draft))
    }

    fn prefix_time(&self, prefix: &str) -> Option<Timestamp> {
        let bytes = prefix.as_bytes();
        let dash = |at: usize| matches!(bytes.get(at), Some(b'-' | b'/'));
        let start = (0..bytes.len().saturating_sub(18))
            .find(|at| bytes[*at].is_ascii_digit() && dash(at + 4) && dash(at + 7))?;
        let text = prefix.get(start..)?;
        let clock = text.get(11..)?;
        let clock_end = clock
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
            .unwrap_or(clock.len());
        let zone_end = clock[clock_end..]
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, 'Z' | '+' | '-' | ':')))
            .unwrap_or(clock.len() - clock_end);
        let whole = &text[..11 + clock_end + zone_end];
        parse_any(whole.trim_end_matches([':', '-']), self.options.zone)
            .or_else(|| parse_any(&text[..11 + clock_end], self.options.zone))
    }
}

impl LineParser for Logfmt {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(start) = first_pair(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let (prefix, text) = line.split_at(start);
        let pairs = split_pairs(text);
        let told = |key: &&str| pairs.iter().any(|pair| pair.key == *key);
        if !self.keys.markers.iter().all(told) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        let other = match prefix.is_empty() && pairs.len() > 1 {
            true => Parsed::Ignored(Ignored::NotHttp),
            // Text with a pair somewhere may be anything.
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        };
        match self.draft(pairs, prefix) {
            Ok(Some(draft)) => draft.finish(out),
            Ok(None) => return other,
            Err(reason) => return Parsed::Rejected(reason),
        }
        Parsed::Record(self.keys.name)
    }

    /// What a writer means by its own keys is not known by the usual names.
    fn reads_over(&self, _line: &str) -> bool {
        self.keys.markers.is_empty()
    }
}

/// Where the first `key=` stands; none in lines of other shapes.
fn first_pair(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    // JSON, and XML other than the number that a syslog header begins with.
    let markup = |next: Option<&u8>| !next.is_some_and(u8::is_ascii_digit);
    match bytes.first()? {
        b'{' => return None,
        b'<' if markup(bytes.get(1)) => return None,
        _ => {}
    }
    let window = &bytes[..bytes.len().min(PREFIX_MAX)];
    memchr::memchr_iter(b'=', window)
        .take(8)
        .find_map(|equals| {
            let key = bytes[..equals]
                .iter()
                .rev()
                .take_while(|b| is_key_byte(**b))
                .count();
            let start = equals - key;
            let apart = start == 0 || matches!(bytes[start - 1], b' ' | b'\t' | b':' | b'[');
            (key > 0 && apart && !bytes[start].is_ascii_digit()).then_some(start)
        })
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'/')
}

/// The pairs of a text; a bare word is a key that says yes.
pub fn split_pairs(text: &str) -> Vec<Pair<'_>> {
    let mut pairs = Vec::with_capacity(16);
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() && pairs.len() < PAIRS_MAX {
        let end = rest.find(['=', ' ', '\t']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            pairs.push(Pair {
                key,
                value: Cow::Borrowed("true"),
            });
            rest = after.trim_ascii_start();
            continue;
        };
        let (value, after) = split_value(value);
        pairs.push(Pair { key, value });
        // Some writers put commas between.
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    pairs
}

/// A value in quotes (either kind) or up to the next white space.
fn split_value(text: &str) -> (Text<'_>, &str) {
    let quoted = match text.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => closing_quote(&text[1..], *quote),
        _ => None,
    };
    match quoted {
        Some(end) => (unescape(&text[1..end + 1]), &text[end + 2..]),
        None => {
            let end = text.find([' ', '\t']).unwrap_or(text.len());
            let (value, after) = text.split_at(end);
            (Cow::Borrowed(value.trim_end_matches(',')), after)
        }
    }
}

/// The quote that ends a value: not escaped, and for single ones followed by a space or nothing, because apostrophes
/// occur.
fn closing_quote(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(quote, b'\\', &bytes[at..]).map(|i| i + at) {
        let ends =
            quote == b'"' || matches!(bytes.get(found + 1), None | Some(b' ' | b',' | b'\t'));
        match bytes[found] {
            b'\\' if found + 1 < bytes.len() => at = found + 2,
            b'\\' => return None,
            _ if ends => return Some(found),
            _ => at = found + 1,
        }
    }
    None
}

/// Undoes `\"`, `\\`, `\'`, `\n`, `\r` and `\t`; anything else behind a backslash stays.
fn unescape(text: &str) -> Text<'_> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other @ ('"' | '\\' | '\'')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::engine::mapping::Mapping;

    fn parse(line: &str) -> (Parsed, Option<Exchange<'_>>) {
        let mut out = Vec::new();
        let parsed = Logfmt::new(&GENERIC, &Options::default()).parse(line, &mut out);
        (parsed, out.pop())
    }

    #[track_caller]
    fn check(line: &str, expected: (Option<u16>, &str, &str, &str, Option<f32>), ts: Option<&str>) {
        let (parsed, found) = parse(line);
        assert_eq!(parsed, Parsed::Record(GENERIC.name), "{line}");
        let e = found.expect("an exchange");
        assert_eq!(
            (
                e.status,
                e.method.as_ref(),
                e.host.as_ref(),
                e.path.as_ref(),
                e.duration_ms
            ),
            expected,
            "{line}"
        );
        assert_eq!(e.ts.map(|at| at.to_string()).as_deref(), ts, "{line}");
    }

    #[test]
    fn requests_of_many_writers() {
        check(
            r#"time=2026-11-22T03:54:18.704Z level=warn msg="vendor request" method=GET url=https://shop.example.com/admin/orders/860233.json status=503 duration=9ms attempt=2 error="upstream said \"503\"""#,
            (
                Some(503),
                "GET",
                "shop.example.com",
                "/admin/orders/860233.json",
                Some(9.0),
            ),
            Some("2026-11-22T03:54:18.704Z"),
        );
        check(
            r#"logger=context userId=1 t=2026-11-22T03:51:46.06Z level=info msg="Request Completed" method=GET path=/api/live/ws status=-1 remote_addr=127.0.0.1 duration=1m2.5s size=0 referer= handler=/api/live/ws"#,
            (None, "GET", "", "/api/live/ws", Some(62_500.0)),
            Some("2026-11-22T03:51:46.060Z"),
        );
        check(
            r#"time="2026-11-22T03:51:46Z" level=info msg="response completed" http.request.method=GET http.request.host=registry.example http.request.uri=/v2/ http.response.status=200 http.response.duration=1.204s"#,
            (Some(200), "GET", "registry.example", "/v2/", Some(1204.0)),
            Some("2026-11-22T03:51:46Z"),
        );
        check(
            "2026-11-22 03:51:46,069 INFO stripe message='Stripe API response' path=https://api.stripe.com/v1/charges response_code=429",
            (Some(429), "", "api.stripe.com", "/v1/charges", None),
            Some("2026-11-22T03:51:46.069Z"),
        );
        check(
            "message='It's done' method=post path=https://api.example.com/x response_code=200",
            (Some(200), "POST", "api.example.com", "/x", None),
            None,
        );
        check(
            "method=POST url=/a status=error status=502 elapsed_us=350 dry ok",
            (Some(502), "POST", "", "/a", Some(0.35)),
            None,
        );
        check(
            "[2026-11-22T04:51:46+01:00] INFO: method=PUT path=/b code=204 latency=350µs",
            (Some(204), "PUT", "", "/b", Some(0.35)),
            Some("2026-11-22T03:51:46Z"),
        );
    }

    #[test]
    fn the_users_own_places_win() {
        let options = Options {
            mapping: Mapping::parse(&["status=upstream.rc", "method=op"]).expect("pairs"),
            ..Options::default()
        };
        let mut out = Vec::new();
        let line = "op=PUT url=/a status=200 upstream.rc=503";
        Logfmt::new(&GENERIC, &options).parse(line, &mut out);
        let told: Vec<_> = out.iter().map(|e| (e.method.as_ref(), e.status)).collect();
        assert_eq!(told, [("PUT", Some(503))]);
    }

    #[test]
    fn other_lines_are_told_apart() {
        for (line, expected) in [
            (
                r#"time="2026-11-22T03:51:46Z" level=error msg="pod not found" namespace=a pod=b status=Pending"#,
                Parsed::Ignored(Ignored::NotHttp),
            ),
            (
                "message='Request to Stripe api' method=post path=https://api.stripe.com/v1/charges",
                Parsed::Ignored(Ignored::NotHttp),
            ),
            ("x = y + 1", Parsed::Rejected(Rejected::NoFormatMatched)),
            (
                "the key=value kind of text",
                Parsed::Rejected(Rejected::NoFormatMatched),
            ),
            (
                r#"{"a":"b=c"}"#,
                Parsed::Rejected(Rejected::NoFormatMatched),
            ),
            ("", Parsed::Rejected(Rejected::NoFormatMatched)),
        ] {
            assert_eq!(parse(line).0, expected, "{line}");
        }
    }

    #[test]
    fn quotes_that_never_end_and_lone_backslashes() {
        let pairs = |text| {
            let pairs = split_pairs(text);
            pairs
                .iter()
                .map(|p| format!("{}:{}", p.key, p.value))
                .collect::<Vec<_>>()
        };
        assert_eq!(pairs(r#"a="b c d=e"#), ["a:\"b", "c:true", "d:e"]);
        assert_eq!(pairs(r#"a="b\" e=é"#), ["a:\"b\\\"", "e:é"]);
        assert_eq!(pairs("a= b=\"\" =c"), ["a:", "b:", ":c"]);
    }
}
