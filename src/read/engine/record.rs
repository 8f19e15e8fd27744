//! From a JSON object to exchanges: by the user's mapping, by what the keys usually mean, or by an nginx template.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::asides;
use crate::read::engine::draft::{Draft, parse_status};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::json::Json;
use crate::read::engine::json_parse::Values;
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::engine::synonyms::{DEPTH_MAX, Synonyms, is_group, normalise};
use crate::read::engine::template::{Piece, TemplateError};
use crate::read::engine::unfold::{self, Inner};
use crate::read::engine::units::Units;
use crate::read::format::{LineParser, Options, Parsed};
use crate::read::instant::parse_any;
use crate::read::skip::{Ignored, Rejected};

/// What a known shape knows beyond the usual names.
pub struct Shape {
    pub name: &'static str,
    /// Members that all must be there for a line to be of this shape (dotted paths; `a|b` for either).
    pub markers: &'static [&'static str],
    pub ts_kind: TsKind,
    /// Places that mean something else, or more precisely, than the usual names say; they win.
    pub places: &'static [(&'static str, Field)],
    /// Every line with the markers is a request, also one too malformed to have a method.
    pub access_log: bool,
    /// Objects with the markers that are no record all the same, and why.
    pub refuse: Refuse,
    /// Looks at several members together: who answered, whose limit refused, which unit a time has.
    pub settle: Settle,
}

pub type Refuse = fn(&Json<'_>) -> Option<Ignored>;
pub type Settle = for<'a> fn(&Json<'a>, &mut Draft<'a>);

impl Shape {
    /// A shape takes over from this what it has no word on.
    pub const PLAIN: Self = Self {
        name: "json",
        markers: &[],
        ts_kind: TsKind::Start,
        places: &[],
        access_log: false,
        refuse: |_| None,
        settle: |_, _| {},
    };

    fn has_markers(&self, value: &Json<'_>) -> bool {
        let there = |path| value.at_path(path).is_some();
        self.markers
            .iter()
            .all(|either| either.split('|').any(there))
    }
}

/// Objects without any marker: the usual names decide.
pub const GENERIC: Shape = Shape {
    refuse: asides::of_any_program,
    settle: asides::settle_error_code,
    ..Shape::PLAIN
};

/// Members looked at in one record; a record with more keeps the rest unread.
const MEMBERS_MAX: usize = 2_000;

/// Reads JSON objects: one a line, several, or a list of them.
pub struct JsonLines {
    shape: &'static Shape,
    options: Options,
    synonyms: Synonyms,
}

impl JsonLines {
    pub fn new(shape: &'static Shape, options: &Options) -> Self {
        Self {
            shape,
            options: options.clone(),
            synonyms: Synonyms::default(),
        }
    }

    /// Reads a value that is a record, or that holds records.
    pub fn read_value<'a>(&self, value: &Json<'a>, out: &mut Vec<Exchange<'a>>) -> Parsed {
        self.read_within(value, 0, out)
    }

    fn read_within<'a>(
        &self,
        value: &Json<'a>,
        depth: usize,
        out: &mut Vec<Exchange<'a>>,
    ) -> Parsed {
        let itself = match value {
            Json::Object(_) => self.read(value, out),
            _ => Parsed::Rejected(Rejected::NoFormatMatched),
        };
        let nothing = matches!(
            itself,
            Parsed::Rejected(Rejected::NoFormatMatched) | Parsed::Ignored(Ignored::NotHttp)
        );
        if !nothing || depth >= unfold::DEPTH_MAX {
            return itself;
        }
        match unfold::inner(value) {
            Inner::Nothing => itself,
            Inner::One(one) => better(itself, self.read_within(one, depth + 1, out)),
            Inner::Items(items) => items.iter().fold(itself, |fate, item| {
                better(fate, self.read_within(item, depth + 1, out))
            }),
            Inner::Unpacked(value) => better(itself, self.read_within(&value, depth + 1, out)),
        }
    }

    fn read<'a>(&self, value: &Json<'a>, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !self.shape.has_markers(value) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        if let Some(reason) = (self.shape.refuse)(value) {
            return Parsed::Ignored(reason);
        }
        let mut draft = Draft::new(self.shape.ts_kind, self.options.zone);
        for (field, _, value) in self.collect(value) {
            if let Err(reason) = set(&mut draft, &field, value) {
                return Parsed::Rejected(reason);
            }
        }
        (self.shape.settle)(value, &mut draft);
        draft.settle_base();
        if !is_exchange(&draft, self.shape.access_log) {
            if names_request(&draft) && has_odd_status(value) {
                return Parsed::Rejected(Rejected::BadStatus);
            }
            return Parsed::Ignored(Ignored::NotHttp);
        }
        draft.finish(out);
        Parsed::Record(self.shape.name)
    }

    /// One value a field: the mapping's, else the shape's, else the best-ranked usual name's.
    fn collect<'v, 'a>(&'v self, value: &'v Json<'a>) -> Vec<(Field, u16, &'v Json<'a>)> {
        let mut found = Vec::new();
        for place in self.options.mapping.places() {
            if let Some(v) = place.find(value) {
                let field = with_unit(&place.field, MAPPED_DURATION, v, &self.options.units);
                keep_best(&mut found, field, rank_of(v, 0), v);
            }
        }
        for (path, field) in self.shape.places {
            if let Some(v) = value.at_path(path) {
                keep_best(&mut found, field.clone(), rank_of(v, 1), v);
            }
        }
        let mut walk = Walk {
            synonyms: &self.synonyms,
            units: &self.options.units,
            found,
            key: String::new(),
            left: MEMBERS_MAX,
        };
        walk.object(value, 0, 0);
        walk.found
    }
}

