//! One spelling for a host, whatever the log wrote: lower-case, without port, brackets or trailing dot.
//!
//! Borrowed where nothing is to change, which is nearly always.

use std::borrow::Cow;

/// The host as it is compared and stored. An international name becomes its ASCII form.
pub fn host_key(host: &str) -> Cow<'_, str> {
    let bare = without_port(host.trim());
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    if !bare.is_ascii() {
        return international(bare);
    }
    if bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(bare.to_ascii_lowercase());
    }
    Cow::Borrowed(bare)
}

fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').map_or(host, |(address, _)| address);
    }
    match memchr::memchr_iter(b':', host.as_bytes()).take(2).count() {
        // Two colons are an IPv6 address without brackets, whose end cannot be told from a port.
        1 => host.split_once(':').map_or(host, |(name, _)| name),
        _ => host,
    }
}

fn international(host: &str) -> Cow<'_, str> {
    match url::Host::parse(host) {
        Ok(parsed) => Cow::Owned(parsed.to_string()),
        Err(_) => Cow::Owned(host.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_host_are_equal() {
        let check = |input: &str, expected: &str| assert_eq!(host_key(input), expected, "{input}");
        check("api.stripe.com", "api.stripe.com");
        check("API.Stripe.com:443", "api.stripe.com");
        check("api.stripe.com.", "api.stripe.com");
        check("api.stripe.com.:443", "api.stripe.com");
        check("[::1]:8080", "::1");
        check("2001:db8::1", "2001:db8::1");
        check("bücher.example", "xn--bcher-kva.example");
        check("", "");
        check("[", "[");
        check(":443", "");
    }
}
