//! The operation: `METHOD /templated/path`, few for an integration, stable, readable, free of personal data.
//!
//! A template that the log gave comes first, then the user's templates, then the vendor's, and what none fits is
//! folded segment by segment (`segment`). Nothing is learned from traffic: the same request always has the same
//! operation, and templating a template changes nothing. The cap on how many operations an integration may have is
//! kept where they are counted.

use crate::attribute::method::{INVALID, OTHER, is_change, method_name};
use crate::attribute::profile::Templates;
use crate::attribute::rpc::rpc_name;
use crate::attribute::segment::push_segment;
use crate::attribute::shapes::{has_digits_run, has_uuid};
use crate::attribute::texts::share;
use crate::catalog::{IdempotencyNames, Role};
use crate::model::exchange::{Exchange, Text};

/// Deeper paths fold their tail.
const SEGMENTS_MAX: usize = 16;
/// Longer operations fold their tail.
const OPERATION_BYTES_MAX: usize = 256;
/// What lies further in the path is not looked at, so that hostile paths cost little.
const PATH_BYTES_MAX: usize = 4_096;
/// Stands for the folded tail.
const MORE: &str = "{more}";

/// Templates and role that hold for an exchange.
pub struct Known<'t> {
    pub configured: Option<&'t Templates>,
    pub vendor: &'t Templates,
    pub role: Role,
}

/// Fills the operation. Returns the idempotency key that stands in the path, if a template says where.
pub fn settle_operation<'a>(
    exchange: &mut Exchange<'a>,
    known: &Known<'_>,
    idempotency: &[IdempotencyNames],
) -> Option<Text<'a>> {
    let method = method_name(&exchange.method);
    if exchange
        .operation
        .as_deref()
        .is_some_and(|given| !given.trim().is_empty())
    {
        keep_given(exchange, method);
        return None;
    }
    if method == INVALID || (exchange.method.is_empty() && exchange.path.is_empty()) {
        exchange.operation = Some(Text::Borrowed(INVALID));
        return None;
    }
    let segments = Segments::split(&exchange.path);
    let mut out = String::with_capacity(64);
    out.push_str(method);
    out.push(' ');
    let template = known
        .configured
        .and_then(|templates| templates.find(segments.whole()))
        .or_else(|| known.vendor.find(segments.whole()));
    let mut key = None;
    match template {
        Some(template) => {
            template.write(segments.whole(), &mut out);
            if is_change(method) {
                key = idempotency
                    .iter()
                    .flat_map(|names| &names.placeholders)
                    .find_map(|name| template.capture(name, segments.whole()))
                    .map(|found| share(&exchange.path, found));
            }
        }
        None => write_path(&exchange.path, &segments, &mut out),
    }
    if let Some(name) = rpc_name(exchange, known.role) {
        out.push(':');
        out.push_str(&name);
    }
    exchange.operation = Some(Text::Owned(out));
    key
}

/// Whether one of the templates fits the path, so that its operation is not the one that all others would give.
pub fn is_templated(path: &str, known: &Known<'_>) -> bool {
    let segments = Segments::split(path);
    let fits = |templates: &Templates| templates.find(segments.whole()).is_some();
    known.configured.is_some_and(fits) || fits(known.vendor)
}

/// A template from the log is used as it is, unless it turns out to be a path with an id in it.
fn keep_given(exchange: &mut Exchange<'_>, method: &str) {
    let given = exchange.operation.as_deref().unwrap_or("").trim();
    let (verb, path) = match given.split_once(' ') {
        Some((verb, path)) if path.starts_with('/') => (method_name(verb), path),
        _ => (method, given),
    };
    let clean = given.len() <= OPERATION_BYTES_MAX
        && !given.contains('@')
        && !has_digits_run(given.as_bytes())
        && !has_uuid(given.as_bytes());
    let out = match (clean, path.starts_with('/')) {
        // A name such as `createOrder`.
        (true, false) => given.to_owned(),
        (true, true) => format!("{verb} {path}"),
        (false, _) => template_path(verb, path),
    };
    exchange.operation = Some(Text::Owned(out));
}

/// The operation of a path that no template fits.
pub fn template_path(method: &str, path: &str) -> String {
    let mut out = String::with_capacity(64);
    out.push_str(if method.is_empty() { OTHER } else { method });
    out.push(' ');
    let end = memchr::memchr2(b'?', b'#', path.as_bytes()).unwrap_or(path.len());
    let path = &path[..end];
    write_path(path, &Segments::split(path), &mut out);
    out
}

fn write_path(path: &str, segments: &Segments<'_>, out: &mut String) {
    if path == "*" {
        return out.push('*');
    }
    let mut previous = "";
    for raw in segments.all() {
        let before = out.len();
        out.push('/');
        push_segment(raw, previous, out);
        if out.len() + 1 + MORE.len() > OPERATION_BYTES_MAX {
            out.truncate(before);
            out.push('/');
            out.push_str(MORE);
            return;
        }
        // As written, so that the second time sees the same.
        previous = if out[before + 1..].eq_ignore_ascii_case("api") {
            "api"
        } else {
            ""
        };
    }
    if segments.more {
        out.push('/');
        out.push_str(MORE);
    }
    if out.ends_with(' ') {
        out.push('/');
    }
}

