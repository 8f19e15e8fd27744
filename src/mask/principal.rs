//! Whose credential a request used, as a stand-in: the same token gives the same principal wherever it was sent.

use std::borrow::Cow;

use memchr::memchr;

use crate::mask::credentials::{Credential, credential, split_basic};
use crate::mask::decode::Encoding;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::note::is_void;
use crate::mask::placeholder::is_masked;
use crate::mask::position::Position;
use crate::mask::scan::Scan;
use crate::model::exchange::{Exchange, find_header};

/// Parameters of a signature that name who signed.
const SIGNERS: [&[u8]; 4] = [
    b"credential",
    b"username",
    b"oauth_token",
    b"oauth_consumer_key",
];

impl Scan {
    /// From the log's own field, the `Authorization` header, a key header, a key in the query, in this order.
    pub(crate) fn principal(&mut self, exchange: &Exchange<'_>) -> Option<String> {
        if let Some(given) = exchange.principal.as_deref() {
            return self.principal_of(given.as_bytes());
        }
        if let Some(given) = find_header(&exchange.request_headers, "authorization") {
            return self.principal_of(given.as_bytes());
        }
        let header = exchange
            .request_headers
            .iter()
            .find(|(name, _)| self.is_key(Position::Header, name.as_bytes()));
        if let Some((_, value)) = header {
            return self.principal_of(value.as_bytes());
        }
        self.principal_in_query(exchange.query.as_deref()?)
    }

    /// The first key among the parameters of a query.
    pub(crate) fn find_key(&mut self, query: &[u8]) -> Option<String> {
        query.split(|b| *b == b'&').find_map(|pair| {
            let (name, value) = pair.split_at(memchr(b'=', pair)?);
            let decoded = Encoding::Form.decode(&value[1..]);
            let value = decoded
                .as_ref()
                .map_or(&value[1..], |decoded| &decoded.bytes);
            self.is_key(Position::Query, name)
                .then(|| self.principal_of(value))
                .flatten()
        })
    }

    fn is_key(&mut self, position: Position, name: &[u8]) -> bool {
        matches!(
            self.policy(position, name),
            Policy::Mask(Kind::Key | Kind::Token | Kind::Custom)
        )
    }

    fn principal_of(&mut self, value: &[u8]) -> Option<String> {
        if is_masked(value) {
            return Some(String::from_utf8_lossy(value).into_owned());
        }
        let (kind, value) = match credential(value) {
            Credential::Token(token) => (Kind::Token, Cow::Borrowed(token)),
            Credential::Basic(decoded, _) => match split_basic(&decoded) {
                (_, b"", password) => (Kind::Basic, Cow::Owned(password.to_vec())),
                (kind, user, _) => (kind, Cow::Owned(user.to_vec())),
            },
            Credential::Parameters(rest) => (Kind::Token, Cow::Borrowed(signer(rest)?)),
        };
        (!is_void(&value)).then(|| self.pseudonym(kind, &value))
    }
}

fn signer(parameters: &[u8]) -> Option<&[u8]> {
    parameters.split(|b| b", ".contains(b)).find_map(|part| {
        let (name, value) = part.split_at(memchr(b'=', part)?);
        let known = SIGNERS
            .iter()
            .any(|signer| name.eq_ignore_ascii_case(signer));
        let value = value[1..].trim_ascii();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let end = value
            .iter()
            .position(|b| b"\"/".contains(b))
            .unwrap_or(value.len());
        known.then(|| &value[..end])
    })
}
