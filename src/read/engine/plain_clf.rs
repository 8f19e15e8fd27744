//! The usual line of the common-log family, read in one go: nothing escaped, nothing left out.
//!
//! Whatever is unusual gives `None` and is left to `clf`, which reads the whole
//! grammar; what is read here is what it would read.

use chrono_tz::Tz;
use memchr::{memchr, memrchr};

use crate::model::exchange::TsKind;
use crate::model::plain::Plain;
use crate::read::engine::target::{has_port, is_address};
use crate::read::instant::parse_clf;

/// Bytes of `22/Nov/2026:03:51:46 +0000`.
const TIME_BYTES: usize = 26;

/// What decides about the name of the format, and the rest.
pub struct PlainLine<'a> {
    /// A virtual host stands in front.
    pub in_front: bool,
    /// Referer and agent stand behind.
    pub has_client: bool,
    pub plain: Plain<'a>,
}

pub fn plain(line: &str, zone: Option<Tz>) -> Option<PlainLine<'_>> {
    if memchr(b'\\', line.as_bytes()).is_some() {
        return None;
    }
    let open = memchr(b'[', line.as_bytes())?;
    let caller = line[..open].strip_suffix(' ')?;
    let time = line.get(open + 1..open + 1 + TIME_BYTES)?;
    let after = line.get(open + 1 + TIME_BYTES..)?.strip_prefix("] \"")?;
    let (request, rest) = quoted(after)?;
    let Request {
        method,
        path,
        query,
    } = split_request(request)?;
    let Answer {
        status,
        response_bytes,
        referer,
        client,
        has_client,
    } = split_answer(rest)?;
    let Caller {
        host,
        client_address,
        user,
    } = split_caller(caller)?;
    let plain = Plain {
        ts: parse_clf(time.as_bytes())?.to_timestamp(zone),
        ts_kind: TsKind::End,
        method,
        host: host.unwrap_or_default(),
        path,
        query,
        status,
        response_bytes,
        client,
        client_address: Some(client_address),
        user,
        referer,
        raw: line,
    };
    Some(PlainLine {
        in_front: host.is_some(),
        has_client,
        plain,
    })
}

/// What stands before a quote that a blank or the line's end follows, and what stands behind that.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let end = memchr(b'"', text.as_bytes())?;
    let rest = &text[end + 1..];
    match rest.as_bytes().first() {
        None => Some((&text[..end], rest)),
        Some(b' ') => Some((&text[..end], &rest[1..])),
        Some(_) => None,
    }
}

struct Request<'a> {
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

/// `METHOD /path?query HTTP/x`.
fn split_request(request: &str) -> Option<Request<'_>> {
    let bytes = request.as_bytes();
    let (first, last) = (memchr(b' ', bytes)?, memrchr(b' ', bytes)?);
    let method = &request[..first];
    let target = request.get(first + 1..last)?;
    let usual = !method.is_empty()
        && method.len() <= 20
        && method.bytes().all(|b| b.is_ascii_uppercase())
        && request[last + 1..].starts_with("HTTP/")
        && target.starts_with('/')
        && memchr::memchr3(b' ', b'#', 0x1b, target.as_bytes()).is_none();
    if !usual {
        return None;
    }
    let (path, query) = match memchr(b'?', target.as_bytes()) {
        Some(cut) => (&target[..cut], Some(&target[cut + 1..])),
        None => (target, None),
    };
    Some(Request {
        method,
        path,
        query,
    })
}

struct Answer<'a> {
    status: u16,
    response_bytes: Option<i64>,
    referer: Option<&'a str>,
    client: Option<&'a str>,
    has_client: bool,
}

/// `status bytes` and, quoted, `referer` and `agent`; nothing behind.
fn split_answer(rest: &str) -> Option<Answer<'_>> {
    let [class @ b'1'..=b'5', tens, ones, b' ', ..] = rest.as_bytes() else {
        return None;
    };
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    let digit = |byte: &u8| u16::from(byte - b'0');
    let rest = &rest[4..];
    let end = memchr(b' ', rest.as_bytes()).unwrap_or(rest.len());
    let size = &rest[..end];
    let mut answer = Answer {
        status: 100 * digit(class) + 10 * digit(tens) + digit(ones),
        response_bytes: size.parse().ok(),
        referer: None,
        client: None,
        has_client: false,
    };
    if end == rest.len() {
        return Some(answer);
    }
    let (referer, agent) = quoted(rest[end + 1..].strip_prefix('"')?)?;
    let (agent, behind) = quoted(agent.strip_prefix('"')?)?;
    let told = |text: &&str| !matches!(*text, "" | "-");
    answer.referer = Some(referer).filter(told);
    answer.client = Some(agent).filter(told);
    answer.has_client = true;
    behind.is_empty().then_some(answer)
}

struct Caller<'a> {
    /// Of a virtual host in front.
    host: Option<&'a str>,
    client_address: &'a str,
    user: Option<&'a str>,
}