/// A place that is there and says nothing yields to the next one that the same hand named.
fn rank_of(value: &Json<'_>, rank: u16) -> u16 {
    match value {
        Json::Null => rank + 5,
        _ => rank,
    }
}

/// Of the fates of a line's values the one that says most.
fn better(one: Parsed, other: Parsed) -> Parsed {
    let weight = |fate: &Parsed| match fate {
        Parsed::Record(_) => 3,
        Parsed::Rejected(Rejected::NoFormatMatched) => 0,
        Parsed::Rejected(_) => 2,
        Parsed::Ignored(_) => 1,
    };
    if weight(&other) > weight(&one) {
        other
    } else {
        one
    }
}

impl LineParser for JsonLines {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let Some(start) = json_start(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let text = &line[start..];
        let mut values = Values::new(text);
        if text.starts_with('[') {
            values.enter_array();
        }
        let first = out.len();
        let mut fate = Parsed::Rejected(Rejected::NoFormatMatched);
        for value in values {
            let next = match value {
                Ok(value) => self.read_value(&value, out),
                Err(_) if is_opening(text) => Parsed::Ignored(Ignored::NotHttp),
                Err(_) => Parsed::Rejected(Rejected::BadJson),
            };
            fate = better(fate, next);
        }
        if start > 0 && out[first..].iter().any(|exchange| exchange.ts.is_none()) {
            let written = time_of_prefix(&line[..start], self.options.zone);
            for exchange in &mut out[first..] {
                exchange.ts = exchange.ts.or(written);
            }
        }
        fate
    }

    /// What a shape's own members mean is not known by the usual names.
    fn reads_over(&self, _line: &str) -> bool {
        self.shape.markers.is_empty()
    }
}

/// The time before the object, where the object has none: one word, or a date and a time of day; else wherever a logger
/// puts it.
fn time_of_prefix(prefix: &str, zone: Option<chrono_tz::Tz>) -> Option<Timestamp> {
    let prefix = prefix.trim_start();
    let word = prefix.split(char::is_whitespace).next()?;
    let rest = prefix[word.len()..].trim_start();
    let longer = rest.split(char::is_whitespace).next()?;
    let both = &prefix[..prefix.len() - rest.len() + longer.len()];
    // A small number is a level or a process, no matter how it is written.
    let told = |text: &&str| {
        let number = text.parse::<f64>();
        number.map_or(true, |number| number.abs() >= EPOCH_MIN)
    };
    let first = [both, word].into_iter().filter(told);
    first
        .into_iter()
        .find_map(|text| parse_any(text, zone))
        .or_else(|| match find_stamp(prefix, zone) {
            Stamp::Instant(at) => Some(at),
            Stamp::Untold | Stamp::Clock(_) => None,
        })
}

/// `{"records":[` on a line of its own, before one record a line.
fn is_opening(text: &str) -> bool {
    const BYTES_MAX: usize = 64;
    text.len() <= BYTES_MAX && text.trim_end().ends_with(['[', '{'])
}

