//! What a request says of itself: the traits by which failing requests are compared with others.
//!
//! Everything here was masked before it was stored. Stand-ins are keyed, so that the same value has the same one, and a
//! slice by pseudonym works like any other.

use std::borrow::Cow;

use crate::calls::body::{each_field, pairs};
use crate::calls::region::region_of;
use crate::model::call::Part;

/// Longer values are documents, not something that requests have in common.
const VALUE_BYTES_MAX: usize = 96;
/// Parameters of one address that are looked at.
const PARAMETERS_MAX: usize = 24;
/// Sizes are told by the steps they reach: each is four times the one before, from a kilobyte to 16 MB.
const SIZE_STEPS: [i64; 8] = [
    1 << 10,
    1 << 12,
    1 << 14,
    1 << 16,
    1 << 18,
    1 << 20,
    1 << 22,
    1 << 24,
];

/// A request as a row of `exchanges` tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    pub method: &'r str,
    pub host: &'r str,
    pub operation: &'r str,
    /// Path and query.
    pub url: &'r str,
    pub client: Option<&'r str>,
    pub tenant: Option<&'r str>,
    pub principal: Option<&'r str>,
    /// The body, where it was kept.
    pub body: Option<&'r str>,
    pub bytes: Option<i64>,
}

impl Request<'_> {
    /// Calls `take` with each trait; a value of `None` says that the name is there at all.
    pub fn each_trait(&self, mut take: impl FnMut(Part, &str, Option<&str>)) {
        take(Part::Operation, "operation", Some(self.operation));
        let (path, query) = self.url.split_once('?').unwrap_or((self.url, ""));
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        for (name, value) in pairs(query).take(PARAMETERS_MAX) {
            named(Part::Parameter, &decoded(name), &decoded(value), &mut take);
        }
        self.each_path_parameter(path, &mut take);
        if let Some(body) = self.body {
            each_field(body, |name, value| {
                named(Part::Body, name, value, &mut take)
            });
        }
        self.each_party(&mut take);
        for step in SIZE_STEPS {
            if self.bytes.is_some_and(|bytes| bytes >= step) {
                take(Part::Size, "request_bytes", Some(&step.to_string()));
            }
        }
    }

    /// The changing parts of the path, by the names that the operation gives them.
    fn each_path_parameter(&self, path: &str, take: &mut impl FnMut(Part, &str, Option<&str>)) {
        let Some((_, template)) = self.operation.split_once(' ') else {
            return;
        };
        if template.split('/').count() != path.split('/').count() {
            return;
        }
        for (name, value) in template.split('/').zip(path.split('/')) {
            let name = name.strip_prefix('{').and_then(|n| n.strip_suffix('}'));
            if let Some(name) = name
                && is_short(value)
            {
                take(Part::Parameter, name, Some(&decoded(value)));
            }
        }
    }

    fn each_party(&self, take: &mut impl FnMut(Part, &str, Option<&str>)) {
        let host = Some(self.host).filter(|host| !host.is_empty());
        let parties = [
            (Part::Tenant, "tenant", self.tenant),
            (Part::Client, "client", self.client),
            (Part::Principal, "principal", self.principal),
            (Part::Host, "host", host),
            (Part::Region, "region", region_of(self.host)),
        ];
        for (part, name, value) in parties {
            if value.is_some_and(is_short) {
                take(part, name, value);
            }
        }
    }
}

fn named(part: Part, name: &str, value: &str, take: &mut impl FnMut(Part, &str, Option<&str>)) {
    if !is_short(name) {
        return;
    }
    take(part, name, None);
    if value.len() <= VALUE_BYTES_MAX {
        take(part, name, Some(value));
    }
}

fn is_short(text: &str) -> bool {
    !text.is_empty() && text.len() <= VALUE_BYTES_MAX
}

/// Percent signs undone where that gives text.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, width) = match (bytes[at], hex_pair(bytes, at + 1)) {
            (b'%', Some(byte)) => (byte, 3),
            (b'+', _) => (b' ', 1),
            (byte, _) => (byte, 1),
        };
        out.push(byte);
        at += width;
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(request: Request<'_>) -> Vec<String> {
        let mut found = Vec::new();
        request.each_trait(|_, name, value| {
            found.push(format!("{name}={}", value.unwrap_or("*")));
        });
        found
    }

    #[test]
    fn parameters_path_parties_and_size_are_traits() {
        let found = traits(Request {
            operation: "POST /shops/{shop}/pay",
            url: "/shops/acme/pay?currency=JPY&note=a%20b%zz&async",
            host: "eu.api.example.com",
            client: Some("order-sync"),
            bytes: Some(5_000),
            ..Request::default()
        });
        let expected = [
            "operation=POST /shops/{shop}/pay",
            "currency=*",
            "currency=JPY",
            "note=*",
            "note=a b%zz",
            "async=*",
            "async=",
            "shop=acme",
            "client=order-sync",
            "host=eu.api.example.com",
            "region=eu",
            "request_bytes=1024",
            "request_bytes=4096",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn documents_are_no_values() {
        let long = "x".repeat(200);
        let url = format!("/a?doc={long}");
        let found = traits(Request {
            url: &url,
            ..Request::default()
        });
        assert_eq!(found, ["operation=", "doc=*"]);
    }
}
