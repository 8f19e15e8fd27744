//! The texts of one exchange, each masked by what is known about it, then all by what was found in any.

use std::borrow::Cow;

use crate::mask::decode::Encoding;
use crate::mask::echo::{Echo, may_stand};
use crate::mask::headers::MaskedHeaders;
use crate::mask::keywords::Policy;
use crate::mask::kind::Kind;
use crate::mask::memo::How;
use crate::mask::note::{Secret, is_void};
use crate::mask::part::may_hold;
use crate::mask::placeholder::is_masked;
use crate::mask::scan::Scan;
use crate::model::exchange::{Exchange, Outcome, Text};

/// With more secrets than this one search for all of them is cheaper than asking for each whether it may be there.
pub(crate) const CHECKED_MAX: usize = 8;

/// User names shorter than this are not looked for in the line; their own position is masked all the same.
const USER_BYTES_MIN: usize = 3;

/// The texts of one exchange, masked.
pub(crate) struct Fields<'e> {
    pub(crate) principal: Option<String>,
    pub(crate) integration: Option<Cow<'e, str>>,
    pub(crate) tenant: Option<Cow<'e, str>>,
    pub(crate) client: Option<Cow<'e, str>>,
    pub(crate) method: Cow<'e, str>,
    pub(crate) host: Cow<'e, str>,
    pub(crate) operation: Option<Cow<'e, str>>,
    pub(crate) url: Cow<'e, str>,
    pub(crate) error_code: Option<Cow<'e, str>>,
    pub(crate) error_message: Option<Cow<'e, str>>,
    pub(crate) request_id: Option<Cow<'e, str>>,
    pub(crate) vendor_request_id: Option<Cow<'e, str>>,
    pub(crate) trace_id: Option<Cow<'e, str>>,
    pub(crate) idempotency_key: Option<Cow<'e, str>>,
    pub(crate) request_headers: MaskedHeaders<'e>,
    pub(crate) request_body: Option<Cow<'e, str>>,
    pub(crate) response_headers: MaskedHeaders<'e>,
    pub(crate) response_body: Option<Cow<'e, str>>,
    pub(crate) raw: Option<Cow<'e, str>>,
}

impl<'e> Fields<'e> {
    pub(crate) fn mask(scan: &mut Scan, exchange: &'e Exchange<'_>, keep: bool) -> Self {
        let any = |scan: &mut Scan, text: &'e Option<Text<'_>>| -> Option<Cow<'e, str>> {
            text.as_deref().map(|text| scan.recall(How::Any, text))
        };
        let sure = |scan: &mut Scan, text: &'e Option<Text<'_>>| -> Option<Cow<'e, str>> {
            text.as_deref()
                .map(|text| scan.field(text, |scan, text| scan.sure(text, 0)))
        };
        let word = |scan: &mut Scan, text: &'e str| match is_plain(text) {
            true => Cow::Borrowed(text),
            false => scan.recall(How::Any, text),
        };
        // A body that is not stored still has to tell what an error message may echo, and what the error was.
        let failed = !matches!(exchange.outcome, Outcome::Ok | Outcome::Redirect);
        let bodies = keep || failed || exchange.error_message.is_some();
        let none = &None;
        let url = scan.url(&exchange.path, exchange.query.as_deref());
        Self {
            principal: scan.principal(exchange),
            integration: any(scan, &exchange.integration),
            tenant: any(scan, &exchange.tenant),
            client: any(scan, &exchange.client),
            method: word(scan, &exchange.method),
            host: word(scan, &exchange.host),
            operation: any(scan, &exchange.operation),
            url,
            error_code: sure(scan, &exchange.error_code),
            error_message: any(scan, &exchange.error_message),
            request_id: sure(scan, &exchange.request_id),
            vendor_request_id: sure(scan, &exchange.vendor_request_id),
            trace_id: sure(scan, &exchange.trace_id),
            idempotency_key: sure(scan, &exchange.idempotency_key),
            request_headers: scan.headers(&exchange.request_headers),
            request_body: any(scan, if bodies { &exchange.request_body } else { none }),
            response_headers: scan.headers(&exchange.response_headers),
            response_body: any(
                scan,
                if bodies {
                    &exchange.response_body
                } else {
                    none
                },
            ),
            raw: keep.then(|| scan.source_line(exchange.raw)),
        }
    }

    /// Takes out of every field what was found in another, and who called.
    pub(crate) fn settle(&mut self, scan: &mut Scan, exchange: &Exchange<'_>) {
        let caller = [&exchange.client_address, &exchange.user];
        let stands = |text: &&Option<Text<'_>>| text.as_deref().is_some_and(|t| self.may_hold(t));
        if caller.iter().any(stands) {
            remember_caller(scan, exchange);
        }
        let secrets = scan.take_secrets();
        let stands = |secret: &Secret| self.any(|text| may_stand(secret, text));
        if (secrets.len() > CHECKED_MAX || secrets.iter().any(stands))
            && let Some(echo) = Echo::new(&secrets, scan)
        {
            self.clean(&echo, scan);
        }
    }

    /// Whether any field may hold a value in some spelling: most of them keep the longest run of plain signs.
    fn may_hold(&self, value: &str) -> bool {
        let run = plain_run(value);
        self.any(|text| may_hold(text, run))
    }

    /// Whether it holds of any text that is cleaned.
    fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        let some = |text: &Option<Cow<'_, str>>| text.as_deref().is_some_and(&holds);
        let mut headers = self.request_headers.iter().chain(&self.response_headers);
        holds(&self.url)
            || [
                &self.integration,
                &self.tenant,
                &self.client,
                &self.operation,
                &self.error_message,
                &self.request_body,
                &self.response_body,
                &self.raw,
            ]
            .into_iter()
            .any(some)
            || headers.any(|(_, value)| holds(value))
    }

    /// The ids stay: support needs them as they are.
    fn clean(&mut self, echo: &Echo, scan: &mut Scan) {
        let Self {
            url,
            request_headers,
            response_headers,
            raw,
            ..
        } = self;
        *url = echo.field(std::mem::take(url), scan);
        for (_, value) in request_headers.iter_mut().chain(response_headers) {
            *value = echo.field(std::mem::take(value), scan);
        }
        *raw = raw.take().map(|text| echo.line(text, scan));
        let others = [
            &mut self.integration,
            &mut self.tenant,
            &mut self.client,
            &mut self.operation,
        ];
        for field in others {
            *field = field.take().map(|text| echo.field(text, scan));
        }
        let texts = [
            &mut self.error_message,
            &mut self.request_body,
            &mut self.response_body,
        ];
        for field in texts {
            *field = field.take().map(|text| without_echoes(echo, text, scan));
        }
    }
}

