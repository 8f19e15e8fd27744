//! What a piece of a log line means: the common vocabulary of format strings, JSON shapes and user mappings.

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeForm {
    Clf,
    /// Seconds since 1970 with a fraction; wins over every other time of the line, because it is exact.
    Epoch,
    /// Epoch by magnitude, ISO 8601 or any other known spelling.
    Any,
    /// A strftime pattern; offset and fraction may come from other pieces of the line.
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
    /// The text carries its unit (`22ms`), or has none and is guessed: a fraction means seconds, else milliseconds.
    Guess,
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
}

impl Field {
    /// A value of this field never holds white space or quotes, so it can anchor a match.
    pub fn accepts(&self, value: &[u8]) -> bool {
        match self {
            Self::Status => {
                value == b"-" || (value.len() == 3 && value.iter().all(u8::is_ascii_digit))
            }
            Self::ResponseBytes | Self::RequestBytes => {
                value == b"-" || (!value.is_empty() && value.iter().all(u8::is_ascii_digit))
            }
            Self::Duration(_) => {
                !value.is_empty() && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-'))
            }
            Self::Method | Self::Host | Self::ServerName => !value.contains(&b' '),
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
