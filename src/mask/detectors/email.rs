//! E-mail addresses. Escaped ones (`%40`, `\u0040`, `&#64;`) come here decoded, so `@` is the only hint needed.

use memchr::memmem;

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const EMAIL: Detector = Detector {
    name: "email",
    hints: &["@"],
    exact: true,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        ("no user jane.doe+x@mail.example.com found", "jane.doe"),
        ("/users/jane%40example.com/orders", "jane%40example"),
        ("/users/jane%2540example.com/orders", "jane%2540example"),
        ("GET /q?contactKey=zoe+1%40example.com HTTP/1.1", "zoe"),
        (r"broken jane\u0040example.com text", "jane"),
        ("<To>jane&#64;example.com</To>", "jane"),
        ("<To>jane&#x40;example.com</To>", "jane"),
        ("App/1.0 (ops@example.org)", "ops@"),
        ("jürgen.groß@example.de", "jürgen"),
        (r#"no user "john doe"@example.com"#, "john"),
        ("To: Aisha Okonkwo <aisha@example.de>", "Okonkwo"),
        (r#"From: "Okonkwo, Aisha" <aisha@example.de>"#, "Okonkwo"),
    ],
    misses: &[
        "logo@2x.png",
        "icons/sprite@3x.webp",
        "npm/@scope/pkg@1.2.3",
        "test@docker",
        "@mention and user@",
        "a @ b.com",
        "git@github.com:owner/project.git",
    ],
};

const LOCAL_BYTES_MAX: usize = 64;
/// Names in front of an address have no more words.
const NAME_WORDS_MAX: usize = 4;
const DOMAIN_BYTES_MAX: usize = 253;

/// Last parts that are file types, as in `logo@2x.png`.
const FILE_TYPES: &[&[u8]] = &[
    b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"ico", b"avif", b"bmp", b"css", b"js",
    b"ts", b"map", b"json", b"html", b"woff", b"service", b"local",
];

fn look(place: &Place<'_>) -> Option<Found> {
    let (text, at) = (place.text, place.start);
    let low = place.floor.max(at.saturating_sub(LOCAL_BYTES_MAX));
    // Non-ASCII letters belong to a name, the end of a stand-in does not.
    let low = text[low..at]
        .windows(3)
        .rposition(|part| part == "›".as_bytes())
        .map_or(low, |found| low + found + 3);
    let local = text[low..at]
        .iter()
        .rev()
        .take_while(|b| in_local(**b))
        .count();
    let dots = text[at - local..at]
        .iter()
        .take_while(|b| b".-+'".contains(b))
        .count();
    let quoted = quoted_local(&text[low..at]);
    let start = quoted.map_or(at - local + dots, |quoted| low + quoted);
    let end = place.end + domain(&text[place.end..])?;
    // `git@github.com:owner/project` names a machine.
    let machine = &text[start..at] == b"git" && text.get(end) == Some(&b':');
    let address = (Kind::Email, start..end);
    let name = display_name(&text[low..start], text.get(end));
    match name {
        _ if start == at || machine => None,
        Some((from, to)) => Some(Found {
            first: (Kind::Person, low + from..low + to),
            second: Some(address),
        }),
        None => Some(Found::one(Kind::Email, start..end)),
    }
}

/// Where `"john doe"` in front of the `@` begins.
fn quoted_local(head: &[u8]) -> Option<usize> {
    let inside = head.strip_suffix(b"\"")?;
    let open = inside.iter().rposition(|b| *b == b'"')?;
    let inside = &inside[open + 1..];
    let plain = |b: &u8| in_local(*b) || *b == b' ';
    (!inside.is_empty() && inside.iter().all(plain)).then_some(open)
}

/// `Jane Doe <` or `"Doe, Jane" <` in front of an address that `>` ends (RFC 5322, section 3.4).
fn display_name(head: &[u8], after: Option<&u8>) -> Option<(usize, usize)> {
    let head = head.strip_suffix(b"<").filter(|_| after == Some(&b'>'))?;
    let head = head.strip_suffix(b" ").unwrap_or(head);
    if let Some(inside) = head.strip_suffix(b"\"") {
        let open = inside.iter().rposition(|b| *b == b'"')?;
        let name = &inside[open + 1..];
        let plain = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || b" ,.'-".contains(b);
        return (name.contains(&b' ') && name.iter().all(plain))
            .then_some((open + 1, inside.len()));
    }
    let mut start = head.len();
    let mut words = 0;
    for word in head.rsplit(|b| b" \t\n".contains(b)) {
        let letters = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || b".'-".contains(b);
        let capital = word
            .first()
            .is_some_and(|b| b.is_ascii_uppercase() || !b.is_ascii());
        if !capital || !word.iter().all(letters) || words == NAME_WORDS_MAX {
            break;
        }
        words += 1;
        start = start.saturating_sub(word.len() + usize::from(words > 1));
    }
    (words > 1).then_some((start, head.len()))
}

/// Whether a value is one address and nothing else.
pub(crate) fn is_email(value: &[u8]) -> bool {
    let at = value.iter().position(|b| *b == b'@');
    at.is_some_and(|at| {
        at > 0
            && at <= LOCAL_BYTES_MAX
            && value[..at].iter().all(|b| in_local(*b))
            && domain(&value[at + 1..]) == Some(value.len() - at - 1)
    })
}

fn in_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"._+-'%".contains(&b) || !b.is_ascii()
}

/// The length of the domain at the start of a text, if there is one with a plausible last part.
fn domain(text: &[u8]) -> Option<usize> {
    let holds = |b: &&u8| b.is_ascii_alphanumeric() || b".-".contains(*b) || !b.is_ascii();
    let open = memmem::find(&text[..text.len().min(DOMAIN_BYTES_MAX)], "‹".as_bytes());
    let text = &text[..open.unwrap_or(text.len())];
    let run = text.iter().take(DOMAIN_BYTES_MAX).take_while(holds).count();
    let trailing = text[..run]
        .iter()
        .rev()
        .take_while(|b| b".-".contains(*b))
        .count();
    let end = run - trailing;
    let dot = text[..end].iter().rposition(|b| *b == b'.')?;
    let last = &text[dot + 1..end];
    let plausible = dot > 0
        && last.len() >= 2
        && last[0].is_ascii_alphabetic() | !last[0].is_ascii()
        && !FILE_TYPES
            .iter()
            .any(|ending| last.eq_ignore_ascii_case(ending));
    plausible.then_some(end)
}
