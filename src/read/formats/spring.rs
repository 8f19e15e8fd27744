//! Spring's RestTemplate and WebClient at DEBUG: `HTTP GET https://…`, then `Response 200 OK` of the same thread or the
//! same request id.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Talk, Voice, is_method, leading_status,
};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "spring_client",
    aliases: &["resttemplate", "webclient"],
    title: "Spring RestTemplate and WebClient at DEBUG",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "spring_client",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Spring, options))
    }),
    samples: &[
        (
            "2026-11-22T03:51:46.069Z DEBUG 7 --- [nio-8080-exec-1] o.s.web.client.RestTemplate : HTTP POST https://api.example.com/v1/x\n2026-11-22T03:51:46.169Z DEBUG 7 --- [nio-8080-exec-1] o.s.web.client.RestTemplate : Response 429 TOO_MANY_REQUESTS",
            Some(429),
        ),
        (
            "2026-11-22T03:51:46.069Z DEBUG 7 --- [main] o.s.w.r.f.client.ExchangeFunctions : [7a5f7b2] HTTP GET https://api.example.com/v1/x\n2026-11-22T03:51:46.169Z DEBUG 7 --- [ctor-http-nio-2] o.s.w.r.f.client.ExchangeFunctions : [7a5f7b2] [e1f2a3b4-1] Response 200 OK",
            Some(200),
        ),
    ],
};

struct Spring;

impl Dialect for Spring {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some((prefix, text)) = own(line) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        talk.find_time(prefix);
        let (ids, text) = brackets(text);
        let key = ids.first().copied().unwrap_or_else(|| thread(prefix));
        if let Some((method, url)) = request(text) {
            talk.begin(key, method, url);
            return Parsed::Record(FORMAT.name);
        }
        if let Some(status) = response(text) {
            if !talk.answer(key, status) {
                return Parsed::Rejected(Rejected::NoRequest);
            }
            talk.end(key);
        } else if let Some(why) = text
            .strip_prefix("Cancel ")
            .or_else(|| text.strip_prefix("Error "))
        {
            talk.fail(key, why);
        }
        PART
    }
}

/// Prefix and message of a line of one of these loggers, whose names may be shortened.
fn own(line: &str) -> Option<(&str, &str)> {
    const LOGGERS: [&str; 2] = ["client.RestTemplate", "client.ExchangeFunctions"];
    let head = &line[..line.floor_char_boundary(300)];
    let end = LOGGERS
        .iter()
        .find_map(|logger| Some(head.find(logger)? + logger.len()))?;
    let text = line[end..].trim_start_matches([' ', ':', '-', ']', ')', '|']);
    Some((&line[..end], text))
}

/// Request ids in front of the message.
fn brackets(mut text: &str) -> (Vec<&str>, &str) {
    let mut ids = Vec::new();
    while ids.len() < 3
        && let Some((id, rest)) = text.strip_prefix('[').and_then(|t| t.split_once("] "))
    {
        ids.push(id);
        text = rest.trim_start();
    }
    (ids, text)
}

/// The thread: what stands in the last brackets before the logger.
fn thread(prefix: &str) -> &str {
    let inside = prefix.rsplit_once(']').map_or("", |(before, _)| before);
    inside
        .rsplit_once('[')
        .map_or("", |(_, thread)| thread.trim())
}

/// `HTTP GET https://…`; before version 5 `Created GET request for "https://…"`.
fn request(text: &str) -> Option<(&str, &str)> {
    let (method, url) = match text.strip_prefix("Created ") {
        Some(rest) => rest.split_once(" request for ")?,
        None => text.strip_prefix("HTTP ")?.split_once(' ')?,
    };
    let url = url
        .split(", headers=")
        .next()
        .unwrap_or(url)
        .trim_matches('"');
    is_method(method).then_some((method, url))
}

/// `Response 200 OK`; before version 5 `GET request for "https://…" resulted in 200 (OK)`.
fn response(text: &str) -> Option<u16> {
    match text.strip_prefix("Response ") {
        Some(rest) => leading_status(rest),
        None => leading_status(text.rsplit_once("\" resulted in ")?.1),
    }
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn threads_and_versions() {
        check(
            &super::FORMAT,
            "2026-11-22 03:51:46.000 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : HTTP GET https://a.example/1\n\
             2026-11-22 03:51:46.001 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : Accept=[application/json]\n\
             2026-11-22 03:51:46.002 DEBUG 7 --- [exec-2] o.s.web.client.RestTemplate : HTTP GET https://a.example/2?b=1\n\
             2026-11-22 03:51:46.050 DEBUG 7 --- [exec-2] o.s.web.client.RestTemplate : Response 503 SERVICE_UNAVAILABLE\n\
             2026-11-22 03:51:46.060 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : Response 200 OK\n\
             03:51:47,000 DEBUG [main] org.springframework.web.client.RestTemplate - Created POST request for \"https://b.example/x\"\n\
             03:51:47,100 DEBUG [main] org.springframework.web.client.RestTemplate - POST request for \"https://b.example/x\" resulted in 429 (Too Many Requests)\n\
             2026-11-22 03:51:48.000 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : HTTP GET https://a.example/refused\n\
             2026-11-22 03:51:49.000 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : HTTP GET https://a.example/3\n\
             2026-11-22 03:51:49.100 DEBUG 7 --- [exec-1] o.s.web.client.RestTemplate : Response 200 OK\n",
            &[
                "503 GET a.example/2?b=1 2026-11-22T03:51:46.002Z",
                "200 GET a.example/1 2026-11-22T03:51:46Z",
                "none GET a.example/refused 2026-11-22T03:51:48Z",
                "200 GET a.example/3 2026-11-22T03:51:49Z",
                "429 POST b.example/x untimed",
            ],
        );
    }
}
