//! What `curl -v` tells, also with `--trace-time` and `--trace-ids`: notes behind `*`, headers behind `>` and `<`.
//!
//! Notes and headers go to standard error and bodies to standard output, so a body may stand late, without a line end
//! before the next note, and behind a progress meter that is drawn over itself.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Call, Dialect, Dialogue, PART, Side, Talk, Voice, is_request_line, leading_status, status_line,
};
use crate::read::engine::stamp::{Stamp, leading_clock};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "curl",
    aliases: &["curl_verbose"],
    title: "curl -v transcripts",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "curl",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Curl::default(), options))
    }),
    samples: &[
        (
            "> POST /v2/token HTTP/1.1\n> Host: auth.example.com\n> \n< HTTP/1.1 429 Too Many Requests\n< Retry-After: 1\n< \n{\"errorcode\": 50100}* Connection #0 to host auth.example.com left intact",
            Some(429),
        ),
        (
            "* Host api.example.com:443 was resolved.\n> GET / HTTP/2\n> Host: api.example.com\n>\n* Empty reply from server\ncurl: (52) Empty reply from server",
            None,
        ),
    ],
};

/// Which part of a message the lines of a transfer are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Outside,
    RequestHead,
    RequestSent,
    ResponseHead,
    ResponseBody,
}

#[derive(Default)]
struct Curl {
    part: Part,
    /// The transfer of the last line, by `--trace-ids`.
    key: String,
    /// A connection is being made, to this host if it was named.
    dial: Option<String>,
    /// The failure of this transfer was told, so that what follows repeats it.
    failed: bool,
    /// What was answered has been told to its end.
    over: bool,
    note: String,
}

impl Dialect for Curl {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let line = self.undecorated(line, talk);
        if let Some(text) = marked(line, '>') {
            return self.sent(text, line, talk);
        }
        if let Some(text) = marked(line, '<') {
            return self.received(text, line, talk);
        }
        if let Some(note) = line.strip_prefix("* ") {
            return self.note(note.trim(), talk);
        }
        if let Some(exit) = line.strip_prefix("curl: (") {
            return self.exit(exit, talk);
        }
        if is_count(line) {
            return PART;
        }
        self.plain(line, talk)
    }

    fn finish(&mut self, talk: &mut Talk<'_, '_>) {
        self.give_up(talk);
    }
}