/// JSON may stand behind a prefix (a time, a level, a container's name).
fn json_start(line: &str) -> Option<usize> {
    const PREFIX_MAX: usize = 200;
    const TRIES_MAX: usize = 8;
    let bytes = line.as_bytes();
    match bytes.first()? {
        b'{' => return Some(0),
        b'[' if line[1..].trim_start().starts_with('{') => return Some(0),
        _ => {}
    }
    let open = memchr::memchr(b'{', &bytes[..bytes.len().min(PREFIX_MAX)])?;
    if !line.trim_end().trim_end_matches(',').ends_with('}') {
        return None;
    }
    // A brace of the prefix is no object: a member's name must follow.
    let named = |at: &usize| line[at + 1..].trim_start().starts_with('"');
    memchr::memchr_iter(b'{', &bytes[..bytes.len().min(PREFIX_MAX)])
        .take(TRIES_MAX)
        .find(named)
        .or(Some(open))
}

struct Walk<'s, 'v, 'a> {
    synonyms: &'s Synonyms,
    units: &'s Units,
    found: Vec<(Field, u16, &'v Json<'a>)>,
    /// The normalised path of where the walk stands.
    key: String,
    left: usize,
}

/// Where the names of a path begin in the key: the member's own, and its container's.
#[derive(Clone, Copy)]
struct Names {
    container: usize,
    member: usize,
}

impl<'v, 'a> Walk<'_, 'v, 'a> {
    fn object(&mut self, value: &'v Json<'a>, container: usize, depth: usize) {
        let Json::Object(members) = value else { return };
        let members = &members[..members.len().min(MEMBERS_MAX)];
        for (at, (name, member)) in members.iter().enumerate() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            // Of a name that stands twice, the last counts.
            if members[at + 1..].iter().any(|(later, _)| later == name) {
                continue;
            }
            let names = Names {
                container,
                member: self.key.len(),
            };
            normalise(name, &mut self.key);
            self.member(names, member, depth);
            self.key.truncate(names.member);
        }
    }

    fn member(&mut self, names: Names, member: &'v Json<'a>, depth: usize) {
        let Some((field, rank)) = self.meaning(names, member, depth) else {
            let inner = matches!(member, Json::Object(_)) && depth < DEPTH_MAX;
            if inner && is_group(&self.key[names.member..]) {
                self.object(member, names.member, depth + 1);
            }
            return;
        };
        let nothing = matches!(member, Json::Null);
        let rank = rank + if nothing { NOTHING } else { 0 };
        keep_best(&mut self.found, field, rank, member);
    }

    /// A name that is known with its path says more than one known with its container, and that more than the bare
    /// name; deeper names say less.
    fn meaning(&self, names: Names, member: &Json<'_>, depth: usize) -> Option<(Field, u16)> {
        let deeper = 20 * depth as u16;
        let bare = &self.key[names.member..];
        let whole = (0, 10);
        let within = (names.container, 30 + deeper);
        let alone = (names.member, 40 + deeper);
        // At the top all three are one, and one level down the first two are.
        let known: &[(usize, u16)] = match depth {
            0 => &[whole],
            1 => &[whole, alone],
            _ => &[whole, within, alone],
        };
        let usual = known.iter().find_map(|(start, base)| {
            let synonym = self.synonyms.find(&self.key[*start..])?;
            let field = with_unit(&synonym.field, &self.key, member, self.units);
            Some((field, base + synonym.rank))
        });
        let second = || {
            let field = Synonyms::find_second(bare)?;
            let field = with_unit(&field, &self.key, member, self.units);
            Some((field, SECOND + deeper))
        };
        usual
            .filter(|(field, _)| fits(field, member))
            .or_else(|| second().filter(|(field, _)| fits(field, member)))
    }
}

/// The name of the duration that the user's mapping leads to.
const MAPPED_DURATION: &str = "duration";

/// The field, with the unit that the source's durations of this name have.
fn with_unit(field: &Field, name: &str, value: &Json<'_>, units: &Units) -> Field {
    if *field != Field::Duration(Unit::Guess) {
        return field.clone();
    }
    let text = value.scalar();
    Field::Duration(text.map_or(Unit::Guess, |text| units.of(name, &text)))
}

/// A name's second meaning yields to the usual ones.
const SECOND: u16 = 250;

/// A usual name that holds null yields to any that holds something.
const NOTHING: u16 = 500;

/// Seconds since 1970 are more than this since 1973.
const EPOCH_MIN: f64 = 1e8;

/// `GET /path HTTP/1.1`, the protocol aside.
fn is_request_line(text: &str) -> bool {
    let (method, target) = text.split_once(' ').unwrap_or_default();
    let named = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
    named && (target.starts_with('/') || target.contains("://"))
}

