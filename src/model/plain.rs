//! An exchange that tells its request line, an answer without trouble, and who called: most lines of access logs.
//!
//! An [`Exchange`] has room for all that a log can tell; where a line tells this little, reading it into less is several
//! times as fast. As raw as an exchange: no `Debug`, no serialising, and only `mask` may take it further.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, TsKind};
use crate::model::time::Timestamp;

/// The only attempt of its call, answered by the far end.
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
    /// 2xx or 3xx.
    pub status: u16,
    pub response_bytes: Option<i64>,
    pub client: Option<&'a str>,
    pub client_address: Option<&'a str>,
    pub user: Option<&'a str>,
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
            response_bytes: plain.response_bytes,
            client: plain.client.map(Cow::Borrowed),
            client_address: plain.client_address.map(Cow::Borrowed),
            user: plain.user.map(Cow::Borrowed),
            ..Self::default()
        }
    }
}
