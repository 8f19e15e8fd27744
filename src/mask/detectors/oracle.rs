//! Oracle's own form of a JDBC address: `jdbc:oracle:thin:scott/tiger@//host:1521/db`.

use crate::mask::detector::{Detector, Found, Pattern, Place};
use crate::mask::kind::Kind;

pub(crate) const ORACLE: Detector = Detector {
    name: "basic_user",
    hints: &[":oracle:"],
    exact: false,
    pattern: Pattern::Look(look),
    sure: true,
    hits: &[(
        "jdbc:oracle:thin:scott/tiger7@//ora.example.com:1521/ORCL",
        "tiger7",
    )],
    misses: &["jdbc:oracle:thin:@//ora.example.com:1521/ORCL"],
};

const USERINFO_BYTES_MAX: usize = 256;

fn look(place: &Place<'_>) -> Option<Found> {
    let rest = &place.text[place.end..place.text.len().min(place.end + USERINFO_BYTES_MAX)];
    // The kind of driver: `thin`, `oci`, `oci8`.
    let driver = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let start = place.end + driver + 1;
    let rest = rest[driver..].strip_prefix(b":")?;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>,;\xE2".contains(b);
    let rest = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = rest
        .windows(3)
        .position(|part| part == b"@//")
        .or_else(|| rest.iter().position(|b| *b == b'@'))?;
    let slash = rest[..at].iter().position(|b| *b == b'/')?;
    (slash > 0).then(|| Found {
        first: (Kind::BasicUser, start..start + slash),
        second: Some((Kind::Basic, start + slash + 1..start + at)),
    })
}