/// Whether a value can be what the key's name says: `"status": "error"` is a word, not a status.
fn fits(field: &Field, value: &Json<'_>) -> bool {
    match field {
        Field::Status => match value {
            Json::Null => true,
            Json::Object(_) | Json::Array(_) | Json::Bool(_) => false,
            _ => value
                .scalar()
                .is_some_and(|text| parse_status(&text).is_ok()),
        },
        Field::RequestHeaders | Field::ResponseHeaders => {
            matches!(value, Json::Object(_) | Json::Array(_))
        }
        Field::RequestBody | Field::ResponseBody => !matches!(value, Json::Null),
        // A small number is how long something took, not seconds since 1970.
        Field::Time(_) => value.scalar().is_some_and(|text| {
            let small = text
                .parse::<f64>()
                .is_ok_and(|number| number.abs() < EPOCH_MIN);
            !small && crate::read::instant::parse_any(&text, None).is_some()
        }),
        Field::RequestLine => value.scalar().is_some_and(|text| is_request_line(&text)),
        Field::ResponseBytes | Field::RequestBytes | Field::Attempt | Field::Resends => value
            .scalar()
            .is_some_and(|text| text.parse::<i64>().is_ok()),
        Field::Duration(unit) => value.scalar().is_some_and(|text| {
            crate::read::engine::draft::parse_duration_ms(&text, *unit).is_some()
        }),
        _ => value.scalar().is_some_and(|text| !text.is_empty()),
    }
}

fn keep_best<'v, 'a>(
    found: &mut Vec<(Field, u16, &'v Json<'a>)>,
    field: Field,
    rank: u16,
    value: &'v Json<'a>,
) {
    let same = |known: &Field| {
        matches!(
            (known, &field),
            (Field::Duration(_), Field::Duration(_)) | (Field::Time(_), Field::Time(_))
        ) || *known == field
    };
    match found.iter_mut().find(|(known, _, _)| same(known)) {
        Some(entry) if entry.1 > rank => *entry = (field, rank, value),
        Some(_) => {}
        None => found.push((field, rank, value)),
    }
}

fn set<'a>(draft: &mut Draft<'a>, field: &Field, value: &Json<'a>) -> Result<(), Rejected> {
    match field {
        Field::RequestHeaders => draft.exchange.request_headers.extend(value.headers()),
        Field::ResponseHeaders => draft.exchange.response_headers.extend(value.headers()),
        Field::Status | Field::UpstreamStatus if *value == Json::Null => {
            return draft.set(&Field::Status, Cow::Borrowed(""));
        }
        // `{"code": 7, "message": …}` is the outcome of something else.
        Field::Status if matches!(value, Json::Object(_) | Json::Bool(_)) => {}
        // A joined list of no tries at all means the same as nginx's dash.
        Field::UpstreamStatus if matches!(value.scalar().as_deref(), Some("" | "0")) => {
            return draft.set(field, Cow::Borrowed("-"));
        }
        // A path that stands beside a whole URL says nothing more.
        Field::Path if !draft.exchange.path.is_empty() => {}
        _ => {
            if let Some(text) = value.text() {
                return draft.set(field, text);
            }
        }
    }
    Ok(())
}

/// An answer (or that there was none) is told, and a request is named. A line that has the marks of an access log is an
/// exchange also when the request was too malformed to have a name.
fn is_exchange(draft: &Draft<'_>, marked: bool) -> bool {
    let named = !draft.exchange.method.is_empty()
        || !draft.exchange.path.is_empty()
        || !draft.exchange.host.is_empty()
        || draft.exchange.integration.is_some()
        || !draft.exchange.response_headers.is_empty();
    // A call that failed before there was an answer may have no status at all.
    let failed = !draft.exchange.method.is_empty()
        && !draft.exchange.host.is_empty()
        && (draft.exchange.error_code.is_some() || draft.exchange.error_message.is_some());
    (named || marked) && draft.status_seen() || failed
}

fn names_request(draft: &Draft<'_>) -> bool {
    let exchange = &draft.exchange;
    let target = !exchange.path.is_empty() || !exchange.host.is_empty();
    !exchange.method.is_empty() && target && !draft.status_seen()
}

