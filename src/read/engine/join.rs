//! Values of a format string that are better read as one.

use crate::read::engine::field::Field;
use crate::read::engine::template::Piece;

/// Pieces with the names that they have in the format string.
type Named = Vec<(Piece, String)>;

/// `$host$request_uri`, also with `$scheme://` in front or the port between: nothing separates them, but a target
/// begins with a slash and a host has none.
pub fn join_addresses(pieces: Named) -> Named {
    let mut joined: Named = Vec::with_capacity(pieces.len());
    for (piece, name) in pieces {
        let target = matches!(&piece, Piece::Value(Field::Url | Field::Path));
        let hosted = target && drop_port(&mut joined);
        match joined.last_mut() {
            Some((last, first)) if hosted => {
                *last = Piece::Value(Field::Address);
                first.push_str(&name);
            }
            // What follows a path without a literal is its query.
            Some((Piece::Value(last @ (Field::Path | Field::Url | Field::Address)), _))
                if piece.field() == Some(&Field::Query) || name == "$is_args" =>
            {
                if *last == Field::Path {
                    *last = Field::Url;
                }
            }
            _ => joined.push((piece, name)),
        }
    }
    joined
}

/// Whether the pieces end in a host, with or without a port, which goes.
fn drop_port(pieces: &mut Named) -> bool {
    let is_host = |piece: Option<&(Piece, String)>| {
        piece.is_some_and(|(p, _)| matches!(p, Piece::Value(Field::Host | Field::ServerName)))
    };
    if let [
        ..,
        host,
        (Piece::Literal(colon), _),
        (Piece::Value(Field::Skip), port),
    ] = pieces.as_slice()
        && colon == ":"
        && (port.ends_with("port") || port == "%p")
        && is_host(Some(host))
    {
        pieces.truncate(pieces.len() - 2);
    }
    is_host(pieces.last())
}

/// How servers call the protocol.
const PROTOCOLS: &[&str] = &[
    "$server_protocol",
    "%H",
    "%PROTOCOL%",
    "%HV",
    "$context.protocol",
];

/// `$request_method $request_uri $server_protocol` is a request line, whose target may hold spaces.
pub fn join_request_lines(pieces: Named) -> Named {
    let mut joined: Named = Vec::with_capacity(pieces.len());
    for (piece, name) in pieces {
        joined.push((piece, name));
        if let [
            ..,
            (Piece::Value(Field::Method), _),
            (Piece::Literal(a), _),
            (Piece::Value(target), _),
            (Piece::Literal(b), _),
            (Piece::Value(Field::Skip | Field::Word), protocol),
        ] = joined.as_slice()
            && (a.as_str(), b.as_str()) == (" ", " ")
            && matches!(target, Field::Url | Field::Path)
            && PROTOCOLS.contains(&protocol.as_str())
        {
            joined.truncate(joined.len() - 5);
            joined.push((Piece::Value(Field::RequestLine), "the request".to_owned()));
        }
    }
    joined
}
