//! What a piece of a log line means: the common vocabulary of format strings, JSON shapes and user mappings.

use crate::read::engine::hop::Told;

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeForm {
    Clf,
    /// Seconds since 1970 with a fraction; wins over every other time of the line, because it is exact.
    Epoch,
    /// Epoch by magnitude, ISO 8601 or any other known spelling.
    Any,
    /// A strftime pattern of a date, a clock time or both; the rest may come from other pieces of the line.
    Strftime(Box<str>),
    /// The fraction of the second alone: 3 or 6 digits.
    Fraction(u8),
    /// The offset from UTC alone.
    Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// The text carries its unit (`22ms`), or nobody knows it.
    Guess,
}

impl Unit {
    /// `None` where it is not known.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Seconds => "seconds",
            Self::Millis => "milliseconds",
            Self::Micros => "microseconds",
            Self::Nanos => "nanoseconds",
            Self::Guess => return None,
        })
    }
}

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Time(TimeForm),
    /// `METHOD target HTTP/x`
    RequestLine,
    Method,
    /// Absolute URL or path with query.
    Url,
    /// Host and target with nothing between them.
    Address,
    /// Envoy's name for the far end; Istio's has the host in it: `outbound|443||api.stripe.com`.
    Cluster,
    /// Values with bars between them, in braces or not: HAProxy's captures.
    List(Box<[Field]>),
    /// A proxy's word about its own part.
    Told(Told),
    Path,
    /// What a relative URL is relative to.
    BaseUrl,
    Query,
    Host,
    /// The machine that answered or logged: the host when nothing better is told.
    ServerName,
    /// The status that the caller saw.
    Status,
    /// What the far end answered, one a try: `429, 200`.
    UpstreamStatus,
    /// Seconds, one a try.
    UpstreamTime,
    Duration(Unit),
    /// How long the far end took: says more about it than the whole.
    VendorDuration(Unit),
    /// `PASSED`, `DELAYED` or `REJECTED` by this hop's own limit.
    LocalLimit,
    Attempt,
    /// Tries before this one: attempt − 1.
    Resends,
    RetryAfter,
    RequestId,
    VendorRequestId,
    TraceId,
    CorrelationId,
    IdempotencyKey,
    RequestHeader(Box<str>),
    ResponseHeader(Box<str>),
    /// A whole header object.
    RequestHeaders,
    ResponseHeaders,
    RequestBody,
    ResponseBody,
    RequestBytes,
    ResponseBytes,
    ClientAddress,
    /// Address and port: `10.0.0.1:41092`.
    ClientEndpoint,
    User,
    Client,
    Principal,
    Integration,
    Tenant,
    Direction,
    /// A route template without method (`/users/{id}`).
    Route,
    Operation,
    ErrorCode,
    ErrorMessage,
    /// The time of arrival, for replay.
    IngestedAt,
    /// Read over and dropped.
    Skip,
    /// The same, of what holds no space and ends at the next literal.
    Word,
}

impl Field {
    /// The value ends at the first literal behind it: nothing longer could be one. Spares a line that fits no format
    /// from being tried in every way.
    pub fn ends_at_once(&self) -> bool {
        match self {
            Self::Told(told) => told.ends_at_once(),
            Self::Duration(unit) => *unit != Unit::Guess,
            Self::Status
            | Self::ResponseBytes
            | Self::RequestBytes
            | Self::VendorDuration(_)
            | Self::Method
            | Self::Resends
            | Self::ClientEndpoint
            | Self::Word => true,
            _ => false,
        }
    }

    /// A value of this field never holds white space or quotes, so it can anchor a match.
    pub fn accepts(&self, value: &[u8]) -> bool {
        match self {
            Self::Status => {
                matches!(value, b"-" | b"0" | b"-1" | b"NULL")
                    || (value.len() == 3 && value.iter().all(u8::is_ascii_digit))
            }
            Self::ResponseBytes | Self::RequestBytes => {
                let value = value.strip_prefix(b"+").unwrap_or(value);
                matches!(value, b"-" | b"NULL")
                    || (!value.is_empty() && value.iter().all(u8::is_ascii_digit))
            }
            Self::Duration(Unit::Guess) => value
                .first()
                .is_some_and(|b| b.is_ascii_digit() || *b == b'-'),
            Self::Duration(_) | Self::VendorDuration(_) => {
                !value.is_empty()
                    && value
                        .iter()
                        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+'))
            }
            Self::Told(told) => told.accepts(value),
            Self::ClientAddress | Self::ClientEndpoint if !value.contains(&b',') => {
                !value.contains(&b' ')
            }
            Self::Method | Self::Host | Self::ServerName | Self::Word => !value.contains(&b' '),
            // One member a try; a value that is cut inside the list would take the rest for the next field.
            Self::UpstreamStatus => {
                members(value).all(|one| one == b"-" || one.len() == 3 && all_digits(one))
            }
            Self::UpstreamTime => members(value).all(|one| {
                one == b"-"
                    || !one.is_empty() && one.iter().all(|b| b.is_ascii_digit() || *b == b'.')
            }),
            _ => true,
        }
    }
}

/// `502, 200` (next server) and `502 : 200` (redirected to another group).
fn members(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|b| matches!(b, b',' | b':'))
        .map(<[u8]>::trim_ascii)
}

fn all_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}