/// Whether the record calls something its status that is neither one nor a word for how far a job has come.
#[cold]
fn has_odd_status(value: &Json<'_>) -> bool {
    const NAMES: [&str; 4] = ["status", "status_code", "statusCode", "response.status"];
    const STATES: [&str; 18] = [
        "ok",
        "success",
        "succeeded",
        "error",
        "failed",
        "failure",
        "pending",
        "queued",
        "started",
        "starting",
        "running",
        "active",
        "done",
        "completed",
        "finished",
        "retrying",
        "cancelled",
        "canceled",
    ];
    let state = |text: &str| STATES.iter().any(|state| text.eq_ignore_ascii_case(state));
    let told = NAMES.iter().filter_map(|name| value.at_path(name));
    told.into_iter()
        .filter(|status| !matches!(status, Json::Bool(_)))
        .filter_map(Json::scalar)
        .any(|text| parse_status(&text).is_err() && !state(text.trim()))
}

/// nginx `escape=json`: the line is JSON whose values are variables.
pub struct JsonTemplate {
    places: Vec<(String, Field)>,
    zone: Option<chrono_tz::Tz>,
}

/// Stands for a variable while the template itself is parsed as JSON.
const MARK: char = '\u{1}';

impl JsonTemplate {
    /// `lookup` says what a variable means.
    pub fn compile(
        format: &str,
        lookup: fn(&str) -> Option<Field>,
        options: &Options,
    ) -> Result<Self, TemplateError> {
        let marked = mark_variables(format)?;
        let bad = |_| TemplateError::Malformed {
            name: "the JSON".to_owned(),
            what: "it is not valid with the variables filled in",
        };
        let value = Json::parse(&marked).map_err(bad)?;
        let mut places = Vec::new();
        collect_places(&value, "", lookup, &mut places)?;
        let told = |wanted: &[Field]| places.iter().any(|(_, f)| wanted.contains(f));
        if !told(&[
            Field::Status,
            Field::UpstreamStatus,
            Field::RequestLine,
            Field::Method,
            Field::Url,
        ]) {
            return Err(TemplateError::NotHttp);
        }
        Ok(Self {
            places,
            zone: options.zone,
        })
    }
}

impl LineParser for JsonTemplate {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        let value = match Json::parse(line) {
            Ok(value) => value,
            Err(_) if line.starts_with('{') => return Parsed::Rejected(Rejected::BadJson),
            Err(_) => return Parsed::Rejected(Rejected::NoFormatMatched),
        };
        let mut draft = Draft::new(TsKind::End, self.zone);
        let mut matched = 0;
        for (path, field) in &self.places {
            let Some(value) = value.at_path(path) else {
                continue;
            };
            matched += 1;
            if let Err(reason) = set(&mut draft, field, value) {
                return Parsed::Rejected(reason);
            }
        }
        if matched * 2 < self.places.len() || !is_exchange(&draft, true) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        draft.finish(out);
        Parsed::Record(crate::read::engine::nginx::NAME)
    }
}

/// `"$name"` and bare `$name` both become a JSON text that starts with the mark.
fn mark_variables(format: &str) -> Result<String, TemplateError> {
    let pieces = crate::read::engine::nginx::pieces(format)?;
    let mut marked = String::new();
    let mut in_text = false;
    for (piece, name) in pieces {
        match piece {
            Piece::Literal(text) => {
                let quotes = text.matches('"').count() - text.matches("\\\"").count();
                in_text ^= !quotes.is_multiple_of(2);
                marked.push_str(&text);
            }
            _ if in_text => marked.push_str(&format!("\\u0001{}", &name[1..])),
            _ => marked.push_str(&format!("\"\\u0001{}\"", &name[1..])),
        }
    }
    Ok(marked)
}

fn collect_places(
    value: &Json<'_>,
    path: &str,
    lookup: fn(&str) -> Option<Field>,
    places: &mut Vec<(String, Field)>,
) -> Result<(), TemplateError> {
    match value {
        Json::Object(members) => {
            for (name, member) in members {
                let inner = if path.is_empty() {
                    name.to_string()
                } else {
                    format!("{path}.{name}")
                };
                collect_places(member, &inner, lookup, places)?;
            }
        }
        Json::Text(text) if text.starts_with(MARK) => {
            let fields: Vec<Field> = text.split(MARK).skip(1).filter_map(lookup).collect();
            let first = fields
                .first()
                .cloned()
                .ok_or_else(|| TemplateError::Unknown(text.to_string()))?;
            if fields.iter().any(|field| *field != first) {
                let names: Vec<&str> = text.split(MARK).skip(1).collect();
                return Err(TemplateError::Adjacent {
                    first: format!("${}", names[0]),
                    second: format!("${}", names[1]),
                });
            }
            places.push((path.to_owned(), first));
        }
        _ => {}
    }
    Ok(())
}
