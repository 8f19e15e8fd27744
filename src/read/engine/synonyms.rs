//! What the keys of JSON logs usually mean (`formats.md` 1.33 and the sections of the known shapes).
//!
//! Keys are compared without case, `_`, `-`, `.` and `@`. A key inside a container that only groups (`http`, `request`,
//! `properties`, …) means what it would mean outside, with `request` and `response` kept where they tell two apart.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::read::engine::field::{Field, TimeForm, Unit};

/// A field and how good this place for it is: where several keys tell the same field, the lowest rank wins.
#[derive(Clone, Debug)]
pub struct Synonym {
    pub field: Field,
    pub rank: u16,
}

/// A unit that has to be guessed yields to any that a name tells.
const GUESSED: u16 = 100;

/// Containers that only group.
const GROUPS: &[&str] = &[
    "http",
    "request",
    "response",
    "req",
    "res",
    "properties",
    "fields",
    "context",
    "data",
    "event",
    "httprequest",
    "jsonpayload",
    "nginx",
    "access",
    "attributes",
    "labels",
    "error",
    "err",
    "log",
    "url",
    "message",
    "msg",
    "details",
    "durations",
    "timing",
    "call",
    "useragent",
    "host",
    "apache",
    "api",
    "attr",
    "attrs",
    "config",
    "ctx",
    "datetime",
    "detail",
    "entry",
    "exception",
    "extra",
    "httpresponse",
    "incoming",
    "info",
    "meta",
    "metadata",
    "outgoing",
    "raw",
    "record",
    "requestcontext",
    "state",
    "timings",
];

/// How deep a record is searched.
pub const DEPTH_MAX: usize = 5;

pub struct Synonyms(HashMap<&'static str, Synonym, BuildHasherDefault<NameHasher>>);

/// FNV-1a: the keys of the table are ours, so nobody can aim at its buckets, and names are too short for a better hash
/// to pay.
pub struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Default for Synonyms {
    fn default() -> Self {
        let mut map = HashMap::default();
        for (field, keys) in table() {
            for (rank, key) in keys.iter().enumerate() {
                map.insert(
                    *key,
                    Synonym {
                        field: field.clone(),
                        rank: rank as u16
                            + if field == Field::Duration(Unit::Guess) {
                                GUESSED
                            } else {
                                0
                            },
                    },
                );
            }
        }
        Self(map)
    }
}

impl Synonyms {
    /// What a normalised key means, looked up as the path that it stands at or as the bare name.
    pub fn find(&self, normalised: &str) -> Option<Synonym> {
        if normalised.len() > NAME_BYTES_MAX {
            return None;
        }
        self.0
            .get(normalised)
            .cloned()
            .or_else(|| find_with_unit(normalised))
    }

    /// What a key means when its value cannot be what it usually means.
    pub fn find_second(normalised: &str) -> Option<Field> {
        Some(match normalised {
            // nginx counts seconds under this name, API Gateway tells a date.
            "requesttime" | "responsetime" => Field::Time(TimeForm::Any),
            "time" => Field::Duration(Unit::Guess),
            "code" | "errstatus" => Field::ErrorCode,
            _ => return None,
        })
    }
}

/// No usual name, with its path, is longer.
const NAME_BYTES_MAX: usize = 64;

/// What a name may say that a duration's unit follows.
const DURATIONS: &[&str] = &[
    "duration",
    "elapsed",
    "elapsedtime",
    "latency",
    "took",
    "responsetime",
    "requesttime",
    "timetaken",
    "totaltime",
    "time",
    "rt",
    "rtt",
    "processingtime",
    "executiontime",
    "exectime",
    "requestduration",
    "responseduration",
    "httpduration",
    "totalduration",
    "roundtrip",
    "roundtriptime",
    "calltime",
    "callduration",
    "waittime",
    "timetotal",
];

/// Longer spellings first, because the short ones end them too.
const UNITS: &[(&str, Unit)] = &[
    ("milliseconds", Unit::Millis),
    ("millisecond", Unit::Millis),
    ("millis", Unit::Millis),
    ("msecs", Unit::Millis),
    ("msec", Unit::Millis),
    ("microseconds", Unit::Micros),
    ("micros", Unit::Micros),
    ("usec", Unit::Micros),
    ("nanoseconds", Unit::Nanos),
    ("nanos", Unit::Nanos),
    ("nsec", Unit::Nanos),
    ("seconds", Unit::Seconds),
    ("secs", Unit::Seconds),
    ("sec", Unit::Seconds),
    ("ms", Unit::Millis),
    ("us", Unit::Micros),
    ("ns", Unit::Nanos),
    ("s", Unit::Seconds),
];

/// `latency_ns`, `elapsedMicros`, `time_in_seconds`
fn find_with_unit(normalised: &str) -> Option<Synonym> {
    if !normalised.ends_with(['s', 'c', 'd']) {
        return None;
    }
    let (stem, unit) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((normalised.strip_suffix(suffix)?, unit)))?;
    let stem = stem.strip_suffix("in").unwrap_or(stem);
    // `times` is a plural.
    let told = DURATIONS.contains(&stem) && normalised != "times";
    told.then_some(Synonym {
        field: Field::Duration(*unit),
        rank: 20,
    })
}

