//! OkHttp's HttpLoggingInterceptor and Feign's logger: arrows to and from the far end, at any level of detail.
//!
//! OkHttp pairs by URL (`--> POST https://…`, `<-- 429 https://… (123ms)`), Feign by the method of ours in brackets
//! (`[Api#send] ---> POST …`, `<--- HTTP/1.1 429 (55ms)`). Header lines belong to the arrow above them.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Side, Talk, Voice, is_method, leading_status, status_line,
};
use crate::read::engine::draft::parse_duration_ms;
use crate::read::engine::field::Unit;
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "okhttp",
    aliases: &["feign"],
    title: "OkHttp HttpLoggingInterceptor and Feign logs",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "okhttp",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Arrows::default(), options))
    }),
    samples: &[
        (
            "--> POST https://api.example.com/v1/x http/1.1 (17-byte body)\n<-- 429 Too Many Requests https://api.example.com/v1/x (123ms, 205-byte body)",
            Some(429),
        ),
        (
            "2026-11-22 03:51:46.069 DEBUG 7 --- [main] com.acme.Api : [Api#send] ---> GET https://api.example.com/v1/x HTTP/1.1\n2026-11-22 03:51:46.124 DEBUG 7 --- [main] com.acme.Api : [Api#send] <--- HTTP/1.1 503 Service Unavailable (55ms)",
            Some(503),
        ),
        (
            "--> GET https://api.example.com/\n--> END GET\n<-- HTTP FAILED: java.net.SocketTimeoutException: timeout",
            None,
        ),
    ],
};

#[derive(Default)]
struct Arrows {
    /// The call that lines without an arrow belong to, and which side of it.
    key: String,
    side: Option<Side>,
    /// A blank line ended the headers.
    in_body: bool,
    /// What the logger puts before every line, its last word.
    anchor: String,
}

impl Dialect for Arrows {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(arrow) = Arrow::parse(line) else {
            return self.detail(line, talk);
        };
        talk.find_time(arrow.prefix);
        self.anchor.clear();
        self.anchor.push_str(last_word(arrow.prefix));
        self.in_body = false;
        if !arrow.text.starts_with("END ") {
            // Header lines belong to the arrow right above them: no more come for the last answer.
            let key = &self.key;
            talk.end_where(|call| *call.key == **key && call.answered);
        }
        match arrow.side {
            Side::Request => self.sent(&arrow, talk),
            Side::Response => self.received(&arrow, talk),
        }
    }
}

/// One line with an arrow.
struct Arrow<'l> {
    prefix: &'l str,
    side: Side,
    text: &'l str,
}

impl<'l> Arrow<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        const PREFIX_BYTES_MAX: usize = 300;
        let head = &line[..line.floor_char_boundary(PREFIX_BYTES_MAX)];
        let (at, side) = match (head.find("--> "), head.find("<--")) {
            (Some(to), Some(from)) if from < to => (from, Side::Response),
            (Some(to), _) => (to, Side::Request),
            (None, Some(from)) => (from, Side::Response),
            (None, None) => return None,
        };
        let text = line[at..].trim_start_matches(['<', '-', '>']);
        Some(Self {
            prefix: head[..at].trim_end_matches('-'),
            side,
            text: text.strip_prefix(' ')?,
        })
    }

    /// `[Api#send]`, which Feign puts before each arrow.
    fn bracket(&self) -> Option<&'l str> {
        let prefix = self.prefix.trim_end();
        let open = prefix.strip_suffix(']')?.rfind('[')?;
        let inside = &prefix[open..];
        inside.contains('#').then_some(inside)
    }
}

fn last_word(prefix: &str) -> &str {
    prefix.trim_end().rsplit(' ').next().unwrap_or_default()
}

impl Arrows {
    fn sent(&mut self, arrow: &Arrow<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
        if arrow.text.starts_with("END ") {
            self.side = None;
            return PART;
        }
        let mut words = arrow.text.split(' ');
        let (method, url) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        if !is_method(method) || !url.contains("://") {
            return match arrow.text.starts_with("RETRYING") {
                true => PART,
                false => Parsed::Rejected(Rejected::NoFormatMatched),
            };
        }
        self.key.clear();
        match arrow.bracket() {
            Some(bracket) => {
                self.key.push_str(bracket);
                talk.begin(&self.key, method, url);
            }
            None => {
                self.key.push_str(url);
                talk.begin_beside(&self.key, method, url);
            }
        }
        self.side = Some(Side::Request);
        Parsed::Record(FORMAT.name)
    }

