//! urllib3 at DEBUG (requests, botocore and many SDKs): a line an answered attempt, a warning an attempt without answer.
//!
//! The warning names the path alone. Its host is the one that the path was asked of before, else the connection that
//! is opened next or was opened last. urllib3 tries again after each warning, so such an attempt is never the final one.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono_tz::Tz;

use crate::model::exchange::{Direction, Exchange, TsKind};
use crate::model::time::Timestamp;
use crate::read::engine::dialogue::{PART, is_request_line, leading_status};
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::engine::target::{set_host, set_request_line};
use crate::read::format::{Format, Layout, Parsed, Place, SequenceParser, Sink};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "urllib3",
    aliases: &["python_urllib3", "requests", "botocore"],
    title: "Python urllib3 and requests at DEBUG",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        Box::new(Urllib3 {
            zone: options.zone,
            ..Urllib3::default()
        })
    }),
    samples: &[
        (
            r#"2026-11-22 03:53:59,886 DEBUG [urllib3.connectionpool] https://api.example.com:443 "POST /v3/search HTTP/1.1" 429 205"#,
            Some(429),
        ),
        (
            r#"DEBUG:requests.packages.urllib3.connectionpool:Starting new HTTPS connection (1): api.example.com
DEBUG:requests.packages.urllib3.connectionpool:"GET /v1/x HTTP/1.1" 200 None"#,
            Some(200),
        ),
    ],
};

/// Paths whose host and method are remembered.
const PATHS_MAX: usize = 4_096;

/// Longer ones are not: they are made for one request each.
const PATH_BYTES_MAX: usize = 1_024;

#[derive(Default)]
struct Urllib3 {
    zone: Option<Tz>,
    /// Of the connection line that came last.
    host: String,
    /// Method and host that a path was last asked with.
    asked: HashMap<String, (String, String)>,
    /// An attempt without answer whose host the next connection line may tell.
    broken: Option<Broken>,
}

struct Broken {
    target: String,
    why: String,
    ts: Option<Timestamp>,
    at: Place,
}

impl SequenceParser for Urllib3 {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        if let Some(host) = connection(line) {
            self.host.clear();
            self.host.push_str(host);
            self.send_broken(found);
            return PART;
        }
        if let Some((target, why)) = broken(line) {
            self.send_broken(found);
            self.broken = Some(Broken {
                target: target.to_owned(),
                why: why.to_owned(),
                ts: self.time(line),
                at,
            });
            return Parsed::Record(FORMAT.name);
        }
        if let Some(answered) = Answered::parse(line) {
            self.send_broken(found);
            return self.send_answered(line, &answered, at, found);
        }
        aside(line)
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        self.send_broken(found);
    }
}

impl Urllib3 {
    fn time(&self, line: &str) -> Option<Timestamp> {
        match find_stamp(line, self.zone) {
            Stamp::Instant(at) => Some(at),
            Stamp::Untold | Stamp::Clock(_) => None,
        }
    }

    fn send_answered(
        &mut self,
        line: &str,
        answered: &Answered<'_>,
        at: Place,
        found: &mut Sink<'_>,
    ) -> Parsed {
        let mut exchange = blank(at);
        exchange.raw = line;
        exchange.ts = self.time(line);
        set_host(
            &mut exchange,
            Cow::Borrowed(answered.host.unwrap_or(&self.host)),
        );
        set_request_line(&mut exchange, Cow::Borrowed(answered.request));
        exchange.status = Some(answered.status);
        exchange.response_bytes = answered.bytes;
        if self.asked.len() < PATHS_MAX && exchange.path.len() <= PATH_BYTES_MAX {
            self.asked.insert(
                exchange.path.to_string(),
                (exchange.method.to_string(), exchange.host.to_string()),
            );
        }
        found(FORMAT.name, std::slice::from_mut(&mut exchange));
        Parsed::Record(FORMAT.name)
    }

    fn send_broken(&mut self, found: &mut Sink<'_>) {
        let Some(broken) = self.broken.take() else {
            return;
        };
        let mut exchange = blank(broken.at);
        exchange.ts = broken.ts;
        exchange.is_final = false;
        exchange.error_message = Some(Cow::Borrowed(&broken.why));
        let path = broken.target.split('?').next().unwrap_or_default();
        let (method, host) = match self.asked.get(path) {
            Some((method, host)) => (method.as_str(), host.as_str()),
            None => ("", self.host.as_str()),
        };
        exchange.method = Cow::Borrowed(method);
        exchange.path = Cow::Borrowed(path);
        exchange.query = broken
            .target
            .split_once('?')
            .map(|(_, query)| Cow::Borrowed(query));
        set_host(&mut exchange, Cow::Borrowed(host));
        found(FORMAT.name, std::slice::from_mut(&mut exchange));
    }
}

fn blank(at: Place) -> Exchange<'static> {
    Exchange {
        ts_kind: TsKind::End,
        direction: Direction::Outbound,
        attempt: 1,
        is_final: true,
        line: at.line,
        offset: at.offset,
        ..Exchange::default()
    }
}

/// `https://api.example.com:443 "POST /x HTTP/1.1" 429 205`; old versions leave the host out.
struct Answered<'l> {
    host: Option<&'l str>,
    request: &'l str,
    status: u16,
    bytes: Option<i64>,
}

