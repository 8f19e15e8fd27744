//! Host, path and query in one spelling, however the log wrote the request's target.
//!
//! Forward proxies and clients log absolute addresses, CONNECT logs an authority, some formats leave the query in the
//! path. A user name or password in an address goes nowhere: it is left out of every field that this fills.

use std::borrow::Cow;

use crate::attribute::texts::{share, slice};
use crate::catalog::host_key;
use crate::model::exchange::Exchange;

const SCHEMES: [&str; 4] = ["http://", "https://", "ws://", "wss://"];

pub fn settle_target(exchange: &mut Exchange<'_>) {
    split_authority(exchange);
    split_query(exchange);
    settle_host(exchange);
}

/// An absolute address decides about the host: what a log calls `host` beside it is often the machine that wrote it.
fn split_authority(exchange: &mut Exchange<'_>) {
    let path = &exchange.path;
    if path.is_empty() || path.starts_with('/') {
        return;
    }
    let from = match scheme_len(path) {
        Some(len) => len,
        None if is_bare_authority(exchange) => 0,
        None => return,
    };
    let rest = &path[from..];
    let end = authority_len(rest);
    let host = share(path, without_userinfo(&rest[..end]));
    let path = share(path, &rest[end..]);
    if !host.is_empty() {
        exchange.host = host;
    }
    exchange.path = if path.is_empty() { "/".into() } else { path };
}

fn scheme_len(path: &str) -> Option<usize> {
    SCHEMES
        .iter()
        .find(|scheme| {
            path.get(..scheme.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        })
        .map(|scheme| scheme.len())
}

fn authority_len(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let end = memchr::memchr3(b'/', b'?', b'#', bytes).unwrap_or(bytes.len());
    // Browsers take a backslash for a slash, and so must we, or a host could hide behind it.
    memchr::memchr(b'\\', &bytes[..end]).unwrap_or(end)
}

/// `host:443` of a CONNECT, or an address without its scheme where no host is known.
fn is_bare_authority(exchange: &Exchange<'_>) -> bool {
    let path = exchange.path.as_ref();
    if exchange.method.eq_ignore_ascii_case("CONNECT") {
        return true;
    }
    let name = without_userinfo(&path[..authority_len(path)]);
    exchange.host.is_empty()
        && name.contains('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte))
}

fn split_query(exchange: &mut Exchange<'_>) {
    let path = &exchange.path;
    let Some(cut) = memchr::memchr2(b'?', b'#', path.as_bytes()) else {
        return;
    };
    if path.as_bytes()[cut] == b'?' && exchange.query.is_none() {
        let end = path[cut..].find('#').map_or(path.len(), |at| cut + at);
        exchange.query = Some(slice(path, cut + 1..end));
    }
    exchange.path = slice(path, 0..cut);
}

/// Names in small letters without a port, as the readers give most of them.
fn is_settled(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    host.bytes().all(|byte| plain(byte) || byte == b'.') && !host.ends_with('.')
}

fn settle_host(exchange: &mut Exchange<'_>) {
    if is_settled(&exchange.host) {
        return;
    }
    let bare = without_userinfo(&exchange.host);
    exchange.host = match host_key(bare) {
        Cow::Borrowed(key) if key.len() == exchange.host.len() => return,
        Cow::Borrowed(key) => share(&exchange.host, key),
        Cow::Owned(key) => Cow::Owned(key),
    };
}

fn without_userinfo(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, path: &str, expected: (&str, &str, Option<&str>)) {
        let mut exchange = Exchange {
            host: host.into(),
            path: path.into(),
            ..Exchange::default()
        };
        settle_target(&mut exchange);
        let found = (
            exchange.host.as_ref(),
            exchange.path.as_ref(),
            exchange.query.as_deref(),
        );
        assert_eq!(found, expected, "{host} {path}");
    }

    #[test]
    fn addresses_are_split() {
        check(
            "",
            "https://API.Stripe.com:443/v1/charges?limit=3",
            ("api.stripe.com", "/v1/charges", Some("limit=3")),
        );
        check("box7", "http://a.example", ("a.example", "/", None));
        check("", "HTTP://a.example?x=1#f", ("a.example", "", Some("x=1")));
        check("a.example.", "/x#frag", ("a.example", "/x", None));
        check("a.example:8443", "/x?", ("a.example", "/x", Some("")));
        check(
            "",
            "api.stripe.com/v1/x?y=1",
            ("api.stripe.com", "/v1/x", Some("y=1")),
        );
        check("", "*", ("", "*", None));
        check(
            "a.example",
            "b.example/x",
            ("a.example", "b.example/x", None),
        );
    }

    #[test]
    fn user_names_and_passwords_go_nowhere() {
        check(
            "",
            "https://me:secret@a.example/x",
            ("a.example", "/x", None),
        );
        check("me:secret@A.example:80", "/x", ("a.example", "/x", None));
        check(
            "",
            "http://me@evil@a.example\\@b/x",
            ("a.example", "\\@b/x", None),
        );
    }

    #[test]
    fn connect_names_a_host_only() {
        let mut exchange = Exchange {
            method: "CONNECT".into(),
            path: "api.stripe.com:443".into(),
            ..Exchange::default()
        };
        settle_target(&mut exchange);
        assert_eq!(
            (exchange.host.as_ref(), exchange.path.as_ref()),
            ("api.stripe.com", "/")
        );
    }

    #[test]
    fn texts_stay_borrowed() {
        let mut exchange = Exchange {
            path: "https://a.example:1/x?y=1".into(),
            ..Exchange::default()
        };
        settle_target(&mut exchange);
        assert!(matches!(exchange.host, Cow::Borrowed("a.example")));
        assert!(matches!(exchange.query, Some(Cow::Borrowed("y=1"))));
    }
}
