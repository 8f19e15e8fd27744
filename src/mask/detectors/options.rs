//! Options of commands whose value stands behind a blank: `--password x`, `curl -u user:x`, `docker login -p x`.

use memchr::{memchr, memmem};

use crate::mask::decode::Encoding;
use crate::mask::detector::{Detector, Pattern, Place};
use crate::mask::extent::closing;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::prose::is_prose;
use crate::mask::scan::Scan;

pub(crate) const OPTIONS: Detector = Detector {
    name: "password",
    hints: &[" -u ", " -b ", " -p", " -w ", " -a ", " --", "> auth "],
    exact: false,
    pattern: Pattern::Walk(walk),
    sure: false,
    hits: &[
        (
            "$ acme login --password iKIaEWO18QeXZDq8 --region eu",
            "iKIaEWO",
        ),
        (
            "$ docker login -u jo -p iKIaEWO18QeXZDq8 registry.example.com",
            "iKIaEWO",
        ),
        (
            "$ sshpass -p iKIaEWO18QeXZDq8 ssh deploy@10.0.0.5",
            "iKIaEWO",
        ),
        ("$ mysql -h db -uroot -piKIaEWO18QeXZDq8 shop", "iKIaEWO"),
        (
            "$ ldapsearch -D cn=admin -w iKIaEWO18QeXZDq8 -b dc=x",
            "iKIaEWO",
        ),
        ("redis> AUTH iKIaEWO18QeXZDq81nVb", "iKIaEWO"),
    ],
    misses: &[
        "$ mkdir -p iKIaEWO18QeXZDq8",
        "$ ssh -p 2222 host",
        "use --password is required",
        "give --password --user",
        "a --b c",
    ],
};

/// A command and its first options stand in so much of a line.
const COMMAND_BYTES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 40;

/// The short options of the commands that take a secret by one, and what it is.
const SHORT: &[(&[u8], &[u8], Takes)] = &[
    (b"curl ", b"u", Takes::Pair),
    (b"curl ", b"b", Takes::Cookies),
    (b"docker login ", b"p", Takes::Secret(Kind::Password)),
    (b"podman login ", b"p", Takes::Secret(Kind::Password)),
    (b"sshpass ", b"p", Takes::Secret(Kind::Password)),
    (b"mysql ", b"p", Takes::Secret(Kind::Password)),
    (b"mysqldump ", b"p", Takes::Secret(Kind::Password)),
    (b"mysqladmin ", b"p", Takes::Secret(Kind::Password)),
    (b"ldapsearch ", b"w", Takes::Secret(Kind::Password)),
    (b"ldapmodify ", b"w", Takes::Secret(Kind::Password)),
    (b"redis-cli ", b"a", Takes::Secret(Kind::Password)),
    (b"http ", b"a", Takes::Pair),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// `user:password`.
    Pair,
    Cookies,
    /// One word.
    Secret(Kind),
}

fn walk(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let hint = &place.text[place.start..place.end];
    if hint.ends_with(b"--") {
        return long(scan, place, base);
    }
    if hint.starts_with(b">") {
        return argument(scan, Takes::Secret(Kind::Password), place, place.end, base);
    }
    let takes = command_of(place)?;
    // `-p x` and `-px`, but no further word of `-path`.
    let spaced = place.text.get(place.end) == Some(&b' ');
    let start = place.end + usize::from(spaced);
    argument(scan, takes, place, start, base)
}

/// What the option takes, by the command in the same line.
fn command_of(place: &Place<'_>) -> Option<Takes> {
    let head = &place.text[place.start.saturating_sub(COMMAND_BYTES_MAX)..place.start + 1];
    let line = head
        .iter()
        .rposition(|b| b"\n|;".contains(b))
        .map_or(0, |at| at + 1);
    let option = place.text[place.start + 2].to_ascii_lowercase();
    let known = SHORT.iter().find(|(command, letters, _)| {
        letters.contains(&option) && memmem::find(&head[line..], command).is_some()
    });
    known.map(|(_, _, takes)| *takes)
}

