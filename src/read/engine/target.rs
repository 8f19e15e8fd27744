//! Request lines and URLs, split without copying.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Text};

/// Fills method, host, path and query from `METHOD target HTTP/x`; garbage (a TLS hello, an empty line) becomes the
/// method `INVALID` with an empty path, so that the exchange still counts.
/// Says whether it told the host.
pub fn set_request_line<'a>(exchange: &mut Exchange<'a>, line: Text<'a>) -> bool {
    match line {
        Cow::Borrowed(line) => {
            let (method, target) = split_request_line(line);
            exchange.method = Cow::Borrowed(method);
            set_target(exchange, Cow::Borrowed(target))
        }
        Cow::Owned(line) => {
            let (method, target) = split_request_line(&line);
            exchange.method = Cow::Owned(method.to_owned());
            set_target(exchange, Cow::Owned(target.to_owned()))
        }
    }
}

/// What a request asks for: a URL, a path, or the authority of a tunnel, which stays a path until hosts are settled.
/// Says whether it told the host.
pub fn set_target<'a>(exchange: &mut Exchange<'a>, target: Text<'a>) -> bool {
    // Squid's word for what was no request.
    if target.starts_with("error:") {
        exchange.method = Cow::Borrowed("INVALID");
        return false;
    }
    set_url(exchange, target)
}

/// `api.example.com:443/v1?x`: the host and the target without anything between them.
pub fn set_address<'a>(exchange: &mut Exchange<'a>, address: &str) -> bool {
    let at = address.find('/').unwrap_or(address.len());
    let (host, target) = address.split_at(at);
    set_url(exchange, Cow::Owned(target.to_owned()));
    set_host(exchange, Cow::Owned(host.to_owned()));
    false
}

/// A name with a dot whose last part is letters: neither an address nor a version.
pub fn looks_like_host(text: &str) -> bool {
    let name = bare_host(text);
    let (rest, last) = name.rsplit_once('.').unwrap_or_default();
    !rest.is_empty()
        && !rest.starts_with('.')
        && last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// The method and the target. The target may hold raw spaces; the protocol is what follows the last one.
fn split_request_line(line: &str) -> (&str, &str) {
    let Some(end) = memchr::memchr(b' ', line.as_bytes()) else {
        return ("INVALID", "");
    };
    let (method, rest) = (&line[..end], &line[end + 1..]);
    if matches!(method, "" | "-")
        || method.len() > 20
        || !method
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_')
    {
        return ("INVALID", "");
    }
    let target = match memchr::memrchr(b' ', rest.as_bytes()) {
        Some(end) if rest[end + 1..].starts_with("HTTP/") => &rest[..end],
        _ => rest,
    };
    (method, target.trim_ascii())
}

/// Splits an absolute URL or a path with query, and says whether it told the host. A host that is there already is not
/// overwritten by an empty one.
pub fn set_url<'a>(exchange: &mut Exchange<'a>, url: Text<'a>) -> bool {
    match url {
        Cow::Borrowed(url) => {
            let parts = split_url(url);
            if let Some(host) = parts.host {
                exchange.host = lower(host);
            }
            exchange.path = Cow::Borrowed(parts.path);
            exchange.query = parts.query.map(Cow::Borrowed).or(exchange.query.take());
            parts.host.is_some_and(|host| !host.is_empty())
        }
        Cow::Owned(url) => {
            let parts = split_url(&url);
            let told = parts.host.is_some_and(|host| !host.is_empty());
            if let Some(host) = parts.host {
                exchange.host = Cow::Owned(host.to_ascii_lowercase());
            }
            exchange.path = Cow::Owned(parts.path.to_owned());
            exchange.query = parts
                .query
                .map(|query| Cow::Owned(query.to_owned()))
                .or(exchange.query.take());
            told
        }
    }
}

/// A host as logs write it (port, trailing dot, capitals) to the one spelling that is compared.
pub fn set_host<'a>(exchange: &mut Exchange<'a>, host: Text<'a>) {
    let cleaned = match &host {
        Cow::Borrowed(text) => lower(bare_host(text)),
        Cow::Owned(text) => Cow::Owned(bare_host(text).to_ascii_lowercase()),
    };
    // A name without a dot is a pool or a machine.
    let weaker = !exchange.host.is_empty() && !cleaned.contains('.') && exchange.host.contains('.');
    if !cleaned.is_empty() && cleaned != "-" && cleaned != "_" && !weaker {
        exchange.host = cleaned;
    }
}