impl Curl {
    /// Without time, transfer ids and a progress meter.
    fn undecorated<'l>(&mut self, line: &'l str, talk: &mut Talk<'_, '_>) -> &'l str {
        let line = without_meter(line);
        let line = match leading_clock(line) {
            Some((clock, rest)) => {
                talk.stamp = Stamp::Clock(clock);
                rest
            }
            None => line,
        };
        match transfer(line) {
            Some((id, rest)) => {
                self.key.clear();
                self.key.push_str(id);
                rest
            }
            None => line,
        }
    }

    fn sent(&mut self, text: &str, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if is_request_line(text) {
            talk.begin_line(&self.key, text.trim_end());
            self.part = Part::RequestHead;
            self.dial = None;
            self.failed = false;
            self.over = false;
            self.note.clear();
            return match text.starts_with("CONNECT ") {
                true => PART,
                false => Parsed::Record(FORMAT.name),
            };
        }
        if self.part != Part::RequestHead {
            return self.plain(line, talk);
        }
        if text.trim().is_empty() {
            self.part = Part::RequestSent;
        } else if let Some(call) = talk.call(&self.key) {
            call.header(Side::Request, text);
        }
        PART
    }

    fn received(&mut self, text: &str, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some(status) = status_line(text) {
            self.part = Part::ResponseHead;
            if !talk.answer(&self.key, status) {
                return Parsed::Rejected(Rejected::NoRequest);
            }
            // A tunnel that is refused is the whole call.
            let refused = |call: &mut Call| call.exchange.edge_status.is_some_and(|s| s >= 300);
            return match talk.call(&self.key).is_some_and(refused) {
                true => Parsed::Record(FORMAT.name),
                false => PART,
            };
        }
        // Trailers stand behind the body.
        if self.part == Part::ResponseBody && text.trim().is_empty() {
            return PART;
        }
        if self.part != Part::ResponseHead {
            return self.plain(line, talk);
        }
        if text.trim().is_empty() {
            self.part = Part::ResponseBody;
        } else if let Some(call) = talk.call(&self.key) {
            call.header(Side::Response, text);
        }
        PART
    }

    fn note(&mut self, note: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if let Some(host) = dialled(note) {
            self.finish_transfer(talk);
            // The name was told before its addresses are tried.
            let named = self.dial.take().filter(|known| !known.is_empty());
            self.dial = Some(named.unwrap_or_else(|| host.to_owned()));
        }
        if let Some(host) = refused(note) {
            self.finish_transfer(talk);
            let host = match self.dial.take() {
                Some(named) if !named.is_empty() && host.parse::<std::net::IpAddr>().is_ok() => {
                    named
                }
                _ => host.to_owned(),
            };
            return self.unreached(&host, note, talk);
        }
        if let Some(rest) = note
            .strip_prefix("Closing connection")
            .or_else(|| note.strip_prefix("closing connection"))
        {
            let numbered = rest
                .trim_start_matches([' ', '#'])
                .bytes()
                .all(|b| b.is_ascii_digit());
            self.over = true;
            if numbered && self.give_up(talk) {
                return Parsed::Record(FORMAT.name);
            }
            return PART;
        }
        if let Some(dial) = &mut self.dial
            && dial.is_empty()
            && let Some((host, _)) = note
                .strip_prefix("Connected to ")
                .and_then(|r| r.split_once(' '))
        {
            dial.push_str(host.trim_matches(['(', ')']));
        }
        self.over |= note.ends_with(" left intact");
        self.note.clear();
        self.note.push_str(note);
        PART
    }

    /// `NN) what went wrong`
    fn exit(&mut self, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let why = text.split_once(") ").map_or(text, |(_, why)| why);
        self.part = Part::Outside;
        if talk
            .call(&self.key)
            .is_some_and(|call| self.ends(call, why))
        {
            talk.fail(&self.key, why);
            return PART;
        }
        talk.end(&self.key);
        if std::mem::take(&mut self.failed) {
            return PART;
        }
        let host = match self.dial.take() {
            Some(host) if !host.is_empty() => host,
            _ => refused(why).unwrap_or_default().to_owned(),
        };
        let fate = self.unreached(&host, why, talk);
        self.failed = false;
        fate
    }

    /// Whether the exit is that of the call under way. One that was answered and is over was followed by a call that
    /// was not shown.
    fn ends(&self, call: &Call, why: &str) -> bool {
        let same = |status| Some(status) == call.exchange.status;
        !(call.answered && self.over) || self.note == why || refused_status(why).is_some_and(same)
    }

    /// Lines without a mark are body, with the next note glued to them where the body has no line end.
    fn plain(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        if self.part == Part::Outside || talk.call(&self.key).is_none() {
            let meter = !line.is_empty() && is_meter_head(line);
            return match meter || line.starts_with("Warning: ") {
                true => PART,
                false => Parsed::Rejected(Rejected::NoFormatMatched),
            };
        }
        if is_meter_head(line) {
            return PART;
        }
        let (body, note) = unglue(line);
        if self.part == Part::ResponseBody
            && !body.is_empty()
            && let Some(call) = talk.call(&self.key)
        {
            call.body(Side::Response, body);
        }
        match note {
            Some(note) if note.starts_with("curl: (") => self.exit(&note[7..], talk),
            Some(note) => self.note(note[2..].trim(), talk),
            None => PART,
        }
    }

    /// What was answered is over; what was not fails.
    fn finish_transfer(&mut self, talk: &mut Talk<'_, '_>) {
        if talk.call(&self.key).is_some() {
            talk.fail_unanswered(&self.key, &self.note);
            self.part = Part::Outside;
        }
        self.failed = false;
    }

    /// A connection was made and closed before anything was asked.
    fn give_up(&mut self, talk: &mut Talk<'_, '_>) -> bool {
        let Some(host) = self.dial.take() else {
            return false;
        };
        if host.is_empty() || talk.call(&self.key).is_some() {
            return false;
        }
        let why = std::mem::take(&mut self.note);
        self.unreached(&host, &why, talk);
        true
    }

    /// No request was sent: neither method nor path are known.
    fn unreached(&mut self, host: &str, why: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let call = talk.begin(&self.key, "", &format!("https://{host}"));
        call.exchange.duration_ms = waited_ms(why);
        if let Some(status) = refused_status(why) {
            talk.answer(&self.key, status);
        }
        talk.fail(&self.key, why);
        self.part = Part::Outside;
        self.failed = true;
        Parsed::Record(FORMAT.name)
    }
}

/// The text behind `> ` or `< `.
fn marked(line: &str, mark: char) -> Option<&str> {
    let rest = line.strip_prefix(mark)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(' ')
}