impl<'l> Answered<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        let (rest, last) = line.trim_end().rsplit_once(' ')?;
        let bytes = last.parse().ok();
        if bytes.is_none() && last != "None" {
            return None;
        }
        let (rest, status) = rest.rsplit_once(' ')?;
        let status = leading_status(status).filter(|_| status.len() == 3)?;
        let quoted = rest.strip_suffix('"')?;
        let open = quoted
            .find(" \"")
            .map(|at| at + 1)
            .or_else(|| quoted.find('"'))?;
        let request = &quoted[open + 1..];
        if !is_request_line(request) {
            return None;
        }
        let before = &quoted[..open];
        let host = authority(before);
        if host.is_none() && !before.contains("connectionpool") {
            return None;
        }
        Some(Self {
            host,
            request,
            status,
            bytes,
        })
    }
}

/// The host of `https://api.example.com:443` at the end of a text.
fn authority(before: &str) -> Option<&str> {
    let at = before.rfind("://")?;
    let host = before[at + 3..].trim_end();
    let scheme = before[..at].ends_with("http") || before[..at].ends_with("https");
    (scheme && !host.contains(' ')).then_some(host)
}

/// The host of `Starting new HTTPS connection (1): api.example.com:443` and `Resetting dropped connection: …`.
fn connection(line: &str) -> Option<&str> {
    const BEGINS: [&str; 3] = [
        "Starting new HTTPS connection (",
        "Starting new HTTP connection (",
        "Resetting dropped connection: ",
    ];
    let (begin, at) = BEGINS
        .iter()
        .find_map(|begin| Some((begin, line.find(begin)?)))?;
    let rest = &line[at + begin.len()..];
    match begin.ends_with('(') {
        true => rest.split_once("): ").map(|(_, host)| host.trim()),
        false => Some(rest.trim()),
    }
}

/// Target and reason of `Retrying (Retry(…)) after connection broken by '…': /path`.
fn broken(line: &str) -> Option<(&str, &str)> {
    const BY: &str = " after connection broken by '";
    let at = line.find("Retrying (")?;
    let rest = &line[at..];
    let why = &rest[rest.find(BY)? + BY.len()..];
    let (why, target) = why.rsplit_once("': ")?;
    Some((target.trim(), why))
}

fn aside(line: &str) -> Parsed {
    let own = line.contains("urllib3.")
        || line.contains("Incremented Retry for (url=")
        || line.contains("botocore.");
    match own {
        true => PART,
        false => Parsed::Rejected(Rejected::NoFormatMatched),
    }
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn broken_attempts_count_with_the_host_of_their_path() {
        check(
            &super::FORMAT,
            "2026-11-22 03:54:00,100 DEBUG urllib3.connectionpool: Starting new HTTPS connection (1): api.example.com:443\n\
             2026-11-22 03:54:00,200 DEBUG urllib3.connectionpool: https://api.example.com:443 \"GET /v1/customers?limit=3 HTTP/1.1\" 200 58\n\
             2026-11-22 03:54:00,300 DEBUG urllib3.connectionpool: Starting new HTTPS connection (1): other.example:443\n\
             2026-11-22 03:54:01,000 WARNING urllib3.connectionpool: Retrying (Retry(total=1, connect=None, read=None, redirect=None, status=None)) after connection broken by 'RemoteDisconnected('Remote end closed connection without response')': /v1/customers?limit=9\n\
             2026-11-22 03:54:01,001 DEBUG urllib3.connectionpool: Starting new HTTPS connection (2): api.example.com:443\n\
             2026-11-22 03:54:02,000 WARNING urllib3.connectionpool: Retrying (Retry(total=2, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /new\n\
             2026-11-22 03:54:02,001 DEBUG urllib3.connectionpool: Starting new HTTPS connection (3): third.example:443\n",
            &[
                "200 GET api.example.com/v1/customers?limit=3 2026-11-22T03:54:00.200Z",
                "none GET api.example.com/v1/customers?limit=9 2026-11-22T03:54:01Z",
                "none  third.example/new 2026-11-22T03:54:02Z",
            ],
        );
    }

    #[test]
    fn only_what_urllib3_wrote_is_a_call() {
        check(
            &super::FORMAT,
            "127.0.0.1 - - [22/Nov/2026 03:51:46] \"POST /hook HTTP/1.1\" 200 12\n\
             INFO:root:https://a.example \"quoted\" 200 5\n\
             https://a.example:443 \"GET / HTTP/1.1\" 504 None\n\
             \"\n\" 200 5\nRetrying ( after connection broken by '\n",
            &["504 GET a.example/ untimed"],
        );
    }

    #[test]
    fn botocore_goes_through_urllib3() {
        check(
            &super::FORMAT,
            "2026-11-22 03:51:46,069 botocore.endpoint [DEBUG] Sending http request: <AWSPreparedRequest stream_output=False, method=GET, url=https://s3.eu-central-1.amazonaws.com/, headers={'User-Agent': b'Boto3/1.34'}>\n\
             2026-11-22 03:51:46,070 urllib3.connectionpool [DEBUG] Starting new HTTPS connection (1): s3.eu-central-1.amazonaws.com:443\n\
             2026-11-22 03:51:46,170 urllib3.connectionpool [DEBUG] https://s3.eu-central-1.amazonaws.com:443 \"GET / HTTP/1.1\" 503 None\n\
             2026-11-22 03:51:46,171 botocore.parsers [DEBUG] Response headers: {'x-amz-request-id': 'X'}\n\
             2026-11-22 03:51:46,172 botocore.retryhandler [DEBUG] Retry needed, action of: 0.5\n",
            &["503 GET s3.eu-central-1.amazonaws.com/ 2026-11-22T03:51:46.170Z"],
        );
    }
}