pub fn is_group(normalised: &str) -> bool {
    GROUPS.contains(&normalised)
}

/// Lower case without separators.
pub fn normalise(key: &str, into: &mut String) {
    if !key.is_ascii() {
        into.push_str(&key.to_lowercase());
        return;
    }
    let told = |byte: &u8| !matches!(byte, b'_' | b'-' | b'.' | b'@' | b' ');
    let lower = |byte: u8| char::from(byte.to_ascii_lowercase());
    into.extend(key.bytes().filter(told).map(lower));
}

fn table() -> Vec<(Field, &'static [&'static str])> {
    vec![
        (
            Field::Time(TimeForm::Any),
            &[
                "msec",
                "timestamp",
                "ts",
                "timeiso8601",
                "timelocal",
                "time",
                "datetime",
                "eventtime",
                "starttime",
                "startedat",
                "starteddatetime",
                "requesttimestamp",
                "loggedat",
                "edgestarttimestamp",
                "startutc",
                "date",
                "receivetimestamp",
                "t",
                "eventstart",
                "requestedat",
                "calledat",
                "when",
                "createdat",
                "logdate",
            ],
        ),
        (
            Field::RequestLine,
            &["request", "requestline", "httprequest", "req", "call"],
        ),
        (
            Field::Method,
            &[
                "requestmethod",
                "httpmethod",
                "httprequestmethod",
                "reqmethod",
                "clientrequestmethod",
                "method",
                "verb",
                "csmethod",
                "httpverb",
                "requestverb",
            ],
        ),
        (
            Field::Url,
            &[
                "urlfull",
                "requesturl",
                "httpurl",
                "urloriginal",
                "requesturi",
                "clientrequesturi",
                "originalrequesturiwithargs",
                "url",
                "uri",
                "endpoint",
                "requesturl",
                "target",
                "originalurl",
                "fullurl",
                "targeturl",
                "upstreamurl",
                "httptarget",
                "urlpath",
                "clientrequestpath",
                "requestpath",
                "path",
                "urleffective",
            ],
        ),
        (Field::BaseUrl, &["baseurl"]),
        (
            Field::Query,
            &["urlquery", "requestquery", "query", "querystring", "args"],
        ),
        (
            Field::Host,
            &[
                "urldomain",
                "clientrequesthost",
                "requesthost",
                "httphost",
                "requestheadershost",
                "proxyhost",
                "host",
                "authority",
                "vhost",
                "domain",
                "destinationdomain",
                "targethost",
                "apihost",
            ],
        ),
        (
            Field::ServerName,
            &["hostname", "servername", "serveraddress"],
        ),
        (
            Field::Status,
            &[
                "responsestatuscode",
                "httpresponsestatuscode",
                "resstatuscode",
                "downstreamstatus",
                "edgeresponsestatus",
                "httpstatuscode",
                "statuscode",
                "httpstatus",
                "responsestatus",
                "responsecode",
                "httpresponsecode",
                "httpcode",
                "respstatus",
                "respcode",
                "status",
                "code",
                "scstatus",
                "rc",
                "resultcode",
                "returncode",
                "responsecode",
                "httpcode",
            ],
        ),
        (Field::UpstreamStatus, &["upstreamstatus"]),
        (Field::UpstreamTime, &["upstreamresponsetime"]),
        (
            Field::Duration(Unit::Millis),
            &[
                "durationms",
                "elapsedms",
                "latencyms",
                "responsetimems",
                "responsetime",
                "tookms",
                "timetakenms",
                "originresponsedurationms",
                "ms",
                "timems",
            ],
        ),
        (
            Field::Duration(Unit::Seconds),
            &[
                "requesttime",
                "durations",
                "durationseconds",
                "elapseds",
                "latencyseconds",
                "timetaken",
                "timetotal",
            ],
        ),
        (
            Field::Duration(Unit::Micros),
            &["timeelapsed", "elapsedus", "durationus", "latencyus"],
        ),
        (
            Field::Duration(Unit::Nanos),
            &["eventduration", "durationns", "elapsedns"],
        ),
        (
            Field::Duration(Unit::Guess),
            &[
                "duration",
                "elapsed",
                "latency",
                "took",
                "rt",
                "totaltime",
                "elapsedtime",
                "requestduration",
            ],
        ),
        (
            Field::RetryAfter,
            &[
                "retryafter",
                "retryafters",
                "retryafterseconds",
                "responseheadersretryafter",
            ],
        ),
        (
            Field::ResponseHeader("retry-after-ms".into()),
            &["retryafterms", "retryaftermillis"],
        ),
        (
            Field::ResponseHeader("x-ratelimit-limit".into()),
            &["xratelimitlimit", "ratelimitlimit"],
        ),
        (
            Field::ResponseHeader("x-ratelimit-remaining".into()),
            &["xratelimitremaining", "ratelimitremaining"],
        ),
        (
            Field::ResponseHeader("x-ratelimit-reset".into()),
            &["xratelimitreset", "ratelimitreset"],
        ),
        (
            Field::Attempt,
            &["attempt", "attempts", "try", "trynumber", "attemptnumber"],
        ),
        (
            Field::Resends,
            &[
                "resendcount",
                "retrycount",
                "httprequestresendcount",
                "retry",
                "retries",
                "numretries",
            ],
        ),
        (
            Field::RequestId,
            &[
                "httprequestid",
                "requestid",
                "reqid",
                "xrequestid",
                "rayid",
                "trackingreference",
                "transactionid",
            ],
        ),
        (
            Field::VendorRequestId,
            &["vendorrequestid", "upstreamrequestid", "providerrequestid"],
        ),
        (Field::TraceId, &["traceid", "trace"]),
        (
            Field::CorrelationId,
            &["correlationid", "xcorrelationid", "callid", "messagekey"],
        ),
        (Field::IdempotencyKey, &["idempotencykey"]),
        (
            Field::Integration,
            &[
                "integration",
                "vendor",
                "upstream",
                "provider",
                "partner",
                "svc",
            ],
        ),
        (Field::Tenant, &["tenant", "tenantid"]),
        (
            Field::Client,
            &[
                "client",
                "useragentoriginal",
                "useragent",
                "clientrequestuseragent",
                "httpuseragent",
                "servicename",
                "service",
            ],
        ),
        (Field::Principal, &["principal"]),
        (Field::ErrorCode, &["errorcode", "errcode"]),
        (
            Field::ErrorMessage,
            &[
                "errormessage",
                "errmessage",
                "errormsg",
                "detail",
                "errordetail",
                "error",
                "err",
            ],
        ),
        (
            Field::RequestHeaders,
            &["requestheaders", "reqheaders", "configheaders"],
        ),
        (
            Field::ResponseHeaders,
            &[
                "responseheaders",
                "resheaders",
                "respheaders",
                "errheaders",
                "errorheaders",
            ],
        ),
        (
            Field::RequestBody,
            &["requestbody", "reqbody", "httprequestbodycontent"],
        ),
        (
            Field::ResponseBody,
            &["responsebody", "resbody", "httpresponsebodycontent"],
        ),
        (
            Field::RequestBytes,
            &[
                "requestlength",
                "requestbytes",
                "bytesread",
                "httprequestbodybytes",
                "requestcontentsize",
                "receivedbytes",
            ],
        ),
        (
            Field::ResponseBytes,
            &[
                "bodybytessent",
                "responsebytes",
                "size",
                "bytes",
                "httpresponsebodybytes",
                "downstreamcontentsize",
                "edgeresponsebytes",
                "sentbytes",
                "sizedownload",
                "responselength",
            ],
        ),
        (
            Field::ClientAddress,
            &[
                "remoteaddr",
                "clientip",
                "remoteip",
                "remoteaddress",
                "clienthost",
                "sourceip",
                "sourceaddress",
                "clientaddress",
                "requestremoteip",
                "requestclientip",
            ],
        ),
        (Field::User, &["remoteuser", "username", "userid"]),
        (Field::Direction, &["direction"]),
        (Field::Route, &["route", "urltemplate", "httproute"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        let synonyms = Synonyms::default();
        for key in [
            "statusCode",
            "status_code",
            "STATUS-CODE",
            "http.response.status_code",
        ] {
            let mut normalised = String::new();
            normalise(key, &mut normalised);
            let found = synonyms.find(&normalised).map(|s| s.field);
            assert_eq!(found, Some(Field::Status), "{key}");
        }
    }

    #[test]
    fn units_stand_at_the_end_of_names() {
        let synonyms = Synonyms::default();
        for (key, unit) in [
            ("latency_ns", Some(Unit::Nanos)),
            ("elapsedMicros", Some(Unit::Micros)),
            ("Duration-Seconds", Some(Unit::Seconds)),
            ("time_in_ms", Some(Unit::Millis)),
            ("response_time_s", Some(Unit::Seconds)),
            ("took", Some(Unit::Guess)),
            ("times", None),
            ("columns", None),
        ] {
            let mut normalised = String::new();
            normalise(key, &mut normalised);
            let found = synonyms.find(&normalised).map(|s| s.field);
            assert_eq!(found, unit.map(Field::Duration), "{key}");
        }
    }
}