    fn received(&mut self, arrow: &Arrow<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
        if arrow.text.starts_with("END ") {
            self.side = None;
            // With the body told, the call is over.
            let key = &self.key;
            talk.end_where(|call| *call.key == **key && call.answered);
            return PART;
        }
        for failed in ["HTTP FAILED: ", "ERROR "] {
            if let Some(why) = arrow.text.strip_prefix(failed) {
                return self.failed(why, arrow, talk);
            }
        }
        let status = leading_status(arrow.text).or_else(|| status_line(arrow.text));
        let Some(status) = status else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let url = arrow.text.split(' ').find(|word| word.contains("://"));
        let Some(key) = arrow.bracket().or(url).map(str::to_owned) else {
            return Parsed::Rejected(Rejected::NoRequest);
        };
        self.key = key;
        self.answered(status, arrow.text, talk)
    }

    fn answered(&mut self, status: u16, text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let key = &self.key;
        if !talk.answer(key, status) {
            return Parsed::Rejected(Rejected::NoRequest);
        }
        if let Some(call) = talk.call(key) {
            call.exchange.duration_ms = duration(text);
        }
        self.side = Some(Side::Response);
        PART
    }

    fn failed(&mut self, why: &str, arrow: &Arrow<'_>, talk: &mut Talk<'_, '_>) -> Parsed {
        self.side = None;
        let url = why.split(' ').find(|word| word.contains("://"));
        let told = arrow
            .bracket()
            .or(url)
            .filter(|key| talk.call(key).is_some());
        let key = match told {
            Some(told) => told.to_owned(),
            // Without its URL it is the call that waits longest.
            None => match talk.find(|call| !call.answered) {
                Some(call) => call.key.to_string(),
                None => return Parsed::Rejected(Rejected::NoRequest),
            },
        };
        if let Some(call) = talk.call(&key) {
            call.exchange.duration_ms = duration(why);
        }
        talk.fail(&key, why);
        PART
    }

    /// Headers and bodies, behind the same prefix as the arrow above them.
    fn detail(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(side) = self.side else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        let text = match line.find(&self.anchor) {
            _ if self.anchor.is_empty() => line,
            Some(at) => line[at + self.anchor.len()..].trim_start(),
            // Another logger's line, or a body that was written in one piece with line ends inside.
            None if self.in_body => line,
            None => return Parsed::Rejected(Rejected::NoFormatMatched),
        };
        let key = &self.key;
        let call = match side {
            Side::Request => talk.find(|call| *call.key == **key && !call.answered),
            Side::Response => talk.call(key),
        };
        let Some(call) = call else { return PART };
        if text.is_empty() {
            self.in_body = true;
        } else if self.in_body || !call.header(side, text) {
            call.body(side, text);
        }
        PART
    }
}

