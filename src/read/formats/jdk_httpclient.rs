//! The JDK's own client with `-Djdk.httpclient.HttpClient.log=requests`: request and answer by method and URI. Times
//! stand in the line before, as java.util.logging has it, or in the same.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{
    Dialect, Dialogue, PART, Talk, Voice, is_method, leading_status,
};
use crate::read::engine::stamp::{Stamp, find_stamp};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "jdk_httpclient",
    aliases: &[],
    title: "JDK HttpClient request log (jdk.httpclient)",
    specificity: 75,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "jdk_httpclient",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Jdk::default(), options))
    }),
    samples: &[(
        "Nov 22, 2026 3:51:46 AM jdk.internal.net.http.common.Log logRequest\nINFO: REQUEST: https://api.example.com/v1/x POST\nNov 22, 2026 3:51:47 AM jdk.internal.net.http.common.Log logResponse\nINFO: RESPONSE: (POST https://api.example.com/v1/x) 429 HTTP_2 Local port: 51544",
        Some(429),
    )],
};

#[derive(Default)]
struct Jdk {
    /// Of the line before.
    stamp: Stamp,
}

impl Dialect for Jdk {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let before = std::mem::take(&mut self.stamp);
        if let Some(at) = line.find("REQUEST: ") {
            set_stamp(&line[..at], before, talk);
            return request(&line[at + 9..], talk);
        }
        if let Some(at) = line.find("RESPONSE: (") {
            set_stamp(&line[..at], before, talk);
            return response(&line[at + 11..], talk);
        }
        if line.contains("jdk.internal.net.http") || line.contains("jdk.httpclient") {
            self.stamp = find_stamp(line, talk.zone());
            return PART;
        }
        Parsed::Rejected(Rejected::NoFormatMatched)
    }
}

fn set_stamp(prefix: &str, before: Stamp, talk: &mut Talk<'_, '_>) {
    talk.find_time(prefix);
    if !talk.stamp.is_told() {
        talk.stamp = before;
    }
}

/// `https://… GET`
fn request(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let Some((url, method)) = text.trim().rsplit_once(' ') else {
        return Parsed::Rejected(Rejected::NoFormatMatched);
    };
    if !is_method(method) || !url.contains("://") {
        return Parsed::Rejected(Rejected::NoFormatMatched);
    }
    talk.begin_beside(&format!("{method} {url}"), method, url);
    Parsed::Record(FORMAT.name)
}

/// `GET https://…) 200 HTTP_1_1 Local port: 51544`
fn response(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let Some((key, rest)) = text.split_once(") ") else {
        return Parsed::Rejected(Rejected::NoFormatMatched);
    };
    let Some(status) = leading_status(rest) else {
        return Parsed::Rejected(Rejected::BadStatus);
    };
    if !talk.answer(key, status) {
        return Parsed::Rejected(Rejected::NoRequest);
    }
    talk.end(key);
    PART
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn answers_in_any_order() {
        check(
            &super::FORMAT,
            "2026-11-22T03:51:46.000Z INFO jdk.httpclient.HttpClient - REQUEST: https://a.example/1 GET\n\
             2026-11-22T03:51:46.010Z INFO jdk.httpclient.HttpClient - REQUEST: https://a.example/2 GET\n\
             2026-11-22T03:51:46.100Z INFO jdk.httpclient.HttpClient - RESPONSE: (GET https://a.example/2) 503 HTTP_1_1 Local port: 51544\n\
             2026-11-22T03:51:46.200Z INFO jdk.httpclient.HttpClient - RESPONSE: (GET https://a.example/1) 200 HTTP_2 Local port: 51545\n\
             2026-11-22T03:51:47.000Z INFO jdk.httpclient.HttpClient - REQUEST: https://a.example/lost PUT\n",
            &[
                "503 GET a.example/2 2026-11-22T03:51:46.010Z",
                "200 GET a.example/1 2026-11-22T03:51:46Z",
                "none PUT a.example/lost 2026-11-22T03:51:47Z",
            ],
        );
    }
}