/// A text without echoes, and without what they hid.
fn without_echoes<'t>(echo: &Echo, text: Cow<'t, str>, scan: &mut Scan) -> Cow<'t, str> {
    let before = text.len();
    let cleaned = echo.field(text, scan);
    if cleaned.len() == before {
        return cleaned;
    }
    let masked = Cow::Owned(scan.search(How::Any, &cleaned).into_owned());
    // Of this text alone, and the next record is another's.
    scan.take_secrets();
    masked
}

impl Scan {
    /// The line of the source; where values touch what they may have hidden, until nothing more is found.
    fn source_line<'e>(&mut self, text: &'e str) -> Cow<'e, str> {
        match self.field(text, Self::lines) {
            Cow::Owned(masked) if self.edits.touch_text(text) => {
                Cow::Owned(self.settled(&masked, Self::lines).into_owned())
            }
            masked => masked,
        }
    }

    /// Path and query, each masked by its own rules.
    pub(crate) fn url<'e>(&mut self, path: &'e str, query: Option<&'e str>) -> Cow<'e, str> {
        self.url_by(path, query, Self::recall)
    }

    /// The same for whoever remembers what comes of it.
    pub(crate) fn url_once<'e>(&mut self, path: &'e str, query: Option<&'e str>) -> Cow<'e, str> {
        self.url_by(path, query, Self::search)
    }

    fn url_by<'e>(
        &mut self,
        path: &'e str,
        query: Option<&'e str>,
        mask: impl Fn(&mut Self, How, &'e str) -> Cow<'e, str>,
    ) -> Cow<'e, str> {
        let path = mask(self, How::Path, path);
        let Some(query) = query else {
            return path;
        };
        let query = mask(self, How::Query, query);
        let mut url = String::with_capacity(path.len() + 1 + query.len());
        url.push_str(&path);
        url.push('?');
        url.push_str(&query);
        Cow::Owned(url)
    }
}

/// The address and the name of whoever called are not stored, but they may stand in what is: in the line, in a URL.
fn remember_caller(scan: &mut Scan, exchange: &Exchange<'_>) {
    if let Some(address) = exchange.client_address.as_deref() {
        scan.field(address, |scan, text| {
            scan.value(Policy::ClientAddress, Encoding::Plain, text, 0);
        });
    }
    if let Some(user) = exchange.user.as_deref().map(str::as_bytes)
        && user.len() >= USER_BYTES_MIN
        && !is_void(user)
        && !is_masked(user)
    {
        let stand_in = scan.stand_in(Kind::User, user);
        scan.remember(user, &stand_in, Kind::User);
    }
}

/// Methods and hosts as they usually are. Request lines hold garbage too, and garbage may hold a secret.
pub(crate) fn is_plain(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        && text.split('.').all(|label| label.len() <= 32)
}

/// The longest part of a value that no escaping changes.
pub(crate) fn plain_run(value: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    if value.bytes().all(|byte| plain(char::from(byte))) {
        return value;
    }
    value
        .split(|c| !plain(c))
        .max_by_key(|run| run.len())
        .unwrap_or_default()
}
