//! Log lines: the places where a client's address and user name stand without a name.

use crate::mask::address;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::scan::Scan;

/// How far into a line the address may stand, and behind how many words: a syslog header comes before it.
const HEAD_BYTES_MAX: usize = 256;
const HEAD_WORDS_MAX: usize = 12;
/// Longer quoted fields are no list of addresses.
const FIELD_BYTES_MAX: usize = 256;

/// First words of load balancer lines, whose fourth is the client.
const BALANCER_TYPES: [&[u8]; 6] = [b"http", b"https", b"h2", b"grpcs", b"ws", b"wss"];

impl Scan {
    /// Masks the client that a line begins with; returns where the search goes on, `None` for where it is.
    pub(crate) fn line_start(&mut self, text: &[u8], base: usize, at: usize) -> Option<usize> {
        // JSON names its addresses.
        if text.get(at) == Some(&b'{') {
            return None;
        }
        let head = &text[at..text.len().min(at + HEAD_BYTES_MAX)];
        let head = &head[..head.iter().position(|b| *b == b'\n').unwrap_or(head.len())];
        let (start, mut end) = client_word(head)?;
        self.client_address(&head[start..end], base + at + start);
        // `$server_addr $remote_addr - $remote_user`
        if start == 0
            && let Some(second) = client_behind(head, end)
        {
            self.client_address(&head[end + 1..second], base + at + end + 1);
            end = second;
        }
        let user = self.user_after(head, end, base + at);
        // Whatever comes before the address is searched with the rest: a value may reach over it.
        (start == 0).then(|| at + user.unwrap_or(end))
    }

    /// `ident user [date]` after the address: the user may hold blanks.
    fn user_after(&mut self, head: &[u8], end: usize, base: usize) -> Option<usize> {
        let rest = head.get(end..)?.strip_prefix(b" ")?;
        let bracket = rest.windows(2).position(|pair| pair == b" [")?;
        let ident = rest[..bracket].iter().position(|b| *b == b' ')?;
        let (start, stop) = (end + 1 + ident + 1, end + 1 + bracket);
        let user = head.get(start..stop)?;
        if ident > 16 || user.contains(&b'"') {
            return None;
        }
        self.apply(Policy::Mask(Kind::User), user, base + start);
        // What may name a value is searched with the rest.
        let names = rest[..ident].iter().any(|b| b":=<>".contains(b));
        (!names).then_some(stop)
    }

    /// `[client 203.0.113.9:41000]` in error logs.
    pub(crate) fn bracketed_client(
        &mut self,
        text: &[u8],
        base: usize,
        at: usize,
    ) -> Option<usize> {
        let word = text[at..]
            .iter()
            .take(64)
            .take_while(|b| !b"] ,".contains(b))
            .count();
        self.client_address(&text[at..at + word], base + at)
            .then_some(at + word)
    }

    /// A quoted field of an access line with nothing but addresses and no port: what was forwarded for whom. With a
    /// name or a port it is a server's.
    pub(crate) fn quoted_address(
        &mut self,
        text: &[u8],
        base: usize,
        quote: usize,
    ) -> Option<usize> {
        let inside = &text[quote + 1..text.len().min(quote + 1 + FIELD_BYTES_MAX)];
        let field = &inside[..inside.iter().position(|b| *b == b'"')?];
        let first_of_line = quote.checked_sub(1).map(|before| text[before]);
        let addresses = || {
            field
                .split(|b| b", ".contains(b))
                .filter(|part| !part.is_empty())
        };
        let bare =
            |part: &[u8]| address::parse(part).is_some_and(|(_, ip, _)| ip.len() == part.len());
        if first_of_line.is_some_and(|b| b != b' ') || !addresses().all(bare) {
            return None;
        }
        self.client_addresses(field, base + quote + 1);
        Some(quote + 1 + field.len())
    }
}

