//! Who wrote a line, as tools that show several containers put it in front: `web-1  | LINE` (compose),
//! `[pod/name/container] LINE` (kubectl), `pod container LINE` (stern). Each may be followed by the time of the line.

use crate::read::wrap::iso_time::split_time;
use crate::read::wrap::wrapper::{Peeled, Wrapper};

pub const COMPOSE: Wrapper = Wrapper {
    name: "compose",
    peel: compose,
    sure: true,
    share_pct: 50,
    samples: &[
        (
            "caddy  | {\"level\":\"info\",\"ts\":1761019822.31}",
            "{\"level\":\"info\",\"ts\":1761019822.31}",
        ),
        (
            "web-1  | 2024-04-25T05:32:35.584725130Z  * Running",
            " * Running",
        ),
    ],
};

pub const KUBECTL: Wrapper = Wrapper {
    name: "kubectl",
    peel: kubectl,
    sure: true,
    share_pct: 50,
    samples: &[(
        "[pod/egress-7c5ddbdf54-x2x9z/nginx] 127.0.0.1 - -",
        "127.0.0.1 - -",
    )],
};

pub const STERN: Wrapper = Wrapper {
    name: "stern",
    peel: stern,
    sure: true,
    share_pct: 50,
    samples: &[
        (
            "egress-7c5ddbdf54-x2x9z nginx 127.0.0.1 - -",
            "127.0.0.1 - -",
        ),
        (
            "shop egress-0 nginx 2024-04-25T05:32:35.5Z 127.0.0.1 - -",
            "127.0.0.1 - -",
        ),
    ],
};

/// Names of containers and pods are shorter.
const NAME_BYTES_MAX: usize = 128;

fn compose(line: &str) -> Option<Peeled<'_>> {
    let head = &line.as_bytes()[..line.len().min(NAME_BYTES_MAX)];
    let bar = memchr::memchr(b'|', head)?;
    let name = line[..bar].strip_suffix(' ')?.trim_end_matches(' ');
    let named = !name.is_empty() && name.bytes().all(is_name);
    let inner = &line[bar + 1..];
    let inner = inner.strip_prefix(' ').unwrap_or(inner);
    named.then(|| timed(inner))
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
}

fn kubectl(line: &str) -> Option<Peeled<'_>> {
    let (name, inner) = line.strip_prefix("[pod/")?.split_once("] ")?;
    (name.len() < NAME_BYTES_MAX).then(|| timed(inner))
}

fn stern(line: &str) -> Option<Peeled<'_>> {
    let (first, rest) = word(line)?;
    let (second, inner) = word(rest)?;
    if is_pod(first) && is_container(second) {
        return Some(timed(inner));
    }
    // Of several namespaces, each line names its own first.
    let (third, inner) = word(inner)?;
    let named = is_container(first) && is_pod(second) && is_container(third);
    named.then(|| timed(inner))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let head = &text.as_bytes()[..text.len().min(NAME_BYTES_MAX)];
    let space = memchr::memchr(b' ', head)?;
    Some((&text[..space], &text[space + 1..]))
}

/// Made by a controller: `name-x2x9z` or `name-0`.
fn is_pod(name: &str) -> bool {
    let Some((base, made)) = name.rsplit_once('-') else {
        return false;
    };
    let number = made.bytes().all(|b| b.is_ascii_digit());
    let random = made.len() == 5 && made.bytes().any(|b| b.is_ascii_digit());
    is_container(base) && is_label(made) && (number || random)
}

fn is_container(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && is_label(name)
}

fn is_label(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !name.is_empty() && name.bytes().all(fits)
}

fn timed(inner: &str) -> Peeled<'_> {
    match split_time(inner) {
        Some((time, rest)) => Peeled::new(rest, Some(time)),
        None => Peeled::new(inner, None),
    }
}