/// `[0-0] ` of `--trace-ids`; the first number is the transfer's.
fn transfer(line: &str) -> Option<(&str, &str)> {
    let (ids, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (transfer, connection) = ids.split_once('-')?;
    let number = |text: &str| text == "x" || text.bytes().all(|b| b.is_ascii_digit());
    (ids.len() <= 24 && number(transfer) && number(connection)).then_some((transfer, rest))
}

/// A meter is drawn without line ends; what follows its last drawing is the line.
fn without_meter(line: &str) -> &str {
    let line = line.rsplit_once('\r').map_or(line, |(_, last)| last);
    let Some(at) = line.rfind("--:--:--") else {
        return line;
    };
    let rest = line[at + 8..].trim_start_matches(' ');
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, 'k' | 'M' | 'G' | '.'))
}

fn is_meter_head(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("  % Total")
        || line.trim_start().starts_with("Dload  Upload")
}

/// `{ [58 bytes data]`
fn is_count(line: &str) -> bool {
    (line.starts_with("{ [") || line.starts_with("} [")) && line.ends_with(" bytes data]")
}

/// The host that a note says is being connected to; empty when it names none or only an address.
fn dialled(note: &str) -> Option<&str> {
    if let Some(rest) = note.strip_prefix("Host ")
        && let Some(authority) = rest.strip_suffix(" was resolved.")
    {
        return Some(
            authority
                .rsplit_once(':')
                .map_or(authority, |(host, _)| host),
        );
    }
    let begins = [
        "Trying ",
        "Connecting to ",
        "Re-using existing",
        "Reusing existing",
        "Found bundle for host",
        "Hostname ",
    ];
    begins
        .iter()
        .any(|begin| note.starts_with(begin))
        .then_some("")
}

/// The host that a note or an exit text says could not be reached.
fn refused(text: &str) -> Option<&str> {
    const BEGINS: [&str; 3] = [
        "Could not resolve host: ",
        "Failed to connect to ",
        "Couldn't resolve host ",
    ];
    let rest = BEGINS.iter().find_map(|begin| text.strip_prefix(begin))?;
    let host = rest.trim_start_matches('\'').split([' ', '\'']).next();
    host.map(|host| host.trim_end_matches(';'))
}

/// `The requested URL returned error: 503`, also with the reason behind it.
fn refused_status(why: &str) -> Option<u16> {
    leading_status(why.strip_prefix("The requested URL returned error: ")?)
}

/// `Operation timed out after 1000 milliseconds with …`, `… port 443 after 4 ms: …`
fn waited_ms(why: &str) -> Option<f32> {
    let mut words = why.split_once(" after ")?.1.split(' ');
    let number = words.next()?;
    let unit = words.next()?.trim_end_matches(':');
    matches!(unit, "ms" | "milliseconds").then(|| number.parse().ok())?
}

