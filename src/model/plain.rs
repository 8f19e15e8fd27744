//! An exchange that tells its request line, the answer's status and size, and who called: most lines of access logs.
//!
//! An [`Exchange`] has room for all that a log can tell; where a line tells this little, reading it into less is several
//! times as fast. As raw as an exchange: no `Debug`, no serialising, and only `mask` may take it further.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, StatusSource, TsKind};
use crate::model::time::Timestamp;

/// The only attempt of its call.
#[derive(Clone, Copy)]
pub struct Plain<'a> {
    pub ts: Timestamp,
    pub ts_kind: TsKind,
    pub method: &'a str,
    /// Small letters, digits, points and hyphens, without port; empty where the log does not tell.
    pub host: &'a str,
    pub path: &'a str,
    /// Without `?`.
    pub query: Option<&'a str>,
    pub status: u16,
    pub response_bytes: Option<i64>,
    pub client: Option<&'a str>,
    pub client_address: Option<&'a str>,
    pub user: Option<&'a str>,
    pub referer: Option<&'a str>,
    /// The line. All the texts above are parts of it.
    pub raw: &'a str,
}

impl Plain<'_> {
    /// Whose status it is by the status alone: 499 is nginx's word for a caller that left.
    pub fn status_source(&self) -> StatusSource {
        match self.status {
            499 => StatusSource::Client,
            _ => StatusSource::Origin,
        }
    }
}

impl<'a> From<&Plain<'a>> for Exchange<'a> {
    fn from(plain: &Plain<'a>) -> Self {
        Self {
            ts: Some(plain.ts),
            ts_kind: plain.ts_kind,
            attempt: 1,
            is_final: true,
            method: Cow::Borrowed(plain.method),
            host: Cow::Borrowed(plain.host),
            path: Cow::Borrowed(plain.path),
            query: plain.query.map(Cow::Borrowed),
            status: Some(plain.status),
            status_source: plain.status_source(),
            response_bytes: plain.response_bytes,
            client: plain.client.map(Cow::Borrowed),
            client_address: plain.client_address.map(Cow::Borrowed),
            user: plain.user.map(Cow::Borrowed),
            raw: plain.raw,
            ..Self::default()
        }
    }
}