/// `--client-secret x`; with `=` it is a pair like any other.
fn long(scan: &mut Scan, place: &Place<'_>, base: usize) -> Option<usize> {
    let rest = &place.text[place.end..];
    let in_name = |b: &&u8| b.is_ascii_alphanumeric() || b"-_".contains(*b);
    let length = rest.iter().take(NAME_BYTES_MAX).take_while(in_name).count();
    let name = &rest[..length];
    if length == 0 || rest.get(length) != Some(&b' ') {
        return None;
    }
    let start = place.end + length + 1;
    match scan.option(name)? {
        Policy::Own(_) => None,
        Policy::Mask(Kind::User) if name != b"user" => None,
        Policy::Mask(Kind::User) => argument(scan, Takes::Pair, place, start, base),
        Policy::Cookies => argument(scan, Takes::Cookies, place, start, base),
        Policy::Mask(kind) => argument(scan, Takes::Secret(kind), place, start, base),
        _ => argument(scan, Takes::Secret(Kind::Token), place, start, base),
    }
}

impl Scan {
    /// What an option's value is, by the words of its name.
    fn option(&mut self, name: &[u8]) -> Option<Policy> {
        match self.policy(Position::Query, name) {
            _ if name == b"oauth2-bearer" => Some(Policy::Mask(Kind::Token)),
            _ if name == b"proxy-user" => Some(Policy::Mask(Kind::User)),
            policy @ (Policy::Cookies | Policy::Credentials) => Some(policy),
            policy @ Policy::Mask(
                Kind::Token
                | Kind::Key
                | Kind::Password
                | Kind::Secret
                | Kind::Session
                | Kind::Signature
                | Kind::User,
            ) => Some(policy),
            _ => None,
        }
    }

    /// What an element of a list of arguments says of the next one: `["--password", "x"]`, `["-u", "user:x"]`.
    pub(crate) fn argument_after(&mut self, option: &[u8]) -> Policy {
        let name = option.strip_prefix(b"--").unwrap_or_default();
        match (option, self.option(name)) {
            (b"-u", _) => Policy::Userinfo,
            (b"-b", _) => Policy::Cookies,
            (_, Some(Policy::Mask(Kind::User))) if name.ends_with(b"user") => Policy::Userinfo,
            (_, Some(policy)) if !name.is_empty() => policy,
            _ => Policy::Scan,
        }
    }

    /// `user:password` as it is given to a command; a user alone stays.
    pub(crate) fn userinfo(&mut self, value: &[u8], base: usize) {
        let Some(colon) = memchr(b':', value).filter(|_| !is_masked(value)) else {
            return;
        };
        self.mask(Kind::BasicUser, &value[..colon], base, base + colon);
        let start = colon + 1;
        self.mask(
            Kind::Basic,
            &value[start..],
            base + start,
            base + value.len(),
        );
    }
}

/// The word or quoted text that an option takes.
fn argument(
    scan: &mut Scan,
    takes: Takes,
    place: &Place<'_>,
    at: usize,
    base: usize,
) -> Option<usize> {
    let text = place.text;
    let (start, end) = match text.get(at)? {
        b'"' | b'\'' => (at + 1, closing(text, at + 1, &text[at..at + 1])),
        b'-' | b'$' => return None,
        _ => (at, at + word(&text[at..])),
    };
    let written = &text[start..end];
    // A stand-in has colons of its own.
    let held = takes == Takes::Pair && written.contains(&0xE2) && !is_masked(written);
    if written.is_empty() || held || is_prose(written) {
        return None;
    }
    let policy = match takes {
        Takes::Pair => Policy::Userinfo,
        Takes::Cookies => Policy::Cookies,
        Takes::Secret(kind) => Policy::Mask(kind),
    };
    // A file of cookies is none, and a user without a password is no secret.
    let sign = match takes {
        Takes::Pair => b':',
        Takes::Cookies => b'=',
        Takes::Secret(_) => return mask(scan, policy, written, base + start).then_some(end),
    };
    (memchr(sign, written).is_some() && mask(scan, policy, written, base + start)).then_some(end)
}

fn mask(scan: &mut Scan, policy: Policy, written: &[u8], base: usize) -> bool {
    scan.value(policy, Encoding::Plain, written, base);
    true
}

fn word(text: &[u8]) -> usize {
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>|;\\".contains(b);
    text.iter().position(ends).unwrap_or(text.len())
}