/// A body and the note that follows it on the same line.
fn unglue(line: &str) -> (&str, Option<&str>) {
    const NOTES: [&str; 8] = [
        "* Connection #",
        "* Connecting to ",
        "*   Trying ",
        "* Host ",
        "* Found bundle",
        "* Could not resolve",
        "* Closing connection",
        "curl: (",
    ];
    // Only the end of a long body is looked at.
    const TAIL: usize = 512;
    let tail = line.ceil_char_boundary(line.len().saturating_sub(TAIL));
    let found = NOTES
        .iter()
        .filter_map(|note| line[tail..].rfind(note))
        .min();
    match found {
        Some(at) => (&line[..tail + at], Some(&line[tail + at..])),
        None => (line, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{Exchange, find_header};
    use crate::read::engine::dialogue::tests::{check, read};
    use crate::read::format::{Options, Place};

    #[test]
    fn interim_answers_and_tunnels_are_no_result() {
        check(
            &super::FORMAT,
            "* Uses proxy env variable https_proxy == 'http://proxy.internal:3128'\n\
             *   Trying 10.0.0.9:3128...\n\
             > CONNECT api.example.com:443 HTTP/1.1\n\
             > Host: api.example.com:443\n\
             > Proxy-Connection: Keep-Alive\n\
             > \n\
             < HTTP/1.1 200 Connection established\n\
             < \n\
             * CONNECT phase completed\n\
             * CONNECT tunnel established, response 200\n\
             > PUT /v1/files/7 HTTP/1.1\n\
             > Host: api.example.com\n\
             > Expect: 100-continue\n\
             > \n\
             < HTTP/1.1 100 Continue\n\
             < \n\
             } [2000 bytes data]\n\
             * We are completely uploaded and fine\n\
             < HTTP/1.1 429 Too Many Requests\n\
             < Date: Sun, 22 Nov 2026 03:51:46 GMT\n\
             < Retry-After: 7\n\
             < \n",
            &["429 PUT api.example.com/v1/files/7 2026-11-22T03:51:46Z"],
        );
    }

    #[test]
    fn a_proxy_that_refuses_the_tunnel_is_told_apart_from_the_far_end() {
        check(
            &super::FORMAT,
            "> CONNECT api.example.com:443 HTTP/1.1\n> Host: api.example.com:443\n> \n\
             < HTTP/1.1 503 Service Unavailable\n< \n\
             * CONNECT tunnel failed, response 503\n* Closing connection 0\n\
             curl: (56) CONNECT tunnel failed, response 503\n",
            &["none CONNECT api.example.com untimed"],
        );
    }

    #[test]
    fn trace_times_take_their_day_from_the_answer() {
        let text = "23:59:59.900000 [0-0] * Host api.example.com:443 was resolved.\n\
            23:59:59.950000 [0-0] > GET /v1/a?b=1 HTTP/2\n\
            23:59:59.950000 [0-0] > Host: api.example.com\n\
            23:59:59.950000 [0-0] > \n\
            00:00:00.450000 [0-0] < HTTP/2 200 \n\
            00:00:00.450000 [0-0] < date: Sun, 22 Nov 2026 23:00:00 GMT\n\
            00:00:00.450000 [0-0] < \n\
            {\"a\":1}00:00:00.460000 [0-0] * Connection #0 to host api.example.com left intact\n";
        check(
            &super::FORMAT,
            text,
            &["200 GET api.example.com/v1/a?b=1 2026-11-22T22:59:59.950Z"],
        );
    }

    #[test]
    fn parallel_transfers_are_told_apart_by_their_ids() {
        check(
            &super::FORMAT,
            "10:00:00.000001 [0-0] > GET /a HTTP/2\n10:00:00.000002 [0-0] > Host: a.example\n10:00:00.000003 [0-0] > \n\
             10:00:00.000004 [1-0] > GET /b HTTP/2\n10:00:00.000005 [1-0] > Host: a.example\n10:00:00.000006 [1-0] > \n\
             10:00:00.000007 [0-0] < HTTP/2 200 \n10:00:00.000008 [0-0] < \n\
             10:00:00.000009 [1-0] < HTTP/2 503 \n10:00:00.000010 [1-0] < \n",
            &["200 GET a.example/a untimed", "503 GET a.example/b untimed"],
        );
    }

    #[test]
    fn a_progress_meter_hides_no_head_line() {
        check(
            &super::FORMAT,
            "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n\
             \x20                                Dload  Upload   Total   Spent    Left  Speed\n\
             \r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0* Trying 192.0.2.7:443...\n\
             \r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0> GET /x HTTP/1.1\n\
             > Host: api.example.com\n> \n< HTTP/1.1 502 Bad Gateway\n< \n{ [12 bytes data]\n\
             \r100    12  100    12    0     0    120      0 --:--:-- --:--:-- --:--:--   121\n",
            &["502 GET api.example.com/x untimed"],
        );
    }

    #[test]
    fn each_way_of_no_answer_counts_once() {
        check(
            &super::FORMAT,
            "* Could not resolve host: nope.example\n* Closing connection 0\ncurl: (6) Could not resolve host: nope.example\n\
             * Host down.example:443 was resolved.\n* IPv4: 192.0.2.9\n*   Trying 192.0.2.9:443...\n\
             * connect to 192.0.2.9 port 443 from 10.0.0.1 port 4022 failed: Connection refused\n\
             * Failed to connect to down.example port 443 after 4 ms: Could not connect to server\n* closing connection #0\n\
             curl: (7) Failed to connect to down.example port 443 after 4 ms: Could not connect to server\n\
             * Host tls.example:443 was resolved.\n*   Trying 192.0.2.8:443...\n* ALPN: curl offers h2,http/1.1\n\
             * TLS connect error: error:0A000152:SSL routines::unsafe legacy renegotiation disabled\n* closing connection #0\n\
             curl: (35) TLS connect error: error:0A000152:SSL routines::unsafe legacy renegotiation disabled\n\
             > GET /slow HTTP/1.1\n> Host: slow.example\n> \n* Operation timed out after 1000 milliseconds with 0 bytes received\n\
             * Closing connection 0\ncurl: (28) Operation timed out after 1000 milliseconds with 0 bytes received\n\
             > GET /reset HTTP/2\n> Host: reset.example\n> \n\
             * HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)\n\
             curl: (92) HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)\n",
            &[
                "none  nope.example untimed",
                "none  down.example untimed",
                "none  tls.example untimed",
                "none GET slow.example/slow untimed",
                "none GET reset.example/reset untimed",
            ],
        );
    }

    #[test]
    fn exits_of_calls_that_were_not_shown_are_calls_of_their_own() {
        let done = "> GET /a HTTP/1.1\n> Host: a.example\n> \n< HTTP/1.1 200 OK\n< \n\
                    * Connection #0 to host a.example left intact\n";
        let failed = "> GET /b HTTP/1.1\n> Host: b.example\n> \n* Empty reply from server\n\
                      * Closing connection 0\ncurl: (52) Empty reply from server\n";
        let exits = "curl: (6) Could not resolve host: nope.example\n\
                     curl: (28) Failed to connect to slow.example port 443 after 2001 ms: Timeout was reached\n\
                     curl: (28) Operation timed out after 1000 milliseconds with 0 bytes received\n\
                     curl: (22) The requested URL returned error: 503 Service Unavailable\n";
        let told = [
            "none  nope.example untimed",
            "none  slow.example untimed",
            "none   untimed",
            "503   untimed",
        ];
        let first = |text: &'static str| [&[text], &told[..]].concat();
        let after_done = first("200 GET a.example/a untimed");
        check(&FORMAT, &format!("{done}{exits}"), &after_done);
        let after_failed = first("none GET b.example/b untimed");
        check(&FORMAT, &format!("{failed}{exits}"), &after_failed);
        assert_eq!(
            waited_ms("Operation timed out after 1000 milliseconds with 0 bytes received"),
            Some(1000.0)
        );
        assert_eq!(waited_ms("connect to x port 443 after 4 ms: no"), Some(4.0));
        assert_eq!(waited_ms("named after a while"), None);
    }

    #[test]
    fn retries_and_fail_fast_keep_their_answers() {
        check(
            &super::FORMAT,
            "> GET /a HTTP/1.1\n> Host: a.example\n> \n< HTTP/1.1 503 Service Unavailable\n< Retry-After: 1\n< \n\
             * Connection #0 to host a.example left intact\n\
             Warning: Problem: HTTP error. Will retry in 1 seconds. 2 retries left.\n\
             * Found bundle for host: 0x55d [serially]\n* Re-using existing connection #0 with host a.example\n\
             > GET /a HTTP/1.1\n> Host: a.example\n> \n< HTTP/1.1 429 Too Many Requests\n< \n\
             * The requested URL returned error: 429\n* Closing connection 0\n\
             curl: (22) The requested URL returned error: 429\n",
            &["503 GET a.example/a untimed", "429 GET a.example/a untimed"],
        );
    }

    #[test]
    fn headers_and_bodies_go_to_their_fields() {
        let text = "10:00:00.000000 > POST /x HTTP/1.1\n10:00:00.000000 > Host: a.example\n\
            10:00:00.000000 > Authorization: Bearer t0ken\n10:00:00.000000 > \n\
            10:00:00.250000 < HTTP/1.1 429 Too Many Requests\n10:00:00.250000 < Retry-After: 7\n\
            10:00:00.250000 < \n{\n  \"code\": 1\n}* Connection #0 to host a.example left intact\n";
        let mut parser = match FORMAT.layout {
            Layout::Sequence(build) => build(&Options::default()),
            _ => panic!("read in order"),
        };
        let mut seen = 0;
        let mut found = |_: &'static str, exchanges: &mut [Exchange<'_>]| {
            let e = &exchanges[0];
            assert_eq!(
                find_header(&e.request_headers, "authorization"),
                Some("Bearer t0ken")
            );
            assert_eq!(find_header(&e.response_headers, "retry-after"), Some("7"));
            assert_eq!(e.response_body.as_deref(), Some("{\n  \"code\": 1\n}"));
            assert_eq!((e.duration_ms, e.line, e.raw), (Some(250.0), 4, ""));
            seen += 1;
        };
        for line in text.lines() {
            let at = Place { offset: 9, line: 4 };
            parser.line(line, at, &mut found);
        }
        parser.finish(&mut found);
        assert_eq!(seen, 1);
    }

    #[test]
    fn hostile_lines_are_read_over() {
        for line in [
            "> ",
            "< ",
            "* ",
            "curl: (",
            "é",
            "[0-0] ",
            "\r",
            "< HTTP/1.1 200",
            "> é / HTTP/1.1",
        ] {
            read(
                &super::FORMAT,
                &format!(
                    "{line}\n> GET / HTTP/1.1\n{line}\n< HTTP/1.1 200 OK\n{line}\n<\n{line}\n"
                ),
            );
        }
    }
}
