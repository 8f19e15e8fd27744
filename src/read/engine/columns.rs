//! Columns that a header names, and their values to exchanges: what CSV files, W3C logs and patterns share.

use std::borrow::Cow;

use crate::model::exchange::Text;
use crate::model::time::Timestamp;
use crate::read::engine::calendar::{parse_clock, parse_date, parse_moment};
use crate::read::engine::draft::Draft;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::mapping::Mapping;
use crate::read::engine::named::{Named, find_synonym, unit_of_name};
use crate::read::engine::synonyms::Synonyms;
use crate::read::engine::units::Units;
use crate::read::format::Options;
use crate::read::instant::WallTime;
use crate::read::skip::Rejected;

/// Columns of one header; a header with more is damage.
pub const COLUMNS_MAX: usize = 1_000;

/// Columns that tell beside the fields who answered and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// IIS: the digits behind the status.
    Substatus,
    /// IIS: the code of Windows.
    Win32,
    /// http.sys: why it answered or closed by itself.
    Reason,
    /// CloudFront: hit, miss, error.
    EdgeResult,
    /// CloudFront: which error.
    EdgeDetail,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    Field(Field, u16),
    /// A whole time.
    Moment(u16),
    /// Half of a time.
    Date,
    Clock,
    Mark(Mark),
    Skip,
}

/// What a known kind of file calls its columns beyond the usual names; these win. Names are compared as they stand.
pub type Vocabulary = &'static [Word];

/// One name and what it means.
pub type Word = (&'static str, Role);

/// The columns of one header.
#[derive(Clone, Debug)]
pub struct Columns {
    roles: Vec<Role>,
    /// By which the unit of a duration is known.
    names: Vec<String>,
    units: Units,
}

/// A day and an offset that the lines before told, for columns that lack them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    pub day_micros: Option<i64>,
    pub offset_s: Option<i32>,
    pub zone: Option<chrono_tz::Tz>,
}

/// Ranks: the user's mapping, the kind's own vocabulary, the usual names.
const MAPPED: u16 = 0;
pub const OWN: u16 = 1;
const USUAL: u16 = 10;

const ANSWERS: &[Field] = &[Field::Status, Field::UpstreamStatus];
const REQUESTS: &[Field] = &[
    Field::Method,
    Field::Url,
    Field::Path,
    Field::RequestLine,
    Field::Host,
];

impl Columns {
    pub fn new(names: &[&str], own: &[Word], synonyms: &Synonyms, options: &Options) -> Self {
        let mut roles: Vec<Role> = names
            .iter()
            .take(COLUMNS_MAX)
            .map(|name| role(name.trim(), own, synonyms, &options.mapping))
            .collect();
        split_time(&mut roles, names);
        let names = names.iter().take(COLUMNS_MAX);
        Self {
            roles,
            names: names.map(|name| name.trim().to_owned()).collect(),
            units: options.units.clone(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
    }

    pub fn len(&self) -> usize {
        self.roles.len()
    }

    /// Whether rows could tell of an exchange: a status and what was asked.
    pub fn tell_http(&self) -> bool {
        self.tell(ANSWERS) && self.tell(REQUESTS)
    }

    /// Whether rows could tell at least one of the two.
    pub fn tell_any(&self) -> bool {
        self.tell(ANSWERS) || self.tell(REQUESTS)
    }

    fn tell(&self, wanted: &[Field]) -> bool {
        self.roles
            .iter()
            .any(|role| matches!(role, Role::Field(field, _) if wanted.contains(field)))
    }

    /// Fills a draft from the values of one row, as many as there are columns; takes them.
    pub fn fill<'a>(
        &self,
        values: &mut [Text<'a>],
        around: &Surroundings,
        draft: &mut Draft<'a>,
    ) -> Result<(), Rejected> {
        let mut named = Named::with_capacity(self.roles.len());
        let mut time = Time::default();
        for ((role, value), name) in self.roles.iter().zip(values).zip(&self.names) {
            match role {
                Role::Field(Field::Duration(Unit::Guess), rank) => {
                    let field = Field::Duration(self.units.of(name, value));
                    named.offer(Cow::Owned(field), *rank, std::mem::take(value));
                }
                Role::Field(field, rank) => named.offer(
                    Cow::Borrowed(field),
                    *rank,
                    whole(field, std::mem::take(value)),
                ),
                Role::Moment(rank) => time.offer_moment(*rank, value, around),
                Role::Date => time.date(value)?,
                Role::Clock => time.clock(value)?,
                Role::Mark(_) | Role::Skip => {}
            }
        }
        time.settle(around, draft)?;
        named.fill(draft)
    }

    pub fn role(&self, at: usize) -> Option<&Role> {
        self.roles.get(at)
    }

    /// Whether a column's values are counted or measured.
    pub fn holds_numbers(&self, at: usize) -> bool {
        let Some(Role::Field(field, _)) = self.roles.get(at) else {
            return false;
        };
        matches!(
            field,
            Field::Duration(_) | Field::RequestBytes | Field::ResponseBytes
        )
    }

    pub fn position(&self, role: &Role) -> Option<usize> {
        self.roles.iter().position(|known| known == role)
    }

    /// What the marks of a row say, where they say anything.
    pub fn marks<'a>(&self, values: &[Text<'a>]) -> Vec<(Mark, Text<'a>)> {
        let told = |(role, value): (&Role, &Text<'a>)| match role {
            Role::Mark(mark) if !value.is_empty() && value != "-" => Some((*mark, value.clone())),
            _ => None,
        };
        self.roles.iter().zip(values).filter_map(told).collect()
    }
}

