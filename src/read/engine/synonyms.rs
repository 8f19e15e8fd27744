//! What the keys of JSON logs usually mean (`formats.md` 1.33 and the sections of the known shapes).
//!
//! Keys are compared without case, `_`, `-`, `.` and `@`. A key inside a container that only groups (`http`, `request`,
//! `properties`, …) means what it would mean outside, with `request` and `response` kept where they tell two apart.

use std::collections::HashMap;

use crate::read::engine::field::{Field, TimeForm, Unit};

/// A field and how good this place for it is: where several keys tell the same field, the lowest rank wins.
#[derive(Clone, Debug)]
pub struct Synonym {
    pub field: Field,
    pub rank: u8,
}

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
    "user_agent",
    "useragent",
    "host",
];

/// How deep a record is searched.
pub const DEPTH_MAX: usize = 5;

pub struct Synonyms(HashMap<&'static str, Synonym>);

impl Default for Synonyms {
    fn default() -> Self {
        let mut map = HashMap::new();
        for (field, keys) in table() {
            for (rank, key) in keys.iter().enumerate() {
                map.insert(
                    *key,
                    Synonym {
                        field: field.clone(),
                        rank: rank as u8,
                    },
                );
            }
        }
        Self(map)
    }
}

impl Synonyms {
    /// Looks a normalised key up as the path that it stands at, then as the bare name.
    pub fn find(&self, normalised: &str) -> Option<&Synonym> {
        self.0.get(normalised)
    }
}

pub fn is_group(normalised: &str) -> bool {
    GROUPS.contains(&normalised)
}

/// Lower case without separators.
pub fn normalise(key: &str, into: &mut String) {
    into.extend(
        key.chars()
            .filter(|c| !matches!(c, '_' | '-' | '.' | '@' | ' '))
            .map(|c| c.to_ascii_lowercase()),
    );
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
                "logdate",
            ],
        ),
        (Field::RequestLine, &["request"]),
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
                "urlpath",
                "clientrequestpath",
                "requestpath",
                "path",
                "urleffective",
            ],
        ),
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
                "status",
                "code",
                "scstatus",
                "responsecode",
                "httpcode",
                "rc",
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
            &["elapsedus", "durationus", "latencyus"],
        ),
        (
            Field::Duration(Unit::Nanos),
            &["eventduration", "durationns", "elapsedns"],
        ),
        (
            Field::Duration(Unit::Guess),
            &["duration", "elapsed", "latency", "took", "rt"],
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
            &["correlationid", "callid", "messagekey"],
        ),
        (Field::IdempotencyKey, &["idempotencykey"]),
        (
            Field::Integration,
            &["integration", "vendor", "upstream", "provider", "partner"],
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
        (Field::RequestHeaders, &["requestheaders", "reqheaders"]),
        (
            Field::ResponseHeaders,
            &["responseheaders", "resheaders", "respheaders"],
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
            let found = synonyms.find(&normalised).map(|s| s.field.clone());
            assert_eq!(found, Some(Field::Status), "{key}");
        }
    }
}