/// Where a second address ends that stands where the first usually does, in front of `-` or `[`.
fn client_behind(head: &[u8], end: usize) -> Option<usize> {
    let rest = head[end..].strip_prefix(b" ")?;
    let word = rest.iter().position(|b| *b == b' ')?;
    address::parse(&rest[..word])?;
    let after = &rest[word..];
    (after.starts_with(b" - ") || after == b" -" || after.starts_with(b" ["))
        .then_some(end + 1 + word)
}

/// The word of a line's head that is the client's address: the first one; or one followed by `-` or `[`, as in the
/// common log format and HAProxy, also behind a host or a syslog header; or the third of Squid, the fourth of a load
/// balancer.
fn client_word(head: &[u8]) -> Option<(usize, usize)> {
    let first = head
        .iter()
        .position(|b| b" \t,".contains(b))
        .unwrap_or(head.len());
    if address::parse(&head[..first]).is_some() {
        return Some((0, first));
    }
    let mut words = [(0, 0); HEAD_WORDS_MAX + 1];
    let mut found = 0;
    let mut at = 0;
    for word in head.split(|b| matches!(b, b' ' | b'\t')) {
        if !word.is_empty() && found < words.len() {
            words[found] = (at, at + word.len());
            found += 1;
        }
        // Behind these no client stands.
        if matches!(word.first(), Some(b'"' | b'[' | b'{')) || found == words.len() {
            break;
        }
        at += word.len() + 1;
    }
    let word = |order: usize| {
        words[..found]
            .get(order)
            .map_or(&b""[..], |(from, to)| &head[*from..*to])
    };
    for (order, (start, end)) in words[..found.min(HEAD_WORDS_MAX)]
        .iter()
        .copied()
        .enumerate()
    {
        let text = word(order);
        if matches!(text.first(), Some(b'"' | b'[' | b'{')) && order > 0
            || text.first() == Some(&b'{')
        {
            return None;
        }
        let trimmed = text.strip_suffix(b",").unwrap_or(text);
        if address::parse(trimmed).is_none() {
            continue;
        }
        let after = word(order + 1);
        let client = order == 0
            || after == b"-"
            || after.starts_with(b"[")
            || order == 2 && is_squid(word(0), word(1), after)
            || order == 3 && BALANCER_TYPES.contains(&word(0));
        return client.then_some((start, end - (text.len() - trimmed.len())));
    }
    None
}

/// `1795319556.151 17 203.0.113.9 TCP_MISS/429`.
fn is_squid(time: &[u8], elapsed: &[u8], result: &[u8]) -> bool {
    let number =
        |word: &[u8]| !word.is_empty() && word.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    number(time) && number(elapsed) && result.contains(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(line: &str) -> Option<&str> {
        client_word(line.as_bytes()).map(|(from, to)| &line[from..to])
    }

    #[test]
    fn the_client_is_found_where_each_format_has_it() {
        let ip = Some("203.0.113.9");
        assert_eq!(
            client("203.0.113.9 - - [22/Nov/2026:03:51:45 +0000] \"GET"),
            ip
        );
        assert_eq!(client("api.example:80 203.0.113.9 - - [22/Nov/2026:03"), ip);
        assert_eq!(
            client("1795319556.151     17 203.0.113.9 TCP_MISS/429 406 POST"),
            ip
        );
        assert_eq!(client("203.0.113.9, -, 11/20/2023, 15:44:03"), ip);
        let port = Some("203.0.113.9:41092");
        assert_eq!(
            client("<134>Nov 22 03:52:33 localhost haproxy[8553]: 203.0.113.9:41092 [22/Nov"),
            port
        );
        assert_eq!(
            client("https 2023-04-26T19:53:46Z app/a/1 203.0.113.9:41092 10.0.0.1:80 0.0"),
            port
        );
    }

    #[test]
    fn addresses_elsewhere_are_not_the_clients() {
        assert_eq!(client("Connected to hostname 203.0.113.9 port 443"), None);
        assert_eq!(
            client("[2016-04-15T20:17:00.310Z] \"GET / HTTP/1.1\" 203.0.113.9 -"),
            None
        );
        assert_eq!(client("upgrade to 1.2.3.4 done"), None);
        assert_eq!(client(""), None);
    }
}