/// `[vhost[:port] ]address - user`.
fn split_caller(caller: &str) -> Option<Caller<'_>> {
    let (first, rest) = split_word(caller)?;
    let (second, behind) = split_word(rest)?;
    let in_front = !is_address(first) && (has_port(first) || is_address(second));
    let (host, client_address, rest) = match in_front {
        true => (Some(bare_host(first)?), second, behind),
        false => (None, first, rest),
    };
    let user = rest.strip_prefix("- ")?;
    let usual = !client_address.is_empty()
        && client_address != "-"
        && !client_address.ends_with(',')
        && !user.is_empty()
        && !user.starts_with(' ')
        && !user.ends_with(' ');
    usual.then_some(Caller {
        host,
        client_address,
        user: (!matches!(user, "-" | "\"-\"")).then_some(user),
    })
}

/// The first word and what follows the blank behind it.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let end = memchr(b' ', text.as_bytes())?;
    Some((&text[..end], &text[end + 1..]))
}

/// A name as it is compared, without its port.
fn bare_host(token: &str) -> Option<&str> {
    let end = memchr(b':', token.as_bytes()).unwrap_or(token.len());
    let (host, port) = (&token[..end], token.get(end + 1..).unwrap_or_default());
    let usual = host.bytes().all(|b| IN_HOST[usize::from(b)])
        && port.bytes().all(|b| b.is_ascii_digit())
        && !matches!(host, "" | "-")
        && !host.ends_with('.');
    usual.then_some(host)
}

/// Small letters, digits, points and hyphens.
const IN_HOST: [bool; 256] = {
    let mut found = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        found[byte as usize] =
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
        byte += 1;
    }
    found
};

#[cfg(test)]
mod tests {
    use crate::model::exchange::Exchange;
    use crate::read::engine::clf::Clf;
    use crate::read::format::{LineParser, Options, Parsed};

    const LINES: [&str; 6] = [
        r#"gw.shop.example:443 203.0.113.7 - - [22/Nov/2026:03:52:08 +0000] "GET /a?b=1&c=2 HTTP/1.1" 200 277 "-" "app/1.0""#,
        r#"203.0.113.7 - jo [22/Nov/2026:03:52:08 +0100] "POST /a/b HTTP/2.0" 302 - "https://x.example/y z" "-""#,
        r#"2001:db8::9 - jo doe [22/Nov/2026:03:52:08 -0530] "GET / HTTP/1.0" 499 0"#,
        r#"gw 10.0.0.1 - "-" [22/Nov/2026:03:52:08 +0000] "DELETE /x? HTTP/1.1" 429 0 "" """#,
        r#"10.0.0.1, 10.0.0.2 - - [22/Nov/2026:03:52:08 +0000] "GET /a HTTP/1.1" 200 1 "-" "b" rt=0.1"#,
        r#"10.0.0.1 - - [22/Nov/2026:03:52:08 +0000] "GET /?q="x" HTTP/1.1" 200 12 "-" "a [b] c""#,
    ];

    /// Everything that a line of this family can tell.
    fn told(exchange: &Exchange<'_>) -> Vec<String> {
        let text = |text: &Option<_>| format!("{text:?}");
        vec![
            format!("{:?} {:?}", exchange.ts, exchange.ts_kind),
            format!("{} {}", exchange.attempt, exchange.is_final),
            format!("{} {}", exchange.method, exchange.host),
            format!("{} {:?}", exchange.path, exchange.query),
            format!("{:?} {:?}", exchange.status, exchange.status_source),
            format!("{:?} {:?}", exchange.outcome, exchange.direction),
            format!("{:?} {:?}", exchange.response_bytes, exchange.duration_ms),
            text(&exchange.client),
            text(&exchange.client_address),
            text(&exchange.user),
            text(&exchange.request_id),
            text(&exchange.edge_status.map(|status| status.to_string().into())),
            format!("{:?}", exchange.response_headers),
        ]
    }

    /// Whether the line is plain; if it is, both ways of reading must agree.
    #[track_caller]
    fn check(line: &str) -> bool {
        let parser = Clf::new(&Options::default());
        let Some((name, plain)) = parser.plain(line) else {
            return false;
        };
        let mut out = Vec::new();
        assert_eq!(parser.parse(line, &mut out), Parsed::Record(name), "{line}");
        let [exchange] = &out[..] else {
            panic!("{} exchanges: {line}", out.len());
        };
        assert_eq!(told(&Exchange::from(&plain)), told(exchange), "{line}");
        true
    }

    #[test]
    fn usual_lines_are_plain() {
        assert_eq!(
            LINES.map(check),
            [true, true, true, true, false, false],
            "{LINES:?}"
        );
    }

    #[test]
    fn what_is_read_fast_is_what_the_grammar_says() {
        let others = b" -\"[],:\\/?#%@=.0aA\x1b\xc3";
        let mut plain = 0;
        for line in LINES {
            for at in 0..line.len() {
                for other in others {
                    let mut changed = line.as_bytes().to_vec();
                    changed[at] = *other;
                    plain += usize::from(check(&String::from_utf8_lossy(&changed)));
                    changed.insert(at, *other);
                    plain += usize::from(check(&String::from_utf8_lossy(&changed)));
                }
                let mut shorter = line.as_bytes().to_vec();
                shorter.remove(at);
                plain += usize::from(check(&String::from_utf8_lossy(&shorter)));
            }
        }
        assert!(plain > 3_000, "{plain}");
    }
}
