//! The look of a UUID (RFC 9562, 4): ids are made from those, so they are no secrets by their look.

pub(crate) const UUID_BYTES: usize = 36;

/// Hexadecimal digits of either case, with dashes in four places.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == UUID_BYTES
        && text.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_ones_are_taken() {
        assert!(is_uuid(b"6D2a95db-7eef-46c4-84d0-3d704d8721cd"));
        for other in [
            &b"6d2a95db-7eef-46c4-84d0-3d704d8721c"[..],
            b"6d2a95db-7eef-46c4-84d0-3d704d8721cd0",
            b"6d2a95db07eef-46c4-84d0-3d704d8721cd",
            b"6d2a95dg-7eef-46c4-84d0-3d704d8721cd",
            b"",
        ] {
            assert!(!is_uuid(other));
        }
    }
}