/// The segments of a path: without empty ones and without matrix parameters.
struct Segments<'p> {
    parts: [&'p str; SEGMENTS_MAX],
    count: usize,
    /// There were more than are kept.
    more: bool,
}

impl<'p> Segments<'p> {
    fn split(path: &'p str) -> Self {
        let mut found = Self {
            parts: [""; SEGMENTS_MAX],
            count: 0,
            more: false,
        };
        let (looked_at, cut) = whole_segments(path);
        found.more = cut;
        let parameters = memchr::memchr(b';', looked_at.as_bytes()).is_some();
        let mut start = 0;
        let ends = memchr::memchr_iter(b'/', looked_at.as_bytes());
        for end in ends.chain([looked_at.len()]) {
            let part = &looked_at[start..end];
            start = end + 1;
            let part = match parameters {
                true => part.split(';').next().unwrap_or_default(),
                false => part,
            };
            if !part.is_empty() && !found.add(part) {
                break;
            }
        }
        found
    }

    /// Says whether there is room for more.
    fn add(&mut self, part: &'p str) -> bool {
        if part == MORE || self.count == SEGMENTS_MAX {
            self.more = true;
            return false;
        }
        self.parts[self.count] = part;
        self.count += 1;
        true
    }

    fn all(&self) -> &[&'p str] {
        &self.parts[..self.count]
    }

    /// What templates are compared with; nothing fits a path that was cut.
    fn whole(&self) -> &[&'p str] {
        if self.more { &[] } else { self.all() }
    }
}

/// The beginning of the path that is looked at, and whether that is not all of it.
fn whole_segments(path: &str) -> (&str, bool) {
    let Some(head) = path.as_bytes().get(..PATH_BYTES_MAX) else {
        return (path, false);
    };
    match memchr::memrchr(b'/', head) {
        Some(at) => (&path[..at], true),
        None => ("", true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let once = template_path("GET", path);
        assert_eq!(once, expected, "{path}");
        let inner = once.strip_prefix("GET ").expect("method in front");
        assert_eq!(template_path("GET", inner), once, "not idempotent");
        assert!(once.len() <= OPERATION_BYTES_MAX + "GET ".len());
    }

    #[test]
    fn paths_are_normalised() {
        check("/", "GET /");
        check("", "GET /");
        check("//a///b/", "GET /a/b");
        check("/a;jsessionid=9f8e7d/b;x=1", "GET /a/b");
        check("/%61pi/%7Ejoe", "GET /api/~joe");
        check("/a?x=1", "GET /a");
        check("*", "GET *");
        check("no-slash/12345", "GET /no-slash/{id}");
    }

    #[test]
    fn long_paths_fold_their_tail_and_cost_little() {
        let deep = "/a".repeat(40);
        check(&deep, &format!("GET {}/{{more}}", "/a".repeat(16)));
        let wide = "/abcdefghij-klmno".repeat(16);
        check(
            &wide,
            &format!("GET {}/{{more}}", "/abcdefghij-klmno".repeat(14)),
        );
        let hostile = "x".repeat(1 << 20);
        check(&format!("/a/{hostile}"), "GET /a/{more}");
        check(&"/".repeat(1 << 20), "GET /{more}");
        let started = std::time::Instant::now();
        for _ in 0..100 {
            template_path("GET", &hostile);
        }
        assert!(started.elapsed().as_secs() < 5);
    }

    /// Paths put together from pieces that rules look at, by a small fixed generator.
    fn drawn_path(state: &mut u64) -> String {
        const PIECES: [&str; 42] = [
            "/",
            "/",
            "/",
            "/",
            "a",
            "Z",
            "7",
            "12",
            "123456",
            "2026-11-22",
            "%41",
            "%40",
            "%2F",
            "%",
            "@",
            "-",
            "_",
            ".",
            ":",
            ";",
            "{",
            "}",
            "{id}",
            "key:",
            "v1",
            "api",
            "json",
            ".json",
            "é",
            "%C3%A9",
            "af11bab1-240f-46a7-a490-fd4ac393fd0e",
            "deadbeef01",
            "(",
            ")",
            "+",
            "ch_",
            "eyJ",
            "graphql",
            " ",
            "~",
            "abcdefghijkl",
            "QwErTy",
        ];
        let mut next = || {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(*state >> 40).expect("24 bits")
        };
        let length = 1 + next() % 14;
        let mut path = "/".to_owned();
        for _ in 0..length {
            path.push_str(PIECES[next() % PIECES.len()]);
        }
        path
    }

    #[test]
    fn templates_are_stable_and_hold_nothing_personal() {
        let mut state = 7;
        for _ in 0..30_000 {
            let path = drawn_path(&mut state);
            let once = template_path("GET", &path);
            let inner = once.strip_prefix("GET ").expect("method in front");
            assert_eq!(template_path("GET", inner), once, "not idempotent: {path}");
            assert!(
                !has_digits_run(once.as_bytes()) && !has_uuid(once.as_bytes()),
                "{path} -> {once}"
            );
            assert!(
                !once.contains('@') && once.bytes().all(|b| (0x20..0x7F).contains(&b)),
                "{path} -> {once}"
            );
        }
    }
}
