//! IP addresses of clients. Which positions hold one is for the caller to know; addresses of servers stay.
//!
//! Loopback, link-local and unspecified addresses name nobody and stay. Of private addresses the network stays
//! (`10.8.‹ip:…›`, the first 48 bits for IPv6), because support reads which of our networks called; the host part is in
//! the stand-in, which is made from the whole address. Any other address becomes a stand-in as a whole.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use memchr::memchr;

use crate::mask::action::Action;
use crate::mask::decode::Encoding;
use crate::mask::kind::Kind;
use crate::mask::scan::Scan;

/// `[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535` and a little more.
const ADDRESS_BYTES_MAX: usize = 64;

impl Scan {
    /// Every address in a value such as `X-Forwarded-For` or `Forwarded`; other text is searched for anything.
    pub(crate) fn client_addresses(&mut self, value: &[u8], base: usize) {
        // A query that was encoded again.
        if memchr(b'%', value).is_some()
            && self.may_go_deeper()
            && let Some(decoded) = Encoding::Percent.decode(value)
            && begins(&decoded.bytes)
        {
            return self.encoded(Encoding::Percent, value, base, Self::client_addresses);
        }
        let (mut at, mut done) = (0, 0);
        for token in value.split(|b| b" ,;=\"\t".contains(b)) {
            let found = match memchr(b'%', token) {
                Some(_) if self.may_go_deeper() => self.escaped_addresses(token, base + at),
                _ => self.client_address(token, base + at),
            };
            if found {
                self.beside_address(&value[..at], base, done);
                done = at + token.len();
            }
            at += token.len() + 1;
        }
        self.beside_address(value, base, done);
    }

    /// The text from `from` on, which is usually what joins addresses.
    fn beside_address(&mut self, text: &[u8], base: usize, from: usize) {
        const TEXT_BYTES_MIN: usize = 4;
        if text.len() - from >= TEXT_BYTES_MIN {
            self.text(text, base, from);
        }
    }

    /// `%22%5B2001%3Adb8%3A%3A1%5D%22`: a word with its signs escaped.
    fn escaped_addresses(&mut self, token: &[u8], base: usize) -> bool {
        let mut found = false;
        self.encoded(Encoding::Percent, token, base, |scan, decoded, start| {
            let mut at = start;
            for token in decoded.split(|b| b" ,;=\"".contains(b)) {
                found |= scan.client_address(token, at);
                at += token.len() + 1;
            }
        });
        found
    }

    /// One address with or without port; `false` when the text is none.
    pub(crate) fn client_address(&mut self, token: &[u8], base: usize) -> bool {
        let Some((lead, ip_text, ip)) = parse(token) else {
            return false;
        };
        let action = self.stamp.action(Kind::Ip);
        let network = match network(ip) {
            Network::Nobody => return true,
            _ if action == Action::Keep => return true,
            Network::Own(network) if action == Action::Pseudonym => network,
            _ if action == Action::KeepNetwork => subnet(ip),
            _ => String::new(),
        };
        let start = base + lead;
        // An IPv4 address can be written in one way only, an IPv6 address in several.
        let canonical = match ip {
            IpAddr::V4(_) if !ip_text.contains(':') => Cow::Borrowed(ip_text),
            _ => Cow::Owned(ip.to_string()),
        };
        let stand_in = self.replace(Kind::Ip, start, start + ip_text.len(), |stamp, out| {
            out.push_str(&network);
            stamp.write(Kind::Ip, canonical.as_bytes(), out);
        });
        self.remember(ip_text.as_bytes(), &stand_in, Kind::Ip);
        true
    }
}

enum Network {
    /// The address is one that every machine has.
    Nobody,
    /// The part that is kept, up to the last joint.
    Own(String),
    Public,
}

fn network(ip: IpAddr) -> Network {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_unspecified() || ip.is_link_local() => {
            Network::Nobody
        }
        IpAddr::V4(ip) if ip.is_private() => {
            let [a, b, ..] = ip.octets();
            Network::Own(format!("{a}.{b}."))
        }
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() => {
            Network::Nobody
        }
        IpAddr::V6(ip) if ip.is_unique_local() => {
            let [a, b, c, ..] = ip.segments();
            Network::Own(format!("{a:x}:{b:x}:{c:x}:"))
        }
        _ => Network::Public,
    }
}

/// The first 24 bits, of IPv6 the first 48, up to the last joint.
fn subnet(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:")
        }
    }
}

/// Whether a value begins with an address.
pub(crate) fn begins(value: &[u8]) -> bool {
    let ends = |b: &u8| b" ,;\"\t".contains(b);
    let value = value.strip_prefix(b"for=\"").unwrap_or(value);
    let word = &value[..value.iter().position(ends).unwrap_or(value.len())];
    let word = word.strip_prefix(b"for=").unwrap_or(word);
    match memchr(b'%', word).and_then(|_| Encoding::Percent.decode(word)) {
        Some(decoded) => {
            let bytes = decoded.bytes.trim_ascii();
            let bytes = bytes.strip_prefix(b"\"").unwrap_or(bytes);
            let ends = |b: &u8| b" ,;\"".contains(b);
            parse(bytes.split(ends).next().unwrap_or_default()).is_some()
        }
        None => parse(word).is_some(),
    }
}

/// The address in `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]:80`, and how far into the text it begins.
pub(crate) fn parse(token: &[u8]) -> Option<(usize, &str, IpAddr)> {
    let plausible = token.len() <= ADDRESS_BYTES_MAX
        && token.len() >= 2
        && token
            .iter()
            .all(|b| b.is_ascii_hexdigit() || b".:[]".contains(b));
    if !plausible {
        return None;
    }
    let token = std::str::from_utf8(token).ok()?;
    if let Some(inner) = token.strip_prefix('[') {
        let inner = &inner[..inner.find(']')?];
        return Some((1, inner, inner.parse().ok()?));
    }
    if let Ok(ip) = token.parse::<IpAddr>() {
        return Some((0, token, ip.to_canonical()));
    }
    let (ip, port) = token.split_once(':')?;
    port.parse::<u16>().ok()?;
    Some((0, ip, IpAddr::V4(ip.parse::<Ipv4Addr>().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_port() {
        for (text, ip) in [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:443", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(
                parse(text.as_bytes()).map(|(_, ip, _)| ip),
                Some(ip),
                "{text}"
            );
        }
        for text in [
            "1.2.3",
            "1.2.3.4.5",
            "12:30:45",
            "-",
            "",
            "abc",
            "[::1",
            "1.2.3.400",
            "1.2.3.4:4111111111111111",
        ] {
            assert!(parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