/// `(123ms, 205-byte body)`
fn duration(text: &str) -> Option<f32> {
    let inside = text.trim_end().strip_suffix(')')?.rsplit_once('(')?.1;
    let ms = inside.split(',').next()?;
    ms.ends_with("ms")
        .then(|| parse_duration_ms(ms, Unit::Millis))?
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::{check, read};

    #[test]
    fn okhttp_at_level_body_behind_logcat_prefixes() {
        check(
            &super::FORMAT,
            "11-22 03:51:46.069 D/OkHttp  ( 7): --> POST https://api.example.com/v1/x?a=1\n\
             11-22 03:51:46.069 D/OkHttp  ( 7): Content-Type: application/json\n\
             11-22 03:51:46.069 D/OkHttp  ( 7): Authorization: Bearer x\n\
             11-22 03:51:46.069 D/OkHttp  ( 7): \n\
             11-22 03:51:46.069 D/OkHttp  ( 7): {\"a\":1}\n\
             11-22 03:51:46.070 D/OkHttp  ( 7): --> END POST (7-byte body)\n\
             11-22 03:51:46.569 D/OkHttp  ( 7): <-- 429 https://api.example.com/v1/x?a=1 (499ms)\n\
             11-22 03:51:46.569 D/OkHttp  ( 7): date: Sun, 22 Nov 2026 03:51:46 GMT\n\
             11-22 03:51:46.569 D/OkHttp  ( 7): retry-after: 30\n\
             11-22 03:51:46.570 D/OkHttp  ( 7): <-- END HTTP (205-byte body)\n",
            &["429 POST api.example.com/v1/x?a=1 2026-11-22T03:51:46.069Z"],
        );
    }

    #[test]
    fn okhttp_calls_side_by_side() {
        check(
            &super::FORMAT,
            "2026-11-22 03:51:46,000 INFO okhttp3: --> GET https://a.example/1\n\
             2026-11-22 03:51:46,001 INFO okhttp3: --> GET https://a.example/2\n\
             2026-11-22 03:51:46,100 INFO okhttp3: <-- 200 OK https://a.example/2 (99ms, unknown-length body)\n\
             2026-11-22 03:51:46,200 INFO okhttp3: <-- 500 https://a.example/1 (200ms, 2-byte body)\n\
             2026-11-22 03:51:46,300 INFO okhttp3: --> GET https://a.example/3\n\
             2026-11-22 03:51:47,300 INFO okhttp3: <-- HTTP FAILED: java.io.IOException: unexpected end of stream on https://a.example/... (1000ms)\n\
             2026-11-22 03:51:48,300 INFO okhttp3: <-- HTTP FAILED: java.io.IOException: Canceled\n",
            &[
                "200 GET a.example/2 2026-11-22T03:51:46.001Z",
                "500 GET a.example/1 2026-11-22T03:51:46Z",
                "none GET a.example/3 2026-11-22T03:51:46.300Z",
            ],
        );
    }

    #[test]
    fn feign_pairs_by_its_method() {
        check(
            &super::FORMAT,
            "03:51:46.069 [pool-1] DEBUG com.acme.Api - [Api#send] ---> POST https://api.example.com/email HTTP/1.1\n\
             03:51:46.069 [pool-1] DEBUG com.acme.Api - [Api#send] Content-Type: application/json\n\
             03:51:46.069 [pool-1] DEBUG com.acme.Api - [Api#send] ---> END HTTP (2-byte body)\n\
             03:51:46.070 [pool-2] DEBUG com.acme.Api - [Api#list] ---> GET https://api.example.com/list HTTP/1.1\n\
             03:51:46.124 [pool-1] DEBUG com.acme.Api - [Api#send] <--- HTTP/1.1 429 Too Many Requests (55ms)\n\
             03:51:46.124 [pool-1] DEBUG com.acme.Api - [Api#send] date: Sun, 22 Nov 2026 03:51:46 GMT\n\
             03:51:46.124 [pool-1] DEBUG com.acme.Api - [Api#send] <--- END HTTP (0-byte body)\n\
             03:51:46.125 [pool-1] DEBUG com.acme.Api - [Api#send] ---> RETRYING\n\
             03:51:46.126 [pool-1] DEBUG com.acme.Api - [Api#send] ---> POST https://api.example.com/email HTTP/1.1\n\
             03:51:47.070 [pool-2] DEBUG com.acme.Api - [Api#list] <--- ERROR SocketTimeoutException: Read timed out (1000ms)\n\
             03:51:47.126 [pool-1] DEBUG com.acme.Api - [Api#send] <--- HTTP/1.1 200 OK (1000ms)\n",
            &[
                "429 POST api.example.com/email 2026-11-22T03:51:46.069Z",
                "none GET api.example.com/list 2026-11-22T03:51:46.070Z",
                "200 POST api.example.com/email 2026-11-22T03:51:46.126Z",
            ],
        );
    }

    #[test]
    fn arrows_of_prose_are_no_calls() {
        assert_eq!(
            read(
                &super::FORMAT,
                "a --> b\nsee <-- here\n--> GET nothing\n<-- 200 https://a.example/\n<--\n--> \n"
            ),
            [""; 0]
        );
    }
}
