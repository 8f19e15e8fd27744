//! `scheme://user:password@host`: both parts of the userinfo, each by its own stand-in.

use memchr::memchr;

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;
use crate::mask::placeholder::{is_masked, stand_in_at};

pub(crate) const USERINFO: Detector = Detector {
    name: "basic",
    hints: &["://"],
    exact: true,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[
        ("GET https://bob:hunter2@example.com/x", "hunter2"),
        ("amqp://svc:p%40ss%2Fword@mq:5672/v", "p%40ss"),
        ("postgres://svc:a:b@c@db/x", "a:b@c"),
    ],
    misses: &[
        "https://example.com/a@b",
        "https://example.com:443/x",
        "http://host?mail=x@y",
        "https://@host/",
        "ssh://git@gitlab.example.com:2222/team/app.git",
    ],
};

/// An authority is a few hundred bytes at most; beyond that the text is no URL.
const AUTHORITY_BYTES_MAX: usize = 1024;

fn look(place: &Place<'_>) -> Option<Found> {
    let rest = &place.text[place.end..place.text.len().min(place.end + AUTHORITY_BYTES_MAX)];
    memchr(b'@', rest)?;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"/?#\"'<>\\,;`".contains(b);
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = authority.iter().rposition(|b| *b == b'@')?;
    if is_masked(&authority[..at]) {
        return None;
    }
    let colon = colon_behind_user(&authority[..at]);
    let user = place.end..place.end + colon.unwrap_or(at);
    let password = colon.map(|colon| (Kind::Basic, place.end + colon + 1..place.end + at));
    match password {
        Some(password) if user.is_empty() => Some(Found::one(password.0, password.1)),
        None if user.is_empty() || &place.text[user.clone()] == b"git" => None,
        Some(password) if is_masked(&place.text[user.clone()]) => {
            Some(Found::one(password.0, password.1))
        }
        // A user alone is a token as often as a name: `https://TOKEN@github.com`.
        None => Some(Found::one(Kind::Token, user)),
        Some((_, password)) if password.is_empty() => Some(Found::one(Kind::Token, user)),
        second => Some(Found {
            first: (Kind::BasicUser, user),
            second,
        }),
    }
}

/// The user may be a stand-in, which has colons inside.
fn colon_behind_user(userinfo: &[u8]) -> Option<usize> {
    let from = stand_in_at(userinfo, 0).map_or(0, |span| span.end);
    memchr(b':', &userinfo[from..]).map(|colon| from + colon)
}