/// Whether a host can be a vendor's: a name with a dot, and not one of a cluster or of a company's own network.
pub fn is_public(host: &str) -> bool {
    const OWN: &[&str] = &[
        ".local",
        ".internal",
        ".svc",
        ".lan",
        ".localdomain",
        ".consul",
    ];
    let host = bare_host(host);
    let address = host.parse::<std::net::IpAddr>().is_ok();
    host.contains('.') && !address && !OWN.iter().any(|end| host.ends_with(end))
}

/// `name:8080`.
pub fn has_port(token: &str) -> bool {
    let digits = token.bytes().rev().take_while(u8::is_ascii_digit).count();
    let name = token.len() - digits;
    digits > 0 && name > 1 && token.as_bytes()[name - 1] == b':'
}

/// An IPv4 or IPv6 address and nothing else.
pub fn is_address(token: &str) -> bool {
    let bytes = token.as_bytes();
    // Names are told from addresses by their first letters.
    bytes
        .first()
        .is_some_and(|b| b.is_ascii_hexdigit() || *b == b':')
        && bytes
            .get(1)
            .is_some_and(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
        && token.parse::<std::net::IpAddr>().is_ok()
}

fn lower(host: &str) -> Text<'_> {
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

struct UrlParts<'u> {
    host: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

fn split_url(url: &str) -> UrlParts<'_> {
    let (host, rest) = match after_scheme(url) {
        Some(rest) => {
            let end = memchr::memchr3(b'/', b'?', b'#', rest.as_bytes()).unwrap_or(rest.len());
            (Some(bare_host(&rest[..end])), &rest[end..])
        }
        None => (None, url),
    };
    let fragment = memchr::memchr(b'#', rest.as_bytes()).unwrap_or(rest.len());
    let rest = &rest[..fragment];
    let (path, query) = match memchr::memchr(b'?', rest.as_bytes()) {
        Some(end) => (&rest[..end], Some(&rest[end + 1..])),
        None => (rest, None),
    };
    UrlParts { host, path, query }
}

fn after_scheme(url: &str) -> Option<&str> {
    if url.starts_with('/') {
        return None;
    }
    let colon = url.find("://")?;
    (colon <= 10
        && url[..colon]
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+'))
    .then(|| &url[colon + 3..])
}

/// Without userinfo, port, brackets of IPv6 and trailing dot.
fn bare_host(authority: &str) -> &str {
    let host = match memchr::memrchr(b'@', authority.as_bytes()) {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split_once(']').map_or(v6, |(inner, _)| inner);
    }
    let host = match memchr::memchr(b':', host.as_bytes()) {
        Some(at) if host.as_bytes()[at + 1..].iter().all(u8::is_ascii_digit) => &host[..at],
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: (&str, &str, &str, Option<&str>)) {
        let mut exchange = Exchange::default();
        set_request_line(&mut exchange, Cow::Borrowed(line));
        let got = (
            exchange.method.as_ref(),
            exchange.host.as_ref(),
            exchange.path.as_ref(),
            exchange.query.as_deref(),
        );
        assert_eq!(got, expected, "{line}");
    }

    #[test]
    fn request_lines() {
        check("GET /a?b=1 HTTP/1.1", ("GET", "", "/a", Some("b=1")));
        check(
            "POST https://user:pw@API.Stripe.com:443/v1#x HTTP/2.0",
            ("POST", "api.stripe.com", "/v1", None),
        );
        check("GET /a b c HTTP/1.0", ("GET", "", "/a b c", None));
        check("GET /only", ("GET", "", "/only", None));
        check("\u{16}\u{3}\u{1}", ("INVALID", "", "", None));
        check("-", ("INVALID", "", "", None));
        check(
            "GET http://[2001:db8::1]:8080/x HTTP/1.1",
            ("GET", "2001:db8::1", "/x", None),
        );
        check("- error:invalid HTTP/1.1", ("INVALID", "", "", None));
    }
}
