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
    let start = at - local + dots;
    let end = place.end + domain(&text[place.end..])?;
    // `git@github.com:owner/project` names a machine.
    let machine = &text[start..at] == b"git" && text.get(end) == Some(&b':');
    (start < at && !machine).then(|| Found::one(Kind::Email, start..end))
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