/// A status as some programs dress it: `429.0` where numbers are fractions, `TCP_MISS/200` behind a cache's word, a
/// sentence where nothing was answered.
fn bare_status(text: &str) -> &str {
    if text.starts_with("Non HTTP response code") {
        return "-";
    }
    let behind = text.rsplit_once('/').map_or(text, |(_, status)| status);
    behind.strip_suffix(".0").unwrap_or(behind)
}

fn whole<'a>(field: &Field, value: Text<'a>) -> Text<'a> {
    match value {
        Text::Borrowed(text) if *field == Field::Status => Text::Borrowed(bare_status(text)),
        value => value,
    }
}

fn role(name: &str, own: &[Word], synonyms: &Synonyms, mapping: &Mapping) -> Role {
    if let Some(field) = mapping.field_of(name) {
        return match field {
            Field::Time(_) => Role::Moment(MAPPED),
            field => Role::Field(field.clone(), MAPPED),
        };
    }
    if let Some((_, role)) = own
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    {
        return role.clone();
    }
    if let Some(field) = header_of(name) {
        return Role::Field(field, USUAL);
    }
    let bare = name.split(['(', '[']).next().unwrap_or(name).trim_end();
    let found = find_synonym(synonyms, name).or_else(|| find_synonym(synonyms, bare));
    match found.map(|synonym| (synonym.field, USUAL + synonym.rank)) {
        Some((Field::Time(_), rank)) => Role::Moment(rank),
        Some((Field::Duration(Unit::Guess), rank)) => Role::Field(
            Field::Duration(unit_of_name(name).unwrap_or(Unit::Guess)),
            rank,
        ),
        // Whole containers do not fit into a cell.
        Some((Field::RequestHeaders | Field::ResponseHeaders, _)) => Role::Skip,
        Some((field, rank)) => Role::Field(field, rank),
        // A column that is named by its unit alone.
        None if name.eq_ignore_ascii_case("ms") => {
            Role::Field(Field::Duration(Unit::Millis), USUAL)
        }
        None => Role::Skip,
    }
}

/// `cs(X)` is a header of the request, `sc(X)` and `rs(X)` of the answer.
fn header_of(name: &str) -> Option<Field> {
    let (side, rest) = name.split_once('(')?;
    let header = || rest.trim_end_matches(')').into();
    match side.to_ascii_lowercase().as_str() {
        "cs" | "sr" => Some(Field::RequestHeader(header())),
        "sc" | "rs" => Some(Field::ResponseHeader(header())),
        _ => None,
    }
}

/// `date` beside `time` are the halves of one time.
fn split_time(roles: &mut [Role], names: &[&str]) {
    let at = |wanted: &str| {
        names
            .iter()
            .position(|name| name.trim().eq_ignore_ascii_case(wanted))
    };
    if let (Some(date), Some(clock)) = (at("date"), at("time"))
        && let [Role::Moment(_), Role::Moment(_)] = [&roles[date], &roles[clock]]
    {
        roles[date] = Role::Date;
        roles[clock] = Role::Clock;
    }
}

/// The parts of a row's time.
#[derive(Default)]
struct Time {
    moment: Option<(u16, Timestamp)>,
    /// A cell that should have held a time and did not.
    odd: bool,
    day_micros: Option<i64>,
    clock: Option<(i64, Option<i32>)>,
}

impl Time {
    fn offer_moment(&mut self, rank: u16, value: &str, around: &Surroundings) {
        if value.is_empty() || value == "-" || self.moment.is_some_and(|(known, _)| known <= rank) {
            return;
        }
        match parse_moment(value, around.zone) {
            Some(at) => self.moment = Some((rank, at)),
            None => self.odd = true,
        }
    }

    fn date(&mut self, value: &str) -> Result<(), Rejected> {
        if !value.is_empty() && value != "-" {
            self.day_micros = Some(parse_date(value).ok_or(Rejected::BadTime)?);
        }
        Ok(())
    }

    fn clock(&mut self, value: &str) -> Result<(), Rejected> {
        if !value.is_empty() && value != "-" {
            self.clock = Some(parse_clock(value).ok_or(Rejected::BadTime)?);
        }
        Ok(())
    }

    fn settle(self, around: &Surroundings, draft: &mut Draft<'_>) -> Result<(), Rejected> {
        if let (Some(day), Some((clock, offset_s))) =
            (self.day_micros.or(around.day_micros), self.clock)
        {
            draft.set_wall(WallTime {
                local_micros: day.saturating_add(clock),
                offset_s: offset_s.or(around.offset_s),
            });
        } else if let Some((_, at)) = self.moment {
            draft.set_instant(at);
        } else if self.odd {
            return Err(Rejected::BadTime);
        }
        Ok(())
    }
}

/// A whole time in a vocabulary.
pub const MOMENT: Role = Role::Moment(OWN);

/// A field in a vocabulary.
pub const fn own(field: Field) -> Role {
    Role::Field(field, OWN)
}
